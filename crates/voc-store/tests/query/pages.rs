//! Pages of many groups by their first events.

use std::sync::Arc;

use uuid::Uuid;
use voc_events::{
    Family as _, TenantId, Timestamp,
    voc::{BaseEvent, CallEvent, Voc, VocEvent},
};
use voc_store::{
    BatchBuilder, Dimension, Direction, EventQueries as _, EventStore as _, InsertBatch, MemoryStore, Metric, Migrator,
    PartitionBy, Period, Query, RowAnnotation, SourceRange, TenantScope,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::requirements::engine_or_skip;

use super::sample::START;

/// A call of two tenants for each identifier, a second apart.
fn calls(ids: &[&str]) -> Arc<InsertBatch> {
    let mut builder = BatchBuilder::new(Voc::TABLE, PartitionBy::Month);
    let tenants = ["acme", "globex"];
    let rows = ids.iter().flat_map(|id| tenants.map(|tenant| (*id, tenant)));
    for ((id, tenant), offset) in rows.zip(0_i64..) {
        let time = Timestamp::from_millis(START + offset * 1000);
        let base = BaseEvent::new(Uuid::from_u64_pair(7, offset.cast_unsigned()), tenant, time, "call");
        let event = VocEvent::Call(CallEvent::new(base, id));
        builder.push(&event, "{}", &RowAnnotation::default(), offset).unwrap();
    }
    let last = ids.len() as i64 * 2 - 1;
    let range = SourceRange { family: Voc::NAME, topic: "voc.events".into(), partition: 0, epoch: 0, first: 0, last };
    Arc::new(builder.seal(range, Timestamp::from_millis(START)))
}

fn query(tenants: TenantScope, dimensions: &[&str], metrics: &[&str]) -> Query {
    let ever = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(i64::MAX) };
    let mut query = Query::new(Voc::TABLE, tenants, ever).of_many_groups();
    for name in dimensions {
        query = query.dimension(Dimension::parse(&Voc::TABLE, name).unwrap());
    }
    for name in metrics {
        query = query.metric(Metric::parse(&Voc::TABLE, name).unwrap());
    }
    query
}

#[tokio::test]
async fn groups_may_have_any_names() {
    let Some(test) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(test.fresh_database());
    let store = EmbeddedStore::new(EmbeddedBackend::open(test.engine(), options).unwrap());
    Migrator::new(&store, PartitionBy::Month).up().await.unwrap();
    let memory = MemoryStore::new();
    let ids = [
        "it's",
        "back\\slash",
        "\\",
        "'",
        "\\'",
        "\\n",
        "line\nbreak",
        "tab\tstop",
        "nul\0",
        "\r",
        "é",
        "日本",
        "",
        " ",
        "a,b",
        "[x]",
        "(x)",
        "{a:String}",
        "say \"hello\"",
        "%",
        "?",
        "\u{1}",
        "x/y",
        "NULL",
        "\\N",
        "\u{8}\u{c}",
    ];
    let batch = calls(&ids);
    store.insert(batch.clone()).await.unwrap();
    memory.insert(batch).await.unwrap();
    let acme = || TenantScope::of(TenantId::new("acme").unwrap());
    for tenants in [acme(), TenantScope::All] {
        for dimensions in [
            &["call_id"][..],
            &["tenant_id", "call_id"],
            &["call_id", "event_type"],
            &["tenant_id"],
            &["tenant_id", "event_type"],
        ] {
            for metrics in [&["first_event", "event_count"][..], &["first_event", "event_count", "last_topic"]] {
                for direction in [Direction::Ascending, Direction::Descending] {
                    for limit in [1, 3, 100] {
                        let page = query(tenants.clone(), dimensions, metrics);
                        let page = page.order_by("first_event", direction).unwrap().limit(limit);
                        let of_engine = store.query(&page).await.unwrap();
                        let fold = memory.query(&page).await.unwrap();
                        assert_eq!(of_engine, fold, "{tenants:?} {dimensions:?} {metrics:?} {direction:?} {limit}");
                    }
                }
            }
        }
    }
}
