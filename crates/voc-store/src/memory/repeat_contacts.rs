//! Repeat contacts by a fold over all rows.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    MemoryStore,
    subjects::{listed_of, median, subject_of, time_of},
};
use crate::{Answer, Cell, Direction, Period, RepeatContacts, StoreError, query::Returns};

/// A contact.
#[derive(Default)]
struct Contact {
    start: Option<i64>,
    /// The last customer, and the last value of the group, each with its time.
    customer: Option<(i64, Cell)>,
    group: Option<(i64, Cell)>,
    tenant: String,
}

impl MemoryStore {
    /// The answer to a question about repeat contacts.
    pub(super) fn repeat_contacts_answer(&self, question: &RepeatContacts) -> Result<Answer, StoreError> {
        let table = question.table();
        let scope = (*table, question.tenants(), question.period_read());
        let fields: Vec<_> = [question.contact(), question.customer()].into_iter().chain(question.group()).collect();
        let events = |filters| self.listed(&listed_of(scope, &fields, &[question.of_contacts(), filters]));
        let mut contacts: BTreeMap<String, Contact> = BTreeMap::new();
        for event in events(&[])? {
            let (Some((name, others)), time) = (subject_of(table, &event), time_of(&event)) else { continue };
            let contact = contacts.entry(name).or_default();
            contact.start = Some(contact.start.map_or(time, |start| start.min(time)));
            contact.tenant = if table.tenant.is_some() { format!("{:?}", event.cells.first()) } else { String::new() };
            keep_last(&mut contact.customer, time, others.first());
            keep_last(&mut contact.group, time, others.get(1));
        }
        let counted: BTreeSet<String> = events(question.filters())?
            .iter()
            .filter_map(|event| subject_of(table, event).map(|(name, _)| name))
            .collect();
        let Period { since, until } = question.period();
        contacts.retain(|_, contact| contact.start.is_some_and(|start| start >= since.as_millis()));
        let mut by_customer: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
        for (name, contact) in &contacts {
            if let (Some(start), Some((_, customer))) = (contact.start, &contact.customer) {
                let customer = format!("{} {customer:?}", contact.tenant);
                by_customer.entry(customer).or_default().push((start, name.clone()));
            }
        }
        let mut groups: BTreeMap<String, (Option<Cell>, Returns, Vec<f64>)> = BTreeMap::new();
        for of_customer in by_customer.values_mut() {
            of_customer.sort();
            let mut by_group: BTreeMap<String, (bool, bool)> = BTreeMap::new();
            for (place, (start, name)) in of_customer.iter().enumerate() {
                if !counted.contains(name) || *start >= until.as_millis() {
                    continue;
                }
                let value =
                    question.group().map(|_| contacts[name].group.clone().map_or(Cell::Absent, |(_, cell)| cell));
                let key = format!("{value:?}");
                let (_, returns, times) =
                    groups.entry(key.clone()).or_insert_with(|| (value, Returns::default(), Vec::new()));
                let (returned, open) = by_group.entry(key).or_default();
                returns.contacts += 1;
                let next = of_customer.get(place + 1).map(|(next, _)| next - start);
                if let Some(time) = next.filter(|time| *time <= question.within()) {
                    returns.repeated += 1;
                    *returned = true;
                    #[expect(clippy::cast_precision_loss, reason = "numbers of tests are smaller than 2^52")]
                    times.push(time as f64);
                } else if *start > question.last_closed() {
                    returns.open += 1;
                    *open = true;
                }
            }
            for (key, (returned, open)) in by_group {
                if let Some((_, returns, _)) = groups.get_mut(&key) {
                    returns.customers += 1;
                    returns.returning_customers += i64::from(returned);
                    returns.open_customers += i64::from(open && !returned);
                }
            }
        }
        let groups =
            groups.into_values().map(|(value, returns, times)| (value, Returns { median: median(times), ..returns }));
        Ok(question.answer(groups.collect()))
    }
}

/// Keeps the value of the latest time; of several at the same time, the largest.
fn keep_last(kept: &mut Option<(i64, Cell)>, time: i64, value: Option<&Cell>) {
    let Some(value) = value.filter(|value| **value != Cell::Absent) else { return };
    let is_later = kept.as_ref().is_none_or(|(known_time, known)| {
        time.cmp(known_time).then_with(|| value.compare(known, Direction::Ascending)).is_gt()
    });
    if is_later {
        *kept = Some((time, value.clone()));
    }
}
