//! Funnels by a fold over all rows.

use std::collections::BTreeMap;

use super::{
    MemoryStore,
    subjects::{listed_of, median, subject_of, time_of},
};
use crate::{Answer, Funnel, StoreError, query::Reached};

impl MemoryStore {
    /// The answer to a funnel: every chain of events is tried.
    pub(super) fn funnel_answer(&self, funnel: &Funnel) -> Result<Answer, StoreError> {
        let scope = (*funnel.table(), funnel.tenants(), funnel.period());
        // The times of each step's events, by actor.
        let mut times: BTreeMap<String, Vec<Vec<i64>>> = BTreeMap::new();
        for (step, filters) in funnel.steps().enumerate() {
            for event in self.listed(&listed_of(scope, &[funnel.actor()], &[funnel.filters(), filters]))? {
                let Some((actor, _)) = subject_of(funnel.table(), &event) else { continue };
                let steps = times.entry(actor).or_insert_with(|| vec![Vec::new(); funnel.steps().len()]);
                steps[step].push(time_of(&event));
            }
        }
        let mut shortest: Vec<Vec<f64>> = vec![Vec::new(); funnel.steps().len()];
        for steps in times.values() {
            // Starts and ends of all chains to the step.
            let mut chains: Vec<(i64, i64)> = steps[0].iter().map(|time| (*time, *time)).collect();
            for (step, events) in steps.iter().enumerate() {
                if step > 0 {
                    let longer = chains.iter().flat_map(|(start, end)| {
                        let later = events.iter().filter(move |time| *time > end && *time - start <= funnel.within());
                        later.map(|time| (*start, *time))
                    });
                    chains = longer.collect();
                }
                #[expect(clippy::cast_precision_loss, reason = "numbers of tests are smaller than 2^52")]
                shortest[step].extend(chains.iter().map(|(start, end)| end - start).min().map(|time| time as f64));
            }
        }
        let reached =
            |times: Vec<f64>| Reached { actors: i64::try_from(times.len()).unwrap_or(i64::MAX), median: median(times) };
        Ok(funnel.answer(&shortest.into_iter().map(reached).collect::<Vec<_>>()))
    }
}
