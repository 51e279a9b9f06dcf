//! Taking over what the Python services have left: a table of their schema and a group with their commits.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail this way")]

mod analytics;
mod kills;
mod large;
mod page;
mod refusals;
mod rows;
mod seam;
mod stage;
