//! The generator as a subcommand of the testkit's program.

use std::collections::{BTreeMap, btree_map::Entry};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write, stderr, stdout};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::{BadKind, GeneratedFamily, GeneratorConfig, Record, Records, Tally};

/// Write events to a file, one JSON object per line, and print their number for each tenant and type.
///
/// The same options produce the same events. The counts go to standard output as one JSON object, or to standard error
/// if the events are written to standard output.
#[derive(Debug, clap::Args)]
pub struct GenerateArgs {
    /// The family of events: voc, activity, product or quality.
    #[arg(long, default_value = "voc")]
    pub family: GeneratedFamily,
    /// Number of events.
    #[arg(long, default_value_t = 20_000)]
    pub events: u64,
    /// Another seed produces other events.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Number of tenants.
    #[arg(long, default_value_t = 5)]
    pub tenants: usize,
    /// Events are spread over this many days.
    #[arg(long, default_value_t = 30)]
    pub days: u32,
    /// They end at this time, in milliseconds since the epoch [default: now].
    #[arg(long)]
    pub end_ms: Option<i64>,
    /// Number of bad records mixed in per thousand events.
    #[arg(long, default_value_t = 0)]
    pub bad_per_mille: u32,
    /// File to write; - is standard output.
    #[arg(long, default_value = "-")]
    pub out: PathBuf,
    /// Instead, write a file for each topic of the events, TOPIC.ndjson in this directory, without bad records.
    #[arg(long, conflicts_with_all = ["out", "bad_per_mille"])]
    pub topics_in: Option<PathBuf>,
}

/// Runs the subcommand.
///
/// # Errors
/// If the file cannot be written.
pub fn run(args: &GenerateArgs) -> io::Result<()> {
    let config = GeneratorConfig {
        seed: args.seed,
        events: args.events,
        tenants: args.tenants,
        end_ms: args.end_ms.unwrap_or_else(now_ms),
        days: args.days,
    };
    if let Some(directory) = &args.topics_in {
        let tally = write_topics(args.family, &config, directory)?;
        return report(&tally, stdout().lock());
    }
    if args.out.as_os_str() == "-" {
        let tally = write_records(args.family, &config, args.bad_per_mille, stdout().lock())?;
        return report(&tally, stderr().lock());
    }
    let file = File::create(&args.out)
        .map_err(|error| io::Error::new(error.kind(), format!("cannot create {}: {error}", args.out.display())))?;
    let tally = write_records(args.family, &config, args.bad_per_mille, file)?;
    report(&tally, stdout().lock())
}

fn write_records(
    family: GeneratedFamily,
    config: &GeneratorConfig,
    bad_per_mille: u32,
    to: impl Write,
) -> io::Result<Tally> {
    // What a line of a file cannot express: that there is no value, and, because blank lines are not records, an empty
    // one.
    let kinds = BadKind::ALL.map(|kind| Some(kind).filter(|kind| !matches!(kind, BadKind::Tombstone | BadKind::Empty)));
    let kinds: Vec<_> = kinds.into_iter().flatten().collect();
    let mut out = BufWriter::with_capacity(1 << 20, to);
    let mut tally = Tally::default();
    for record in Records::new(family.events(config), config.seed, bad_per_mille, &kinds) {
        tally.count_record(&record);
        match &record {
            Record::Event(event) => out.write_all(event.json.as_bytes())?,
            Record::Bad(bad) => out.write_all(bad.value.as_deref().unwrap_or_default())?,
        }
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(tally)
}

/// Writes each topic's events to a separate file.
fn write_topics(family: GeneratedFamily, config: &GeneratorConfig, directory: &Path) -> io::Result<Tally> {
    fs::create_dir_all(directory)?;
    let mut files: BTreeMap<&str, BufWriter<File>> = BTreeMap::new();
    let mut tally = Tally::default();
    for event in family.events(config) {
        tally.count(&event);
        let file = match files.entry(event.topic) {
            Entry::Occupied(file) => file.into_mut(),
            Entry::Vacant(place) => {
                place.insert(BufWriter::new(File::create(directory.join(format!("{}.ndjson", event.topic)))?))
            }
        };
        file.write_all(event.json.as_bytes())?;
        file.write_all(b"\n")?;
    }
    files.into_values().try_for_each(|mut file| file.flush())?;
    Ok(tally)
}

fn report(tally: &Tally, mut to: impl Write) -> io::Result<()> {
    serde_json::to_writer(&mut to, tally)?;
    writeln!(to)
}

fn now_ms() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}
