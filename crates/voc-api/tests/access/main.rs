//! Who may ask what, from the perspective of callers and attackers.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod browsers;
mod isolation;
mod keys;
mod limits;
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "../served/mod.rs"]
mod served;
mod stage;
mod tokens;
