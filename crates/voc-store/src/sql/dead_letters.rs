//! Dead letters: each is written once, however often its record is refused.
//!
//! A record that is read again is refused again, usually together with the same others, sometimes with more or fewer.
//! So dead letters that are already stored are not written again. The others are inserted under a token derived from
//! the coordinates of the whole set, so the same set has the same token. Their arrival is verified by reading them
//! back, because a token alone proves nothing: see [`EventStore::reinsert`](crate::EventStore::reinsert), also for why
//! everything goes through one session. Dead letters are few, and the table is sorted by the columns of these queries.
//! Two processes that write different sets with the same dead letter at the same moment store it twice until a merge,
//! so readers use FINAL.

use std::{collections::HashSet, sync::Arc};

use sha2::{Digest, Sha256};

use super::{
    Block, EVERY_ROW, SqlSession,
    reinsert::{MAX_RETRIES, WAITS},
};
use crate::{ColumnData, DeadLetter, Param, StoreError, StrColumn, batch::retry_token, hex::hex};

/// The only family at the time when the tokens of dead letters did not contain the family.
const FAMILY_WITHOUT_PREFIX: &str = "voc";

/// Maximum number of dead letters in one lookup: as many as safely fit into a statement.
const DEAD_LETTERS_AT_ONCE: usize = 200;

impl dyn SqlSession + '_ {
    pub(super) async fn store_dead_letters(&mut self, dead_letters: &[DeadLetter]) -> Result<(), StoreError> {
        let token = token_of(dead_letters);
        let mut missing = self.missing_dead_letters(dead_letters.iter().collect()).await?;
        for retry in 0..=MAX_RETRIES {
            if missing.is_empty() {
                return Ok(());
            }
            let token = retry_token(&token, retry);
            if retry > 0 {
                self.check_not_behind("dead_letters").await?;
                tracing::warn!(
                    token,
                    dead_letters = missing.len(),
                    "dead letters were lost although their token is known; inserting them again"
                );
            }
            self.insert(&block_of(&missing, token)?).await?;
            missing = self.missing_dead_letters(missing).await?;
            for wait in WAITS {
                if missing.is_empty() {
                    break;
                }
                tokio::time::sleep(wait).await;
                missing = self.missing_dead_letters(missing).await?;
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let message =
            format!("{} of {} dead letters were inserted and are not there", missing.len(), dead_letters.len());
        Err(StoreError::Unavailable(message))
    }

    pub(super) async fn dead_letters_not_stored(
        &mut self,
        dead_letters: &[DeadLetter],
    ) -> Result<Arc<[DeadLetter]>, StoreError> {
        Ok(self.missing_dead_letters(dead_letters.iter().collect()).await?.into_iter().cloned().collect())
    }

    /// The dead letters that are not stored, and were not erased.
    async fn missing_dead_letters<'l>(
        &mut self,
        dead_letters: Vec<&'l DeadLetter>,
    ) -> Result<Vec<&'l DeadLetter>, StoreError> {
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', {KEY}) FROM \
            (SELECT {KEY} FROM dead_letters UNION ALL SELECT {KEY} FROM erased_records WHERE is_dead_letter) WHERE ({KEY}) IN \
            (SELECT row[1], row[2], toInt32(row[3]), toInt64(row[4]), toInt64(row[5]) FROM \
            (SELECT arrayJoin(JSONExtract({{dead_letters:String}}, 'Array(Array(String))')) AS row)) \
            {EVERY_ROW}"
        );
        let mut missing = Vec::new();
        for dead_letters in dead_letters.chunks(DEAD_LETTERS_AT_ONCE) {
            let texts = |dead_letter: &&DeadLetter| -> serde_json::Value {
                let (family, topic, partition, offset, epoch) = coordinates(dead_letter);
                let texts =
                    [family.to_owned(), topic.to_owned(), partition.to_string(), offset.to_string(), epoch.to_string()];
                texts.into_iter().collect()
            };
            let asked: serde_json::Value = dead_letters.iter().map(texts).collect();
            let stored: Vec<(String, String, i32, i64, i64)> =
                self.select(&sql, &[Param::new("dead_letters", asked)]).await?;
            let stored: HashSet<Coordinates<'_>> = stored
                .iter()
                .map(|(family, topic, partition, offset, epoch)| (&**family, &**topic, *partition, *offset, *epoch))
                .collect();
            missing.extend(dead_letters.iter().filter(|dead_letter| !stored.contains(&coordinates(dead_letter))));
        }
        Ok(missing)
    }
}

/// What identifies a dead letter: the columns of the table's sorting key.
const KEY: &str = "family, source_topic, source_partition, source_offset, source_epoch";

/// The values of the [`KEY`].
type Coordinates<'l> = (&'l str, &'l str, i32, i64, i64);

fn coordinates(dead_letter: &DeadLetter) -> Coordinates<'_> {
    (dead_letter.family, &dead_letter.topic, dead_letter.partition, dead_letter.offset, dead_letter.epoch)
}

fn block_of(dead_letters: &[&DeadLetter], token: String) -> Result<Block, StoreError> {
    let text = |value: fn(&DeadLetter) -> &str| {
        let mut column = StrColumn::default();
        dead_letters.iter().for_each(|dead_letter| column.push(value(dead_letter)));
        ColumnData::Str(column)
    };
    let header_ends: Vec<u64> = dead_letters
        .iter()
        .scan(0, |end, dead_letter| {
            *end += dead_letter.headers.len() as u64;
            Some(*end)
        })
        .collect();
    let mut header_names = StrColumn::default();
    dead_letters.iter().flat_map(|dead_letter| &dead_letter.headers).for_each(|(name, _)| header_names.push(name));
    let header_values = optional_bytes(
        dead_letters.iter().flat_map(|dead_letter| &dead_letter.headers).map(|(_, value)| value.as_ref()),
    );

    let columns = vec![
        ("source_topic", text(|dead_letter| &dead_letter.topic)),
        ("source_partition", ColumnData::I32(dead_letters.iter().map(|dead_letter| dead_letter.partition).collect())),
        ("source_epoch", ColumnData::I64(dead_letters.iter().map(|dead_letter| dead_letter.epoch).collect())),
        ("source_offset", ColumnData::I64(dead_letters.iter().map(|dead_letter| dead_letter.offset).collect())),
        ("family", text(|dead_letter| dead_letter.family)),
        ("tenant_id", text(|dead_letter| &dead_letter.tenant_id)),
        ("error_type", text(|dead_letter| &dead_letter.error_type)),
        ("error", text(|dead_letter| &dead_letter.error)),
        ("path", text(|dead_letter| &dead_letter.path)),
        ("key", optional_bytes(dead_letters.iter().map(|dead_letter| dead_letter.key.as_ref()))),
        ("payload", optional_bytes(dead_letters.iter().map(|dead_letter| dead_letter.payload.as_ref()))),
        ("header_names", ColumnData::List(header_ends.clone(), Box::new(ColumnData::Str(header_names)))),
        ("header_values", ColumnData::List(header_ends, Box::new(header_values))),
        (
            "failed_at",
            ColumnData::Timestamp(dead_letters.iter().map(|dead_letter| dead_letter.failed_at.as_millis()).collect()),
        ),
    ];
    Block::of_columns("dead_letters", token, columns)
}

fn optional_bytes<'l>(values: impl Iterator<Item = Option<&'l Vec<u8>>>) -> ColumnData {
    let mut nulls = Vec::new();
    let mut column = StrColumn::default();
    for value in values {
        nulls.push(u8::from(value.is_none()));
        column.push_bytes(value.map_or(&[], Vec::as_slice));
    }
    ColumnData::OptStr(nulls, column)
}

/// A digest of the dead letters' families and identifiers, because their list may be longer than a statement can be.
///
/// Dead letters of two families may have the same coordinates, but must not have the same token. Those of the first
/// family keep their original tokens, so that a process of an earlier version and this one write the same set once.
fn token_of(dead_letters: &[DeadLetter]) -> String {
    let mut digest = Sha256::new();
    for dead_letter in dead_letters {
        if dead_letter.family != FAMILY_WITHOUT_PREFIX {
            digest.update(dead_letter.family);
            // No topic contains it.
            digest.update("\0");
        }
        digest.update(dead_letter.id());
        digest.update("\n");
    }
    format!("dead_letters/{}", hex(&digest.finalize()))
}

#[cfg(test)]
mod tests {
    use voc_events::Timestamp;

    use super::*;

    fn dead_letter(partition: i32, epoch: i64, offset: i64) -> DeadLetter {
        DeadLetter {
            family: "voc",
            error_type: String::new(),
            error: String::new(),
            path: String::new(),
            tenant_id: String::new(),
            topic: "voc.events".to_owned(),
            partition,
            epoch,
            offset,
            key: None,
            payload: None,
            headers: Vec::new(),
            failed_at: Timestamp::from_millis(0),
        }
    }

    #[test]
    fn the_tokens_of_the_first_family_never_change() {
        // SHA-256 of "voc.events/3/7\n" and of "voc.events/3@1770033600000/7\nvoc.events/0/-1\n".
        for (dead_letters, digest) in [
            (vec![dead_letter(3, 0, 7)], "82e0eaf749ac09040e5088e974c19157616fcf12106b9666db9246b6b9121bad"),
            (
                vec![dead_letter(3, 1_770_033_600_000, 7), dead_letter(0, 0, -1)],
                "3f0ab2226fc81d78aaca5a4bc2f6270b73f550019eec2eeaaf399c2f5c36f874",
            ),
        ] {
            assert_eq!(token_of(&dead_letters), format!("dead_letters/{digest}"));
        }
    }

    #[test]
    fn another_familys_dead_letters_have_another_token() {
        let of_family = |family| token_of(&[DeadLetter { family, ..dead_letter(3, 0, 7) }]);
        assert_ne!(of_family("toy"), of_family("voc"));
        assert_ne!(of_family("toy"), of_family("play"));
    }
}
