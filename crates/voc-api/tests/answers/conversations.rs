//! Drivers and repeat contacts are those of a plain fold, before and after a replay, and of one tenant with its key.

use std::collections::{BTreeMap, BTreeSet};

use proptest::{collection::vec, option, prelude::*, sample::select, test_runner::TestRunner};
use serde_json::{Value, json};
use voc_testkit::requirements::engine_or_skip;

use crate::{
    event::{ERAS, Event, HOUR, annotation, batches},
    fold::{Row, quantile_of},
    formats::assert_written,
    keys::KeyStage,
    question::{Request, Subject, subject},
    revised, rows, send,
    served::Served,
    stage::Stage,
};

/// A call of a tenant.
type Call = (&'static str, String);

#[derive(Debug, Clone)]
enum Question {
    Drivers { kinds: Vec<&'static str>, min_support: usize },
    RepeatContacts { within: i64, by: Option<&'static str> },
}

fn question() -> impl Strategy<Value = Question> {
    let kinds = prop::sample::subsequence(vec!["topic", "agent", "tool", "quality"], 0..4);
    let within = (1..5 * 24_i64).prop_map(|hours| hours * HOUR);
    prop_oneof![
        (kinds, 1..6_usize).prop_map(|(kinds, min_support)| Question::Drivers { kinds, min_support }),
        (within, option::of(select(vec!["topic", "agent_id", "tenant_id"])))
            .prop_map(|(within, by)| Question::RepeatContacts { within, by }),
    ]
}

impl Question {
    fn request(&self, subject: &Subject) -> Request {
        let mut parameters = subject.parameters();
        let mut give = |name: &str, value: String| parameters.push((name.to_owned(), value));
        let path = match self {
            Self::Drivers { kinds, min_support } => {
                kinds.iter().for_each(|kind| give("kinds", (*kind).to_owned()));
                give("min_support", min_support.to_string());
                "/api/v1/drivers"
            }
            Self::RepeatContacts { within, by } => {
                give("within", format!("{}h", within / HOUR));
                by.iter().for_each(|by| give("by", (*by).to_owned()));
                "/api/v1/repeat-contacts"
            }
        };
        Request { method: "GET", path: path.to_owned(), parameters, body: None }
    }

    fn expected(&self, subject: &Subject, events: &[Event]) -> Vec<Row> {
        match self {
            Self::Drivers { kinds, min_support } => drivers(kinds, *min_support, subject, events),
            Self::RepeatContacts { within, by } => repeat_contacts(*within, *by, subject, events),
        }
    }

    /// The columns that tell rows apart.
    fn keys(&self) -> Vec<&'static str> {
        match self {
            Self::Drivers { .. } => vec!["factor", "value"],
            Self::RepeatContacts { by, .. } => by.iter().copied().collect(),
        }
    }
}

fn call_of(event: &Event) -> Option<Call> {
    Some((event.tenant, event.field("call_id").as_str()?.to_owned()))
}

fn in_scope<'e>(subject: &Subject, events: &'e [Event], until: i64) -> Vec<&'e Event> {
    let (since, tenant) = (subject.since, subject.tenant);
    let is_meant =
        |event: &&Event| (since..until).contains(&event.millis) && tenant.is_none_or(|tenant| tenant == event.tenant);
    events.iter().filter(is_meant).collect()
}

fn mean(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

fn drivers(kinds: &[&'static str], min_support: usize, subject: &Subject, events: &[Event]) -> Vec<Row> {
    let events = in_scope(subject, events, subject.until);
    let mut scores: BTreeMap<Call, Vec<f64>> = BTreeMap::new();
    for event in events.iter().filter(|event| event.event_type == "call") {
        let score =
            event.field("sentiment").as_f64().filter(|_| subject.filters.iter().all(|filter| filter.holds(event)));
        if let (Some(call), Some(score)) = (call_of(event), score) {
            scores.entry(call).or_default().push(score);
        }
    }
    let scores: BTreeMap<Call, f64> = scores.into_iter().map(|(call, scores)| (call, mean(&scores))).collect();
    let mut having: BTreeMap<(&str, String), BTreeSet<Call>> = BTreeMap::new();
    for call in scores.keys() {
        let own = || events.iter().filter(|event| call_of(event).as_ref() == Some(call));
        let texts =
            |field| own().filter_map(|event| event.field(field).as_str().map(str::to_owned)).collect::<Vec<_>>();
        let quality: Vec<f64> = own().filter_map(|event| event.field("call_quality.mos").as_f64()).collect();
        let quality = (!quality.is_empty()).then(|| {
            let band = match mean(&quality) {
                mos if mos < 2.58 => "below 2.58",
                mos if mos < 3.1 => "2.58 to 3.1",
                mos if mos < 3.6 => "3.1 to 3.6",
                mos if mos < 4.03 => "3.6 to 4.03",
                mos if mos < 4.34 => "4.03 to 4.34",
                _ => "4.34 or more",
            };
            band.to_owned()
        });
        let values = [
            ("topic", texts("topic")),
            ("agent", texts("agent_id")),
            ("tool", texts("tool_name")),
            ("quality", quality.into_iter().collect()),
        ];
        for (kind, values) in values.into_iter().filter(|(kind, _)| kinds.is_empty() || kinds.contains(kind)) {
            for value in values {
                having.entry((kind, value)).or_default().insert(call.clone());
            }
        }
    }
    let row = |((kind, value), calls): ((&str, String), BTreeSet<Call>)| {
        let with: Vec<f64> = calls.iter().map(|call| scores[call]).collect();
        let without: Vec<f64> =
            scores.iter().filter(|(call, _)| !calls.contains(*call)).map(|(_, score)| *score).collect();
        let difference = (!without.is_empty()).then(|| mean(&with) - mean(&without));
        let share = with.len() as f64 / scores.len() as f64;
        let margin = difference.and_then(|_| welch(&with, &without));
        let members = json!({
            "factor": kind, "value": value, "support": with.len(), "share": share, "mean_with": mean(&with),
            "mean_without": difference.map(|_| mean(&without)), "difference": difference,
            "difference_low": margin.map(|margin| difference.unwrap() - margin),
            "difference_high": margin.map(|margin| difference.unwrap() + margin),
            "effect": difference.map(|difference| share * difference),
        });
        members.as_object().unwrap().clone()
    };
    having.into_iter().filter(|(_, calls)| calls.len() >= min_support).map(row).collect()
}

/// Half of the interval of the difference of two means.
fn welch(one: &[f64], two: &[f64]) -> Option<f64> {
    if one.len() < 5 || two.len() < 5 {
        return None;
    }
    let error = |numbers: &[f64]| {
        let (n, mean) = (numbers.len() as f64, mean(numbers));
        numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / (n - 1.0) / n
    };
    let (of_one, of_two) = (error(one), error(two));
    let freedom = (of_one + of_two).powi(2)
        / (of_one.powi(2) / (one.len() as f64 - 1.0) + of_two.powi(2) / (two.len() as f64 - 1.0));
    Some(if freedom.is_nan() { 0.0 } else { t_quantile(freedom) * (of_one + of_two).sqrt() })
}

/// Where Student's distribution has 97.5 %, found by adding up its density.
fn t_quantile(freedom: f64) -> f64 {
    let density = |x: f64| (1.0 + x * x / freedom).powf(-(freedom + 1.0) / 2.0);
    // With x = tan(angle), all of the distribution is in a finite range.
    let steps = 20_000;
    let part = |step: usize| {
        let angle = (step as f64 + 0.5) * std::f64::consts::FRAC_PI_2 / steps as f64;
        (angle.tan(), density(angle.tan()) / angle.cos().powi(2))
    };
    let all: f64 = (0..steps).map(|step| part(step).1).sum();
    let mut sum = 0.0;
    for step in 0..steps {
        let (x, weight) = part(step);
        sum += weight;
        // Half of the distribution is above 0.
        if sum >= 0.95 * all {
            return x;
        }
    }
    f64::INFINITY
}

/// The value of the last event that has one; of several at the same time, the largest.
fn last_of(events: &[&Event], field: &str) -> Value {
    let having = events.iter().filter(|event| !event.field(field).is_null());
    let last = having.max_by_key(|event| (event.millis, event.field(field).as_str().unwrap().to_owned()));
    last.map(|event| event.field(field)).unwrap_or_default()
}

/// A customer's contacts: the times to the next one of repeated contacts, and the numbers of open and other ones.
#[derive(Default)]
struct Contacts {
    times: Vec<f64>,
    open: usize,
    others: usize,
}

fn repeat_contacts(within: i64, by: Option<&str>, subject: &Subject, events: &[Event]) -> Vec<Row> {
    let known = in_scope(subject, events, i64::MAX).iter().map(|event| event.millis).max().unwrap_or(subject.since);
    // A call that began in the day before is none of the period's.
    let mut with_day_before = subject.clone();
    with_day_before.since -= 86_400_000;
    let events = in_scope(&with_day_before, events, subject.until + within);
    let mut calls: BTreeMap<Call, Vec<&Event>> = BTreeMap::new();
    for event in events.into_iter().filter(|event| event.event_type == "call") {
        calls.entry(call_of(event).unwrap()).or_default().push(event);
    }
    let start = |events: &[&Event]| events.iter().map(|event| event.millis).min().unwrap();
    calls.retain(|_, events| start(events) >= subject.since);
    let mut customers: BTreeMap<(&str, String), Vec<(i64, &Call)>> = BTreeMap::new();
    for (call, events) in &calls {
        if let Some(customer) = last_of(events, "customer_id").as_str() {
            customers.entry((call.0, customer.to_owned())).or_default().push((start(events), call));
        }
    }
    // By group and customer.
    let mut groups: BTreeMap<String, (Value, Vec<Contacts>)> = BTreeMap::new();
    if by.is_none() {
        groups.insert("null".to_owned(), (Value::Null, Vec::new()));
    }
    for contacts in customers.values_mut() {
        contacts.sort();
        let mut own: BTreeMap<String, (Value, Contacts)> = BTreeMap::new();
        for (place, (time, call)) in contacts.iter().enumerate() {
            let events = &calls[*call];
            let counts = events.iter().any(|event| subject.filters.iter().all(|filter| filter.holds(event)));
            if !counts || *time >= subject.until {
                continue;
            }
            let group = by.map(|by| last_of(events, by)).unwrap_or_default();
            let (_, own) = own.entry(group.to_string()).or_insert((group, Contacts::default()));
            match contacts.get(place + 1).map(|(next, _)| next - time) {
                Some(next) if next <= within => own.times.push(next as f64),
                _ if time + within > known => own.open += 1,
                _ => own.others += 1,
            }
        }
        for (key, (group, counted)) in own {
            groups.entry(key).or_insert((group, Vec::new())).1.push(counted);
        }
    }
    let row = |(group, customers): (Value, Vec<Contacts>)| {
        let count = |of: fn(&Contacts) -> usize| customers.iter().map(of).sum::<usize>();
        let repeated = count(|contacts| contacts.times.len());
        let (open, others) = (count(|contacts| contacts.open), count(|contacts| contacts.others));
        let returning = count(|contacts| usize::from(!contacts.times.is_empty()));
        let open_customers = count(|contacts| usize::from(contacts.times.is_empty() && contacts.open > 0));
        let share = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
        let mut times: Vec<f64> = customers.iter().flat_map(|contacts| contacts.times.iter().copied()).collect();
        times.sort_by(f64::total_cmp);
        let mut members = json!({
            "contacts": repeated + open + others, "repeated": repeated, "open": open,
            "repeat_share": share(repeated, repeated + others), "customers": customers.len(),
            "returning_customers": returning, "open_customers": open_customers,
            "returning_share": share(returning, customers.len() - open_customers),
            "p50_return_ms": quantile_of(&times, 50.0),
        });
        if let Some(by) = by {
            members[by] = group;
        }
        members.as_object().unwrap().clone()
    };
    groups.into_values().map(row).collect()
}

#[test]
fn drivers_and_repeat_contacts_are_those_of_a_fold() {
    let Some(engine) = engine_or_skip() else { return };
    let stage = Stage::new(&engine);
    let keys = KeyStage::new();
    let all = keys.reader_of_all();
    let bound = ["acme", "globex"].map(|tenant| (tenant, keys.reader(tenant)));
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 8,
        max_shrink_iters: 4,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let case = select(ERAS.to_vec()).prop_flat_map(|era| {
        let again = vec(option::of(annotation()), 20);
        (batches(era), again, vec((subject(era), question()), 12))
    });
    runner
        .run(&case, |(batches, again, questions)| {
            stage.clear(false);
            let mut events = BTreeMap::new();
            let offsets = stage.insert(&batches, &mut events);
            let check = |events: &BTreeMap<u64, Event>| {
                let events: Vec<Event> = events.values().cloned().collect();
                // Answers are kept for a second, so each version of the data has a server of its own.
                let api = keys.serve_from(stage.store());
                let open = Served::start(stage.store(), Vec::new());
                let (subject, question) = &questions[0];
                let request = question.request(subject);
                assert_written(&open, &request, &rows(&send(&open, &request, "", "application/json").json()["data"]));
                for (subject, question) in &questions {
                    assert_answered(&api, &all, question, subject, &events);
                    for (tenant, key) in &bound {
                        let named = subject.of_tenant(Some(tenant));
                        let unnamed = subject.of_tenant(None);
                        let of_key = ask(&api, key, &question.request(&unnamed));
                        assert_eq!(of_key, ask(&api, &all, &question.request(&named)), "{question:?} {unnamed:?}");
                    }
                }
            };
            check(&events);
            // A replay stores every third event again.
            let replay = stage.open_replay(offsets);
            let revised: Vec<Event> = events.values().zip(again.iter().cycle()).step_by(3).map(revised).collect();
            stage.insert_again(&revised, 0, &replay, &mut events);
            check(&events);
            Ok(())
        })
        .unwrap();
}

fn ask(api: &Served, key: &str, request: &Request) -> Vec<Row> {
    let response = crate::keys::ask(api, key, &request.uri(""));
    assert_eq!(response.status, 200, "{}: {request:?}", response.text);
    rows(&response.json()["data"])
}

fn assert_answered(api: &Served, key: &str, question: &Question, subject: &Subject, events: &[Event]) {
    let by_key = |mut rows: Vec<Row>| {
        rows.sort_by_key(|row| question.keys().iter().map(|key| row[*key].to_string()).collect::<Vec<_>>());
        rows
    };
    let found = ask(api, key, &question.request(subject));
    if let Question::Drivers { .. } = question {
        let effects: Vec<f64> = found.iter().map(|row| row["effect"].as_f64().unwrap_or(0.0).abs()).collect();
        assert!(effects.windows(2).all(|pair| pair[0] >= pair[1]), "{effects:?}");
    }
    let (found, expected) = (by_key(found), by_key(question.expected(subject, events)));
    // The quantile of an interval is approximated.
    let close = |one: &Value, other: &Value| match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => (one - other).abs() <= 1e-3 * one.abs().max(1.0),
        _ => one == other,
    };
    let same_row = |one: &Row, other: &Row| {
        one.len() == other.len()
            && one.iter().all(|(name, value)| close(value, other.get(name).unwrap_or(&Value::Null)))
    };
    let same = found.len() == expected.len() && found.iter().zip(&expected).all(|(one, other)| same_row(one, other));
    assert!(same, "{question:?} {subject:?}\nfound    {}\nexpected {}", json!(found), json!(expected));
}
