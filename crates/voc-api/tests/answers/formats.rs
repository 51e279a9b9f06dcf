//! Other formats have the rows of JSON.

use std::collections::BTreeMap;

use actix_web::web::Bytes;
use parquet::{
    file::reader::{FileReader as _, SerializedFileReader},
    record::Field,
};
use serde_json::{Map, Value, json};

use crate::{
    fold::{Row, utc},
    question::{Question, Request},
    rows, send,
    served::{Response, Served},
};

/// The rows of a question in all formats. `found` are those of JSON.
pub(crate) fn assert_formats(api: &Served, question: &Question, found: &[Row]) {
    let mut found = found.to_vec();
    if question.limit.is_none() && question.has_pages() {
        // Other formats have all rows then.
        let all = question.limited_to(10_000).request();
        found = rows(&send(api, &all, "", "application/json").json()["data"]);
    }
    assert_written(api, &question.request(), &found);
}

/// A request's answers have the rows.
pub(crate) fn assert_written(api: &Served, request: &Request, found: &[Row]) {
    // A posted question has no extension.
    let send = |extension, accept| send(api, request, if request.body.is_none() { extension } else { "" }, accept);
    assert_eq!(csv_cells(&send(".csv", "text/csv")), cells(found), "{request:?}");
    let lines = send(".ndjson", "application/x-ndjson").text;
    let lines: Vec<Row> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, found, "{request:?}");
    let parquet = of_parquet(send(".parquet", "application/vnd.apache.parquet").bytes, found);
    assert_eq!(parquet, found, "{request:?}");
}

/// The cells of a CSV file by column, numbers as such.
fn csv_cells(response: &Response) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(response.text.as_bytes());
    let names = reader.headers().unwrap().clone();
    let cells =
        |record: csv::StringRecord| names.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect();
    reader.records().map(|record| cells(record.unwrap())).collect()
}

/// What a row looks like in CSV.
fn cells(rows: &[Row]) -> Vec<BTreeMap<String, String>> {
    let cell = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) if text.starts_with('=') => format!("'{text}"),
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => number.as_f64().unwrap().to_string(),
        other => other.to_string(),
    };
    rows.iter().map(|row| row.iter().map(|(name, value)| (name.clone(), cell(value))).collect()).collect()
}

/// The rows of a Parquet file. It has no type for JSON: what is not a text in the rows of JSON is read as JSON.
fn of_parquet(bytes: Bytes, found: &[Row]) -> Vec<Row> {
    let reader = SerializedFileReader::new(bytes).unwrap();
    let row = |(row, found): (Result<parquet::record::Row, _>, Option<&Row>)| {
        let columns = row.unwrap().into_columns().into_iter();
        let value = |(name, field): (String, Field)| {
            let is_text = found.is_none_or(|found| found[&name].is_string());
            let value = match (value(&field), is_text) {
                (Value::String(json), false) => serde_json::from_str(&json).unwrap(),
                (value, _) => value,
            };
            (name, value)
        };
        columns.map(value).collect::<Map<_, _>>()
    };
    let found = found.iter().map(Some).chain(std::iter::repeat(None));
    reader.get_row_iter(None).unwrap().zip(found).map(row).collect()
}

fn value(field: &Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Bool(value) => json!(value),
        Field::Long(value) => json!(value),
        Field::Double(value) => json!(value),
        Field::Str(value) => json!(value),
        Field::TimestampMillis(value) => json!(utc(*value)),
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        other => panic!("unexpected {other:?}"),
    }
}
