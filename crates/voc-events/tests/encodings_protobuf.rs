//! Records in Protobuf, written by the library and read as events.

#![cfg(feature = "protobuf")]
#![expect(clippy::expect_used, reason = "helpers of tests fail this way")]

use base64::{Engine as _, prelude::BASE64_STANDARD};
use prost_reflect::{
    DynamicMessage, MapKey, Value,
    prost::Message,
    prost_types::{
        DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
        OneofDescriptorProto,
        field_descriptor_proto::{Label, Type},
    },
};
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};
use voc_events::{
    DecodeOptions, Envelope, Family, FamilyEvent, Invalid, InvalidKind, Limits,
    encodings::{MAX_EXPANSION, Schema, SchemaError, SchemaFormat, SchemaText},
    voc::{Voc, VocEvent},
};

fn proto(text: &str) -> SchemaText {
    SchemaText::new(SchemaFormat::Protobuf, text)
}

/// A message of the first file, to be filled by a test.
fn message(schema: &SchemaText, name: &str) -> DynamicMessage {
    struct One(String);
    impl FileResolver for One {
        fn open_file(&self, name: &str) -> Result<File, protox::Error> {
            if name == "one.proto" {
                File::from_source(name, &self.0)
            } else {
                Err(protox::Error::file_not_found(name))
            }
        }
    }
    let mut resolver = ChainFileResolver::new();
    resolver.add(One(schema.text.clone()));
    resolver.add(GoogleFileResolver::new());
    let mut compiler = protox::Compiler::with_file_resolver(resolver);
    compiler.include_imports(true).open_file("one.proto").expect("the schema is valid");
    DynamicMessage::new(compiler.descriptor_pool().get_message_by_name(name).expect("the message is in the schema"))
}

fn read(schema: &SchemaText, body: &[u8]) -> Result<String, Invalid> {
    let compiled = Schema::compile(schema, None).expect("the schema is valid");
    compiled.event_json(body, &Limits::default()).map(std::borrow::Cow::into_owned)
}

/// Reads a record of the first message of the schema.
fn read_first(schema: &str, message: &[u8]) -> Result<String, Invalid> {
    read(&proto(&format!("syntax = \"proto3\";\n{schema}")), &[&[0], message].concat())
}

#[track_caller]
fn check(schema: &str, message: &[u8], json: &str) {
    assert_eq!(read_first(schema, message).expect("the record is valid"), json, "{schema}");
}

#[track_caller]
fn check_invalid(outcome: Result<String, Invalid>, kind: InvalidKind, reason: &str) {
    let invalid = outcome.expect_err("the record should be refused");
    assert_eq!((invalid.kind, invalid.to_string().as_str()), (kind, reason));
}

/// A value preceded by its length, of the field with a number below 16.
fn framed(number: u8, value: &[u8]) -> Vec<u8> {
    let mut framed = vec![number << 3 | 2];
    prost_reflect::prost::encoding::encode_varint(value.len() as u64, &mut framed);
    framed.extend(value);
    framed
}

const ALL: &str = r#"
    syntax = "proto3";
    package test;
    message All {
      double a_double = 1; float a_float = 2; int32 an_int32 = 3; int64 an_int64 = 4; uint32 a_uint32 = 5;
      uint64 a_uint64 = 6; sint32 a_sint32 = 7; sint64 a_sint64 = 8; fixed32 a_fixed32 = 9; fixed64 a_fixed64 = 10;
      sfixed32 a_sfixed32 = 11; sfixed64 a_sfixed64 = 12; bool a_bool = 13; string a_string = 14; bytes some_bytes = 15;
      Kind a_kind = 16; Inner inner = 17; optional int32 maybe = 18;
      repeated int32 numbers = 19; repeated string texts = 20; map<string, int32> by_text = 21;
      map<int64, Inner> by_number = 22; map<bool, Kind> by_flag = 23;
      oneof either { string left = 24; int64 right = 25; }
      repeated Inner inners = 26;
      enum Kind { KIND_UNKNOWN = 0; KIND_CALL = 1; }
      message Inner { string camelCase = 1; }
    }"#;

#[test]
fn values_of_every_type_become_json() {
    let schema = proto(ALL);
    let mut all = message(&schema, "test.All");
    let inner = |text: &str| {
        let mut inner = message(&schema, "test.All.Inner");
        inner.set_field_by_name("camelCase", Value::String(text.into()));
        Value::Message(inner)
    };
    for (name, value) in [
        ("a_double", Value::F64(0.5)),
        ("a_float", Value::F32(0.1)),
        ("an_int32", Value::I32(-1)),
        ("an_int64", Value::I64(i64::MIN)),
        ("a_uint32", Value::U32(u32::MAX)),
        ("a_uint64", Value::U64(u64::MAX)),
        ("a_sint32", Value::I32(i32::MIN)),
        ("a_sint64", Value::I64(i64::MIN)),
        ("a_fixed32", Value::U32(1)),
        ("a_fixed64", Value::U64(2)),
        ("a_sfixed32", Value::I32(-3)),
        ("a_sfixed64", Value::I64(-4)),
        ("a_bool", Value::Bool(true)),
        ("a_string", Value::String("\"á\"".into())),
        ("some_bytes", Value::Bytes(vec![0xff, 0].into())),
        ("a_kind", Value::EnumNumber(1)),
        ("inner", inner("x")),
        ("maybe", Value::I32(0)),
        ("numbers", Value::List(vec![Value::I32(1), Value::I32(-2)])),
        ("texts", Value::List(vec![Value::String(String::new()), Value::String("b".into())])),
        ("by_text", Value::Map([(MapKey::String("k".into()), Value::I32(0))].into())),
        ("by_number", Value::Map([(MapKey::I64(-5), inner("y"))].into())),
        ("by_flag", Value::Map([(MapKey::Bool(true), Value::EnumNumber(7))].into())),
        ("right", Value::I64(9)),
        ("inners", Value::List(vec![inner(""), inner("z")])),
    ] {
        all.set_field_by_name(name, value);
    }
    let json = concat!(
        r#"{"a_double":0.5,"a_float":0.1,"an_int32":-1,"an_int64":-9223372036854775808,"a_uint32":4294967295,"#,
        r#""a_uint64":18446744073709551615,"a_sint32":-2147483648,"a_sint64":-9223372036854775808,"a_fixed32":1,"#,
        r#""a_fixed64":2,"a_sfixed32":-3,"a_sfixed64":-4,"a_bool":true,"a_string":"\"á\"","some_bytes":"/wA=","#,
        r#""a_kind":"KIND_CALL","inner":{"camelCase":"x"},"maybe":0,"numbers":[1,-2],"texts":["","b"],"#,
        r#""by_text":{"k":0},"by_number":{"-5":{"camelCase":"y"}},"by_flag":{"true":7},"right":9,"#,
        r#""inners":[{"camelCase":""},{"camelCase":"z"}]}"#
    );
    let body = [vec![0], all.encode_to_vec()].concat();
    assert_eq!(read(&schema, &body).unwrap(), json);
    // Fields without presence are written even if they were not sent.
    let unset = concat!(
        r#"{"a_double":0.0,"a_float":0.0,"an_int32":0,"an_int64":0,"a_uint32":0,"a_uint64":0,"a_sint32":0,"a_sint64":0,"#,
        r#""a_fixed32":0,"a_fixed64":0,"a_sfixed32":0,"a_sfixed64":0,"a_bool":false,"a_string":"","some_bytes":"","#,
        r#""a_kind":"KIND_UNKNOWN"}"#
    );
    assert_eq!(read(&schema, &[0]).unwrap(), unset);
    // The message itself is found by its position.
    assert_eq!(read(&schema, &[&[4, 0, 0][..], &framed(1, b"a")].concat()).unwrap(), r#"{"camelCase":"a"}"#);
    for indexes in [&[2, 2][..], &[4, 0, 2], &[6, 0, 0, 0]] {
        let invalid = read(&schema, indexes).unwrap_err();
        assert_eq!((invalid.kind, invalid.path()), (InvalidKind::Encoding, "$"));
    }
    // Entries of maps are messages that are not counted.
    let schema =
        proto("syntax=\"proto3\"; message A { map<string,string> m = 1; message B { optional int32 b = 1; } }");
    assert_eq!(read(&schema, &[4, 0, 0, 8, 5]).unwrap(), r#"{"b":5}"#);
}

#[test]
fn parts_and_repetitions_are_combined() {
    // The last one counts.
    check("message A { optional int32 x = 1; }", &[8, 1, 8, 2], r#"{"x":2}"#);
    // The parts of a message are one message.
    let schema = "message A { B b = 1; } message B { optional int32 x = 1; repeated int32 y = 2; optional B b = 3; }";
    let parts = [
        framed(1, &[8, 1, 16, 5]),
        framed(1, &[&[16, 6][..], &framed(3, &[8, 7])].concat()),
        framed(1, &framed(3, &[16, 8])),
    ];
    check(schema, &parts.concat(), r#"{"b":{"x":1,"y":[5,6],"b":{"x":7,"y":[8]}}}"#);
    // The last field of a oneof clears the others; its later parts are combined.
    let schema = "message A { oneof o { B b = 1; int32 c = 2; } int32 d = 3; } message B { optional int32 x = 1; optional int32 y = 2; }";
    let b = |number: u8, value| framed(1, &[number << 3, value]);
    check(schema, &[b(1, 1), b(2, 2)].concat(), r#"{"b":{"x":1,"y":2},"d":0}"#);
    check(schema, &[b(1, 1), vec![24, 9, 16, 5], b(2, 2)].concat(), r#"{"b":{"y":2},"d":9}"#);
    check(schema, &[b(1, 1), vec![16, 5]].concat(), r#"{"c":5,"d":0}"#);
    // Packed or not.
    check("message A { repeated sint32 x = 1; }", &[8, 1, 10, 2, 2, 3, 8, 4], r#"{"x":[-1,1,-2,2]}"#);
    check("message A { repeated bool x = 1 [packed = false]; }", &[10, 3, 0, 1, 0], r#"{"x":[false,true,false]}"#);
    // The last one of the entries with one key.
    let schema = "message A { map<string, int32> m = 1; }";
    let entry = |key: &[u8], value| framed(1, &[framed(1, key), vec![16, value]].concat());
    check(schema, &[entry(b"a", 1), entry(b"b", 2), entry(b"a", 3)].concat(), r#"{"m":{"b":2,"a":3}}"#);
    check(schema, &framed(1, &[]), r#"{"m":{"":0}}"#);
    // Unknown fields, also in groups, have no name.
    check("message A { optional int32 x = 1; }", &[16, 1, 27, 34, 1, 0, 43, 44, 28, 8, 7], r#"{"x":7}"#);
}

#[test]
fn old_schemas_are_read() {
    let schema = proto(
        r#"syntax = "proto2";
        message A {
          required string id = 1; optional int32 count = 2 [default = 5]; repeated group Part = 3 { optional int32 x = 1; }
          enum E { B = 1; C = 1; option allow_alias = true; } optional E e = 4; extensions 100 to max;
        }"#,
    );
    let body = [&[0][..], &framed(1, b"a"), &[27, 8, 1, 28, 27, 28], &[32, 1]].concat();
    assert_eq!(read(&schema, &body).unwrap(), r#"{"id":"a","Part":[{"x":1},{}],"e":"B"}"#.replace("Part", "part"));
    check_invalid(read(&schema, &[0]), InvalidKind::Encoding, "$.id: expected a field that is required, found nothing");
}

#[test]
fn extensions_are_read_under_their_full_names() {
    let schema = proto(
        r#"syntax = "proto2"; package shop;
        message Order {
          required int32 id = 1; optional int32 last = 9; extensions 2 to 8;
          extend Order { optional Part part = 4; }
        }
        message Part { optional int32 n = 1; }
        extend Order { repeated sint32 counts = 3; optional string id = 2; }"#,
    );
    let sent = [&[72, 9][..], &framed(4, &[8, 5]), &[24, 2, 24, 3], &framed(2, b"x"), &[8, 1]].concat();
    assert_eq!(
        read(&schema, &[&[0][..], &sent].concat()).unwrap(),
        r#"{"id":1,"[shop.id]":"x","[shop.counts]":[1,-2],"[shop.Order.part]":{"n":5},"last":9}"#
    );
    assert_eq!(read(&schema, &[0, 8, 1]).unwrap(), r#"{"id":1}"#);
    check_invalid(
        read(&schema, &[0, 8, 1, 16, 1]),
        InvalidKind::Encoding,
        "$.[shop.id]: expected a value with its length, found a number of variable length",
    );
    // Declared in another file than the message.
    let adding = "message A { optional base.B b = 1; } extend base.B { optional int32 x = 5; }";
    let schema = proto(&format!("syntax=\"proto2\"; import \"base.proto\"; {adding}"))
        .with_reference("base.proto", "syntax=\"proto2\"; package base; message B { extensions 5; }");
    assert_eq!(read(&schema, &[&[0][..], &framed(1, &[40, 7])].concat()).unwrap(), r#"{"b":{"[x]":7}}"#);
}

#[test]
fn well_known_messages_become_their_meaning() {
    let imports = ["timestamp", "duration", "struct", "wrappers", "field_mask", "any", "empty"];
    let imports: String = imports.iter().map(|name| format!("import \"google/protobuf/{name}.proto\";")).collect();
    let read = |fields: &str, message: &[u8]| {
        read_first(
            &format!(
                "{imports} import \"confluent/type/decimal.proto\"; import \"confluent/meta.proto\";
            message A {{ option (confluent.message_meta).doc = \"a doc\"; {fields} }} message B {{ int32 b = 1; }}"
            ),
            message,
        )
    };
    let check = |field: &str, value: &[u8], json: &str| {
        let schema = format!("{field} x = 1;");
        assert_eq!(read(&schema, &framed(1, value)).unwrap(), format!("{{\"x\":{json}}}"), "{field}");
        assert_eq!(read(&schema, &[]).unwrap(), "{}", "{field}");
    };
    let mut noon = vec![8];
    prost_reflect::prost::encoding::encode_varint(1_770_033_600, &mut noon);
    noon.extend([16, 0xc0, 0x84, 0x3d]);
    check("google.protobuf.Timestamp", &noon, r#""2026-02-02T12:00:00.001Z""#);
    check("google.protobuf.Timestamp", &[], r#""1970-01-01T00:00:00.000Z""#);
    check("google.protobuf.Duration", &[8, 3], r#""3s""#);
    check("google.protobuf.Int64Value", &[8, 7], "7");
    check("google.protobuf.StringValue", &[], r#""""#);
    check("google.protobuf.Empty", &[], "{}");
    check("google.protobuf.FieldMask", &[framed(1, b"a_b.c"), framed(1, b"d")].concat(), r#""a_b.c,d""#);
    check("confluent.type.Decimal", &[framed(1, &[0x30, 0x39]), vec![16, 9, 24, 2]].concat(), "123.45");
    check("google.protobuf.Value", &[], "null");
    check("google.protobuf.Value", &[8, 0], "null");
    let number = |number: f64| [&[17][..], &number.to_le_bytes()].concat();
    check("google.protobuf.Value", &number(5.0), "5");
    check("google.protobuf.Value", &number(5.5), "5.5");
    check("google.protobuf.Value", &number(1e300), "1e300");
    check("google.protobuf.Value", &[32, 1], "true");
    let list = framed(6, &[framed(1, &framed(3, b"a")), framed(1, &framed(5, &[]))].concat());
    check("google.protobuf.Value", &list, r#"["a",{}]"#);
    let member = |name: &[u8], value: &[u8]| framed(1, &[framed(1, name), framed(2, value)].concat());
    check(
        "google.protobuf.Struct",
        &[member(b"k", &[32, 0]), member(b"l", &list)].concat(),
        r#"{"k":false,"l":["a",{}]}"#,
    );
    let any = |url: &[u8]| [framed(1, url), framed(2, &[8, 5])].concat();
    check("google.protobuf.Any", &any(b"type.googleapis.com/B"), r#"{"@type":"type.googleapis.com/B","b":5}"#);
    check("google.protobuf.Any", &any(b"type.googleapis.com/C"), r#"{"@type":"type.googleapis.com/C","value":"CAU="}"#);
    check(
        "google.protobuf.Any",
        &any(b"x/google.protobuf.Int64Value"),
        r#"{"@type":"x/google.protobuf.Int64Value","value":"CAU="}"#,
    );

    let refuse = |field: &str, value: &[u8], reason: &str| {
        check_invalid(read(&format!("{field} x = 1;"), &framed(1, value)), InvalidKind::Encoding, reason);
    };
    refuse(
        "google.protobuf.Timestamp",
        &[16, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
        "$.x: expected a time of the years 0000 to 9999, found 0 seconds and -1 nanoseconds",
    );
    refuse("google.protobuf.Value", &number(f64::NAN), "$.x: expected a finite number, found NaN");
    refuse(
        "repeated google.protobuf.DoubleValue",
        &[&[9][..], &f64::INFINITY.to_le_bytes()].concat(),
        "$.x[0]: expected a finite number, found inf",
    );
}

#[test]
fn mismatches_are_refused_by_name() {
    let schema =
        "message A { repeated B b = 1; map<string, B> m = 2; } message B { string s = 1; int32 i = 2; fixed64 f = 3; }";
    let nested = |bytes: &[u8]| read_first(schema, &[framed(1, &[]), framed(1, bytes)].concat());
    let check = |bytes: &[u8], reason: &str| check_invalid(nested(bytes), InvalidKind::Encoding, reason);
    check(&framed(1, &[0xff]), "$.b[1].s: expected UTF-8 text, found an invalid byte after \"\"");
    check(&framed(2, &[1]), "$.b[1].i: expected a number of variable length, found a value with its length");
    check(&[25, 1], "$.b[1]: expected 8 bytes, found 1 before the end");
    check(&[16], "$.b[1]: expected a number of at most 64 bits, found the record's end");
    check(&[10, 5, 1], "$.b[1]: expected as many bytes as the length says, found 1 before the end");
    check(&[0], "$.b[1]: expected a field's number, found 0");
    check(&[7 << 3 | 6], "$.b[1]: expected a value of a known form, found the form 6 of field 7");
    check(&[7 << 3 | 4], "$.b[1]: expected a value of a known form, found the form 4 of field 7");
    check(&[7 << 3 | 3, 6 << 3 | 4], "$.b[1]: expected the end of the group that has begun, found that of another");
    let entry = framed(2, &[framed(1, b"key"), framed(2, &framed(1, &[0xff]))].concat());
    check_invalid(
        read_first(schema, &entry),
        InvalidKind::Encoding,
        "$.m.key.s: expected UTF-8 text, found an invalid byte after \"\"",
    );
    check_invalid(
        read(&proto("syntax=\"proto3\";message A{}"), b""),
        InvalidKind::Encoding,
        "$: expected a record in the registry's wire format, found an end within the place of the message",
    );
}

#[test]
fn schemas_refer_to_each_other() {
    let schema = proto("syntax=\"proto3\"; package a; import \"b/b.proto\"; message A { b.B b = 1; }")
        .with_reference("c.proto", "syntax=\"proto3\"; package c; message C { int32 x = 1; }")
        .with_reference("b/b.proto", "syntax=\"proto3\"; package b; import \"c.proto\"; message B { c.C c = 1; }");
    assert_eq!(read(&schema, &[&[0][..], &framed(1, &framed(1, &[8, 3]))].concat()).unwrap(), r#"{"b":{"c":{"x":3}}}"#);
    for text in [
        "",
        "message",
        "syntax=\"proto3\"; import \"other.proto\";",
        "syntax=\"proto3\"; import \"/etc/passwd\";",
        "syntax=\"proto3\"; message A { B b = 1; }",
        "syntax=\"proto3\"; message A { int32 a = 1; int32 b = 1; }",
    ] {
        let outcome = Schema::compile(&proto(text), None);
        // A file without messages has no records.
        assert!(matches!(outcome, Err(SchemaError::Syntax { .. })) || text.is_empty(), "{text}");
    }
    assert!(read(&proto(""), &[0]).is_err());
}

#[test]
fn hostile_schemas_are_limited() {
    let options = "import \"google/protobuf/descriptor.proto\"; message R { R a = 1; int32 z = 2; }
        extend google.protobuf.FileOptions { R x = 50001; }";
    let nested = |levels: usize| {
        format!("syntax=\"proto3\"; {options} option (x) = {{ {}{} }};", "a {".repeat(levels), "}".repeat(levels))
    };
    let dotted = |parts: usize| format!("syntax=\"proto3\"; {options} option (x){}.z = 1;", ".a".repeat(parts));
    assert!(Schema::compile(&proto(&nested(20)), None).is_ok());
    assert!(Schema::compile(&proto(&dotted(20)), None).is_ok());
    for text in [nested(10_000), dotted(10_000), format!("syntax=\"proto3\"; {}", "message A{".repeat(50_000))] {
        assert!(matches!(Schema::compile(&proto(&text), None), Err(SchemaError::TooComplex { .. })));
    }
    // A chain of imports, and an infinite one.
    let import = |number: usize| format!("syntax=\"proto3\"; import \"f{number}.proto\";");
    let chain = |length: usize, last: &str| {
        let files = (0..length).map(|number| {
            (format!("f{number}.proto"), if number + 1 < length { import(number + 1) } else { last.to_owned() })
        });
        files.fold(proto(&import(0)), |schema, (name, text)| schema.with_reference(name, text))
    };
    assert!(Schema::compile(&chain(64, "syntax=\"proto3\";"), None).is_ok());
    assert!(matches!(Schema::compile(&chain(65, ""), None), Err(SchemaError::References { .. })));
    assert!(matches!(Schema::compile(&chain(3, &import(0)), None), Err(SchemaError::Syntax { .. })));
}

#[test]
fn claimed_sizes_are_checked() {
    let recursive = "message A { A a = 1; repeated A b = 2; } ";
    let deep = |levels: usize| (0..levels).fold(Vec::new(), |inner, _| framed(1, &inner));
    assert!(read_first(recursive, &deep(63)).is_ok());
    check_invalid(
        read_first(recursive, &deep(64)),
        InvalidKind::Depth,
        &format!("${}: expected at most 64 levels of nesting, found a deeper value", ".a".repeat(64)),
    );
    assert_eq!(read_first(recursive, &deep(20_000)).unwrap_err().kind, InvalidKind::Depth);
    // Groups without an end, known and unknown.
    assert!(read_first(recursive, &[19; 1 << 19]).is_err());
    let group = proto("syntax = \"proto2\"; message A { optional group B = 1 { optional A a = 2; } }");
    assert!(read(&group, &[&[0][..], &[11; 1 << 19]].concat()).is_err());
    // JSON within JSON within JSON.
    let value = "import \"google/protobuf/struct.proto\"; message A { google.protobuf.Value v = 1; }";
    let lists = |levels: usize| framed(1, &(0..levels).fold(Vec::new(), |inner, _| framed(6, &framed(1, &inner))));
    assert!(read_first(value, &lists(63)).is_ok());
    assert_eq!(read_first(value, &lists(64)).unwrap_err().kind, InvalidKind::Depth);
    assert_eq!(read_first(value, &lists(10_000)).unwrap_err().kind, InvalidKind::Depth);
    let any = "import \"google/protobuf/any.proto\"; message A { google.protobuf.Any any = 1; }";
    let anys = (0..200).fold(Vec::new(), |inner, _| framed(1, &[framed(1, b"x/A"), framed(2, &inner)].concat()));
    assert_eq!(read_first(any, &anys).unwrap_err().kind, InvalidKind::Depth);
    // Two bytes that become a hundred.
    let fields: String = (1..=100).map(|number| format!("double a_rather_long_name_{number} = {number};")).collect();
    let wide = format!("message A {{ repeated B b = 1; }} message B {{ {fields} }}");
    check_invalid(
        read_first(&wide, &[10, 0].repeat(1 << 18)),
        InvalidKind::TooLarge,
        &format!("$: expected at most {} bytes as JSON, found more", MAX_EXPANSION << 20),
    );
    check_invalid(
        read_first("message A {}", &vec![0; 1 << 20]),
        InvalidKind::TooLarge,
        "$: expected at most 1048576 bytes, found 1048577 bytes",
    );
}

/// A compiled schema as clients in Python and C++ register it. Its names are of the package, a message, a field, a
/// oneof, an enum and the enum's value.
fn compiled([package, message, field, oneof, of_values, value]: [&str; 6]) -> SchemaText {
    let field = FieldDescriptorProto {
        name: Some(field.to_owned()),
        number: Some(1),
        label: Some(Label::Optional.into()),
        r#type: Some(Type::Enum.into()),
        type_name: Some(format!(".{package}.{message}.{of_values}")),
        oneof_index: Some(0),
        ..FieldDescriptorProto::default()
    };
    let value = EnumValueDescriptorProto {
        name: Some(value.to_owned()),
        number: Some(0),
        ..EnumValueDescriptorProto::default()
    };
    let of_values =
        EnumDescriptorProto { name: Some(of_values.to_owned()), value: vec![value], ..EnumDescriptorProto::default() };
    let oneof = OneofDescriptorProto { name: Some(oneof.to_owned()), ..OneofDescriptorProto::default() };
    let message = DescriptorProto {
        name: Some(message.to_owned()),
        field: vec![field],
        oneof_decl: vec![oneof],
        enum_type: vec![of_values],
        ..DescriptorProto::default()
    };
    let file = FileDescriptorProto {
        name: Some("event.proto".to_owned()),
        package: Some(package.to_owned()),
        message_type: vec![message],
        syntax: Some("proto3".to_owned()),
        ..FileDescriptorProto::default()
    };
    proto(&BASE64_STANDARD.encode(file.encode_to_vec()))
}

#[test]
fn names_of_compiled_schemas_are_identifiers() {
    let names = ["a.b", "Event", "kind", "either", "Kind", "_CALL_2"];
    assert_eq!(read(&compiled(names), &[0, 8, 0]).unwrap(), r#"{"kind":"_CALL_2"}"#);
    for place in 0..names.len() {
        for name in [r#"x":1,"tenant_id":"evil"#, "", "2nd", "a-b", "x\ny", "á"] {
            // Only the package may be absent.
            if (place, name) == (0, "") {
                continue;
            }
            let mut names = names;
            names[place] = name;
            let error = Schema::compile(&compiled(names), None).expect_err(name);
            let is_named = error.to_string().contains("the descriptor has a name that is no identifier");
            assert!(is_named && matches!(error, SchemaError::Syntax { .. }), "{name}: {error}");
        }
    }
}

#[test]
fn only_standard_messages_have_a_special_form() {
    let google = |text: &str| proto(&format!("syntax=\"proto3\"; package google.protobuf; {text}"));
    let deep = |number: u8, levels: usize| (0..levels).fold(Vec::new(), |inner, _| framed(number, &inner));
    // Under the names of special messages, with no end to their nesting.
    for text in [
        "message StringValue { StringValue value = 1; }",
        "message Int64Value { repeated Int64Value value = 1; }",
        "message Value { Value value = 1; }",
        "message Value { oneof kind { Value value = 1; } }",
        "message ListValue { ListValue values = 1; }",
        "message Any { Any type_url = 1; }",
    ] {
        let invalid = read(&google(text), &[vec![0], deep(1, 100_000)].concat()).unwrap_err();
        assert_eq!(invalid.kind, InvalidKind::Depth, "{text}");
    }
    // They are messages like any other.
    let wrapper = google("message StringValue { StringValue value = 1; }");
    assert_eq!(read(&wrapper, &[vec![0], deep(1, 2)].concat()).unwrap(), r#"{"value":{"value":{}}}"#);
    let time = google("message Timestamp { string seconds = 1; int32 nanos = 2; }");
    assert_eq!(read(&time, &[vec![0], framed(1, b"noon")].concat()).unwrap(), r#"{"seconds":"noon","nanos":0}"#);
    // A copy of the standard file has the special form.
    let time = google("message Timestamp { int64 seconds = 1; int32 nanos = 2; }");
    assert_eq!(read(&time, &[0, 8, 0]).unwrap(), r#""1970-01-01T00:00:00.000Z""#);
    let old = "syntax=\"proto2\"; package google.protobuf; message BoolValue { optional bool value = 1; }";
    assert_eq!(read(&proto(old), &[0, 8, 1]).unwrap(), "true");
}

#[test]
fn fields_that_were_not_sent_take_no_time() {
    // A hundred thousand messages of two bytes, with four thousand fields each: visiting them all takes minutes.
    let fields: String = (2..4000).map(|number| format!("repeated int32 f{number} = {number};")).collect();
    let wide = format!("message A {{ repeated A a = 1; {fields} int32 last = 4000; }}");
    let schema = Schema::compile(&proto(&format!("syntax=\"proto3\"; {wide}")), None).unwrap();
    let record = [&[0][..], &[10, 0].repeat(100_000)].concat();
    let json = schema.event_json(&record, &Limits::default()).unwrap();
    assert!(json.ends_with(r#"{"last":0}],"last":0}"#));
    // The order is that of the numbers, sent or not.
    check(
        "message A { int32 d = 4; repeated int32 c = 3; optional int32 b = 2; int32 a = 1; int32 f = 6; string e = 5; }",
        &[42, 1, b'x', 48, 7, 24, 3, 16, 2],
        r#"{"a":0,"b":2,"c":[3],"d":0,"e":"x","f":7}"#,
    );
}

#[test]
fn nesting_is_limited_whatever_the_limits() {
    let mut limits = Limits::default();
    limits.max_depth = usize::MAX;
    let schema = proto(
        "syntax=\"proto3\"; import \"google/protobuf/struct.proto\";
         message A { A a = 1; map<string, A> m = 2; google.protobuf.Value v = 3; }",
    );
    let schema = Schema::compile(&schema, None).unwrap();
    type Wrap = fn(&[u8]) -> Vec<u8>;
    let deep = |levels: usize, wrap: Wrap| (0..levels).fold(Vec::new(), |inner, _| wrap(&inner));
    let within_itself: Wrap = |inner| framed(1, inner);
    let within_map: Wrap = |inner| framed(2, &framed(2, inner));
    // JSON within JSON takes the most calls per level.
    let json = |levels| framed(3, &deep(levels, |inner| framed(5, &framed(1, &framed(2, inner)))));
    for shallow in [deep(127, within_itself), deep(63, within_map), json(127)] {
        assert!(schema.event_json(&[vec![0], shallow].concat(), &limits).is_ok());
    }
    for endless in [deep(1000, within_itself), deep(1000, within_map), json(1000)] {
        let invalid = schema.event_json(&[vec![0], endless].concat(), &limits).unwrap_err();
        assert_eq!(invalid.violations[0].expected, "at most 128 levels of nesting");
    }
}

#[test]
fn an_event_goes_through_its_family() {
    let schema = proto(
        r#"syntax = "proto3";
        import "google/protobuf/timestamp.proto";
        import "google/protobuf/struct.proto";
        message Call {
          string event_id = 1; string tenant_id = 2; google.protobuf.Timestamp timestamp = 3; string event_type = 4;
          string call_id = 5; optional string transcript = 6; int64 duration_ms = 7; google.protobuf.Struct metadata = 8;
          string campaign = 9;
        }"#,
    );
    let mut call = message(&schema, "Call");
    let mut time = message(&schema, "google.protobuf.Timestamp");
    time.set_field_by_name("seconds", Value::I64(1_770_033_600));
    for (name, value) in [
        ("event_id", Value::String("6f9619ff-8b86-4d01-b42d-00cf4fc964ff".into())),
        ("tenant_id", Value::String("acme".into())),
        ("timestamp", Value::Message(time)),
        ("event_type", Value::String("call".into())),
        ("call_id", Value::String("c-1".into())),
        ("transcript", Value::String("Obrigado!".into())),
        ("campaign", Value::String("carnival".into())),
    ] {
        call.set_field_by_name(name, value);
    }
    let json = read(&schema, &[vec![0], call.encode_to_vec()].concat()).unwrap();
    let decoded = Voc::for_topic("voc.events", &DecodeOptions::default().strict(true))
        .decode(&json, &Envelope::default())
        .unwrap();
    assert_eq!(decoded.event.timestamp().to_string(), "2026-02-02T12:00:00.000Z");
    assert_eq!(decoded.event.text(), Some("Obrigado!"));
    let VocEvent::Call(call) = decoded.event else { unreachable!("it is a call") };
    assert_eq!((call.duration_ms, call.base.extra[0].1.as_str()), (Some(0), "\"carnival\""));
}
