//! Drivers by a fold over all rows.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    MemoryStore,
    subjects::{listed_of, subject_of},
};
use crate::{
    Answer, Cell, Drivers, StoreError,
    query::{Outcomes, OutcomesOfValue},
};

impl MemoryStore {
    /// The answer to a question about drivers.
    pub(super) fn drivers_answer(&self, drivers: &Drivers) -> Result<Answer, StoreError> {
        let table = drivers.table();
        let scope = (*table, drivers.tenants(), drivers.period());
        let numbers_of = |field, filters| -> Result<BTreeMap<String, Vec<f64>>, StoreError> {
            let mut numbers: BTreeMap<String, Vec<f64>> = BTreeMap::new();
            for event in self.listed(&listed_of(scope, &[drivers.subject(), field], &[filters]))? {
                let Some((subject, [value])) = subject_of(table, &event) else { continue };
                numbers.entry(subject).or_default().extend(value.float());
            }
            numbers.retain(|_, numbers| !numbers.is_empty());
            Ok(numbers)
        };
        let outcomes = numbers_of(drivers.outcome(), drivers.filters())?;
        let outcomes: BTreeMap<String, f64> =
            outcomes.into_iter().map(|(subject, numbers)| (subject, mean(&numbers))).collect();
        let mut subjects: BTreeMap<(usize, String), BTreeSet<String>> = BTreeMap::new();
        for (number, factor) in drivers.factors().iter().enumerate() {
            if let Some(limits) = factor.bands() {
                for (subject, numbers) in numbers_of(factor.field(), &[])? {
                    let band = limits.iter().filter(|limit| **limit <= mean(&numbers)).count();
                    subjects.entry((number, band.to_string())).or_default().insert(subject);
                }
                continue;
            }
            for event in self.listed(&listed_of(scope, &[drivers.subject(), factor.field()], &[]))? {
                let Some((subject, [value])) = subject_of(table, &event) else { continue };
                if let Some(value) = text(value) {
                    subjects.entry((number, value)).or_default().insert(subject);
                }
            }
        }
        let sum = |outcomes: &mut dyn Iterator<Item = f64>| {
            outcomes.fold(Outcomes::default(), |mut sum, outcome| {
                sum.add(outcome);
                sum
            })
        };
        let all = sum(&mut outcomes.values().copied());
        let mut values: Vec<OutcomesOfValue> = subjects
            .into_iter()
            .map(|((factor, value), subjects)| {
                let of_subjects = subjects.iter().filter_map(|subject| outcomes.get(subject).copied());
                OutcomesOfValue { factor, value, outcomes: sum(&mut { of_subjects }) }
            })
            .filter(|value| value.outcomes.count >= drivers.least_support().max(1))
            .collect();
        values.sort_by_key(|value| std::cmp::Reverse(value.outcomes.count));
        Ok(drivers.answer(all, values))
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of tests are smaller than 2^52")]
fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

/// A value as an engine writes it.
fn text(cell: &Cell) -> Option<String> {
    Some(match cell {
        Cell::Text(text) => text.clone(),
        Cell::Integer(number) => number.to_string(),
        Cell::Float(number) => number.to_string(),
        Cell::Boolean(flag) => flag.to_string(),
        Cell::Time(time) => time.as_millis().to_string(),
        _ => return None,
    })
}
