//! Any bytes of a record are read or refused, in bounded time, without a panic.

#![cfg(all(feature = "avro", feature = "protobuf", feature = "json-schema"))]
#![expect(clippy::expect_used, reason = "helpers of tests fail this way")]

use std::sync::LazyLock;

use apache_avro::{reader::datum::GenericDatumReader, types::Value as Avro, writer::datum::GenericDatumWriter};
use proptest::prelude::*;
use prost_reflect::{DynamicMessage, MessageDescriptor, Value as Proto, prost::Message};
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};
use serde_json::{Value, value::RawValue};
use voc_events::{
    InvalidKind, Limits,
    encodings::{MAX_EXPANSION, Schema, SchemaFormat, SchemaText, wire},
};

const AVRO: &str = r#"{"type":"record","name":"Event","fields":[
    {"name":"flag","type":"boolean"},{"name":"int","type":"int"},{"name":"long","type":"long"},
    {"name":"float","type":"float"},{"name":"double","type":["null","double"]},{"name":"text","type":"string"},
    {"name":"bytes","type":"bytes"},{"name":"fixed","type":{"type":"fixed","name":"F","size":3}},
    {"name":"kind","type":{"type":"enum","name":"K","symbols":["A","B","C"]}},
    {"name":"list","type":{"type":"array","items":["null","string","int"]}},
    {"name":"map","type":{"type":"map","values":{"type":"array","items":"long"}}},
    {"name":"time","type":{"type":"long","logicalType":"timestamp-millis"}},
    {"name":"decimal","type":{"type":"bytes","logicalType":"decimal","precision":20,"scale":4}},
    {"name":"json","type":["null","string"],"voc.json":true},
    {"name":"next","type":["null","Event"]}]}"#;

const READER: &str = r#"{"type":"record","name":"Ours","fields":[
    {"name":"int","type":"double"},{"name":"txt","aliases":["text"],"type":["null","bytes","string"]},
    {"name":"kind","type":{"type":"enum","name":"K","symbols":["A"],"default":"A"}},
    {"name":"list","type":["null",{"type":"array","items":["null","string"]}]},
    {"name":"next","type":["null","Ours"]},{"name":"added","type":"string","default":"d"}]}"#;

const NOTHING: &str = r#"{"type":"array","items":{"type":"record","name":"N","fields":[
    {"name":"a","type":"null"},{"name":"b","type":{"type":"fixed","name":"Z","size":0}}]}}"#;

const PROTO: &str = r#"
    syntax = "proto3";
    import "google/protobuf/struct.proto"; import "google/protobuf/timestamp.proto"; import "google/protobuf/any.proto";
    message Plain {
      double a_double = 1; float a_float = 2; int32 an_int32 = 3; sint64 a_sint64 = 4; fixed32 a_fixed32 = 5;
      optional bool a_bool = 6; string a_string = 7; bytes some_bytes = 8; Kind kind = 9; Plain plain = 10;
      repeated int32 numbers = 11; repeated string texts = 12;
      oneof either { string left = 15; int64 right = 16; }
      repeated sfixed64 fixed = 18; repeated Plain plains = 19;
      enum Kind { UNKNOWN = 0; CALL = 1; }
    }
    message Special {
      google.protobuf.Struct object = 1; google.protobuf.Timestamp time = 2; google.protobuf.Any any = 3;
      google.protobuf.Value value = 4; repeated Special specials = 5; Plain plain = 6;
      map<int64, Plain> by_number = 7; map<string, int32> by_text = 10; oneof either { string left = 8; Plain middle = 9; }
    }"#;

const JSON: &str = r##"{"type":"object","properties":{"next":{"$ref":"#"},"list":{"type":"array","items":{"oneOf":[
    {"type":"string","pattern":"^(a+)+$"},{"type":"integer","minimum":3},{"$ref":"#"}]},"uniqueItems":true}},
    "required":["id"],"additionalProperties":{"type":["string","null"],"format":"date-time"}}"##;

struct Schemas {
    avro: Vec<Schema>,
    proto: Schema,
    json: Schema,
}

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| {
    let text = |format, text: &str| SchemaText::new(format, text);
    let avro = |writer, reader: Option<&str>| {
        let reader = reader.map(|reader| text(SchemaFormat::Avro, reader));
        Schema::compile(&text(SchemaFormat::Avro, writer), reader.as_ref()).expect("the schema is valid")
    };
    let (writer, reader) = (text(SchemaFormat::Avro, AVRO), text(SchemaFormat::Avro, READER));
    let lenient = Schema::compile_lenient(&writer, Some(&reader)).expect("the schemas are valid");
    Schemas {
        avro: vec![avro(AVRO, None), avro(AVRO, Some(READER)), avro(READER, Some(AVRO)), avro(NOTHING, None), lenient],
        proto: Schema::compile(&text(SchemaFormat::Protobuf, PROTO), None).expect("the schema is valid"),
        json: Schema::compile(&text(SchemaFormat::Json, JSON), None).expect("the schema is valid"),
    }
});

static AVRO_LIBRARY: LazyLock<apache_avro::Schema> = LazyLock::new(|| {
    // Its decoder trusts the input more.
    apache_avro::util::max_allocation_bytes(1 << 16);
    apache_avro::Schema::parse_str(AVRO).expect("the schema is valid")
});

static PROTO_LIBRARY: LazyLock<MessageDescriptor> = LazyLock::new(|| {
    struct One;
    impl FileResolver for One {
        fn open_file(&self, name: &str) -> Result<File, protox::Error> {
            if name == "one.proto" { File::from_source(name, PROTO) } else { Err(protox::Error::file_not_found(name)) }
        }
    }
    let mut resolver = ChainFileResolver::new();
    resolver.add(One);
    resolver.add(GoogleFileResolver::new());
    let mut compiler = protox::Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).open_file("one.proto").expect("the schema is valid");
    compiler.descriptor_pool().get_message_by_name("Plain").expect("the message is declared")
});

fn limits() -> Limits {
    Limits::default().with_max_record_bytes(4096)
}

/// Reads a record: JSON within the limits, or a reason.
fn check(schema: &Schema, body: &[u8]) -> Option<Value> {
    match schema.event_json(body, &limits()) {
        Ok(json) => {
            assert!(json.len() <= 4096 * MAX_EXPANSION);
            let _: &RawValue = serde_json::from_str(&json).expect("what comes out is JSON");
            // JSON contained in the record may have numbers that no float can hold.
            serde_json::from_str(&json).ok()
        }
        Err(invalid) => {
            assert!(!invalid.violations.is_empty());
            assert!(invalid.violations.iter().all(|violation| violation.path.starts_with('$')));
            assert!(invalid.to_string().len() < 8192, "{invalid}");
            None
        }
    }
}

/// Valid records in Avro.
fn avro_event() -> impl Strategy<Value = Vec<u8>> {
    let list = prop::collection::vec(
        prop_oneof![
            Just(Avro::Union(0, Box::new(Avro::Null))),
            ".{0,5}".prop_map(|text| Avro::Union(1, Box::new(Avro::String(text)))),
            any::<i32>().prop_map(|number| Avro::Union(2, Box::new(Avro::Int(number)))),
        ],
        0..5,
    );
    let map = prop::collection::hash_map("[a-c]{0,2}", prop::collection::vec(any::<i64>(), 0..3), 0..3);
    let map = map.prop_map(|map| {
        Avro::Map(
            map.into_iter().map(|(key, list)| (key, Avro::Array(list.into_iter().map(Avro::Long).collect()))).collect(),
        )
    });
    let scalars = (any::<bool>(), any::<i32>(), any::<i64>(), any::<f32>(), any::<f64>(), ".{0,8}", any::<[u8; 3]>());
    let event =
        (scalars, list, map, 0..3_u32, -1_000_000_000_i64..1_000_000_000, prop::collection::vec(any::<u8>(), 1..9));
    prop::collection::vec(event, 1..4).prop_map(|events| {
        let mut next = Avro::Union(0, Box::new(Avro::Null));
        for (scalars, list, map, kind, time, decimal) in events {
            let (flag, int, long, float, double, text, fixed) = scalars;
            let fields = vec![
                ("flag", Avro::Boolean(flag)),
                ("int", Avro::Int(int)),
                ("long", Avro::Long(long)),
                ("float", Avro::Float(float)),
                ("double", Avro::Union(1, Box::new(Avro::Double(double)))),
                ("text", Avro::String(text.clone())),
                ("bytes", Avro::Bytes(fixed.to_vec())),
                ("fixed", Avro::Fixed(3, fixed.to_vec())),
                ("kind", Avro::Enum(kind, ["A", "B", "C"][kind as usize].to_owned())),
                ("list", Avro::Array(list)),
                ("map", map),
                ("time", Avro::TimestampMillis(time)),
                ("decimal", Avro::Decimal(decimal.into())),
                ("json", Avro::Union(1, Box::new(Avro::String(format!("[{int},{{\"a\":null}}]"))))),
                ("next", next),
            ];
            let record = Avro::Record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect());
            next = Avro::Union(1, Box::new(record));
        }
        let Avro::Union(_, event) = next else { unreachable!("there is one") };
        let writer = GenericDatumWriter::builder(&AVRO_LIBRARY).build().expect("the schema is complete");
        writer.write_value_to_vec(*event).expect("the event is of the schema")
    })
}

/// Valid messages of the first type. It has no maps, because the library also reads map values with other wire types.
/// (As bytes: proptest describes every value, and the description of a message is infinite.)
fn plain_message() -> impl Strategy<Value = Vec<u8>> {
    let scalars = (any::<f64>(), any::<f32>(), any::<i32>(), any::<i64>(), any::<u32>(), any::<bool>(), ".{0,8}");
    let lists = (prop::collection::vec(any::<i32>(), 0..4), prop::collection::vec(any::<i64>(), 0..4));
    let leaf = (scalars, lists);
    let message = |(scalars, (numbers, fixed)): (_, (Vec<i32>, Vec<i64>))| {
        let mut message = DynamicMessage::new(PROTO_LIBRARY.clone());
        let (double, float, int32, sint64, fixed32, flag, text): (f64, f32, i32, i64, u32, bool, String) = scalars;
        for (name, value) in [
            ("a_double", Proto::F64(double)),
            ("a_float", Proto::F32(float)),
            ("an_int32", Proto::I32(int32)),
            ("a_sint64", Proto::I64(sint64)),
            ("a_fixed32", Proto::U32(fixed32)),
            ("a_bool", Proto::Bool(flag)),
            ("a_string", Proto::String(text.clone())),
            ("kind", Proto::EnumNumber(int32)),
            ("numbers", Proto::List(numbers.into_iter().map(Proto::I32).collect())),
            ("texts", Proto::List(vec![Proto::String(text)])),
            ("right", Proto::I64(sint64)),
            ("fixed", Proto::List(fixed.into_iter().map(Proto::I64).collect())),
        ] {
            message.set_field_by_name(name, value);
        }
        message
    };
    prop::collection::vec(leaf, 1..4).prop_map(move |messages| {
        let within = |mut outer: DynamicMessage, (place, inner): (usize, DynamicMessage)| {
            match place % 2 {
                0 => outer.set_field_by_name("plain", Proto::Message(inner)),
                _ => outer.set_field_by_name("plains", Proto::List(vec![Proto::Message(inner)])),
            }
            outer
        };
        let mut messages = messages.into_iter().map(message).enumerate();
        let (_, first) = messages.next().expect("there is one");
        messages.fold(first, |inner, (place, outer)| within(outer, (place, inner))).encode_to_vec()
    })
}

/// A change of a few bytes.
#[derive(Debug, Clone)]
enum Change {
    Set(prop::sample::Index, u8),
    Remove(prop::sample::Index),
    Insert(prop::sample::Index, Vec<u8>),
    Cut(prop::sample::Index),
    Repeat(prop::sample::Index, prop::sample::Index),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let index = any::<prop::sample::Index>;
    // Long numbers make lengths and counts hostile.
    let bytes = prop_oneof![prop::collection::vec(any::<u8>(), 1..12), prop::collection::vec(Just(0xff), 1..10)];
    let change = prop_oneof![
        (index(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        index().prop_map(Change::Remove),
        (index(), bytes).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        index().prop_map(Change::Cut),
        (index(), index()).prop_map(|(from, to)| Change::Repeat(from, to)),
    ];
    prop::collection::vec(change, 0..4)
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        if bytes.is_empty() {
            break;
        }
        let place = |index: &prop::sample::Index| index.index(bytes.len());
        match change {
            Change::Set(at, byte) => {
                let at = place(at);
                bytes[at] = *byte;
            }
            Change::Remove(at) => drop(bytes.remove(place(at))),
            Change::Insert(at, more) => {
                let at = place(at);
                bytes.splice(at..at, more.iter().copied());
            }
            Change::Cut(at) => bytes.truncate(place(at)),
            Change::Repeat(from, to) => {
                let (from, to) = (place(from).min(place(to)), place(from).max(place(to)));
                let part = bytes[from..to].to_vec();
                bytes.splice(to..to, part);
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = wire::header(&bytes);
        let _ = wire::message_indexes(&bytes);
        for schema in &SCHEMAS.avro {
            check(schema, &bytes);
        }
        for place in [&[0][..], &[2, 2]] {
            check(&SCHEMAS.proto, &[place, &bytes].concat());
        }
        check(&SCHEMAS.proto, &bytes);
        check(&SCHEMAS.json, &bytes);
    }

    #[test]
    fn changed_events_in_avro_are_read_like_the_library_does(event in avro_event(), changes in changes()) {
        let body = changed(event, &changes);
        let ours = check(&SCHEMAS.avro[0], &body);
        check(&SCHEMAS.avro[1], &body);
        let mut rest = body.as_slice();
        let reader = GenericDatumReader::builder(&AVRO_LIBRARY).build().expect("the schema is complete");
        let read = reader.read_value(&mut rest);
        if let (Some(ours), Ok(read), true) = (ours, read, rest.is_empty()) {
            let writer = GenericDatumWriter::builder(&AVRO_LIBRARY).build().expect("the schema is complete");
            let again = writer.write_value_to_vec(read).expect("it was read");
            prop_assert_eq!(Some(ours), check(&SCHEMAS.avro[0], &again));
        }
    }

    #[test]
    fn changed_messages_are_read_like_the_library_does(message in plain_message(), changes in changes()) {
        let body = changed(message, &changes);
        let record = [&[0], body.as_slice()].concat();
        let ours = SCHEMAS.proto.event_json(&record, &limits());
        check(&SCHEMAS.proto, &[&[2, 2], body.as_slice()].concat());
        // A value that is replaced by a later one is read here only as far as necessary; in these messages that
        // matters only for texts.
        match (ours, DynamicMessage::decode(PROTO_LIBRARY.clone(), body.as_slice())) {
            (Ok(ours), Ok(read)) => {
                let again = [vec![0], read.encode_to_vec()].concat();
                prop_assert_eq!(Some(serde_json::from_str(&ours).unwrap()), check(&SCHEMAS.proto, &again));
            }
            (Ok(ours), Err(error)) => prop_assert!(error.to_string().contains("UTF-8"), "{error}: {ours}"),
            (Err(invalid), Ok(_)) => prop_assert!(
                invalid.kind != InvalidKind::Encoding || invalid.violations[0].expected == "a finite number",
                "{invalid}"
            ),
            (Err(_), Err(_)) => {}
        }
    }

    #[test]
    fn changed_events_in_json_are_read_or_refused(id in ".{0,9}", changes in changes()) {
        let id = serde_json::to_string(&id).unwrap();
        let event = format!(r#"{{"id":null,"list":["aaa",3,{{"id":null}}],"next":{{"id":"2026-02-02T12:00:00Z","x":{id}}}}}"#);
        check(&SCHEMAS.json, &changed(event.into_bytes(), &changes));
    }
}
