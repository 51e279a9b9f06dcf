//! Shared helpers of the families' tests.

#![allow(dead_code, reason = "no test needs all of it")]

use std::{borrow::Cow, collections::BTreeMap};

use proptest::{collection, option, prelude::*, string::string_regex};
use serde_json::{Map, Value as JsonValue};
use voc_events::{
    ColumnKind, DecodeOptions, Decoded, Envelope, Family, FamilyEvent, Invalid, RowWriter, Table, Timestamp, Value,
    fields::{FieldInfo, FieldType},
    record_text,
};

/// Decodes a record as the pipeline does.
pub(crate) fn decode<'a, F: Family>(
    topic: &str,
    text: &'a str,
    options: &DecodeOptions,
) -> Result<Decoded<F::Event<'a>>, Invalid> {
    assert!(matches!(record_text(text.as_bytes(), &options.limits)?, Cow::Borrowed(_)), "{text}");
    F::for_topic(topic, options).decode(text, &Envelope::default())
}

/// A row that accepts a value only if the table has a column of its kind for it, and only once.
pub(crate) struct Row {
    table: Table,
    values: BTreeMap<&'static str, String>,
}

impl RowWriter for Row {
    fn put(&mut self, place: usize, value: Value<'_>) {
        let column = self.table.promoted.get(place).expect("a column at this place");
        let text = match (column.kind, value) {
            (ColumnKind::Str | ColumnKind::OptStr, Value::Str(text)) => text.to_owned(),
            (ColumnKind::StrList, Value::StrList(list)) => list.join("|"),
            (ColumnKind::Uuid, Value::Uuid(id)) => id.to_string(),
            (ColumnKind::OptTimestamp, Value::Timestamp(time)) => time.to_string(),
            (ColumnKind::I64 | ColumnKind::OptI64, Value::I64(number)) => number.to_string(),
            (ColumnKind::OptF64, Value::F64(number)) => number.to_string(),
            (ColumnKind::OptBool, Value::Bool(flag)) => flag.to_string(),
            (ColumnKind::StrMap, Value::StrMap(map)) => by_name(map),
            (ColumnKind::F64Map, Value::F64Map(map)) => by_name(map),
            (kind, value) => panic!("{value:?} does not belong in {} of kind {kind}", column.name),
        };
        let before = self.values.insert(column.name, text);
        assert_eq!(before, None, "{} has two values", column.name);
    }
}

/// A map as text.
fn by_name(map: &[(&str, impl std::fmt::Display)]) -> String {
    map.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("|")
}

/// The promoted values of an event, by column.
pub(crate) fn row<F: Family>(event: &F::Event<'_>) -> BTreeMap<&'static str, String> {
    let mut row = Row { table: F::TABLE, values: BTreeMap::new() };
    event.write_row(&mut row);
    row.values
}

/// [`row`] with the expectation that it fits.
#[track_caller]
pub(crate) fn check_row<F: Family>(event: &F::Event<'_>, expected: &[(&'static str, &str)]) {
    let expected = expected.iter().map(|(column, text)| (*column, (*text).to_owned())).collect();
    assert_eq!(row::<F>(event), expected);
}

/// Text that every kind of text accepts.
fn text() -> impl Strategy<Value = String> {
    string_regex("x[\\PC\n\"\\\\]{0,20}x").expect("a valid pattern").prop_filter("no control characters", |text| {
        // A tenant must not contain any.
        !text.chars().any(char::is_control)
    })
}

fn name() -> impl Strategy<Value = String> {
    string_regex("[a-zç\u{1F600} \"\\\\]{0,10}").expect("a valid pattern")
}

/// A JSON object with any members.
pub(crate) fn json_object() -> impl Strategy<Value = JsonValue> {
    let leaf = prop_oneof![
        Just(JsonValue::Null),
        any::<bool>().prop_map(JsonValue::from),
        any::<i64>().prop_map(JsonValue::from),
        text().prop_map(JsonValue::from)
    ];
    let value = leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..4).prop_map(JsonValue::from),
            collection::btree_map(name(), inner, 0..4).prop_map(|map| JsonValue::Object(map.into_iter().collect())),
        ]
    });
    collection::btree_map(name(), value, 0..4).prop_map(|map| JsonValue::Object(map.into_iter().collect()))
}

/// A value that a field of a type accepts.
fn value(kind: FieldType) -> BoxedStrategy<JsonValue> {
    match kind {
        FieldType::Uuid => any::<u128>().prop_map(|id| uuid::Uuid::from_u128(id).to_string().into()).boxed(),
        FieldType::Text => text().prop_map(JsonValue::from).boxed(),
        FieldType::Timestamp => (946_684_800_000_i64..4_291_747_199_999)
            .prop_map(|millis| Timestamp::from_millis(millis).to_string().into())
            .boxed(),
        FieldType::Whole => any::<i64>().prop_map(JsonValue::from).boxed(),
        FieldType::Number => {
            any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(JsonValue::from).boxed()
        }
        FieldType::Flag => any::<bool>().prop_map(JsonValue::from).boxed(),
        FieldType::JsonObject => json_object().boxed(),
        FieldType::TextMap => collection::btree_map(name(), text(), 0..4)
            .prop_map(|map| {
                map.into_iter().map(|(name, text)| (name, JsonValue::from(text))).collect::<Map<_, _>>().into()
            })
            .boxed(),
        FieldType::Object(object) => members(&[object.fields]).prop_map(JsonValue::Object).boxed(),
        FieldType::List(element) => collection::vec(value(*element), 0..4).prop_map(JsonValue::from).boxed(),
        other => panic!("no values are known of {other:?}"),
    }
}

/// Members for all required fields and some of the others, plus an unknown one.
pub(crate) fn members(lists: &[&'static [FieldInfo]]) -> BoxedStrategy<Map<String, JsonValue>> {
    let members: Vec<_> = lists
        .iter()
        .flat_map(|list| list.iter())
        .map(|field| {
            let value = value(field.kind);
            let value = if field.is_required { value.prop_map(Some).boxed() } else { option::of(value).boxed() };
            value.prop_map(|value| value.map(|value| (field.name.to_owned(), value)))
        })
        .collect();
    let further = option::of(json_object().prop_map(|object| ("further".to_owned(), object)));
    (members, further).prop_map(|(members, further)| members.into_iter().chain([further]).flatten().collect()).boxed()
}

/// What holds for every event in the expected form: a strict and a lenient reader decode it alike, it can be written
/// and read again, and its row can be stored.
pub(crate) fn check_event<F: Family>(topic: &str, text: &str) -> Result<(), TestCaseError>
where
    for<'a> F::Event<'a>: std::fmt::Debug + PartialEq + serde::Serialize,
{
    let strict = DecodeOptions::default().strict(true);
    let failed = |text: &str| {
        let text = text.to_owned();
        move |invalid: Invalid| TestCaseError::fail(format!("{invalid}: {text}"))
    };
    let decoded = decode::<F>(topic, text, &strict).map_err(failed(text))?;
    let lenient = decode::<F>(topic, text, &DecodeOptions::default()).map_err(failed(text))?;
    // Compared as text, because events with different lifetimes are different types.
    prop_assert_eq!(format!("{:?}", lenient.event), format!("{:?}", decoded.event));
    prop_assert_eq!(lenient.coerced, Vec::<&str>::new());
    let written = serde_json::to_string(&decoded.event).expect("JSON");
    let again = decode::<F>(topic, &written, &strict).map_err(failed(&written))?;
    prop_assert_eq!(format!("{:?}", again.event), format!("{:?}", decoded.event));
    let _ = row::<F>(&decoded.event);
    Ok(())
}
