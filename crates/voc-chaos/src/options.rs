//! The command line.

use std::{path::PathBuf, time::Duration};

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum, error::ErrorKind};

use crate::avro::ProduceAvro;

/// Breaks a running system in every way it may break, and proves that nothing is lost and nothing doubled.
///
/// Run it with `cargo xtask chaos`, which builds and names the programs. Records of two families, some in Avro, go
/// through a real Kafka, several processes of voc-processor, a real schema registry and the real engine, or the
/// server that CLICKHOUSE_HOST names. Rounds of faults, the same ones for the same seed, are each followed by a
/// comparison of Kafka's log with what is stored, event by event. The last line is `lost L, doubled D`; the status
/// is 0 only if both are 0 and the run was as hard as promised.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
struct Cli {
    #[command(flatten)]
    options: Option<Options>,
    #[command(subcommand)]
    command: Option<Task>,
}

/// What the program is told to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Task {
    /// What it is for.
    #[command(skip)]
    Break(Options),
    ProduceAvro(ProduceAvro),
}

impl Task {
    /// Reads the command line; ends the program where it has mistakes.
    pub(crate) fn parse() -> Self {
        let Cli { options, command } = Cli::parse();
        command.or(options.map(Self::Break)).unwrap_or_else(|| {
            // Without a subcommand the parser requires options.
            Cli::command().error(ErrorKind::MissingRequiredArgument, "nothing to do").exit()
        })
    }
}

/// How the system is set up and broken.
#[derive(Debug, Clone, Args)]
pub(crate) struct Options {
    /// What to do.
    #[arg(long, value_enum, default_value_t = Scenario::Chaos)]
    pub(crate) scenario: Scenario,
    /// How long to go on; rounds are added until the kills and events promised are reached.
    #[arg(long, default_value_t = 5)]
    pub(crate) minutes: u32,
    /// Another seed breaks other things at other times.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Processors besides the one that comes and goes.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=8))]
    pub(crate) processors: u32,
    /// Partitions of the topic of `voc` at first.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(i32).range(1..=64))]
    pub(crate) partitions: i32,
    /// Records a second, on average over waves; in the chaos a quarter of them are of `quality`.
    #[arg(long, default_value_t = 1_300)]
    pub(crate) rate: u32,
    /// Seconds of faults in a round.
    #[arg(long, default_value_t = 80)]
    pub(crate) round_seconds: u32,
    /// Bad records in a thousand.
    #[arg(long, default_value_t = 5)]
    pub(crate) poison_per_mille: u32,
    /// Events in a thousand that the producer sends again, within 20 000 records.
    #[arg(long, default_value_t = 10)]
    pub(crate) resend_per_mille: u32,
    /// Count a stored resend as doubled.
    ///
    /// By default it is counted apart: a partition's new owner reads the window of recent events back from the
    /// store, which may not answer in time; then the window begins empty.
    #[arg(long)]
    pub(crate) strict_resends: bool,
    /// Fewest kills of processors; 5 a minute by default.
    #[arg(long)]
    pub(crate) min_kills: Option<u32>,
    /// Fewest events; 40 000 a minute by default.
    #[arg(long)]
    pub(crate) min_events: Option<u64>,
    /// The program voc-processor.
    #[arg(long)]
    pub(crate) processor: PathBuf,
    /// The program voc-testkit.
    #[arg(long)]
    pub(crate) testkit: PathBuf,
    /// The program xtask, which runs Kafka.
    #[arg(long)]
    pub(crate) xtask: PathBuf,
    /// Where logs and data go.
    #[arg(long)]
    pub(crate) scratch: PathBuf,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// Rounds of faults.
    Chaos,
    /// Restart the processors one after the other under load, and measure how fresh events are.
    RollingRestart,
    /// Take the store away for the minutes given with a full topic waiting, and measure the processor's memory.
    StoreDown,
}

impl Options {
    /// How long to go on.
    pub(crate) fn length(&self) -> Duration {
        Duration::from_secs(u64::from(self.minutes) * 60)
    }

    /// Fewest kills of processors.
    pub(crate) fn kills_promised(&self) -> u32 {
        self.min_kills.unwrap_or(self.minutes * 5)
    }

    /// Fewest events.
    pub(crate) fn events_promised(&self) -> u64 {
        self.min_events.unwrap_or(u64::from(self.minutes) * 40_000)
    }
}
