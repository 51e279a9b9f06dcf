//! The command line.

use std::{path::PathBuf, time::Duration};

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum, error::ErrorKind};

use crate::avro::ProduceAvro;

/// Percentage of `quality` records where there are two families.
const QUALITY_SHARE: u32 = 25;

/// Breaks a running system in every way it may break, and proves that no event is lost or doubled.
///
/// Run it with `cargo xtask chaos`, which builds and passes the programs. Records of two families, some in Avro, pass
/// through a real Kafka, several processes of voc-processor, a real schema registry and the real engine, or the server
/// that CLICKHOUSE_HOST names. Each round of faults, which the seed determines, is followed by a comparison of Kafka's
/// logs with the stored rows, event by event. The last line is `lost L, doubled D`; the status is 0 only if both are 0
/// and the run was as hard as promised.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Cli {
    #[command(flatten)]
    options: Option<Options>,
    #[command(subcommand)]
    command: Option<Task>,
}

/// The task of the program.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// Run a scenario.
    #[command(skip)]
    Break(Options),
    ProduceAvro(ProduceAvro),
}

impl Task {
    /// Parses the command line; exits on errors.
    pub(crate) fn parse() -> Self {
        let Cli { options, command } = Cli::parse();
        command.or(options.map(Self::Break)).unwrap_or_else(|| {
            // Without a subcommand the parser requires options.
            Cli::command().error(ErrorKind::MissingRequiredArgument, "nothing to do").exit()
        })
    }
}

/// How to set up and break the system.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// Scenario to run.
    #[arg(long, value_enum, default_value_t = Scenario::Chaos)]
    pub(crate) scenario: Scenario,
    /// Duration in minutes; rounds are added until the promised kills and events are reached.
    #[arg(long, default_value_t = 5)]
    pub(crate) minutes: u32,
    /// Seed of the faults and records.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Number of processors, in addition to the one that comes and goes.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=8))]
    pub(crate) processors: u32,
    /// Initial number of partitions of the topic of `voc`.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(i32).range(1..=64))]
    pub(crate) partitions: i32,
    /// Average records per second; a quarter of them are of `quality` where there are two families.
    #[arg(long, default_value_t = 1_300)]
    pub(crate) rate: u32,
    /// Seconds of faults per round.
    #[arg(long, default_value_t = 80)]
    pub(crate) round_seconds: u32,
    /// Bad records per thousand.
    #[arg(long, default_value_t = 5)]
    pub(crate) poison_per_mille: u32,
    /// Events per thousand that the producer resends, within 20 000 records.
    #[arg(long, default_value_t = 10)]
    pub(crate) resend_per_mille: u32,
    /// Count a stored resend as doubled.
    ///
    /// By default it is counted separately: the new owner of a partition reads the recent window back from the store,
    /// which may not answer in time; then the window begins empty.
    #[arg(long)]
    pub(crate) strict_resends: bool,
    /// Minimum number of kills of processors; 5 per minute by default.
    #[arg(long)]
    pub(crate) min_kills: Option<u32>,
    /// Minimum number of events; 40 000 per minute by default.
    #[arg(long)]
    pub(crate) min_events: Option<u64>,
    /// Path of voc-processor.
    #[arg(long)]
    pub(crate) processor: PathBuf,
    /// Path of an earlier voc-processor, for `rolling-restart`: the processors begin with it, and each restart is an
    /// update, after the migrations of the other. So old and new processors share the group. Every other old processor
    /// is killed instead of ended.
    #[arg(long)]
    pub(crate) previous: Option<PathBuf>,
    /// Path of voc-testkit.
    #[arg(long)]
    pub(crate) testkit: PathBuf,
    /// Path of xtask, which runs Kafka.
    #[arg(long)]
    pub(crate) xtask: PathBuf,
    /// Folder for logs and data.
    #[arg(long)]
    pub(crate) scratch: PathBuf,
}

/// Scenario to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// Rounds of faults.
    Chaos,
    /// Restart the processors one by one under load, and measure the freshness of events.
    RollingRestart,
    /// Stop the store for the given minutes while a full topic waits, and measure the memory of the processor.
    StoreDown,
    /// Stop the schema registry for the given minutes under load, while records with a new schema arrive.
    RegistryDown,
}

impl Options {
    /// Duration of the run.
    pub(crate) fn length(&self) -> Duration {
        Duration::from_secs(u64::from(self.minutes) * 60)
    }

    /// Records per second of `voc` and of `quality`.
    pub(crate) fn rates(&self) -> (u32, u32) {
        let of_quality = self.rate * QUALITY_SHARE / 100;
        (self.rate - of_quality, of_quality)
    }

    /// Minimum number of kills of processors.
    pub(crate) fn kills_promised(&self) -> u32 {
        self.min_kills.unwrap_or(self.minutes * 5)
    }

    /// Minimum number of events.
    pub(crate) fn events_promised(&self) -> u64 {
        self.min_events.unwrap_or(u64::from(self.minutes) * 40_000)
    }
}
