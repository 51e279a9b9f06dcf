//! Entries of the ledger.

use uuid::Uuid;

use super::Block;
use crate::{Account, ColumnData, LedgerEntry, OffsetRange, StoreError, StrColumn};

/// The row of the entry. Written twice, it counts once, so it needs no reproducible token; a token remembered without
/// its row would only keep the row out.
///
/// # Errors
/// Like [`Block::of_columns`].
pub(super) fn block_of(entry: &LedgerEntry) -> Result<Block, StoreError> {
    let range = &entry.range;
    let text = |value: &str| {
        let mut column = StrColumn::default();
        column.push(value);
        ColumnData::Str(column)
    };
    let mut tenants = StrColumn::default();
    entry.tenants.keys().for_each(|tenant| tenants.push(tenant));
    let accounts =
        |number: fn(&Account) -> u64| list(entry.tenants.values().map(|account| number(account).cast_signed()));
    let gaps = |bound: fn(&OffsetRange) -> i64| list(entry.gaps.iter().map(bound));
    let columns = vec![
        ("family", text(range.family)),
        ("source_topic", text(&range.topic)),
        ("source_partition", ColumnData::I32(vec![range.partition])),
        ("source_epoch", ColumnData::I64(vec![range.epoch])),
        ("first_offset", ColumnData::I64(vec![range.first])),
        ("last_offset", ColumnData::I64(vec![range.last])),
        ("records", ColumnData::U32(vec![count(entry.records)])),
        ("rows", ColumnData::U32(vec![count(entry.total().stored)])),
        ("has_tenants", ColumnData::Bool(vec![u8::from(entry.has_tenants)])),
        ("tenant_ids", ColumnData::List(vec![entry.tenants.len() as u64], Box::new(ColumnData::Str(tenants)))),
        ("consumed", accounts(|account| account.consumed)),
        ("stored", accounts(|account| account.stored)),
        ("dead_lettered", accounts(|account| account.dead_lettered)),
        ("duplicates", accounts(|account| account.duplicates)),
        ("gap_firsts", gaps(|gap| gap.first)),
        ("gap_lasts", gaps(|gap| gap.last)),
        ("processed_at", ColumnData::Timestamp(vec![entry.processed_at.as_millis()])),
    ];
    Block::of_columns("ledger", format!("ledger/{range}/{}", Uuid::new_v4().simple()), columns)
}

fn list(values: impl Iterator<Item = i64>) -> ColumnData {
    let values: Vec<i64> = values.collect();
    ColumnData::List(vec![values.len() as u64], Box::new(ColumnData::I64(values)))
}

/// The records of a batch, which is in memory.
fn count(records: u64) -> u32 {
    u32::try_from(records).unwrap_or(u32::MAX)
}
