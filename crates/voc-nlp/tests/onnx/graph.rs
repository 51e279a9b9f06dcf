//! A model of a few operators in ONNX's format, which is Protocol Buffers: written by hand, field by field.
//!
//! Field numbers are those of `onnx.proto` (IR version 8, operator set 13).

/// Bytes of a message.
#[derive(Clone, Default)]
struct Message(Vec<u8>);

impl Message {
    fn number(mut self, field: u64, value: u64) -> Self {
        self.varint(field << 3);
        self.varint(value);
        self
    }

    fn bytes(mut self, field: u64, bytes: &[u8]) -> Self {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    fn text(self, field: u64, text: &str) -> Self {
        self.bytes(field, text.as_bytes())
    }

    fn message(self, field: u64, message: &Self) -> Self {
        self.bytes(field, &message.0)
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

const FLOAT: u64 = 1;
const INT64: u64 = 7;

/// `NodeProto` with integer attributes.
fn node(operator: &str, inputs: &[&str], output: &str, attributes: &[(&str, u64)]) -> Message {
    let mut node = inputs.iter().fold(Message::default(), |node, input| node.text(1, input));
    node = node.text(2, output).text(4, operator);
    attributes.iter().fold(node, |node, (name, value)| {
        // AttributeProto: name, i, type INT.
        node.message(5, &Message::default().text(1, name).number(3, *value).number(20, 2))
    })
}

/// `TensorProto` of raw little-endian data.
fn tensor(name: &str, kind: u64, shape: &[usize], data: &[u8]) -> Message {
    let tensor = shape.iter().fold(Message::default(), |tensor, size| tensor.number(1, *size as u64));
    tensor.number(2, kind).text(8, name).bytes(9, data)
}

/// `ValueInfoProto` of a tensor with named or fixed dimensions.
fn value(name: &str, kind: u64, shape: &[Result<u64, &str>]) -> Message {
    let dimensions = shape.iter().fold(Message::default(), |dimensions, size| {
        let dimension = match size {
            Ok(size) => Message::default().number(1, *size),
            Err(name) => Message::default().text(2, name),
        };
        dimensions.message(1, &dimension)
    });
    let tensor = Message::default().number(1, kind).message(2, &dimensions);
    Message::default().text(1, name).message(2, &Message::default().message(1, &tensor))
}

/// A model whose logits are the means of its words' logits, over the words that the attention mask leaves.
///
/// `logits = ReduceSum(Gather(words, input_ids) * Unsqueeze(Cast(attention_mask)), 1) / ReduceSum(mask, 1)`
pub(crate) fn mean_of_embeddings<const LABELS: usize>(words: &[[f32; LABELS]]) -> Vec<u8> {
    let words_data: Vec<u8> = words.iter().flatten().flat_map(|logit| logit.to_le_bytes()).collect();
    let axis = |axis: i64| axis.to_le_bytes();
    let nodes = [
        node("Gather", &["words", "input_ids"], "embedded", &[("axis", 0)]),
        node("Cast", &["attention_mask"], "mask_2d", &[("to", FLOAT)]),
        node("Unsqueeze", &["mask_2d", "last"], "mask", &[]),
        node("Mul", &["embedded", "mask"], "masked", &[]),
        node("ReduceSum", &["masked", "tokens"], "sum", &[("keepdims", 0)]),
        node("ReduceSum", &["mask", "tokens"], "count", &[("keepdims", 0)]),
        node("Div", &["sum", "count"], "logits", &[]),
    ];
    let graph = nodes.iter().fold(Message::default(), |graph, node| graph.message(1, node));
    let shape = [Err("batch"), Err("tokens")];
    let graph = graph
        .text(2, "mean_of_embeddings")
        .message(5, &tensor("words", FLOAT, &[words.len(), LABELS], &words_data))
        .message(5, &tensor("last", INT64, &[1], &axis(2)))
        .message(5, &tensor("tokens", INT64, &[1], &axis(1)))
        .message(11, &value("input_ids", INT64, &shape))
        .message(11, &value("attention_mask", INT64, &shape))
        .message(12, &value("logits", FLOAT, &[Err("batch"), Ok(LABELS as u64)]));
    // ModelProto: ir_version, opset_import of the default domain, graph.
    let operators = Message::default().text(1, "").number(2, 13);
    Message::default().number(1, 8).message(8, &operators).message(7, &graph).0
}
