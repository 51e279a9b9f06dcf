//! Every family, from a broker to the store and back.

use std::sync::Arc;

use voc_events::{Family, activity::Activity, product::Product, quality::Quality, voc::Voc};
use voc_store::{
    Migrator, PartitionBy,
    embedded::{EmbeddedBackend, EmbeddedOptions, EmbeddedStore},
};
use voc_testkit::{
    conformance::{kafka, samples},
    kafka::KafkaTools,
    requirements::engine_or_skip,
    toy::{TOY_MIGRATIONS, Toy, visit},
};

use crate::support::log;

#[tokio::test(flavor = "multi_thread")]
async fn the_toy_family() {
    check::<Toy>(visit).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_voc_family() {
    check::<Voc>(samples::voc).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_activity_family() {
    check::<Activity>(samples::activity).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_product_family() {
    check::<Product>(samples::product).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_quality_family() {
    check::<Quality>(samples::quality).await;
}

async fn check<F: Family>(record: impl Fn(i64) -> String) {
    log();
    let Some(tools) = KafkaTools::from_env_or_skip() else { return };
    let Some(engine) = engine_or_skip() else { return };
    let options = EmbeddedOptions::default().with_database(engine.fresh_database());
    let backend = EmbeddedBackend::open(engine.engine(), options).expect("a database");
    let store = EmbeddedStore::new(backend);
    let migrator = Migrator::new(&store, PartitionBy::Month).with_migrations(TOY_MIGRATIONS);
    migrator.tables(&[F::TABLE]).up().await.expect("tables");
    kafka::check::<F, _>(&tools, Arc::new(store), record).await;
}
