//! The defaults of fields as JSON of events.
//!
//! In a schema a default is written in Avro's own JSON, in which bytes are strings of the characters U+0000 to U+00FF.

use serde_json::Value;

use super::{
    graph::{Graph, Meaning, Node, NodeId, Scalar},
    scalar::written,
    value::{Raw, write},
};
use crate::encodings::{MAX_LEVELS, output::Output};

/// Converts defaults to JSON. The defaults of a schema share one size limit, because a record as a default includes
/// those of its fields, so a short schema can contain very long ones.
pub(super) struct Defaults {
    bytes_left: usize,
    values_left: usize,
}

impl Default for Defaults {
    fn default() -> Self {
        Self { bytes_left: 1 << 20, values_left: 1 << 16 }
    }
}

impl Defaults {
    /// The default as JSON; `None` if the type has no value of this form, or it is too long.
    pub(super) fn json(&mut self, graph: &Graph, node: NodeId, default: &Value) -> Option<String> {
        let mut out = Output::bounded(self.bytes_left, MAX_LEVELS);
        self.value(graph, node, default, &mut out)?;
        let json = out.into_text();
        self.bytes_left = self.bytes_left.saturating_sub(json.len());
        Some(json)
    }

    fn value(&mut self, graph: &Graph, node: NodeId, default: &Value, out: &mut Output) -> Option<()> {
        self.values_left = self.values_left.checked_sub(1)?;
        match (graph.node(node), default) {
            // Of the first branch according to the specification, of any branch since its version 1.12.
            (Node::Union(branches), _) => branches.iter().find_map(|branch| {
                let mark = out.mark();
                let written = self.value(graph, *branch, default, out);
                if written.is_none() {
                    out.take_back(&mark);
                }
                written
            }),
            (Node::Scalar(scalar, meaning), _) => scalar_value(*scalar, *meaning, default, out),
            (Node::Enum(symbols), Value::String(symbol)) => {
                symbols.symbols.contains(symbol).then_some(())?;
                out.string(symbol).ok()
            }
            (Node::Array(items), Value::Array(elements)) => {
                let mut separator = out.open("[").ok()?;
                for element in elements {
                    out.element(&mut separator).ok()?;
                    self.value(graph, *items, element, out)?;
                }
                out.close("]").ok()
            }
            (Node::Map(values), Value::Object(members)) => {
                let mut separator = out.open("{").ok()?;
                for (name, member) in members {
                    out.member_named(&mut separator, name).ok()?;
                    self.value(graph, *values, member, out)?;
                }
                out.close("}").ok()
            }
            (Node::Record(record), Value::Object(members)) => {
                let mut separator = out.open("{").ok()?;
                for field in &record.fields {
                    let member = members.get(&field.name).or(field.default.as_ref())?;
                    out.member_named(&mut separator, &field.name).ok()?;
                    self.value(graph, field.node, member, out)?;
                }
                out.close("}").ok()
            }
            _ => None,
        }
    }
}

fn scalar_value(scalar: Scalar, meaning: Meaning, default: &Value, out: &mut Output) -> Option<()> {
    let bytes;
    let raw = match (scalar, default) {
        (Scalar::Null, Value::Null) => Raw::Null,
        (Scalar::Boolean, Value::Bool(flag)) => Raw::Boolean(*flag),
        (Scalar::Int, Value::Number(number)) => Raw::Whole(i32::try_from(number.as_i64()?).ok()?.into()),
        (Scalar::Long, Value::Number(number)) => Raw::Whole(number.as_i64()?),
        #[expect(clippy::cast_possible_truncation, reason = "a float in a schema is written with any digits")]
        (Scalar::Float, Value::Number(number)) => Raw::Float(number.as_f64()? as f32),
        (Scalar::Double, Value::Number(number)) => Raw::Double(number.as_f64()?),
        (Scalar::String, Value::String(text)) => Raw::Text(text),
        (Scalar::Bytes, Value::String(text)) => {
            bytes = latin1(text)?;
            Raw::Bytes(&bytes)
        }
        (Scalar::Fixed { size }, Value::String(text)) => {
            bytes = latin1(text).filter(|bytes| bytes.len() == size)?;
            Raw::Bytes(&bytes)
        }
        _ => return None,
    };
    write(raw, written(scalar, meaning), out).ok()
}

fn latin1(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect()
}
