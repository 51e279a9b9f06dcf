//! Which schemas are accepted, and what their names mean.

use voc_events::{
    Limits,
    encodings::{Schema, SchemaError, SchemaFormat, SchemaText},
};

use crate::support::{avro, read, record};

#[test]
fn a_topic_of_several_types_may_have_a_union() {
    let writer = r#"["com.acme.Call","com.acme.Action"]"#;
    let call = r#"{"type":"record","name":"Call","namespace":"com.acme","fields":[{"name":"kind","type":"com.acme.Kind"},{"name":"call_id","type":"string"}]}"#;
    let action = r#"{"type":"record","name":"Action","namespace":"com.acme","fields":[{"name":"kind","type":"Kind"},{"name":"action","type":"string"}]}"#;
    let kind = r#"{"type":"enum","name":"Kind","namespace":"com.acme","symbols":["CALL","ACTION"]}"#;
    let schema = avro(writer)
        .with_reference("com.acme.Kind", kind)
        .with_reference("com.acme.Call", call)
        .with_reference("com.acme.Kind", kind)
        .with_reference("com.acme.Action", action);
    let reader =
        avro(&record(r#"{"name":"kind","type":"string"},{"name":"call_id","type":["null","string"],"default":null}"#));
    let plain = Schema::compile(&schema, None).unwrap();
    assert_eq!(plain.event_json(b"\0\0\x02a", &Limits::default()).unwrap(), r#"{"kind":"CALL","call_id":"a"}"#);
    assert_eq!(plain.event_json(b"\x02\x02\x02b", &Limits::default()).unwrap(), r#"{"kind":"ACTION","action":"b"}"#);
    // An enum is not a string to a reader.
    let resolved = Schema::compile(&schema, Some(&reader)).unwrap();
    let invalid = resolved.event_json(b"\0\0\x02a", &Limits::default()).unwrap_err();
    assert_eq!(invalid.to_string(), "$.kind: expected a string, found the enum Kind");
}

#[test]
fn a_schema_may_also_be_one_of_its_references() {
    let (event, other) = (record(r#"{"name":"x","type":"int"}"#), r#"{"type":"enum","name":"E","symbols":["A"]}"#);
    let schema = avro(&event).with_reference("test.Event", event.as_str()).with_reference("E", other);
    let schema = Schema::compile(&schema, None).unwrap();
    assert_eq!(schema.event_json(b"\x0e", &Limits::default()).unwrap(), r#"{"x":7}"#);
}

#[test]
fn a_namespace_may_have_any_characters() {
    let inner = |name: &str| format!(r#"{{"type":"record","name":{name},"fields":[{{"name":"a","type":"int"}}]}}"#);
    let schema = |fields: &str| {
        format!(r#"{{"type":"record","name":"Event","namespace":"com.my-company.1st","fields":[{fields}]}}"#)
    };
    // Two names that differ only in such a character; references with and without a namespace.
    let kind = r#"{"type":"enum","name":"com.my_company.1st.Inner","symbols":["A"]}"#;
    let writer = schema(&format!(
        r#"{{"name":"x","type":{}}},{{"name":"y","type":{kind}}},{{"name":"z","type":"com.my-company.1st.Inner"}},
           {{"name":"u","type":["null","Inner"]}},{{"name":"v","type":"com.my_company.1st.Inner"}}"#,
        inner(r#""Inner""#)
    ));
    let json = r#"{"x":{"a":1},"y":"A","z":{"a":2},"u":{"a":3},"v":"A"}"#;
    assert_eq!(read(&writer, None, b"\x02\0\x04\x02\x06\0").unwrap(), json);
    // Aliases are compared with the names of the writer.
    let reader = |aliases: &str| {
        let other = r#"{"type":"record","name":"Other","fields":[{"name":"b","type":"int","default":1}]}"#;
        let ours = format!(
            r#"{{"type":"record","name":"Ours","aliases":[{aliases}],"fields":[{{"name":"c","type":"int","default":2}}]}}"#
        );
        record(&format!(r#"{{"name":"x","type":[{other},{ours}]}}"#))
    };
    let writer = schema(&format!(r#"{{"name":"x","type":{}}}"#, inner(r#""Inner""#)));
    let of = |aliases: &str| read(&writer, Some(&reader(aliases)), b"\x02").unwrap();
    assert_eq!(of(r#""com.my-company.1st.Inner""#), r#"{"x":{"a":1,"c":2}}"#);
    assert_eq!(of(r#""com.my_company.1st.Inner""#), r#"{"x":{"a":1,"b":1}}"#);
    // A name may not.
    assert!(Schema::compile(&avro(&inner(r#""com.company.my-event""#)), None).is_err());
}

#[test]
fn an_alias_does_not_hide_the_type_of_that_name() {
    let old = r#"{"type":"record","name":"Old","fields":[{"name":"a","type":"string"}]}"#;
    let new = r#"{"type":"record","name":"New","aliases":["Old"],"fields":[{"name":"b","type":"int"}]}"#;
    let check = |types: [&str; 3], body: &[u8], json: &str| {
        let fields = ["x", "y", "z"].iter().zip(types).map(|(name, ty)| format!(r#"{{"name":"{name}","type":{ty}}}"#));
        let schema = record(&fields.collect::<Vec<_>>().join(","));
        assert_eq!(read(&schema, None, body).unwrap(), json);
    };
    // A reference by the name, whichever is defined first; the definition itself is not a reference.
    check([old, new, r#""Old""#], b"\x02o\x0e\x02p", r#"{"x":{"a":"o"},"y":{"b":7},"z":{"a":"p"}}"#);
    check([new, old, r#""Old""#], b"\x0e\x02o\x02p", r#"{"x":{"b":7},"y":{"a":"o"},"z":{"a":"p"}}"#);
    // Also while the types are being described: a tree that is renamed.
    let tree = r#"{"type":"record","name":"Old","fields":[{"name":"inner","type":{"type":"record","name":"New",
        "aliases":["Old"],"fields":[{"name":"next","type":["null","Old"]}]}}]}"#;
    let json = r#"{"x":{"inner":{"next":{"inner":{}}}},"y":{"inner":{}},"z":{}}"#;
    check([tree, r#""Old""#, r#""New""#], b"\x02\0\0\0", json);
    // No type has this name.
    check(
        [new, r#"["null","test.Old"]"#, r#"{"type":"Old"}"#],
        b"\x0e\x02\x0e\x0e",
        r#"{"x":{"b":7},"y":{"b":7},"z":{"b":7}}"#,
    );
    let elsewhere = r#"{"type":"record","name":"New","namespace":"","aliases":["other.Old"],"fields":[]}"#;
    check([elsewhere, r#""other.Old""#, r#"".New""#], b"", r#"{"x":{},"y":{},"z":{}}"#);
    check([new, r#""Old""#, r#""New""#], b"\x0e\x0e\x0e", r#"{"x":{"b":7},"y":{"b":7},"z":{"b":7}}"#);
}

#[test]
fn invalid_schemas_are_refused() {
    for text in [
        "",
        "string",
        "{}",
        r#""Unknown""#,
        r#"{"type":"record","name":"R"}"#,
        r#"{"type":"record","name":"R","fields":[{"name":"a b","type":"int"}]}"#,
        r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}"#,
        r#"{"name":"A","type":{"type":"record","name":"B","fields":[]}, "x": "Unknown"}, {}"#,
        r#"["null","null"]"#,
        r#"{"type":"enum","name":"E","symbols":["a\"b"]}"#,
        r#"{"type":"fixed","name":"F","size":-1}"#,
    ] {
        assert!(matches!(Schema::compile(&avro(text), None), Err(SchemaError::Syntax { .. })), "{text}");
    }
    let reader = Schema::compile(&avro(r#""int""#), Some(&avro("")));
    assert!(matches!(reader, Err(SchemaError::Reader(_))));
    // A reader's schema in another format does not matter.
    assert!(Schema::compile(&avro(r#""int""#), Some(&SchemaText::new(SchemaFormat::Json, "{"))).is_ok());
}

#[test]
fn hostile_schemas_are_limited() {
    // Chains of records, each the default of a field of the next: the library's own check would overflow the stack.
    let chain = |length: usize| {
        let link = |number: usize| match number {
            0 => r#"{"name":"f0","type":{"type":"record","name":"R0","fields":[]}}"#.to_owned(),
            _ => format!(
                r#"{{"name":"f{number}","type":{{"type":"record","name":"R{number}","fields":[
                    {{"name":"a","type":"R{}","default":{{}}}}]}}}}"#,
                number - 1
            ),
        };
        record(&(0..length).map(link).collect::<Vec<_>>().join(","))
    };
    let long = chain(5000);
    assert!(Schema::compile(&avro(&long), Some(&avro(&long))).is_ok());
    assert!(matches!(
        Schema::compile(
            &avro(r#"{"type":"record","name":"E","fields":[]}"#),
            Some(&avro(&record(
                &format!(r#"{{"name":"x","type":{long},"default":{{"f4999":{{}}}}}}"#)
                    .replace(r#""name":"Event","namespace":"test""#, r#""name":"Chain""#)
            )))
        ),
        Err(SchemaError::Reader(_))
    ));
    let nested =
        |levels: usize| format!("{}\"int\"{}", r#"{"type":"array","items":"#.repeat(levels), "}".repeat(levels));
    assert!(Schema::compile(&avro(&nested(100)), None).is_ok());
    assert!(Schema::compile(&avro(&nested(100_000)), None).is_err());
    assert!(matches!(Schema::compile(&avro(&" ".repeat(2 << 20)), None), Err(SchemaError::TooLarge { .. })));
    let many = (0..65).fold(avro("\"int\""), |text, number| text.with_reference(number.to_string(), "\"int\""));
    assert!(matches!(Schema::compile(&many, None), Err(SchemaError::References { found: 65 })));
    let aliases = |count| {
        let aliases = (0..count).map(|number| format!("\"A{number}\"")).collect::<Vec<_>>().join(",");
        record(&format!(r#"{{"name":"x","type":{{"type":"enum","name":"E","aliases":[{aliases}],"symbols":["A"]}}}}"#))
    };
    assert!(Schema::compile(&avro(&aliases(64)), None).is_ok());
    let error = Schema::compile(&avro(&aliases(65)), None).unwrap_err();
    assert_eq!(error.to_string(), "the schema has too many aliases of a type; at most 64 are allowed");
    // Every branch of one union with every branch of another.
    let records = |prefix: &str| {
        let branch = |number| {
            format!(
                r#"{{"type":"record","name":"{prefix}{number}","fields":[{{"name":"x","type":["null","int","string"]}}]}}"#
            )
        };
        format!("[{}]", (0..2000).map(branch).collect::<Vec<_>>().join(","))
    };
    assert!(Schema::compile(&avro(&records("A")), Some(&avro(&records("B")))).is_ok());
}

/// Records within each other, each with this many other fields.
fn nested(records: usize, fields: usize) -> String {
    let fields: String = (0..fields).map(|number| format!(r#"{{"name":"f{number}","type":"int"}},"#)).collect();
    (0..records).fold(r#""int""#.to_owned(), |inner, number| {
        format!(r#"{{"type":"record","name":"N{number}","fields":[{fields}{{"name":"next","type":{inner}}}]}}"#)
    })
}

#[test]
fn nested_types_are_limited_by_their_size_and_not_by_their_number() {
    let compile = |schema: &str| Schema::compile(&avro(schema), None);
    // Deep or large is no problem, both together are: the library copies each type for each one around it.
    compile(&nested(40, 20)).unwrap();
    compile(&nested(2, 15_000)).unwrap();
    let error = compile(&nested(40, 800)).unwrap_err();
    assert!(matches!(error, SchemaError::TooComplex { .. }), "{error}");
    // References are within it, too, wherever they are used.
    let parts = avro(r#"["N0","int"]"#).with_reference("N39", nested(40, 800));
    let error = Schema::compile(&parts, None).unwrap_err();
    assert!(matches!(error, SchemaError::TooComplex { .. }), "{error}");
}
