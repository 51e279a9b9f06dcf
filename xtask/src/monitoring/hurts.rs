//! What is done to the system, how it is repaired, and which alerts must tell of it.

use std::fs;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::expectation::{Expected, Pattern, SideEffect};
use super::prometheus::Prometheus;
use super::system::{APPS, PARTITIONS, PLANT, SITES, System, file_of};
use crate::clickhouse::Client;
use crate::interrupt;
use crate::kafka::{self, Codec};
use crate::scratch::Scratch;

/// Bad records of the flood: more than a quarter of the topic's records, and less than a fiftieth of all generated.
const FLOOD: usize = 300;
/// Longest time until Prometheus has noticed that a process was started again.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a hurt can reach.
pub(super) struct Scene<'s> {
    pub(super) system: &'s mut System,
    pub(super) prometheus: &'s mut Prometheus,
    pub(super) client: &'s Client,
    pub(super) scratch: &'s Scratch,
}

type Action = fn(&mut Scene<'_>) -> Result<()>;

/// What has become of another hurt.
#[derive(Debug, Clone, Copy)]
pub(super) enum After {
    /// It is repaired, and its alerts may still fire.
    Repaired(&'static str),
    /// Its alerts are resolved.
    Over(&'static str),
}

pub(super) struct Hurt {
    pub(super) name: &'static str,
    /// What happens, for the user.
    pub(super) what: &'static str,
    /// What must have become of other hurts before.
    pub(super) after: &'static [After],
    pub(super) expected: Vec<Expected>,
    pub(super) side_effects: Vec<SideEffect>,
    pub(super) hurt: Action,
    /// Called when all alerts have fired.
    pub(super) repair: Action,
}

/// All hurts; with `long` the outage of the store lasts until the alerts that need ten minutes have fired.
pub(super) fn all(system: &System, long: bool) -> Vec<Hurt> {
    let apps = || system.apps.processor.instance();
    let plant = || system.plant.processor.instance();
    vec![
        outage(long),
        Hurt {
            name: "flood",
            what: "a producer of the apps sends broken records; then it sends what it had held back",
            after: &[],
            expected: vec![
                fires(Pattern::new("VocDeadLetterFlood").with("family", "product")),
                fires(Pattern::new("VocDeadLetterShareHigh").with("family", "product")),
            ],
            side_effects: Vec::new(),
            hurt: flood,
            repair: |scene| kafka::produce(&scene.system.bootstrap, APPS, Codec::Lz4, &file_of(APPS, scene.scratch)),
        },
        Hurt {
            name: "topic",
            what: "the topic of the sites is deleted and recreated while it is read",
            after: &[],
            expected: vec![as_copy(
                Pattern::new("VocSourceReset").with("family", "activity").with("reason", "topic_recreated"),
            )],
            side_effects: vec![SideEffect {
                pattern: Pattern::new("VocSourceReset").with("family", "activity"),
                reason: "a commit that was under way when the topic was recreated is found at the next start",
            }],
            hurt: recreate_topic,
            repair: |_| Ok(()),
        },
        Hurt {
            name: "keys",
            what: "the file of API keys is damaged",
            after: &[],
            expected: vec![as_copy(Pattern::new("VocApiKeyReloadFailures").with("job", "voc-query"))],
            side_effects: Vec::new(),
            hurt: |scene| {
                let keys = &scene.system.keys;
                fs::copy(keys, keys.with_extension("kept")).context("cannot keep the API keys")?;
                fs::write(keys, "{\"keys\": [").context("cannot damage the API keys")
            },
            repair: |scene| {
                let keys = &scene.system.keys;
                fs::rename(keys.with_extension("kept"), keys).context("cannot repair the API keys")
            },
        },
        Hurt {
            name: "restarts",
            what: "the processor of the apps is restarted three times",
            // What a process has counted since it was scraped is lost with it; and it does not start while the table
            // of another family is missing.
            after: &[After::Over("flood"), After::Repaired("table")],
            expected: vec![as_copy(Pattern::new("VocProcessorRestarting").with("instance", apps()))],
            side_effects: Vec::new(),
            hurt: restart_three_times,
            repair: |_| Ok(()),
        },
        Hurt {
            name: "odd events",
            what: "a machine of the plant sends an event with a misspelt type, dated tomorrow",
            after: &[],
            expected: vec![
                as_copy(Pattern::new("VocEventTypesResembling").with("family", "quality")),
                as_copy(Pattern::new("VocEventsInFuture").with("family", "quality")),
            ],
            side_effects: Vec::new(),
            hurt: send_odd_event,
            repair: |_| Ok(()),
        },
        Hurt {
            name: "killed",
            what: "the processor of the plant, and its service of the API, are killed",
            after: &[After::Repaired("odd events")],
            expected: vec![
                fires(Pattern::new("VocProcessorDown").with("instance", plant())),
                fires(Pattern::new("VocQueryDown").with("instance", system.plant.query.instance())),
            ],
            side_effects: Vec::new(),
            hurt: |scene| {
                scene.system.plant.processor.kill()?;
                scene.system.plant.query.kill()
            },
            repair: |scene| {
                scene.system.plant.processor.start_again(scene.scratch)?;
                scene.system.plant.query.start_again(scene.scratch)
            },
        },
        Hurt {
            name: "retention",
            what: "while no processor of the plant runs, Kafka deletes records that were not read",
            after: &[After::Repaired("killed")],
            expected: vec![as_copy(Pattern::new("VocSourceOffsetsMissing").with("family", "quality"))],
            side_effects: Vec::new(),
            hurt: delete_unread_records,
            repair: |_| Ok(()),
        },
        Hurt {
            name: "table",
            what: "the table of the plant's events is renamed, until its processor gives up",
            after: &[After::Repaired("retention")],
            expected: vec![as_copy(Pattern::new("VocStoreRefuses").with("family", "quality"))],
            side_effects: vec![
                SideEffect {
                    pattern: Pattern::new("VocProcessorRestarting").with("instance", plant()),
                    reason: "with this hurt and the two before it, the processor is started three times in 30 minutes",
                },
                SideEffect {
                    pattern: Pattern::new("VocProcessorDown").with("instance", plant()),
                    reason: "the processor has given up, and nobody starts it before the table is there again",
                },
            ],
            hurt: |scene| {
                scene.system.plant.processor.let_fail();
                rename_table(scene, "quality_events", "quality_events_away")
            },
            repair: |scene| {
                rename_table(scene, "quality_events_away", "quality_events")?;
                scene.system.plant.processor.await_failure()?;
                scene.system.plant.processor.start_again(scene.scratch)
            },
        },
    ]
}

/// The outage of the store of the calls.
fn outage(long: bool) -> Hurt {
    let mut expected = vec![
        fires(Pattern::new("VocNotReady").with("job", "voc-processor").with("role", "store")),
        fires(Pattern::new("VocNotReady").with("job", "voc-query").with("role", "store")),
        fires(Pattern::new("VocPipelinePaused").with("family", "voc")),
        fires(Pattern::new("VocTenantLagHigh").with("family", "voc")),
        fires(Pattern::new("VocApiErrorRatioHigh").with("job", "voc-query")),
    ];
    let mut side_effects = vec![SideEffect {
        pattern: Pattern::new("VocNotReady"),
        reason: "deliveries fail, and the schema cannot be checked, without the store",
    }];
    let after_ten_minutes = [
        Pattern::new("VocStoreErrors").with("family", "voc"),
        Pattern::new("VocPartitionStalled").with("family", "voc"),
        Pattern::new("VocFreshnessBurnFast").with("family", "voc"),
    ];
    if long {
        expected.extend(after_ten_minutes.map(fires));
    } else {
        side_effects.extend(after_ten_minutes.map(|pattern| SideEffect {
            pattern,
            reason: "on a slow machine the outage lasts for ten minutes, and these alerts begin then",
        }));
    }
    Hurt {
        name: "store",
        what: "the store of the calls is stopped",
        after: &[],
        expected,
        side_effects,
        hurt: |scene| scene.system.calls_store.stop(),
        repair: |scene| scene.system.calls_store.start_again(&scene.system.programs),
    }
}

fn fires(pattern: Pattern) -> Expected {
    Expected { pattern, ends_as_copy: false }
}

fn as_copy(pattern: Pattern) -> Expected {
    Expected { pattern, ends_as_copy: true }
}

fn flood(scene: &mut Scene<'_>) -> Result<()> {
    let broken = "{\"app_id\": \"openstream\", \"event_name\": \n".repeat(FLOOD);
    send(scene, APPS, &broken)
}

fn send(scene: &Scene<'_>, topic: &str, records: &str) -> Result<()> {
    let file = scene.scratch.join("records.ndjson");
    fs::write(&file, records)?;
    kafka::produce(&scene.system.bootstrap, topic, Codec::None, &file)
}

fn recreate_topic(scene: &mut Scene<'_>) -> Result<()> {
    let System { feed, bootstrap, apps, .. } = &mut *scene.system;
    feed.pause(SITES);
    // Kafka's tools take seconds. A processor that notices that there is no topic waits for one, and resets nothing.
    apps.processor.while_suspended(|| {
        kafka::delete_topic(bootstrap, SITES)?;
        kafka::create_topic(bootstrap, SITES, PARTITIONS)
    })?;
    feed.resume(SITES, scene.scratch)
}

fn restart_three_times(scene: &mut Scene<'_>) -> Result<()> {
    for _ in 0..3 {
        let processor = &mut scene.system.apps.processor;
        let started = format!("process_start_time_seconds{{instance=\"{}\"}}", processor.instance());
        let before = scene.prometheus.values(&started)?;
        ensure!(before.len() == 1, "Prometheus does not know when {} was started", processor.instance());
        processor.stop()?;
        processor.start_again(scene.scratch)?;
        // Prometheus counts what it has seen.
        let deadline = Instant::now() + PATIENCE;
        loop {
            let now = scene.prometheus.values(&started)?;
            if !now.is_empty() && now != before {
                break;
            }
            ensure!(Instant::now() < deadline, "Prometheus does not notice that a processor was started again");
            interrupt::pause()?;
        }
    }
    Ok(())
}

fn send_odd_event(scene: &mut Scene<'_>) -> Result<()> {
    let events = fs::read_to_string(file_of(PLANT, scene.scratch))?;
    let mut event: Value = serde_json::from_str(events.lines().next().context("there are no events")?)?;
    let misspelt = event["event_type"].as_str().context("the event has no type")?.to_lowercase().replace('_', "-");
    let tomorrow = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() + 86_400_000;
    event["event_type"] = json!(misspelt);
    event["timestamp"] = json!(u64::try_from(tomorrow)?);
    event["event_id"] = json!("00000000-0000-4000-8000-000000000001");
    send(scene, PLANT, &format!("{event}\n"))
}

fn delete_unread_records(scene: &mut Scene<'_>) -> Result<()> {
    scene.system.plant.processor.stop()?;
    let events = fs::read_to_string(file_of(PLANT, scene.scratch))?;
    send(scene, PLANT, &events.lines().take(100).map(|line| format!("{line}\n")).collect::<String>())?;
    kafka::delete_records(&scene.system.bootstrap, PLANT, PARTITIONS, &scene.scratch.join("delete-records.json"))?;
    scene.system.plant.processor.start_again(scene.scratch)
}

fn rename_table(scene: &mut Scene<'_>, from: &str, to: &str) -> Result<()> {
    scene.client.run(scene.system.store.port(), &format!("RENAME TABLE {from} TO {to}"))
}
