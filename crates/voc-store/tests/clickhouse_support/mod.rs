//! A ClickHouse server for a test: the one named by `VOC_TEST_CLICKHOUSE` (`host:9000`, with
//! `VOC_TEST_CLICKHOUSE_USER` and `VOC_TEST_CLICKHOUSE_PASSWORD`), else an endpoint in front of the embedded engine.
#![allow(dead_code, reason = "each test binary uses its own part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::{
    env,
    sync::{Arc, LazyLock},
    time::Duration,
};

use uuid::Uuid;
use voc_events::{Column, ColumnKind, FamilyEvent, RowWriter, Table, Timestamp, Value};
use voc_store::{
    BatchBuilder, InsertBatch, PartitionBy, RowAnnotation, SourceRange, SqlBackend,
    clickhouse::{ClickHouse, ClickHouseConfig, ClickHouseStore, ClickHouseTimeouts},
};
use voc_testkit::{
    endpoint::{Accounts, Endpoint},
    proxy::FaultProxy,
    requirements::{TestEngine, engine_or_skip},
};

/// A server with an empty database for one test.
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) database: String,
    user: String,
    password: String,
    _endpoint: Option<Endpoint>,
    _engine: Option<Arc<TestEngine>>,
}

impl Server {
    /// `None` if there is neither a server nor an engine. `database` is the test's own.
    pub(crate) async fn start(database: &str) -> Option<Self> {
        let database = format!("voc_test_{database}");
        let variable = |name: &str, default: &str| env::var(name).unwrap_or_else(|_| default.to_owned());
        let server = match env::var("VOC_TEST_CLICKHOUSE") {
            Ok(address) => {
                let (host, port) = address.rsplit_once(':').expect("VOC_TEST_CLICKHOUSE is host:port");
                Self {
                    host: host.to_owned(),
                    port: port.parse().expect("VOC_TEST_CLICKHOUSE is host:port"),
                    database,
                    user: variable("VOC_TEST_CLICKHOUSE_USER", "default"),
                    password: variable("VOC_TEST_CLICKHOUSE_PASSWORD", ""),
                    _endpoint: None,
                    _engine: None,
                }
            }
            Err(_) => {
                let engine = engine_or_skip()?;
                let endpoint =
                    Endpoint::on_engine("127.0.0.1:0", engine.engine().clone(), Accounts::default()).unwrap();
                Self {
                    host: "127.0.0.1".to_owned(),
                    port: endpoint.address().port(),
                    database,
                    user: "default".to_owned(),
                    password: String::new(),
                    _endpoint: Some(endpoint),
                    _engine: Some(engine),
                }
            }
        };
        let anywhere = ClickHouse::new(server.config().with_database(""));
        anywhere.execute(&format!("DROP DATABASE IF EXISTS {}", server.database), &[]).await.unwrap();
        anywhere.execute(&format!("CREATE DATABASE {}", server.database), &[]).await.unwrap();
        Some(server)
    }

    pub(crate) fn config(&self) -> ClickHouseConfig {
        ClickHouseConfig::at(&self.host, self.port)
            .with_user(&*self.user, &*self.password)
            .with_database(&self.database)
    }

    pub(crate) fn store(&self) -> ClickHouseStore {
        ClickHouseStore::connect(self.config())
    }

    pub(crate) async fn proxy(&self) -> FaultProxy {
        FaultProxy::start(format!("{}:{}", self.host, self.port)).await.unwrap()
    }

    /// A store behind a proxy, with short timeouts.
    pub(crate) fn store_behind(&self, proxy: &FaultProxy) -> ClickHouseStore {
        self.store_behind_within(proxy, SOON)
    }

    pub(crate) fn store_behind_within(&self, proxy: &FaultProxy, limit: Duration) -> ClickHouseStore {
        let timeouts = ClickHouseTimeouts { connect: limit, wait: limit, insert: limit, query: limit };
        let config = self.config_behind(proxy).with_timeouts(timeouts);
        ClickHouseStore::connect(config)
    }

    pub(crate) fn config_behind(&self, proxy: &FaultProxy) -> ClickHouseConfig {
        let mut config = self.config();
        config.host = proxy.address().ip().to_string();
        config.port = proxy.address().port();
        config
    }

    pub(crate) async fn create_samples(&self) {
        let store = self.store();
        store.backend().execute(CREATE_SAMPLES, &[]).await.unwrap();
        create_read_tables(store.backend()).await;
    }
}

/// Creates the tables that every re-insert reads, beside that of its rows.
pub(crate) async fn create_read_tables(backend: &impl SqlBackend) {
    let files =
        [include_str!("../../migrations/0011_erasures.sql"), include_str!("../../migrations/0012_retention.sql")];
    for statement in files.iter().flat_map(|file| file.split_inclusive(";\n")) {
        backend.execute(statement.trim_end().trim_end_matches(';'), &[]).await.unwrap();
    }
}

/// Timeout of operations that meet a fault: long enough for a healthy one on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(4);

/// No operation may take longer, whatever its fault: far beyond the sum of its timeouts.
pub(crate) const NEVER: Duration = Duration::from_secs(120);

/// Waits for an operation that may fail, but must not hang.
pub(crate) async fn ends<T>(operation: impl Future<Output = T>) -> T {
    tokio::time::timeout(NEVER, operation).await.expect("the operation hangs")
}

/// The only column of a query's only row.
pub(crate) async fn text(store: &ClickHouseStore, sql: &str) -> String {
    let mut texts = store.backend().select_texts(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    assert_eq!(texts.len(), 1, "{sql}");
    texts.remove(0)
}

/// A table with a column of every kind.
pub(crate) const SAMPLES: Table = Table::new("samples", "ts")
    .tenant("tenant_id")
    .identifier("id")
    .payload("payload")
    .promoted(&[
        Column::new("cut", ColumnKind::Seconds),
        Column::new("amount", ColumnKind::I64),
        Column::new("note", ColumnKind::OptStr),
        Column::new("tags", ColumnKind::StrList),
        Column::new("due", ColumnKind::OptTimestamp),
        Column::new("maybe_amount", ColumnKind::OptI64),
        Column::new("small", ColumnKind::OptF32),
        Column::new("large", ColumnKind::OptF64),
        Column::new("flag", ColumnKind::OptBool),
        Column::new("scores", ColumnKind::F32List),
        Column::new("moods", ColumnKind::OptF32List),
        Column::new("labels", ColumnKind::StrMap),
        Column::new("measures", ColumnKind::F64Map),
    ])
    .sorting_key(&["tenant_id", "ts", "id"]);

pub(crate) const CREATE_SAMPLES: &str = "\
    CREATE TABLE samples (id UUID, tenant_id LowCardinality(String), ts DateTime64(3, 'UTC'), cut DateTime('UTC'), \
    amount Int64, note Nullable(String), tags Array(LowCardinality(String)), due Nullable(DateTime64(3, 'UTC')), \
    maybe_amount Nullable(Int64), small Nullable(Float32), large Nullable(Float64), \
    flag Nullable(Bool), scores Array(Float32), moods Array(Nullable(Float32)), labels Map(String, String), \
    measures Map(String, Float64), payload String, processed_at DateTime64(3, 'UTC'), source_topic LowCardinality(String), \
    source_partition Int32, source_epoch Int64, source_offset Int64) \
    ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY (tenant_id, ts, id) \
    SETTINGS non_replicated_deduplication_window = 10000";

/// A row of [`SAMPLES`].
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) id: Uuid,
    pub(crate) tenant_id: String,
    pub(crate) ts: i64,
    pub(crate) cut: i64,
    pub(crate) amount: i64,
    pub(crate) note: Option<String>,
    pub(crate) tags: Vec<&'static str>,
    pub(crate) due: Option<i64>,
    pub(crate) maybe_amount: Option<i64>,
    pub(crate) small: Option<f32>,
    pub(crate) large: Option<f64>,
    pub(crate) flag: Option<bool>,
    pub(crate) scores: Vec<f32>,
    pub(crate) moods: Vec<Option<f32>>,
    pub(crate) labels: Vec<(&'static str, &'static str)>,
    pub(crate) measures: Vec<(&'static str, f64)>,
    pub(crate) payload: String,
}

impl Sample {
    /// A row that differs from that of every other number, and does not compress well.
    pub(crate) fn numbered(number: i64) -> Self {
        let scattered = number.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let even = number % 2 == 0;
        Self {
            id: Uuid::from_u64_pair(1, number.cast_unsigned()),
            tenant_id: format!("tenant-{}", number % 7),
            ts: 1_700_000_000_000 + number,
            cut: 1_700_000_000_999,
            amount: scattered.cast_signed(),
            note: even.then(|| format!("note {number}")),
            tags: vec!["a", "it's"],
            due: even.then_some(-number),
            maybe_amount: (!even).then_some(number),
            small: even.then_some(0.5),
            large: (!even).then_some(-1.25),
            flag: Some(even),
            scores: vec![0.5; usize::from(even)],
            moods: vec![None, Some(-0.5)],
            labels: vec![("region", if even { "eu" } else { "us" })],
            measures: vec![("mos", 4.25), ("rtt", -1.0)],
            payload: format!("{scattered:x}"),
        }
    }
}

impl FamilyEvent for Sample {
    fn event_id(&self) -> Option<Uuid> {
        Some(self.id)
    }

    fn tenant_id(&self) -> Option<&str> {
        Some(&self.tenant_id)
    }

    fn timestamp(&self) -> Timestamp {
        Timestamp::from_millis(self.ts)
    }

    fn event_type(&self) -> &'static str {
        "sample"
    }

    fn write_row<W: RowWriter + ?Sized>(&self, row: &mut W) {
        let present = [
            ("cut", Some(Value::Timestamp(Timestamp::from_millis(self.cut)))),
            ("amount", Some(Value::I64(self.amount))),
            ("note", self.note.as_deref().map(Value::Str)),
            ("tags", Some(Value::StrList(&self.tags))),
            ("due", self.due.map(|due| Value::Timestamp(Timestamp::from_millis(due)))),
            ("maybe_amount", self.maybe_amount.map(Value::I64)),
            ("small", self.small.map(Value::F32)),
            ("large", self.large.map(Value::F64)),
            ("flag", self.flag.map(Value::Bool)),
            ("scores", Some(Value::F32List(&self.scores))),
            ("moods", Some(Value::OptF32List(&self.moods))),
            ("labels", Some(Value::StrMap(&self.labels))),
            ("measures", Some(Value::F64Map(&self.measures))),
        ];
        for (column, value) in present {
            if let Some(value) = value {
                row.put(SAMPLES.place_of(column), value);
            }
        }
    }
}

static TOPIC: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("it's a topic"));

/// A batch of given rows, at consecutive offsets.
pub(crate) fn batch_of(first: i64, samples: &[Sample]) -> Arc<InsertBatch> {
    let mut builder = BatchBuilder::new(SAMPLES, PartitionBy::Month);
    for (offset, sample) in (first..).zip(samples) {
        builder.push(sample, &sample.payload, &RowAnnotation::default(), offset).unwrap();
    }
    let last = first + i64::try_from(samples.len()).unwrap() - 1;
    let range = SourceRange { family: "sample", topic: TOPIC.clone(), partition: 0, epoch: 7, first, last };
    Arc::new(builder.seal(range, Timestamp::from_millis(1_700_000_000_000)))
}

/// A batch of numbered rows of one month, at the offsets of their numbers.
pub(crate) fn batch(first: i64, rows: i64) -> Arc<InsertBatch> {
    let samples: Vec<Sample> = (first..first + rows).map(Sample::numbered).collect();
    batch_of(first, &samples)
}

/// How many rows of a batch are stored, and how many distinct ones.
pub(crate) async fn stored(store: &ClickHouseStore, batch: &InsertBatch) -> (usize, usize) {
    let range = &batch.range;
    let sql = format!(
        "SELECT concat(toString(count()), ' ', toString(uniqExact(id))) FROM {} WHERE source_offset BETWEEN {} AND {}",
        SAMPLES.name, range.first, range.last
    );
    let counts = text(store, &sql).await;
    let (rows, different) = counts.split_once(' ').unwrap();
    (rows.parse().unwrap(), different.parse().unwrap())
}
