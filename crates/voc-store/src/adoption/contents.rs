//! What a predecessor's table contains.

use super::{
    error::AdoptionError,
    table::{AdoptionState, PredecessorTable},
};
use crate::{Param, SqlBackend, StoreError, sql::EVERY_ROW};

/// Rows whose keys are compared at once, which bounds the memory.
const ROWS_PER_SLICE: u64 = 2_000_000;

/// The events of a table in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contents {
    /// Rows.
    pub rows: u64,
    /// Events, of which each may have several rows.
    pub events: u64,
    /// Bytes on the disk, if that is known.
    pub bytes: Option<u64>,
    /// The table's partitions, in the order in which they are read.
    pub parts: Vec<ContentsPart>,
}

/// A table partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentsPart {
    /// Its identifier.
    pub id: String,
    /// Its rows.
    pub rows: u64,
    /// Its events.
    pub events: u64,
    /// Events in the partitions before it.
    pub first: u64,
    /// Time of its first event, in UTC milliseconds.
    pub first_millis: i64,
    /// Time of its last event, in UTC milliseconds.
    pub last_millis: i64,
}

impl ContentsPart {
    /// In how many slices its keys are compared.
    pub(super) fn slices(&self) -> u64 {
        self.rows.div_ceil(ROWS_PER_SLICE).max(1)
    }

    /// The parameters that stand for it, and for one of its slices.
    pub(super) fn params(&self, slice: u64) -> Vec<Param> {
        vec![
            Param::new("part", &self.id),
            Param::new("first", self.first_millis),
            Param::new("last", self.last_millis),
            Param::new("slices", self.slices()),
            Param::new("slice", slice),
        ]
    }
}

/// The condition for the rows of a slice.
pub(super) fn of_slice(identifier: &str) -> String {
    format!("cityHash64({identifier}) % {{slices:UInt64}} = {{slice:UInt64}}")
}

impl<B: SqlBackend> PredecessorTable<B> {
    /// Counts the rows and events of the predecessor's table, which is where `state` says.
    ///
    /// # Errors
    /// [`AdoptionError`] if the store cannot answer.
    pub async fn contents(&self, state: AdoptionState) -> Result<Contents, AdoptionError> {
        let name = self.name_in(state);
        let predecessor = &self.predecessor;
        let time = predecessor.time.0;
        // In the order of months, because a block of rows is inserted into one month.
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', _partition_id, count(), {first}, {last}) FROM {name} \
             GROUP BY _partition_id ORDER BY toYYYYMM(min({time}), 'UTC'), min({tenant}), _partition_id {EVERY_ROW}",
            first = predecessor.millis_of(&format!("min({time})")),
            last = predecessor.millis_of(&format!("max({time})")),
            tenant = predecessor.tenant,
        );
        let parts: Vec<(String, u64, i64, i64)> = self.store.select(&sql, &[]).await?;
        let mut contents = Contents { bytes: self.bytes(&name).await?, ..Contents::default() };
        for (id, rows, first_millis, last_millis) in parts {
            let mut part = ContentsPart { id, rows, events: rows, first: contents.events, first_millis, last_millis };
            part.events = self.events(&name, &part).await?;
            contents.rows += part.rows;
            contents.events += part.events;
            contents.parts.push(part);
        }
        Ok(contents)
    }

    /// The events of a table partition.
    async fn events(&self, name: &str, part: &ContentsPart) -> Result<u64, StoreError> {
        let (Some(identifier), Some(key)) = (self.predecessor.identifier, self.predecessor.key()) else {
            return Ok(part.rows);
        };
        let sql = format!(
            "SELECT toString(uniqExact({key})) FROM {name} WHERE _partition_id = {{part:String}} AND {} {EVERY_ROW}",
            of_slice(identifier)
        );
        let mut events = 0;
        for slice in 0..part.slices() {
            let counted: Vec<u64> = self.store.select(&sql, &part.params(slice)).await?;
            events += counted.iter().sum::<u64>();
        }
        Ok(events)
    }

    /// The bytes that a table has on the disk; `None` if the user must not know.
    async fn bytes(&self, name: &str) -> Result<Option<u64>, StoreError> {
        let sql = "SELECT toString(sum(bytes_on_disk)) FROM system.parts \
            WHERE database = currentDatabase() AND table = {table:String} AND active";
        match self.store.select::<u64>(sql, &[Param::new("table", name)]).await {
            Ok(bytes) => Ok(bytes.first().copied()),
            Err(StoreError::Denied(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
