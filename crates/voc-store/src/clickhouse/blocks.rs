//! The result of a statement, and the progress that the server reports meanwhile.

use futures_util::{StreamExt as _, stream::BoxStream};
use klickhouse::{Client, KlickhouseError, Progress, block::Block};
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::ReadMeter;

/// The blocks of a running statement.
pub(super) struct Blocks<'m> {
    blocks: BoxStream<'static, Result<Block, KlickhouseError>>,
    /// The reports of one connection, which runs one statement at a time: what arrives from the beginning of a
    /// statement to its end is about it.
    progress: broadcast::Receiver<(Uuid, Progress)>,
    meter: &'m ReadMeter,
}

impl<'m> Blocks<'m> {
    /// Begins a statement. The meter is told how many rows it reads.
    pub(super) async fn begin(
        client: &Client,
        sql: &str,
        settings: Vec<(String, String)>,
        meter: &'m ReadMeter,
    ) -> Result<Self, KlickhouseError> {
        let progress = client.subscribe_progress();
        let blocks = client.query_raw(sql, Some(settings.into_iter().collect())).await?;
        Ok(Self { blocks: blocks.boxed(), progress, meter })
    }

    /// The next block; `None` at the end, or where the connection broke.
    pub(super) async fn next(&mut self) -> Result<Option<Block>, KlickhouseError> {
        let block = loop {
            // klickhouse keeps the last hundred reports, a fraction of a minute's: they are not left for later.
            tokio::select! {
                Ok((_, progress)) = self.progress.recv() => self.meter.add(progress.read_rows),
                block = self.blocks.next() => break block,
            }
        };
        // Reports that came before the block.
        while let Ok((_, progress)) = self.progress.try_recv() {
            self.meter.add(progress.read_rows);
        }
        block.transpose()
    }
}
