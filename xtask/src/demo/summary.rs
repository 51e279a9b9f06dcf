//! The answers of the query API about the events, as tables, compared with what was generated.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::family::{Family, GeneratedCounts};
use crate::http;

const DAYS: u32 = 90;
const TOPICS_PER_TENANT: usize = 3;

#[derive(Deserialize)]
struct Answer<T> {
    data: Vec<T>,
}

#[derive(Deserialize)]
struct TypeRow {
    event_type: String,
    event_count: u64,
    avg_sentiment: Option<f64>,
}

#[derive(Deserialize)]
struct TopicRow {
    topic: String,
    event_count: u64,
    avg_sentiment: Option<f64>,
}

/// Prints the results of each family. Fails if a count differs from what was generated.
pub(super) fn print(url: &str, families: &[Family]) -> Result<()> {
    let mut events = 0;
    for Family { name, generated, .. } in families {
        println!();
        match *name {
            "voc" => print_conversations(url, generated)?,
            name => print_types(url, name, generated)?,
        }
        events += generated.events();
    }
    println!(
        "\nAll {events} events are there, counts as generated. README.md has questions to ask, after\n  \
         export VOC_URL={url}\n\
         Look also at\n  \
         {url}/docs\n  \
         {url}/api/v1/summary?tenant_id=acme-telecom&days=30\n  \
         {url}/metrics/summary\n  \
         {url}/api/v1/ledger (what became of every record)\n  \
         {url}/metrics"
    );
    Ok(())
}

/// A family's events by tenant, if it has any, and type.
fn print_types(url: &str, family: &str, generated: &GeneratedCounts) -> Result<()> {
    println!("{:<18}{:<24}{:>9}", family, "type", "events");
    for (tenant, expected) in &generated.tenants {
        let asked = Some(tenant.as_str()).filter(|tenant| !tenant.is_empty());
        let rows: Vec<TypeRow> = ask(url, family, "summary", asked)?;
        let found: BTreeMap<_, _> = rows.iter().map(|row| (row.event_type.clone(), row.event_count)).collect();
        ensure!(found == *expected, "{family} {tenant}: the store holds {found:?}, generated were {expected:?}");
        for (place, row) in rows.iter().enumerate() {
            let tenant = if place == 0 { tenant } else { "" };
            println!("{tenant:<18}{:<24}{:>9}", row.event_type, row.event_count);
        }
    }
    Ok(())
}

/// The tenants' conversations, and their topics.
fn print_conversations(url: &str, generated: &GeneratedCounts) -> Result<()> {
    let types = frequent_types(generated);
    print!("{:<18}", "voc");
    for event_type in &types {
        print!("{:>width$}", event_type, width = width(event_type));
    }
    println!("{:>7}{:>8}{:>11}  top topics", "other", "total", "sentiment");
    for (tenant, expected) in &generated.tenants {
        let rows: Vec<TypeRow> = ask(url, "voc", "summary", Some(tenant))?;
        let found: BTreeMap<_, _> = rows.iter().map(|row| (row.event_type.clone(), row.event_count)).collect();
        ensure!(found == *expected, "{tenant}: the store holds {found:?}, generated were {expected:?}");
        let topics: Vec<TopicRow> = ask(url, "voc", "topics", Some(tenant))?;

        print!("{tenant:<18}");
        for event_type in &types {
            let count = found.get(*event_type).copied().unwrap_or_default();
            print!("{count:>width$}", width = width(event_type));
        }
        let calls = rows.iter().find(|row| row.event_type == "call");
        let names: Vec<_> = topics.iter().take(TOPICS_PER_TENANT).map(|row| row.topic.as_str()).collect();
        let total: u64 = found.values().sum();
        let other = total - types.iter().filter_map(|event_type| found.get(*event_type)).sum::<u64>();
        let sentiment = sentiment(calls.and_then(|row| row.avg_sentiment));
        println!("{other:>7}{total:>8}{sentiment:>11}  {}", names.join(", "));
    }

    println!("\n{:<18}{:>9}{:>11}", "topic", "events", "sentiment");
    let topics: Vec<TopicRow> = ask(url, "voc", "topics", None)?;
    for row in &topics {
        println!("{:<18}{:>9}{:>11}", row.topic, row.event_count, sentiment(row.avg_sentiment));
    }
    println!("\nSentiment is the calls' average from -1 to 1.");
    Ok(())
}

/// Rows of one of the API's lists for a family, for one tenant or all.
fn ask<T: DeserializeOwned>(url: &str, family: &str, list: &str, tenant: Option<&str>) -> Result<Vec<T>> {
    let tenant = tenant.map(|tenant| format!("&tenant_id={tenant}")).unwrap_or_default();
    let answer: Answer<T> = http::get_json(&format!("{url}/api/v1/{list}?family={family}&days={DAYS}{tenant}"))?;
    Ok(answer.data)
}

/// Event types that make up at least a hundredth of all events, the most frequent first.
fn frequent_types(generated: &GeneratedCounts) -> Vec<&str> {
    let mut totals: BTreeMap<&str, u64> = BTreeMap::new();
    for (event_type, count) in generated.tenants.values().flatten() {
        *totals.entry(event_type).or_default() += count;
    }
    let mut types: Vec<_> = totals.into_iter().filter(|(_, count)| count * 100 >= generated.events()).collect();
    types.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    types.into_iter().map(|(event_type, _)| event_type).collect()
}

fn width(event_type: &str) -> usize {
    event_type.len().max(6) + 2
}

fn sentiment(average: Option<f64>) -> String {
    average.map_or_else(|| "-".to_owned(), |average| format!("{average:+.2}"))
}
