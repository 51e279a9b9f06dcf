//! Where a lane delivers.

use std::sync::Arc;

use super::LaneContext;
use crate::{Committer, TopicPartition};

/// Where a lane delivers.
#[derive(Clone)]
pub(super) struct Site {
    pub(super) context: Arc<LaneContext>,
    pub(super) partition: TopicPartition,
    pub(super) epoch: i64,
    pub(super) committer: Arc<dyn Committer>,
}
