//! Each format is read by a reader that is not ours; streams end only if they are whole.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use ::parquet::{
    file::reader::{FileReader as _, SerializedFileReader},
    record::Field,
};
use actix_web::{App, HttpResponse, HttpServer, web, web::Bytes};
use futures_util::{StreamExt as _, stream};
use proptest::{collection::vec, option, prelude::*};
use serde_json::{Map, Value, json};
use tokio::task::JoinHandle;
use voc_events::Timestamp;
use voc_store::StoreError;

use super::{
    Format,
    body::{Pieces, pump},
    columns::{Column, Kind, RowsBatch, Values},
    encoder::Encoder,
};

fn columns() -> Vec<Column> {
    let kinds = [Kind::Text, Kind::Integer, Kind::Float, Kind::Boolean, Kind::Time, Kind::Texts];
    let names = ["word", "count", "score", "flag", "at", "topics"];
    names.into_iter().zip(kinds).map(|(name, kind)| Column { name: name.into(), kind }).collect()
}

fn envelope() -> Map<String, Value> {
    Map::from_iter([("meta".to_owned(), json!({"days": 7})), ("days".to_owned(), json!(7))])
}

type Row = (Option<String>, Option<i64>, Option<f64>, Option<bool>, Option<i64>, Vec<String>);

fn batch(rows: &[Row]) -> RowsBatch {
    RowsBatch {
        columns: vec![
            Values::Text(rows.iter().map(|row| row.0.clone()).collect()),
            Values::Integer(rows.iter().map(|row| row.1).collect()),
            Values::Float(rows.iter().map(|row| row.2).collect()),
            Values::Boolean(rows.iter().map(|row| row.3).collect()),
            Values::Time(rows.iter().map(|row| row.4.map(Timestamp::from_millis)).collect()),
            Values::Texts(rows.iter().map(|row| row.5.clone()).collect()),
        ],
    }
}

fn written(format: Format, batches: &[Vec<Row>]) -> Vec<u8> {
    let mut encoder = Encoder::new(format, columns(), &envelope()).unwrap();
    let mut bytes: Vec<u8> = batches.iter().flat_map(|rows| encoder.batch(batch(rows)).unwrap()).collect();
    bytes.extend(encoder.end().unwrap());
    bytes
}

/// A row as the JSON formats write it.
fn object(row: &Row) -> Value {
    json!({
        "word": row.0, "count": row.1, "score": row.2.filter(|score| score.is_finite()), "flag": row.3,
        "at": row.4.map(|millis| Timestamp::from_millis(millis).to_string()), "topics": row.5,
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[=+@\t\r-]?[a-c,\"\r\n '=+-]{0,6}", "\\PC{0,8}", "[+-]?[0-9]{1,4}(\\.[0-9])?", Just(String::new())]
}

fn row() -> impl Strategy<Value = Row> {
    let float = prop_oneof![any::<f64>(), -1.0..1.0_f64, Just(f64::NAN), Just(f64::NEG_INFINITY)];
    let time = 0..4_294_967_296_000_i64;
    (
        option::of(text()),
        any::<Option<i64>>(),
        option::of(float),
        any::<Option<bool>>(),
        option::of(time),
        vec(text(), 0..3),
    )
}

fn batches() -> impl Strategy<Value = Vec<Vec<Row>>> {
    vec(vec(row(), 0..5), 0..4)
}

proptest! {
    #[test]
    fn csv_is_read_as_it_was_written(batches in batches()) {
        let bytes = written(Format::Csv, &batches);
        let mut reader = csv::ReaderBuilder::new().from_reader(bytes.as_slice());
        let names: Vec<_> = columns().into_iter().map(|column| column.name).collect();
        prop_assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), names);
        let read: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        let rows: Vec<&Row> = batches.iter().flatten().collect();
        prop_assert_eq!(read.len(), rows.len());
        for (read, row) in read.iter().zip(rows) {
            let word = row.0.clone().unwrap_or_default();
            let is_guarded = read[0] == format!("'{word}");
            prop_assert!(is_guarded || read[0] == word, "{:?} from {word:?}", &read[0]);
            let is_run = read[0].starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && read[0].parse::<f64>().is_err();
            prop_assert!(!is_run, "{:?}", &read[0]);
            let may_be_guarded = word.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
            prop_assert!(!is_guarded || may_be_guarded, "{word:?}");
            prop_assert_eq!(read[1].parse().ok(), row.1);
            let score = row.2.filter(|score| score.is_finite());
            prop_assert_eq!(read[2].parse::<f64>().ok(), score);
            prop_assert_eq!(read[3].parse().ok(), row.3);
            prop_assert_eq!(Timestamp::parse(&read[4]).ok(), row.4.map(Timestamp::from_millis));
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&read[5]).unwrap(), row.5.clone());
        }
    }

    #[test]
    fn ndjson_is_read_as_it_was_written(batches in batches()) {
        let text = String::from_utf8(written(Format::Ndjson, &batches)).unwrap();
        let read: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let expected: Vec<Value> = batches.iter().flatten().map(object).collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn json_is_read_as_it_was_written(batches in batches()) {
        let read: Value = serde_json::from_slice(&written(Format::Json, &batches)).unwrap();
        let expected: Vec<Value> = batches.iter().flatten().map(object).collect();
        prop_assert_eq!(read, json!({"data": expected, "meta": {"days": 7}, "days": 7}));
    }

    #[test]
    fn parquet_is_read_as_it_was_written(batches in batches()) {
        let read = read_parquet(written(Format::Parquet, &batches));
        let expected: Vec<Value> = batches.iter().flatten().map(object).collect();
        prop_assert_eq!(read, expected);
    }
}

/// Rows of a batch, how often they are repeated, and whether the batch ends a row group.
type Piled = (Vec<Row>, usize, bool);

fn piled() -> impl Strategy<Value = Piled> {
    (vec(row(), 0..5), prop_oneof![1..3_usize, 300..600_usize], any::<bool>())
}

/// A batch that ends a row group has a text of 4 MiB, which is one of many in the middle of it.
fn unpiled((rows, times, is_last): &Piled) -> Vec<Row> {
    let mut rows: Vec<Row> = std::iter::repeat_n(rows, *times).flatten().cloned().collect();
    if *is_last {
        let long = (Some("x".repeat(4 << 20)), None, None, None, None, vec![String::new(), "y".to_owned()]);
        rows.insert(rows.len() / 2, long);
    }
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn parquet_is_read_as_it_was_written_in_several_groups(piled in vec(piled(), 0..6)) {
        let batches: Vec<Vec<Row>> = piled.iter().map(unpiled).collect();
        let bytes = written(Format::Parquet, &batches);
        let rest = piled.iter().rev().take_while(|(_, _, is_last)| !is_last).any(|(rows, _, _)| !rows.is_empty());
        let groups = piled.iter().filter(|(_, _, is_last)| *is_last).count() + usize::from(rest);
        let reader = SerializedFileReader::new(Bytes::from(bytes.clone())).unwrap();
        prop_assert_eq!(reader.metadata().num_row_groups(), groups);
        let expected: Vec<Value> = batches.iter().flatten().map(object).collect();
        // Neither of them can be printed.
        prop_assert!(read_parquet(bytes) == expected);
    }
}

/// The rows of a file as objects.
fn read_parquet(bytes: Vec<u8>) -> Vec<Value> {
    let reader = SerializedFileReader::new(Bytes::from(bytes)).unwrap();
    let rows = reader.get_row_iter(None).unwrap().map(|row| {
        let columns = row.unwrap().into_columns().into_iter();
        Value::Object(columns.map(|(name, field)| (name, value(&field))).collect::<Map<_, _>>())
    });
    rows.collect()
}

fn value(field: &Field) -> Value {
    match field {
        Field::Null => Value::Null,
        Field::Bool(value) => json!(value),
        Field::Long(value) => json!(value),
        Field::Double(value) => json!(value),
        Field::Str(value) => json!(value),
        Field::TimestampMillis(value) => json!(Timestamp::from_millis(*value).to_string()),
        Field::ListInternal(list) => list.elements().iter().map(value).collect(),
        other => panic!("unexpected {other:?}"),
    }
}

#[test]
fn what_spreadsheets_run_is_neutralised_and_numbers_are_not() {
    let words = ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "＝1", "+55 11", "-5", "+5.5e3", "+nan", "a=1", "'=1"];
    let rows: Vec<Row> =
        words.iter().map(|word| (Some((*word).to_owned()), None, None, None, None, Vec::new())).collect();
    let bytes = written(Format::Csv, &[rows]);
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let read: Vec<String> = reader.records().map(|record| record.unwrap()[0].to_owned()).collect();
    let expected =
        ["'=1+1", "'+cmd", "'-2+3", "'@SUM(A1)", "'\t=1", "'＝1", "'+55 11", "-5", "+5.5e3", "'+nan", "a=1", "'=1"];
    assert_eq!(read, expected);
}

#[test]
fn a_row_of_one_absent_value_is_a_row() {
    let column = Column { name: "mean".into(), kind: Kind::Float };
    let mut encoder = Encoder::new(Format::Csv, vec![column], &envelope()).unwrap();
    let rows = RowsBatch { columns: vec![Values::Float(vec![None, Some(0.5), None])] };
    let bytes = encoder.batch(rows).unwrap();
    let records = csv::Reader::from_reader(&bytes[..]).into_records();
    let read: Vec<String> = records.map(|record| record.unwrap()[0].to_owned()).collect();
    assert_eq!(read, ["", "0.5", ""]);
}

#[test]
fn tables_without_rows_have_their_columns() {
    assert_eq!(written(Format::Csv, &[]), b"word,count,score,flag,at,topics\r\n");
    assert_eq!(written(Format::Ndjson, &[]), b"");
    assert_eq!(written(Format::Json, &[]), br#"{"data":[],"days":7,"meta":{"days":7}}"#);
    let parquet = SerializedFileReader::new(Bytes::from(written(Format::Parquet, &[]))).unwrap();
    assert_eq!(parquet.metadata().file_metadata().schema().get_fields().len(), columns().len());
}

#[test]
fn a_batch_that_does_not_fit_is_refused() {
    for format in Format::ALL {
        let mut encoder = Encoder::new(format, columns(), &Map::new()).unwrap();
        let few = RowsBatch { columns: vec![Values::Integer(vec![Some(1)])] };
        assert!(encoder.batch(few).is_err(), "{format:?}");
        let mut uneven = batch(&[(None, None, None, None, None, Vec::new())]);
        uneven.columns[5] = Values::Texts(Vec::new());
        assert!(encoder.batch(uneven).is_err(), "{format:?}");
    }
}

/// A thousand rows of one batch.
fn thousand() -> RowsBatch {
    let row = |index: i64| {
        let word = Some(format!("word-{index}"));
        (word, Some(index), Some(0.5), Some(index % 2 == 0), Some(index), vec!["billing".to_owned()])
    };
    batch(&(0..1000).map(row).collect::<Vec<Row>>())
}

/// Of five times as many rows, no more bytes are held at any moment. Parquet's first row group has 66 batches.
#[test]
fn what_a_writer_holds_does_not_grow_with_the_rows() {
    let rows = thousand();
    let largest_piece = |format, batches: usize| {
        let mut encoder = Encoder::new(format, columns(), &Map::new()).unwrap();
        let largest = (0..batches).map(|_| encoder.batch(rows.clone()).unwrap().len()).max().unwrap();
        largest.max(encoder.end().unwrap().len())
    };
    for format in Format::ALL {
        let (few, many) = (largest_piece(format, 70), largest_piece(format, 350));
        assert!(many <= few + few / 10, "{format:?}: {few} {many}");
    }
}

/// A client that reads nothing holds the store back.
#[tokio::test]
async fn batches_are_asked_for_only_as_fast_as_the_client_reads() {
    for total in [100, 1000] {
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&asked);
        let batches = stream::iter(0..total).map(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(thousand())
        });
        let (pump, mut pieces) = pump(Duration::from_secs(3600));
        let encoder = Encoder::new(Format::Csv, columns(), &Map::new()).unwrap();
        tokio::spawn(pump.run(encoder, Some(thousand()), batches.boxed()));
        let mut read = 0;
        while let Some(piece) = pieces.next().await {
            piece.unwrap();
            read += 1;
            let ahead = asked.load(Ordering::Relaxed) + 1 - read.min(total + 1);
            assert!(ahead <= 5, "{ahead} batches ahead of the client");
        }
        assert_eq!(read, total + 1);
    }
}

/// A body, and what makes it.
fn pieces(batches: Vec<Result<RowsBatch, StoreError>>, reading: Duration) -> (Pieces, JoinHandle<()>) {
    let (pump, pieces) = pump(reading);
    let encoder = Encoder::new(Format::Ndjson, columns(), &Map::new()).unwrap();
    (pieces, tokio::spawn(pump.run(encoder, Some(thousand()), stream::iter(batches).boxed())))
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_given_up() {
    let batches = (0..10).map(|_| Ok(thousand())).collect();
    let (pieces, pumping) = pieces(batches, Duration::from_millis(1));
    pumping.await.unwrap();
    let read: Vec<_> = pieces.take(12).collect().await;
    assert!(read.iter().any(Result::is_err), "an end that is none");
}

/// A stream holds slots, which its store needs until it has the next rows; the pump does not wait for them.
#[tokio::test]
async fn a_stream_is_kept_until_its_store_answers_when_the_client_has_gone() {
    let (rows, mut next) = tokio::sync::mpsc::unbounded_channel();
    let slot = Arc::new(());
    let held = Arc::clone(&slot);
    let batches = stream::poll_fn(move |context| {
        let _held = &held;
        next.poll_recv(context)
    });
    let (pump, mut pieces) = pump(Duration::from_secs(3600));
    let encoder = Encoder::new(Format::Csv, columns(), &Map::new()).unwrap();
    let pumping = tokio::spawn(pump.run(encoder, Some(thousand()), batches.boxed()));
    pieces.next().await.unwrap().unwrap();
    drop(pieces);
    pumping.await.unwrap();
    assert_eq!(Arc::strong_count(&slot), 2, "the store has not answered yet");
    rows.send(Ok(thousand())).unwrap();
    while Arc::strong_count(&slot) > 1 {
        tokio::task::yield_now().await;
    }
}

/// The whole body as the client sees it, with the chunks' frames.
fn fetch(batches: fn() -> Vec<Result<RowsBatch, StoreError>>) -> String {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let _entered = runtime.enter();
    let answer = move || async move { HttpResponse::Ok().streaming(pieces(batches(), Duration::from_secs(60)).0) };
    let server = HttpServer::new(move || App::new().default_service(web::to(answer))).workers(1).disable_signals();
    let server = server.bind(("127.0.0.1", 0)).unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    let running = runtime.spawn(server);
    let mut connection = TcpStream::connect(address).unwrap();
    connection.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").unwrap();
    let mut body = Vec::new();
    // A reset is an end, too.
    let _ = connection.read_to_end(&mut body);
    runtime.block_on(handle.stop(true));
    runtime.block_on(running).unwrap().unwrap();
    String::from_utf8(body).unwrap()
}

#[test]
fn a_failure_in_the_middle_breaks_the_connection() {
    let whole = fetch(|| vec![Ok(thousand())]);
    assert!(whole.ends_with("\r\n0\r\n\r\n"), "the end of a whole body");
    assert_eq!(whole.matches("word-999").count(), 2);
    let broken = fetch(|| vec![Ok(thousand()), Err(StoreError::Unavailable("gone".to_owned())), Ok(thousand())]);
    assert!(broken.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(!broken.contains("\r\n0\r\n\r\n"), "a broken body must not end well");
    let misfit = fetch(|| vec![Ok(RowsBatch { columns: Vec::new() }), Ok(thousand())]);
    assert!(!misfit.contains("\r\n0\r\n\r\n"), "a broken body must not end well");
}
