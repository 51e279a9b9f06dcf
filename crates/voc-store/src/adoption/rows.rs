//! Reading a predecessor's rows in their order.

use serde::Deserialize;
use tokio::{sync::mpsc, task::JoinHandle};

use super::{
    contents::ContentsPart,
    predecessor::{Predecessor, TIME_MEMBER},
    table::{AdoptionState, PredecessorTable},
};
use crate::{Param, SqlBackend, SqlStore, StoreError};

/// Few rows per block, because a payload may be large. A table in another order than the predecessor's is sorted on
/// the disk.
const SETTINGS: &str = "SETTINGS final = 0, output_format_json_quote_64bit_integers = 0, \
    output_format_json_validate_utf8 = 1, max_block_size = 1024, max_bytes_before_external_sort = 268435456";

/// A row of a predecessor's table, of which the event has no row before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldRow {
    /// What identifies the event in dead letters, and to [`Comparison`](super::Comparison).
    pub identity: String,
    /// When the event happened, in UTC milliseconds.
    pub millis: i64,
    /// Members of the event, as the row's columns have them. The one with the time is [`millis`](Self::millis).
    pub members: Vec<(&'static str, String)>,
    /// The name of the member with the time.
    pub time_member: &'static str,
    /// What the row has of the event as JSON.
    pub document: OldDocument,
}

/// JSON in a row, as bytes, because a column of texts has any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OldDocument {
    /// The event.
    Event(Vec<u8>),
    /// A member of the event.
    Member(&'static str, Vec<u8>),
}

/// The rows of a table partition, from one on.
#[derive(Debug)]
pub struct OldRows {
    pieces: mpsc::Receiver<Vec<String>>,
    /// Reads; its result says whether the pieces are all.
    select: Option<JoinHandle<Result<(), StoreError>>>,
    predecessor: Predecessor,
}

/// As the statement returns it: the tenant, the time, the members, the document and whether that is in hexadecimal
/// digits because it is no UTF-8, and the identity.
#[derive(Deserialize)]
struct Line(i64, Vec<String>, String, u8, String);

impl<B: SqlBackend> PredecessorTable<B> {
    /// Reads the events of a table partition from the one at place `first` on, counted from 0. The table is set aside.
    pub fn rows(&self, part: &ContentsPart, first: u64) -> OldRows {
        let predecessor = self.predecessor;
        let once = predecessor.key().map_or_else(String::new, |key| format!("LIMIT 1 BY {key}"));
        let members: Vec<String> =
            predecessor.members.iter().map(|(_, column)| format!("toString({column})")).collect();
        let document = predecessor.document.0;
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', {millis}, [{members}], \
             if(isValidUTF8({document}), {document}, hex({document})), NOT isValidUTF8({document}), {identity}) \
             FROM {name} WHERE _partition_id = {{part:String}} ORDER BY {order} {once} \
             LIMIT {{rest:UInt64}} OFFSET {{from:UInt64}} {SETTINGS}",
            millis = predecessor.millis_of(predecessor.time.0),
            members = members.join(", "),
            identity = predecessor.identity(),
            name = self.name_in(AdoptionState::SetAside),
            order = predecessor.order,
        );
        let params = [
            Param::new("part", &part.id),
            Param::new("from", first),
            Param::new("rest", part.events.saturating_sub(first)),
        ];
        let store: SqlStore<B> = self.store.clone();
        let (sender, pieces) = mpsc::channel(1);
        let select =
            tokio::spawn(
                async move { store.backend().session().await?.select_in_pieces(&sql, &params, &sender).await },
            );
        OldRows { pieces, select: Some(select), predecessor }
    }
}

impl OldRows {
    /// The next rows, at least one; `None` after the last.
    ///
    /// # Errors
    /// [`StoreError`] if the store does not answer any more; rows may be left.
    pub async fn next(&mut self) -> Result<Option<Vec<OldRow>>, StoreError> {
        while let Some(lines) = self.pieces.recv().await {
            if !lines.is_empty() {
                return lines.iter().map(|line| self.row(line)).collect::<Result<_, _>>().map(Some);
            }
        }
        let Some(select) = self.select.take() else { return Ok(None) };
        let ended = select.await;
        ended.unwrap_or_else(|error| Err(StoreError::Unavailable(format!("a select ended: {error}"))))?;
        Ok(None)
    }

    fn row(&self, line: &str) -> Result<OldRow, StoreError> {
        let unexpected = |reason: String| StoreError::Rejected {
            code: 0,
            message: format!("the store returned an unexpected row of {}: {reason}", self.predecessor.table),
        };
        let Line(millis, members, document, is_hex, identity) =
            serde_json::from_str(line).map_err(|error| unexpected(error.to_string()))?;
        let document = match is_hex {
            0 => document.into_bytes(),
            _ => bytes_of(&document).ok_or_else(|| unexpected("no hexadecimal digits".to_owned()))?,
        };
        let document = match self.predecessor.document.1 {
            None => OldDocument::Event(document),
            Some(member) => OldDocument::Member(member, document),
        };
        let names = self.predecessor.members.iter().map(|(name, _)| *name);
        Ok(OldRow { identity, millis, members: names.zip(members).collect(), time_member: TIME_MEMBER, document })
    }
}

impl Drop for OldRows {
    fn drop(&mut self) {
        if let Some(select) = &self.select {
            select.abort();
        }
    }
}

/// The bytes that hexadecimal digits stand for.
fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
