//! Funnels of activity.

use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;

use super::events::era;
use crate::{
    event::Event,
    fold::{Row, quantile_of},
    question::{Request, Subject, subject},
};

/// A funnel of activity.
#[derive(Debug, Clone)]
pub(super) struct Funnel {
    subject: Subject,
    field: &'static str,
    steps: Vec<&'static str>,
    within: i64,
    per: &'static str,
}

pub(super) fn funnel() -> impl Strategy<Value = Funnel> {
    let by_type = vec(select(vec!["page_view", "click", "form_submit"]), 2..5).prop_map(|steps| ("event_type", steps));
    let by_page = vec(select(vec!["https://a/", "https://a/b", "=c"]), 2..4).prop_map(|steps| ("page_url", steps));
    let within = prop_oneof![(1..300_i64), (1..9 * 24_i64).prop_map(|hours| 60 * hours)];
    (subject(era()), prop_oneof![by_type, by_page], within, select(vec!["session", "user"])).prop_map(
        |(subject, (field, steps), minutes, per)| {
            let subject = subject.of_all_events().of_tenant(None);
            Funnel { subject, field, steps, within: minutes * 60_000, per }
        },
    )
}

impl Funnel {
    pub(super) fn request(&self) -> Request {
        let mut parameters = self.subject.parameters();
        let mut give = |name: &str, value: String| parameters.push((name.to_owned(), value));
        self.steps.iter().for_each(|step| give("steps", (*step).to_owned()));
        give("within", format!("{}m", self.within / 60_000));
        give("per", self.per.to_owned());
        give("of", self.field.to_owned());
        Request { method: "GET", path: "/api/v1/activity/funnel".to_owned(), parameters, body: None }
    }

    /// From each event of the first step, the next steps are taken as early as possible.
    pub(super) fn expected(&self, events: &[Event]) -> Vec<Row> {
        let mut actors: BTreeMap<String, Vec<&Event>> = BTreeMap::new();
        for event in events {
            let actor = event.field(if self.per == "session" { "session_id" } else { "user_id" });
            if (self.subject.since..self.subject.until).contains(&event.millis) && !actor.is_null() {
                actors.entry(actor.to_string()).or_default().push(event);
            }
        }
        let mut shortest: Vec<Vec<f64>> = vec![Vec::new(); self.steps.len()];
        for events in actors.values_mut() {
            events.sort_by_key(|event| event.millis);
            let is_step = |event: &&&Event, step: usize| event.field(self.field) == json!(self.steps[step]);
            let mut best: Vec<Option<i64>> = vec![None; self.steps.len()];
            for start in events.iter().filter(|event| is_step(event, 0)).map(|event| event.millis) {
                let mut end = start;
                for step in 0..self.steps.len() {
                    if step > 0 {
                        let next = events.iter().find(|event| event.millis > end && is_step(event, step));
                        match next.filter(|event| event.millis - start <= self.within) {
                            Some(event) => end = event.millis,
                            None => break,
                        }
                    }
                    best[step] = Some(best[step].map_or(end - start, |best| best.min(end - start)));
                }
            }
            for (times, best) in shortest.iter_mut().zip(best) {
                times.extend(best.map(|best| best as f64));
            }
        }
        let counts: Vec<f64> = shortest.iter().map(|times| times.len() as f64).collect();
        let share = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
        let row = |(step, times): (usize, &mut Vec<f64>)| {
            times.sort_by(f64::total_cmp);
            let previous = counts[step.saturating_sub(1)];
            let row = json!({"step": step + 1, "name": self.steps[step], "count": times.len(),
                "share": share(counts[step], counts[0]), "share_of_previous": share(counts[step], previous),
                "p50_ms": quantile_of(times, 50.0)});
            row.as_object().unwrap().clone()
        };
        shortest.iter_mut().enumerate().map(row).collect()
    }
}
