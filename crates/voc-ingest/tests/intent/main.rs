//! The intent protocol, checked: every interleaving of a small system, and long random ones of larger systems.
//!
//! The system is a partition's log whose records become rows of two or three table partitions or dead letters; a coordinator
//! that keeps a committed offset with its intent and refuses commits of older generations; processes that run the partition's
//! lane on a real [`voc_ingest::Protocol`], of which all but the newest are zombies; and a store that keeps rows and tokens.
//!
//! At every point a process may take the partition over, die, cut a batch at any length, make a commit that succeeds, is
//! refused, or succeeds without its answer, deliver dead letters one by one or together, insert, be answered or give up waiting.
//! What was sent to the store is under way on its own account: it lands part by part, in any order and at any later time, even
//! after its sender is dead, or never. Rebalances, deaths, doubts and losses are not bounded: the states are explored until there
//! are no new ones. Only the engine's deaths in the middle of inserts are: each such insert then leaves nothing, or its token
//! without its rows, or its rows without their token.
//!
//! Checked in every state: no row is stored twice; the committed offset has passed only what is stored or dead-lettered; where the
//! log is consumed and nothing is under way, each record has had exactly its one fate; and such an end can still be reached.
//!
//! # What the model leaves out
//! - An insert that another one overtakes between the engine's two writes while the engine lives. It is taken to be over before
//!   a replay gives up on the insert's token, which is why a replay waits before it inserts under `token/retry-1`.
//! - Forgetting of old tokens: the deduplication window is taken to be longer than any zombie lives.
//! - Commits of one lane that are not applied in the order in which it makes them. A mutation shows what they would do.
//! - The time between the end of a rebalance and the reading of the committed offset: nobody else can commit then.
//! - Records that vanish from the log between two owners, topics made anew, offsets that are reset by hand, and notes that are not
//!   ours. An owner then begins a new epoch, whose tokens and rows are not those of any earlier one: a system of its own. What begins
//!   one is tested in `intent/inheritance.rs`, and on brokers in `tests/kafka/offsets.rs`.
//! - Resent events and bisected batches, both of which make a replayed batch's rows depend on more than its range.
//! - The code around [`voc_ingest::Protocol`]: lanes, sources and the store have their own tests. Dead letters are keyed by their
//!   coordinates, so delivering them again is no event.

#![expect(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test that cannot go on has failed")]

mod checker;
mod exhaustive;
mod lane;
mod model;
mod mutations;
mod random;
mod steps;
