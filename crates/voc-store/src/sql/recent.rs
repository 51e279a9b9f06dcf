//! The newest events of a source partition, for its new owner.

use uuid::Uuid;

use super::{EVERY_ROW, SqlBackend, SqlStore};
use crate::{Param, RecentEvent, RecentRange, StoreError};

impl<B: SqlBackend> SqlStore<B> {
    pub(super) async fn newest_events(&self, range: &RecentRange) -> Result<Vec<RecentEvent>, StoreError> {
        let Some(identifier) = range.table.identifier.filter(|_| range.has_events()) else { return Ok(Vec::new()) };
        let tenant = range.table.tenant.map_or("''", |column| column.name);
        // The first bound saves the engine the granules of older offsets. All rows are read, because the other row of
        // an event may come from another source.
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', {tenant}, {identifier}) FROM {} \
             WHERE source_topic = {{topic:String}} AND source_partition = {{partition:Int32}} \
             AND source_epoch BETWEEN {{first_epoch:Int64}} AND {{last_epoch:Int64}} \
             AND source_offset >= {{first:Int64}} AND source_offset < {{before:Int64}} \
             AND processed_at >= fromUnixTimestamp64Milli({{since:Int64}}) \
             ORDER BY source_epoch DESC, source_offset DESC LIMIT {{events:UInt64}} {EVERY_ROW}",
            range.table.name,
            identifier = identifier.name,
        );
        let params = [
            Param::new("topic", &range.topic),
            Param::new("partition", range.partition),
            Param::new("first_epoch", range.epochs.start()),
            Param::new("last_epoch", range.epochs.end()),
            Param::new("first", range.first_offset()),
            Param::new("before", range.before),
            Param::new("since", range.since.as_millis()),
            Param::new("events", range.events),
        ];
        let newest: Vec<(String, Uuid)> = self.select(&sql, &params).await?;
        Ok(newest.into_iter().rev().map(|(tenant_id, event_id)| RecentEvent { tenant_id, event_id }).collect())
    }
}
