//! Cursors of lists of events.

use voc_store::{EventList, ListedEvent, Period};

use crate::{
    hash::hash,
    problem::Problem,
    questions::cursor::{read, write},
};

/// The cursor of the page after an event.
pub(super) fn after(list: &EventList, event: &ListedEvent) -> Option<String> {
    write(hash_of(list), list.period(), &event.place)
}

/// The list whose page a cursor names. `is_relative` says whether its period ends now.
pub(super) fn page(list: &EventList, text: &str, is_relative: bool) -> Result<EventList, Problem> {
    let (period, place) = read(text, &hash_of(list), list.period(), is_relative)?;
    list.clone().during(period).after(place).map_err(|_| Problem::InvalidCursor)
}

/// What distinguishes a list from all others, whatever its period and its limit.
fn hash_of(list: &EventList) -> String {
    hash(&list.clone().during(Period::EVER).limit(0).from_beginning())
}
