//! The intent protocol, checked: every interleaving of a small system, and long random ones of larger systems.
//!
//! The system is the log of a partition whose records become rows of two or three table partitions or dead letters; a
//! coordinator that keeps a committed offset with its intent and refuses commits of older generations; processes that
//! run the lane of the partition on a real [`voc_ingest::Protocol`], of which all but the newest are zombies; and a
//! store that keeps rows and tokens.
//!
//! At any time, a process may take over the partition, die, cut a batch of any length, make a commit that succeeds, is
//! refused, or succeeds without an answer, deliver dead letters one by one or together, insert, receive an answer or
//! stop waiting for one. Inserts in flight are independent of their sender: they land part by part, in any order and
//! at any later time, even after the sender is dead, or never. Rebalances, deaths, doubts and losses are unbounded:
//! the exploration continues until there are no new states. Only deaths of the engine during inserts are bounded: each
//! such insert then leaves nothing, or its token without its rows, or its rows without their token.
//!
//! Invariants in every state: no row is stored twice; everything below the committed offset is stored or
//! dead-lettered; when the log is consumed and nothing is in flight, each record has had exactly its one fate; and
//! such an end state remains reachable.
//!
//! # What the model leaves out
//! - An insert that another one overtakes between the two writes of the engine while the engine lives. It is assumed
//!   to finish before a re-insert gives up on the token of the insert, which is why a re-insert waits before it
//!   inserts under `token/retry-1`.
//! - Expiry of old tokens: the deduplication window is assumed to be longer than the life of any zombie.
//! - Commits of one lane that are applied out of order. A mutation shows the effect.
//! - The time between the end of a rebalance and the query of the committed offset: no other member can commit then.
//! - Records that vanish from the log between two owners, recreated topics, manually reset offsets, and foreign commit
//!   metadata. An owner then begins a new epoch, whose tokens and rows differ from those of any earlier one: it is a
//!   separate system. `intent/inheritance.rs` tests what begins an epoch, and `tests/kafka/offsets.rs` tests it on
//!   brokers.
//! - Resent events and bisected batches, both of which make the rows of a re-inserted batch depend on more than its
//!   range.
//! - The code around [`voc_ingest::Protocol`]: lanes, sources and the store have their own tests. Dead letters are
//!   keyed by their coordinates, so repeated deliveries do not count.

#![expect(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test that cannot continue has failed")]

mod checker;
mod exhaustive;
mod lane;
mod model;
mod mutations;
mod random;
mod steps;
