//! The settings of batches and memory.

use std::time::Duration;

use voc_events::{DecodeOptions, Limits, Presets};
use voc_ingest::{BatchSettings, RecentSettings};
use voc_service::config::{Rejected, Setting, Spec, Values, parse};

const BATCHES: &str = "Batches";

pub(super) const SIZE: Setting<usize> = Setting::new(
    "batch-size",
    &["BATCH_SIZE"],
    "Records at which a batch is written if none is being written",
    parse::whole::<usize, 1, 1_000_000>,
)
.group(BATCHES)
.value_name("RECORDS")
.default_note("the preset of the family");

pub(super) const FLUSH_AFTER: Setting<Duration> = Setting::new(
    "batch-flush-seconds",
    &["BATCH_FLUSH_SECONDS", "FLUSH_INTERVAL"],
    "Longest time the first record of a batch waits for more",
    parse::seconds,
)
.group(BATCHES)
.value_name("SECONDS")
.default_note("the preset of the family");

const MAX: Setting<usize> = Setting::new(
    "batch-max",
    &["BATCH_MAX"],
    "Maximum number of records in a batch: up to this many collect while another batch is being written",
    parse::whole::<usize, 1, 1_000_000>,
)
.group(BATCHES)
.value_name("RECORDS")
.default("50000");

const MEMORY_MIB: Setting<usize> = Setting::new(
    "memory-mib",
    &["VOC_MEMORY_MIB"],
    "Memory for records that are read but not yet stored; when it is full, reading pauses",
    parse::whole::<usize, 8, 1_048_576>,
)
.group(BATCHES)
.value_name("MIB")
.default("256");

const INSERT_SLOTS: Setting<usize> = Setting::new(
    "insert-slots",
    &["VOC_INSERT_SLOTS"],
    "Maximum number of batches, of different partitions, written at the same time",
    parse::whole::<usize, 1, 256>,
)
.group(BATCHES)
.value_name("INSERTS")
.default("4");

pub(super) const MAX_EVENT_BYTES: Setting<usize> = Setting::new(
    "max-event-bytes",
    &["VOC_MAX_EVENT_BYTES"],
    "Largest record that is accepted as an event; larger ones become dead letters",
    parse::whole::<usize, 1024, 67_108_864>,
)
.group(BATCHES)
.value_name("BYTES")
.default("1048576");

const RECENT_EVENTS: Setting<usize> = Setting::new(
    "recent-events",
    &["VOC_RECENT_EVENTS"],
    "Event ids remembered per partition to drop a producer's resends; 0 disables this",
    parse::whole::<usize, 0, 100_000_000>,
)
.group(BATCHES)
.value_name("EVENTS")
.default("50000");

const RECENT_SECONDS: Setting<Duration> =
    Setting::new("recent-seconds", &["VOC_RECENT_SECONDS"], "Longest time an event id is remembered", parse::seconds)
        .group(BATCHES)
        .value_name("SECONDS")
        .default("600");

const TENANT_METRICS: Setting<usize> = Setting::new(
    "tenant-metrics",
    &["VOC_TENANT_METRICS"],
    "Tenants with their own series in voc_tenant_lag_seconds; the others share one; 0 disables the metric",
    parse::whole::<usize, 0, 10_000>,
)
.group(BATCHES)
.value_name("TENANTS")
.default("100");

const STRICT: Setting<bool> = Setting::switch(
    "strict",
    &["VOC_STRICT"],
    "Reject values written in an unexpected form, such as a number as a string, instead of accepting and counting them",
)
.group(BATCHES);

/// When batches are cut, as far as it is configured for all families.
pub(super) struct BatchSizes {
    size: Option<usize>,
    flush_after: Option<Duration>,
    max: usize,
    memory_bytes: usize,
}

pub(super) fn read_sizes(values: &mut Values) -> Result<BatchSizes, Rejected> {
    let (size, flush_after) = (values.get_optional(&SIZE), values.get_optional(&FLUSH_AFTER));
    let (max, memory_mib) = (values.get(&MAX), values.get(&MEMORY_MIB));
    let (size, flush_after, max) = (size?, flush_after?, max?);
    let is_max_given = values.is_given(&MAX);
    if let Some(size) = size.filter(|size| is_max_given && max < *size) {
        return Err(values.reject(&MAX, format!("at least the batch size, {size}")));
    }
    Ok(BatchSizes { size, flush_after, max, memory_bytes: memory_mib? * 1024 * 1024 })
}

impl BatchSizes {
    /// The settings of a family: its own, else those for all families, else its presets.
    pub(super) fn settings(
        &self,
        own_size: Option<usize>,
        own_flush_after: Option<Duration>,
        presets: &Presets,
    ) -> BatchSettings {
        let size = own_size.or(self.size).unwrap_or(presets.batch_size);
        let preset = || Duration::try_from_secs_f64(presets.flush_seconds).unwrap_or_default();
        BatchSettings {
            size,
            flush_after: own_flush_after.or(self.flush_after).unwrap_or_else(preset),
            max: self.max.max(size),
            // A lane holds two batches, so a quarter of the memory for each lets two lanes work before reading has to
            // wait.
            max_bytes: BatchSettings::default().max_bytes.min(self.memory_bytes / 4),
        }
    }
}

/// How records are decoded, and how many are held in memory.
pub(super) struct BatchGroup {
    pub(super) recent: RecentSettings,
    pub(super) options: DecodeOptions,
    pub(super) memory_bytes: usize,
    pub(super) insert_slots: usize,
    pub(super) tenant_metrics: usize,
}

impl BatchGroup {
    pub(super) fn specs() -> Vec<Spec> {
        vec![
            SIZE.spec(),
            FLUSH_AFTER.spec(),
            MAX.spec(),
            MEMORY_MIB.spec(),
            INSERT_SLOTS.spec(),
            MAX_EVENT_BYTES.spec(),
            STRICT.spec(),
            RECENT_EVENTS.spec(),
            RECENT_SECONDS.spec(),
            TENANT_METRICS.spec(),
        ]
    }

    pub(super) fn read(values: &mut Values) -> Result<Self, Rejected> {
        let (memory_mib, insert_slots) = (values.get(&MEMORY_MIB), values.get(&INSERT_SLOTS));
        let (max_event_bytes, is_strict) = (values.get(&MAX_EVENT_BYTES), values.get(&STRICT));
        let (recent_events, recent_keep) = (values.get(&RECENT_EVENTS), values.get(&RECENT_SECONDS));
        let tenant_metrics = values.get(&TENANT_METRICS);
        let limits = Limits::default().with_max_record_bytes(max_event_bytes?);
        Ok(Self {
            recent: RecentSettings { events: recent_events?, keep: recent_keep? },
            options: DecodeOptions::default().with_limits(limits).strict(is_strict?),
            memory_bytes: memory_mib? * 1024 * 1024,
            insert_slots: insert_slots?,
            tenant_metrics: tenant_metrics?,
        })
    }
}
