//! Data in the tables of the oldest program that had migrations is migrated, and gives the same answers.
//!
//! `fixtures/first_schema` has that program's files as they were, byte by byte: their checksums are in its databases.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use sha2::{Digest, Sha256};
use voc_events::{Family as _, TenantId, families, voc::Voc};
use voc_store::{
    DeadLetterList, EventQueries, Migrator, PartitionBy, Period, SqlBackend, TenantScope,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::engine_or_skip;

const FIRST: [(u32, &str, &str); 2] = [
    (1, "voc_events", include_str!("fixtures/first_schema/0001_voc_events.sql.txt")),
    (2, "dead_letters", include_str!("fixtures/first_schema/0002_dead_letters.sql.txt")),
];

/// How that program recorded what it had applied.
const RECORDS: &str = "CREATE TABLE IF NOT EXISTS voc_schema_migrations \
    (version UInt32, name String, checksum String, applied_at DateTime64(3, 'UTC')) \
    ENGINE = ReplacingMergeTree ORDER BY version";

/// Rows as that program wrote them: of two tenants and four types over five months, some sent twice.
const ROWS: &str = "INSERT INTO voc_events SELECT \
    toUUID(concat('00000000-0000-4000-8000-', leftPad(toString(number % 3900), 12, '0'))), \
    if(number % 3 = 0, 'acme', 'globex'), ['call', 'agent_action', 'tool_invocation', 'quality_metric'][number % 4 + 1], \
    toDateTime64(1770033600 + (number % 3900) * 3000, 3, 'UTC'), \
    concat('{\"event_type\":\"call\",\"note\":\"', toString(number % 3900), '\"}'), \
    concat('c-', toString(number % 3900)), 'a-1', concat('u-', toString(number % 7)), '', '', '', '', \
    number % 3900, NULL, NULL, if(number % 4 = 0, (number % 3900) / 3900 - 0.5, NULL), \
    if(number % 4 = 0, ['billing', 'support'][intDiv(number % 3900, 4) % 2 + 1], NULL), 0.5, 'en', 'fast@1', \
    toDateTime64(1790000000 + number, 3, 'UTC'), 'voc.events', number % 2, intDiv(number, 2) FROM numbers(4000)";

const DEAD_LETTERS: &str = "INSERT INTO dead_letters SELECT 'voc.events', 0, 5000 + number, 'voc', \
    if(number % 2 = 0, 'acme', ''), 'invalid_json', 'broken', '$', NULL, toString(number), ['h'], [NULL], \
    toDateTime64(1790000000, 3, 'UTC') FROM numbers(10)";

/// Answers as SQL over the tables gives them, in any version of the schema: every event counts once.
const ANSWERS: [&str; 4] = [
    "SELECT toString((tenant_id, event_type, count(), round(avg(sentiment), 5), min(ts), max(ts))) \
     FROM voc_events FINAL GROUP BY tenant_id, event_type ORDER BY tenant_id, event_type",
    "SELECT toString((topic, count(), round(sum(sentiment), 3))) FROM voc_events FINAL GROUP BY topic ORDER BY topic",
    "SELECT hex(sipHash128(groupArray((event_id, payload, call_id, customer_id, duration_ms)))) FROM \
     (SELECT * FROM voc_events FINAL ORDER BY tenant_id, ts, event_id)",
    "SELECT toString((source_offset, tenant_id, error, payload)) FROM dead_letters FINAL ORDER BY source_offset",
];

async fn answers(store: &EmbeddedStore) -> Vec<Vec<String>> {
    let mut answers = Vec::new();
    for sql in ANSWERS {
        answers.push(store.backend().select_texts(sql, &[]).await.unwrap());
    }
    answers
}

#[tokio::test]
async fn data_in_the_oldest_schema_gives_the_same_answers_after_all_migrations() {
    let Some(test) = engine_or_skip() else { return };
    for (partition_by, key) in
        [(PartitionBy::Month, "toYYYYMM(ts)"), (PartitionBy::TenantMonth, "(tenant_id, toYYYYMM(ts))")]
    {
        let options = EmbeddedOptions::default().with_database(test.fresh_database());
        let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
        let run = async |sql: &str| store.backend().execute(sql, &[]).await.unwrap();
        run(RECORDS).await;
        for (version, name, sql) in FIRST {
            for statement in sql.replace("{{partition_by}}", key).split(";\n").filter(|text| !text.trim().is_empty()) {
                run(statement).await;
            }
            let checksum: String = Sha256::digest(sql).iter().map(|byte| format!("{byte:02x}")).collect();
            run(&format!("INSERT INTO voc_schema_migrations SELECT {version}, '{name}', '{checksum}', now64(3)")).await;
        }
        run(ROWS).await;
        run(DEAD_LETTERS).await;
        let before = answers(&store).await;
        assert!(before.iter().all(|answer| !answer.is_empty()) && before[0].len() == 8, "{before:?}");

        let migrator = Migrator::new(&store, partition_by).tables(&families::tables());
        let applied = migrator.up().await.unwrap();
        assert_eq!(applied.first().map(|migration| migration.version), Some(3));
        migrator.check().await.unwrap();
        store.check_deduplication(&families::tables()).await.unwrap();
        assert_eq!(answers(&store).await, before, "{partition_by}");

        // The program's own questions, from rollups and rows that it did not write.
        let mut events = 0;
        for tenant in ["acme", "globex"] {
            let tenant = TenantId::new(tenant).unwrap();
            let summary = store.summary(&Voc::TABLE, Some(&tenant), Period::EVER).await.unwrap();
            for of_type in summary {
                let line = format!("('{tenant}','{}',{},", of_type.event_type, of_type.event_count);
                assert!(before[0].iter().any(|row| row.starts_with(&line)), "{line} {:?}", before[0]);
                events += of_type.event_count;
            }
        }
        assert_eq!(events, 3900);
        let topics = store.topics(&Voc::TABLE, None, Period::EVER).await.unwrap();
        for topic in &topics {
            let line = format!("('{}',{},", topic.topic, topic.event_count);
            assert!(before[1].iter().any(|row| row.starts_with(&line)), "{line} {:?}", before[1]);
        }
        assert_eq!(topics.len(), 2);
        // Its dead letters belong to the family that it had.
        let list = DeadLetterList::new(TenantScope::All, Period::EVER);
        let dead_letters = store.dead_letters(&list).await.unwrap();
        assert_eq!(dead_letters.dead_letters.len(), 10);
        assert!(dead_letters.dead_letters.iter().all(|letter| letter.family == "voc"));
    }
}
