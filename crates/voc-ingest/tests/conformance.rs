//! Every family in every pipeline: no losses and no duplicates, whatever happens to the store and the owners.

use voc_events::{activity::Activity, product::Product, quality::Quality, voc::Voc};
use voc_testkit::{
    conformance::{pipeline::check, samples},
    toy::{Toy, visit},
};

#[tokio::test(start_paused = true)]
async fn the_toy_family() {
    check::<Toy>(visit).await;
}

#[tokio::test(start_paused = true)]
async fn the_voc_family() {
    check::<Voc>(samples::voc).await;
}

#[tokio::test(start_paused = true)]
async fn the_activity_family() {
    check::<Activity>(samples::activity).await;
}

#[tokio::test(start_paused = true)]
async fn the_product_family() {
    check::<Product>(samples::product).await;
}

#[tokio::test(start_paused = true)]
async fn the_quality_family() {
    check::<Quality>(samples::quality).await;
}
