//! Lists of dead letters by a fold over all of them.

use std::cmp::Ordering;

use super::{MemoryStore, query::on_page};
use crate::{Cell, DeadLetter, DeadLetterList, DeadLetterPage, Direction, ListedDeadLetter, StoreError};

impl MemoryStore {
    pub(super) fn dead_letter_page(&self, list: &DeadLetterList) -> Result<DeadLetterPage, StoreError> {
        self.check_running()?;
        let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|wanted| wanted == value);
        let is_listed = |dead_letter: &&DeadLetter| {
            list.tenants.includes(&dead_letter.tenant_id)
                && (list.period.since..list.period.until).contains(&dead_letter.failed_at)
                && is(&list.family, dead_letter.family)
                && is(&list.topic, &dead_letter.topic)
                && is(&list.error_type, &dead_letter.error_type)
        };
        let state = self.state();
        self.meter.add(state.dead_letters.len() as u64);
        let mut dead_letters: Vec<ListedDeadLetter> = state.dead_letters.iter().filter(is_listed).map(listed).collect();
        drop(state);
        dead_letters.retain(|dead_letter| {
            list.beginning().is_none_or(|place| compare(&dead_letter.place(), place) == Ordering::Greater)
        });
        dead_letters.sort_by(|one, other| compare(&one.place(), &other.place()));
        let size = |dead_letter: &ListedDeadLetter| {
            dead_letter.payload.as_ref().map_or(0, String::len) + dead_letter.error.len()
        };
        let fitting = on_page(dead_letters.iter().map(size).take(list.max_dead_letters()));
        let truncated = fitting < dead_letters.len();
        dead_letters.truncate(fitting);
        Ok(DeadLetterPage { dead_letters, truncated })
    }
}

/// The order of lists: the latest first.
fn compare(one: &[Cell], other: &[Cell]) -> Ordering {
    let by_cell = one.iter().zip(other).map(|(one, other)| one.compare(other, Direction::Descending));
    by_cell.fold(Ordering::Equal, Ordering::then)
}

fn listed(dead_letter: &DeadLetter) -> ListedDeadLetter {
    ListedDeadLetter {
        id: dead_letter.id(),
        failed_at: dead_letter.failed_at,
        family: dead_letter.family.to_owned(),
        tenant_id: Some(dead_letter.tenant_id.clone()).filter(|tenant| !tenant.is_empty()),
        error_type: dead_letter.error_type.clone(),
        error: dead_letter.error.clone(),
        path: dead_letter.path.clone(),
        topic: dead_letter.topic.clone(),
        partition: dead_letter.partition,
        epoch: dead_letter.epoch,
        offset: dead_letter.offset,
        payload: dead_letter.payload.as_ref().map(|payload| String::from_utf8_lossy(payload).into_owned()),
    }
}
