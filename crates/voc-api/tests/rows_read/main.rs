//! Answers say how many rows were read for them, and callers can use them up.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod answers;
mod budget;
mod calls;
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "../access/stage.rs"]
mod keys;
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "../served/mod.rs"]
mod served;
