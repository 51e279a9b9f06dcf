//! Dead letters: each is written once, however often its record is refused.
//!
//! A record that is read again is refused again, mostly with the same others, sometimes with more or fewer. So dead
//! letters that are there already are not written again; the others go under a token made of the coordinates of the
//! whole set, which is the same whenever the set is; and that they have arrived is read back, since a token alone is
//! no proof: see [`EventStore::replay`](crate::EventStore::replay), also for why all of it goes through one session.
//! Dead letters are few, and the table is sorted by what is asked for. Two processes that write different sets with
//! the same dead letter at the same moment leave it there twice until a merge: who reads does so with FINAL.

use std::{collections::HashSet, sync::Arc};

use sha2::{Digest, Sha256};

use super::{
    Block, EVERY_ROW, SqlSession,
    replay::{MOST_RETRIES, WAITS},
};
use crate::{ColumnData, DeadLetter, Param, StoreError, StrColumn, batch::retry_token};

/// The family that was the only one when the tokens of dead letters did not tell families apart yet.
const FAMILY_WITHOUT_PREFIX: &str = "voc";

/// Most dead letters looked up at once: as many as surely fit into a statement.
const LETTERS_AT_ONCE: usize = 200;

impl dyn SqlSession + '_ {
    pub(super) async fn store_dead_letters(&mut self, letters: &[DeadLetter]) -> Result<(), StoreError> {
        let token = token_of(letters);
        let mut missing = self.missing_letters(letters.iter().collect()).await?;
        for retry in 0..=MOST_RETRIES {
            if missing.is_empty() {
                return Ok(());
            }
            let token = retry_token(&token, retry);
            if retry > 0 {
                self.check_not_behind("dead_letters").await?;
                tracing::warn!(
                    token,
                    letters = missing.len(),
                    "dead letters were lost though their token is known; inserting them again"
                );
            }
            self.insert(&block_of(&missing, token)?).await?;
            missing = self.missing_letters(missing).await?;
            for wait in WAITS {
                if missing.is_empty() {
                    break;
                }
                tokio::time::sleep(wait).await;
                missing = self.missing_letters(missing).await?;
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let message = format!("{} of {} dead letters were inserted and are not there", missing.len(), letters.len());
        Err(StoreError::Unavailable(message))
    }

    pub(super) async fn letters_not_stored(&mut self, letters: &[DeadLetter]) -> Result<Arc<[DeadLetter]>, StoreError> {
        Ok(self.missing_letters(letters.iter().collect()).await?.into_iter().cloned().collect())
    }

    /// Those of the dead letters that are not stored.
    async fn missing_letters<'l>(&mut self, letters: Vec<&'l DeadLetter>) -> Result<Vec<&'l DeadLetter>, StoreError> {
        let sql = format!(
            "SELECT formatRowNoNewline('JSONCompactEachRow', {KEY}) FROM dead_letters WHERE ({KEY}) IN \
            (SELECT row[1], row[2], toInt32(row[3]), toInt64(row[4]), toInt64(row[5]) FROM \
            (SELECT arrayJoin(JSONExtract({{letters:String}}, 'Array(Array(String))')) AS row)) \
            {EVERY_ROW}"
        );
        let mut missing = Vec::new();
        for letters in letters.chunks(LETTERS_AT_ONCE) {
            let texts = |letter: &&DeadLetter| -> serde_json::Value {
                let (family, topic, partition, offset, epoch) = coordinates(letter);
                let texts =
                    [family.to_owned(), topic.to_owned(), partition.to_string(), offset.to_string(), epoch.to_string()];
                texts.into_iter().collect()
            };
            let asked: serde_json::Value = letters.iter().map(texts).collect();
            let stored: Vec<(String, String, i32, i64, i64)> =
                self.select(&sql, &[Param::new("letters", asked)]).await?;
            let stored: HashSet<Coordinates<'_>> = stored
                .iter()
                .map(|(family, topic, partition, offset, epoch)| (&**family, &**topic, *partition, *offset, *epoch))
                .collect();
            missing.extend(letters.iter().filter(|letter| !stored.contains(&coordinates(letter))));
        }
        Ok(missing)
    }
}

/// What a dead letter is known by: the columns of the table's sorting key.
const KEY: &str = "family, source_topic, source_partition, source_offset, source_epoch";

/// The values of the [`KEY`].
type Coordinates<'l> = (&'l str, &'l str, i32, i64, i64);

fn coordinates(letter: &DeadLetter) -> Coordinates<'_> {
    (letter.family, &letter.topic, letter.partition, letter.offset, letter.epoch)
}

fn block_of(letters: &[&DeadLetter], token: String) -> Result<Block, StoreError> {
    let text = |value: fn(&DeadLetter) -> &str| {
        let mut column = StrColumn::default();
        letters.iter().for_each(|letter| column.push(value(letter)));
        ColumnData::Str(column)
    };
    let header_ends: Vec<u64> = letters
        .iter()
        .scan(0, |end, letter| {
            *end += letter.headers.len() as u64;
            Some(*end)
        })
        .collect();
    let mut header_names = StrColumn::default();
    letters.iter().flat_map(|letter| &letter.headers).for_each(|(name, _)| header_names.push(name));
    let header_values =
        optional_bytes(letters.iter().flat_map(|letter| &letter.headers).map(|(_, value)| value.as_ref()));

    let columns = vec![
        ("source_topic", text(|letter| &letter.topic)),
        ("source_partition", ColumnData::I32(letters.iter().map(|letter| letter.partition).collect())),
        ("source_epoch", ColumnData::I64(letters.iter().map(|letter| letter.epoch).collect())),
        ("source_offset", ColumnData::I64(letters.iter().map(|letter| letter.offset).collect())),
        ("family", text(|letter| letter.family)),
        ("tenant_id", text(|letter| &letter.tenant_id)),
        ("error_type", text(|letter| &letter.error_type)),
        ("error", text(|letter| &letter.error)),
        ("path", text(|letter| &letter.path)),
        ("key", optional_bytes(letters.iter().map(|letter| letter.key.as_ref()))),
        ("payload", optional_bytes(letters.iter().map(|letter| letter.payload.as_ref()))),
        ("header_names", ColumnData::List(header_ends.clone(), Box::new(ColumnData::Str(header_names)))),
        ("header_values", ColumnData::List(header_ends, Box::new(header_values))),
        ("failed_at", ColumnData::Timestamp(letters.iter().map(|letter| letter.failed_at.as_millis()).collect())),
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

/// A digest of the dead letters' families and identifiers: their list itself may be longer than a statement can be.
///
/// Dead letters of two families may have the same coordinates, and must not have the same token. Those of the first
/// family keep the tokens they always had, so that a process of an earlier version and this one write the same set
/// once.
fn token_of(letters: &[DeadLetter]) -> String {
    let mut digest = Sha256::new();
    for letter in letters {
        if letter.family != FAMILY_WITHOUT_PREFIX {
            digest.update(letter.family);
            // No topic has it.
            digest.update("\0");
        }
        digest.update(letter.id());
        digest.update("\n");
    }
    let digest: String = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("dead_letters/{digest}")
}

#[cfg(test)]
mod tests {
    use voc_events::Timestamp;

    use super::*;

    fn letter(partition: i32, epoch: i64, offset: i64) -> DeadLetter {
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
    fn a_token_stays_what_it_was_when_letters_were_first_written() {
        // SHA-256 of "voc.events/3/7\n" and of "voc.events/3@1770033600000/7\nvoc.events/0/-1\n".
        for (letters, digest) in [
            (vec![letter(3, 0, 7)], "82e0eaf749ac09040e5088e974c19157616fcf12106b9666db9246b6b9121bad"),
            (
                vec![letter(3, 1_770_033_600_000, 7), letter(0, 0, -1)],
                "3f0ab2226fc81d78aaca5a4bc2f6270b73f550019eec2eeaaf399c2f5c36f874",
            ),
        ] {
            assert_eq!(token_of(&letters), format!("dead_letters/{digest}"));
        }
    }

    #[test]
    fn another_familys_dead_letters_have_another_token() {
        let of_family = |family| token_of(&[DeadLetter { family, ..letter(3, 0, 7) }]);
        assert_ne!(of_family("toy"), of_family("voc"));
        assert_ne!(of_family("toy"), of_family("play"));
    }
}
