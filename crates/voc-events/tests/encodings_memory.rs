//! The memory for reading a record, or compiling a schema, is a small multiple of its size, whatever it claims.

#![cfg(all(feature = "avro", feature = "protobuf", feature = "json-schema"))]
#![expect(unsafe_code, reason = "an allocator that counts is an unsafe trait's implementation")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use voc_events::{
    Limits,
    encodings::{Schema, SchemaFormat, SchemaText},
};

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

struct Counting;

// SAFETY: everything is delegated to the system's allocator, which the counting does not affect.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Relaxed) + layout.size();
        MOST.fetch_max(now, Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The peak memory of reading a record, in bytes.
fn most_while_reading(schema: &Schema, body: &[u8], limits: &Limits) -> usize {
    let before = NOW.load(Relaxed);
    MOST.store(before, Relaxed);
    let _ = schema.event_json(body, limits);
    MOST.load(Relaxed) - before
}

/// The peak memory of compiling a schema in Avro, in bytes.
fn most_while_compiling(writer: &str, reader: Option<&str>) -> usize {
    let avro = |text| SchemaText::new(SchemaFormat::Avro, text);
    let (writer, reader) = (avro(writer), reader.map(avro));
    let before = NOW.load(Relaxed);
    MOST.store(before, Relaxed);
    let _ = Schema::compile(&writer, reader.as_ref());
    MOST.load(Relaxed) - before
}

/// A schema whose fields all have one type, which the first one defines.
fn uses(definition: &str, count: usize) -> String {
    let uses = (1..count).map(|number| format!(r#",{{"name":"f{number}","type":"T"}}"#)).collect::<String>();
    format!(r#"{{"type":"record","name":"R","fields":[{{"name":"f0","type":{definition}}}{uses}]}}"#)
}

fn check_compiling() {
    let symbols = (0..3000).map(|number| format!("\"symbol_{number}\"")).collect::<Vec<_>>().join(",");
    let symbols = uses(&format!(r#"{{"type":"enum","name":"T","symbols":[{symbols}]}}"#), 3000);
    let aliases = (0..64).map(|number| format!("\"A{number}\"")).collect::<Vec<_>>().join(",");
    let aliases = uses("\"int\"", 3000).replace(r#""name":"R""#, &format!(r#""name":"T","aliases":[{aliases}]"#));
    // Each record within the one before it, as deep as the library can read. All of them together are so large that
    // their copies would not fit, except for the schemas of the last case.
    let nested = |records: usize, bytes: usize| {
        let fields = (0..bytes / records / 28).map(|number| format!(r#"{{"name":"f{number}","type":"int"}},"#));
        let fields: String = fields.collect();
        let record = |inner, number| {
            format!(r#"{{"type":"record","name":"N{number}","fields":[{fields}{{"name":"next","type":{inner}}}]}}"#)
        };
        (0..records).fold("\"int\"".to_owned(), record)
    };
    let (deep, less_deep) = (nested(40, 900_000), nested(6, 900_000));
    let cases = [
        ("nested records", &deep, None),
        ("a few nested records", &less_deep, None),
        ("symbols", &symbols, None),
        ("symbols for a reader", &symbols, Some(symbols.as_str())),
        ("aliases", &aliases, None),
    ];
    for (name, writer, reader) in cases {
        let bytes = writer.len() + reader.map_or(0, str::len);
        let most = most_while_compiling(writer, reader);
        assert!(most <= 128 * bytes, "{name}: {} times the schema's size", most / bytes);
    }
}

fn framed(number: u8, value: &[u8]) -> Vec<u8> {
    let mut framed = vec![number << 3 | 2];
    prost_reflect::prost::encoding::encode_varint(value.len() as u64, &mut framed);
    framed.extend(value);
    framed
}

/// A single test, because the allocator counts for all threads.
#[test]
fn memory_is_a_multiple_of_the_record() {
    const SIZE: usize = 1 << 20;
    let limits = Limits::default().with_max_record_bytes(SIZE);
    let compile =
        |format, text: &str| Schema::compile(&SchemaText::new(format, text), None).expect("the schema is valid");
    let avro = |schema: &str| compile(SchemaFormat::Avro, schema);
    let proto = |schema: &str| compile(SchemaFormat::Protobuf, &format!("syntax = \"proto3\"; {schema}"));
    let json = |schema: &str| compile(SchemaFormat::Json, schema);
    let claim = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    let many = |part: &[u8]| part.repeat((SIZE - 8) / part.len());
    let message = |part: &[u8]| [&[0], many(part).as_slice()].concat();
    let packed = [&[0][..], &framed(1, &many(&[1])[16..])].concat();
    let escapes = [&[0xfc, 0xff, 0x7f][..], &many(&[1])].concat();
    let block = |count: &[u8], item: &[u8]| [count, &many(item)].concat();
    let million = [0x80, 0x80, 0x80, 1];
    let any = "import \"google/protobuf/struct.proto\"; message A { google.protobuf.ListValue x = 1; }";
    let cases: Vec<(&str, Schema, Vec<u8>)> = vec![
        ("nulls", avro(r#"{"type":"array","items":"null"}"#), claim.to_vec()),
        ("a string", avro(r#""string""#), claim.to_vec()),
        ("bytes", avro(r#"{"type":"array","items":"bytes"}"#), block(&million, &[0])),
        ("arrays", avro(r#"{"type":"array","items":{"type":"array","items":"int"}}"#), block(&million, &[0])),
        ("maps", avro(r#"{"type":"array","items":{"type":"map","values":"int"}}"#), block(&million, &[0])),
        ("numbers", avro(r#"{"type":"array","items":"int"}"#), block(&million, &[0x7f])),
        ("escapes", avro(r#""string""#), escapes),
        ("packed", proto("message A { repeated bool x = 1; }"), packed.clone()),
        ("unpacked", proto("message A { repeated bool x = 1; }"), message(&[8, 1])),
        ("a oneof", proto("message A { oneof o { bool x = 1; bool y = 2; } }"), message(&[8, 1, 16, 1])),
        ("one field", proto("message A { bool x = 1; }"), message(&[8, 1])),
        ("unknown", proto("message A {}"), message(&[8, 1])),
        ("messages", proto("message A { repeated A x = 1; }"), message(&[10, 0])),
        ("parts", proto("message A { A x = 1; }"), message(&[10, 0])),
        ("entries", proto("message A { map<string, int32> x = 1; }"), message(&[10, 0])),
        ("keys", proto("message A { map<int32, int32> x = 1; }"), {
            let entries = (0..1 << 17).flat_map(|number: u32| {
                framed(1, &[8, (number & 0x7f) as u8 | 0x80, (number >> 7 & 0x7f) as u8 | 0x80, (number >> 14) as u8])
            });
            [vec![0], entries.collect()].concat()
        }),
        ("values", proto(any), [&[0][..], &framed(1, &many(&[10, 0])[16..])].concat()),
        ("integers", json(r#"{"items":{"type":"string"}}"#), b"[0".iter().copied().chain(many(b",0")).collect()),
        (
            "alternatives",
            json(r#"{"oneOf":[{"type":"object"},{"items":{"type":"string"}}]}"#),
            [b"[0", many(b",0").as_slice(), b"]"].concat(),
        ),
    ];
    for (name, schema, body) in cases {
        assert!(body.len() <= SIZE, "{name}: {}", body.len());
        let most = most_while_reading(&schema, &body, &limits);
        assert!(most <= 64 * SIZE, "{name}: {} times the record's size", most / SIZE);
    }
    check_compiling();
}
