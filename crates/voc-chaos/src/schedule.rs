//! The schedule of faults, derived from the seed alone, so that a run can be repeated.

use std::{fmt, time::Duration};

use crate::{
    family::{Family, QUALITY, VOC},
    random::Random,
    server::Ending,
};

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A processor is killed with SIGKILL and restarted after a while.
    Kill { victim: u32, down: Duration },
    /// A processor is stopped with SIGTERM and restarted after a while.
    Terminate { victim: u32, down: Duration },
    /// A processor is frozen with SIGSTOP for longer than its session timeout, and resumes as a zombie.
    Freeze { victim: u32, frozen: Duration },
    /// The broker is stopped and restarted.
    Broker(Ending),
    /// The server of the store is stopped and restarted.
    Engine(Ending),
    /// All connections to the store are cut.
    Cut,
    /// The schema registry is down for a while.
    Registry { how: Ending, away: Duration },
    /// The next connection to the store fails at a stage of its first insert of a family's rows, or after some bytes.
    Connections { fault: ConnectionFault, of: &'static Family },
    /// The topic of `voc` gets another partition.
    Partition,
    /// An additional processor joins, and leaves after a while.
    Join { stays: Duration },
}

/// How a connection to the store fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConnectionFault {
    /// Cut before the insert is answered, so it may be stored.
    CutUnanswered,
    /// Cut in the middle of the rows.
    CutRows,
    /// Stalled before the insert is answered.
    StallUnanswered,
    /// Stalled in the middle of the rows.
    StallRows,
    /// Cut after this many bytes to the server.
    CutAfter(u32),
}

/// A fault and its time since the start of the round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlannedFault {
    pub(crate) at: Duration,
    pub(crate) fault: Fault,
}

/// Mean time between kills.
const KILL_EVERY: Duration = Duration::from_millis(5_500);
/// Recovery time of a server: servers are not broken later than this before the end of the round.
const SERVERS_END_BEFORE: u32 = 15_000;

/// Plans a round. `round` decides which of the rarer faults it has.
pub(crate) fn plan(random: &mut Random, round: u32, length: Duration, session: Duration) -> Vec<PlannedFault> {
    let milliseconds = u32::try_from(length.as_millis()).unwrap_or(u32::MAX);
    let mut plan = Vec::new();
    let mut add = |at: u32, fault: Fault| plan.push(PlannedFault { at: Duration::from_millis(u64::from(at)), fault });
    let seconds = |random: &mut Random, from: u32, to: u32| Duration::from_millis(u64::from(random.between(from, to)));

    let kills = (length.as_millis() / KILL_EVERY.as_millis()).max(1) as u32;
    for kill in 0..kills {
        // One per interval, at a random time within it.
        let (from, to) = (milliseconds / kills * kill, milliseconds / kills * (kill + 1));
        let down = seconds(random, 100, 2_500);
        add(random.between(from, to), Fault::Kill { victim: random.below(1000), down });
    }
    let down = seconds(random, 100, 3_000);
    add(random.below(milliseconds), Fault::Terminate { victim: random.below(1000), down });
    let frozen = session + seconds(random, 2_000, 6_000);
    add(random.below(milliseconds), Fault::Freeze { victim: random.below(1000), frozen });

    let endings = [Ending::Orderly, Ending::Killed];
    let ending = |round: u32| endings[(round % 2) as usize];
    let servers_end = milliseconds.saturating_sub(SERVERS_END_BEFORE).max(1);
    add(random.below(servers_end), Fault::Broker(ending(round)));
    add(random.below(servers_end), Fault::Engine(ending(round + 1)));
    for _ in 0..3 {
        add(random.below(milliseconds), Fault::Cut);
    }
    let mut connection_faults = [
        ConnectionFault::CutUnanswered,
        ConnectionFault::CutRows,
        ConnectionFault::StallUnanswered,
        ConnectionFault::StallRows,
        ConnectionFault::CutAfter(random.between(1_000, 2_000_000)),
    ];
    random.shuffle(&mut connection_faults);
    for fault in connection_faults {
        let of = if random.per_mille(600) { &VOC } else { &QUALITY };
        add(random.below(milliseconds), Fault::Connections { fault, of });
    }
    // Twice, so that it is down while processors start without any known schema.
    for how in endings {
        let away = seconds(random, 2_000, 12_000);
        add(random.below(servers_end), Fault::Registry { how, away });
    }
    if round % 2 == 1 {
        add(random.below(milliseconds), Fault::Partition);
    }
    let stays = seconds(random, 5_000, 25_000);
    add(random.below(milliseconds), Fault::Join { stays });
    plan.sort_by_key(|planned| planned.at);
    plan
}

impl Fault {
    /// The kind under which it is counted.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Kill { .. } => "processor SIGKILL",
            Self::Terminate { .. } => "processor SIGTERM",
            Self::Freeze { .. } => "processor SIGSTOP",
            Self::Broker(Ending::Orderly) => "broker SIGTERM",
            Self::Broker(Ending::Killed) => "broker SIGKILL",
            Self::Engine(Ending::Orderly) => "engine SIGTERM",
            Self::Engine(Ending::Killed) => "engine SIGKILL",
            Self::Cut => "all connections cut",
            Self::Registry { how: Ending::Orderly, .. } => "registry SIGTERM",
            Self::Registry { how: Ending::Killed, .. } => "registry SIGKILL",
            Self::Connections { fault, .. } => match fault {
                ConnectionFault::CutUnanswered | ConnectionFault::CutRows | ConnectionFault::CutAfter(_) => {
                    "connection cut"
                }
                ConnectionFault::StallUnanswered | ConnectionFault::StallRows => "connection stalled",
            },
            Self::Partition => "partition added",
            Self::Join { .. } => "processor joins and leaves",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())?;
        match self {
            Self::Kill { down, .. } | Self::Terminate { down, .. } => write!(f, ", down for {down:.1?}"),
            Self::Freeze { frozen, .. } => write!(f, " for {frozen:.1?}"),
            Self::Join { stays } => write!(f, " after {stays:.1?}"),
            Self::Registry { away, .. } => write!(f, ", away for {away:.1?}"),
            Self::Connections { fault, of } => write!(f, ": {fault:?} of {}", of.name),
            Self::Broker(_) | Self::Engine(_) | Self::Cut | Self::Partition => Ok(()),
        }
    }
}

impl fmt::Display for PlannedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} s {}", self.at.as_secs_f64(), self.fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan_of(seed: u64) -> Vec<PlannedFault> {
        plan(&mut Random::new(seed, 0), 1, Duration::from_secs(75), Duration::from_secs(6))
    }

    #[test]
    fn the_plan_depends_only_on_the_seed() {
        assert_eq!(plan_of(1), plan_of(1));
        assert_ne!(plan_of(1), plan_of(2));
    }

    #[test]
    fn a_round_is_sorted_by_time_and_mostly_kills() {
        let plan = plan_of(3);
        assert!(plan.is_sorted_by_key(|planned| planned.at));
        assert!(plan.iter().all(|planned| planned.at < Duration::from_secs(75)));
        let kills = plan.iter().filter(|planned| matches!(planned.fault, Fault::Kill { .. })).count();
        assert_eq!(kills, 13);
    }
}
