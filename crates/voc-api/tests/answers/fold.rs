//! What answers must be: a plain fold over events.

use std::{
    cmp::Ordering,
    collections::{BTreeSet, HashMap},
};

use jiff::{Span, Timestamp as Instant, ZonedDateTime, tz::TimeZone};
use serde_json::{Map, Value, json};

use crate::event::{Event, HOUR};

pub(crate) type Row = Map<String, Value>;

/// What must hold for a field.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) operator: &'static str,
    pub(crate) field: &'static str,
    pub(crate) values: Vec<Value>,
}

impl Filter {
    pub(crate) fn holds(&self, event: &Event) -> bool {
        let found = event.field(self.field);
        let number = || Some((found.as_f64()?, self.values[0].as_f64()?));
        let contains = || {
            let texts = self.values.iter().filter_map(Value::as_str);
            found.as_str().is_some_and(|found| texts.into_iter().any(|text| found.contains(text)))
        };
        let is = || values_of(&found).iter().any(|value| self.values.contains(value));
        match self.operator {
            "is" => is(),
            "is_not" => !is(),
            "contains" => contains(),
            "contains_not" => !contains(),
            "less" => number().is_some_and(|(found, wanted)| found < wanted),
            "at_most" => number().is_some_and(|(found, wanted)| found <= wanted),
            "more" => number().is_some_and(|(found, wanted)| found > wanted),
            "at_least" => number().is_some_and(|(found, wanted)| found >= wanted),
            "present" => !values_of(&found).is_empty(),
            "absent" => values_of(&found).is_empty(),
            other => panic!("no operator: {other}"),
        }
    }
}

/// The values of a field: several if it has a list, none if it is absent.
fn values_of(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(values) => values,
        one => std::slice::from_ref(one),
    }
}

/// The number of distinct values. Identifiers are those of a tenant.
fn distinct(events: &[&Event], field: &str) -> usize {
    let of_event = |event: &&Event| {
        let tenant = if field.ends_with("_id") { event.tenant } else { "" };
        let values = event.field(field);
        values_of(&values).iter().map(|value| (tenant, value.to_string())).collect::<Vec<_>>()
    };
    events.iter().flat_map(of_event).collect::<BTreeSet<_>>().len()
}

/// A measure of some of a group's events.
#[derive(Debug, Clone)]
pub(crate) struct Metric {
    pub(crate) name: &'static str,
    pub(crate) measure: &'static str,
    pub(crate) filters: Vec<Filter>,
}

impl Metric {
    pub(crate) fn named(measure: &'static str) -> Self {
        Self { name: measure, measure, filters: Vec::new() }
    }

    pub(crate) fn of(&self, events: &[&Event]) -> Value {
        let mut events: Vec<&Event> =
            events.iter().copied().filter(|event| self.filters.iter().all(|filter| filter.holds(event))).collect();
        events.sort_by_key(|event| event.millis);
        match self.measure {
            "event_count" => return json!(events.len()),
            "first_event" => return json!(events.first().map(|event| utc(event.millis))),
            "last_event" => return json!(events.last().map(|event| utc(event.millis))),
            _ => {}
        }
        let (function, field) = self.measure.split_once('_').unwrap();
        if matches!(function, "first" | "last") {
            return outermost(&events, function == "first", field);
        }
        let values: Vec<Value> = events.iter().flat_map(|event| values_of(&event.field(field)).to_vec()).collect();
        let mut numbers: Vec<f64> = values.iter().filter_map(Value::as_f64).collect();
        numbers.sort_by(f64::total_cmp);
        let count = numbers.len() as f64;
        let sum: f64 = numbers.iter().sum();
        let mean = (count > 0.0).then(|| sum / count);
        match function {
            "count" => json!(values.len()),
            "unique" => json!(distinct(&events, field)),
            "sum" => json!(mean.map(|_| sum)),
            "avg" => json!(mean),
            "min" => json!(numbers.first()),
            "max" => json!(numbers.last()),
            "stddev" => json!(mean.filter(|_| count > 1.0).map(|mean| {
                (numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt()
            })),
            "share" => {
                let of_true = values.iter().filter(|value| **value == json!(true)).count() as f64;
                json!((!values.is_empty()).then(|| of_true / values.len() as f64))
            }
            quantile => json!(quantile_of(&numbers, quantile.strip_prefix('p').unwrap().parse().unwrap())),
        }
    }

    /// Its value of no events.
    fn of_none(&self) -> Value {
        self.of(&[])
    }
}

/// The value of the first or the last event that has one; of several at the same time, the smallest or the largest.
fn outermost(events: &[&Event], is_first: bool, field: &str) -> Value {
    let values = events.iter().map(|event| (event.millis, event.field(field))).filter(|(_, value)| !value.is_null());
    let order = |one: &(i64, Value), other: &(i64, Value)| {
        let order = one.0.cmp(&other.0).then_with(|| compared(&one.1, &other.1, false));
        if is_first { order.reverse() } else { order }
    };
    values.max_by(order).map(|(_, value)| value).unwrap_or_default()
}

/// Interpolated between the two nearest values.
pub(crate) fn quantile_of(sorted: &[f64], percent: f64) -> Option<f64> {
    let place = sorted.len().checked_sub(1)? as f64 * percent / 100.0;
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    Some(below + (above - below) * (place - place.floor()))
}

#[derive(Debug, Clone)]
pub(crate) enum Dimension {
    Field(&'static str),
    Time(Buckets),
}

impl Dimension {
    fn name(&self) -> &'static str {
        match self {
            Self::Field(name) => name,
            Self::Time(_) => "time",
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Buckets {
    pub(crate) granularity: String,
    pub(crate) from_sunday: bool,
    pub(crate) zone: TimeZone,
}

impl Buckets {
    /// The start of the bucket with an instant. An hour begins where the clock shows a full one, or jumps by a part.
    fn start_of(&self, millis: i64) -> i64 {
        let now = zoned(millis, &self.zone);
        let back = match self.granularity.as_str() {
            "minute" => return millis.div_euclid(60_000) * 60_000,
            "hour" => {
                let quarter = HOUR / 4;
                let mut start = millis.div_euclid(quarter) * quarter;
                let at = |millis: i64| zoned(millis, &self.zone);
                let offset = |millis: i64| at(millis).offset().seconds();
                while at(start).minute() != 0 && (offset(start) - offset(start - 1)) % 3600 == 0 {
                    start -= quarter;
                }
                return start;
            }
            "day" => 0,
            "week" if self.from_sunday => now.weekday().to_sunday_zero_offset(),
            "week" => now.weekday().to_monday_zero_offset(),
            _ => now.day() - 1,
        };
        let first = (0..back).fold(now.date(), |date, _| date.yesterday().unwrap());
        first.to_zoned_datetime(self.zone.clone()).unwrap().start_of_day().unwrap().timestamp().as_millisecond()
    }

    /// The starts of all buckets with an instant of a period.
    fn starts(&self, since: i64, until: i64) -> Vec<i64> {
        let step = if self.granularity == "minute" { 60_000 } else { HOUR / 4 };
        let first = (since.div_euclid(step) + 1) * step;
        let steps = (0..).map(|place| first + place * step).take_while(|millis| *millis < until);
        let starts: BTreeSet<i64> = std::iter::once(since).chain(steps).map(|millis| self.start_of(millis)).collect();
        starts.into_iter().collect()
    }
}

/// A question, in the reference's own words.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) tenant: Option<&'static str>,
    pub(crate) since: i64,
    pub(crate) until: i64,
    pub(crate) zone: TimeZone,
    pub(crate) dimensions: Vec<Dimension>,
    pub(crate) metrics: Vec<Metric>,
    pub(crate) filters: Vec<Filter>,
    /// A column, and whether its largest value is first.
    pub(crate) order: Option<(String, bool)>,
    pub(crate) limit: usize,
    pub(crate) fill: bool,
    pub(crate) compare: bool,
}

/// The expected rows.
#[derive(Debug)]
pub(crate) struct Expected {
    pub(crate) rows: Vec<Row>,
    pub(crate) truncated: bool,
}

/// The values of a group's dimensions, with the start of a bucket as a number, and its metrics.
type Group = (Vec<Value>, Vec<Value>);

impl Asked {
    pub(crate) fn of(&self, events: &[Event]) -> Expected {
        let mut groups = self.groups(events, self.since, self.until);
        let none: Vec<Value> = self.metrics.iter().map(Metric::of_none).collect();
        let (since, until) = self.previous();
        let key = |group: &Group| self.key(&group.0, self.since, self.until);
        let mut previous: HashMap<String, Group> = HashMap::new();
        if self.compare {
            let of_previous = self.groups(events, since, until).into_iter();
            previous = of_previous.map(|group| (self.key(&group.0, since, until), group)).collect();
            if self.buckets().is_none() {
                let known: BTreeSet<String> = groups.iter().map(key).collect();
                let gone = previous.iter().filter(|(key, _)| !known.contains(*key));
                groups.extend(gone.map(|(_, (dimensions, _))| (dimensions.clone(), none.clone())));
                self.sort(&mut groups);
            }
        }
        let truncated = groups.len() > self.limit;
        groups.truncate(self.limit);
        let row = |group: &Group| {
            let mut row = self.row(group);
            if self.compare {
                let before = previous.get(&key(group)).map_or(&none, |(_, metrics)| metrics);
                self.compare(&mut row, &group.1, before);
            }
            row
        };
        Expected { rows: groups.iter().map(row).collect(), truncated }
    }

    /// The period before: this one moved back by its length in buckets, or without buckets by its days, if they are
    /// whole ones, or else by its length.
    pub(crate) fn previous(&self) -> (i64, i64) {
        let zone = self.buckets().map_or(&self.zone, |(_, buckets)| &buckets.zone);
        let moved =
            |millis: i64, span: Span| zoned(millis, zone).checked_add(span).unwrap().timestamp().as_millisecond();
        let units = |of: fn(i64) -> Span| (1..).map(of).find(|span| moved(self.since, *span) >= self.until).unwrap();
        let span = match self.buckets().map(|(_, buckets)| buckets.granularity.as_str()) {
            Some("minute") => units(|count| Span::new().minutes(count)),
            Some("hour") => units(|count| Span::new().hours(count)),
            Some("week") => units(|count| Span::new().days(7 * count)),
            Some("month") => units(|count| Span::new().months(count)),
            day => match units(|count| Span::new().days(count)) {
                days if day.is_some() || moved(self.since, days) == self.until => days,
                _ => Span::new().milliseconds(self.until - self.since),
            },
        };
        (moved(self.since, -span), moved(self.until, -span).min(self.since))
    }

    fn meant<'e>(&self, events: &'e [Event], since: i64, until: i64) -> impl Iterator<Item = &'e Event> {
        events.iter().filter(move |event| {
            (since..until).contains(&event.millis)
                && self.tenant.is_none_or(|tenant| tenant == event.tenant)
                && self.filters.iter().all(|filter| filter.holds(event))
        })
    }

    /// All groups, whatever the limit.
    fn groups(&self, events: &[Event], since: i64, until: i64) -> Vec<Group> {
        let mut found: HashMap<String, (Vec<Value>, Vec<&Event>)> = HashMap::new();
        if self.dimensions.is_empty() {
            found.insert(String::new(), (Vec::new(), Vec::new()));
        }
        for event in self.meant(events, since, until) {
            for values in self.places(event) {
                let key = if values.is_empty() { String::new() } else { json!(values).to_string() };
                found.entry(key).or_insert_with(|| (values, Vec::new())).1.push(event);
            }
        }
        let of_group = |(values, events): (Vec<Value>, Vec<&Event>)| {
            (values, self.metrics.iter().map(|metric| metric.of(&events)).collect())
        };
        let mut groups: Vec<Group> = found.into_values().map(of_group).collect();
        if let Some((place, buckets)) = self.buckets().filter(|_| self.fill) {
            let mut series: Vec<Vec<Value>> = groups.iter().map(|(values, _)| without(values, place)).collect();
            if self.dimensions.len() == 1 {
                series.push(Vec::new());
            }
            series.sort_by_key(|values| json!(values).to_string());
            series.dedup();
            let known: BTreeSet<String> = groups.iter().map(|(values, _)| json!(values).to_string()).collect();
            for start in buckets.starts(since, until) {
                for others in &series {
                    let mut values = others.clone();
                    values.insert(place, json!(start));
                    if !known.contains(&json!(values).to_string()) {
                        groups.push((values, self.metrics.iter().map(Metric::of_none).collect()));
                    }
                }
            }
        }
        self.sort(&mut groups);
        groups
    }

    /// The groups that an event belongs to: of a list, one for each of its values.
    fn places(&self, event: &Event) -> Vec<Vec<Value>> {
        self.dimensions.iter().fold(vec![Vec::new()], |places, dimension| {
            let values = match dimension {
                Dimension::Time(buckets) => vec![json!(buckets.start_of(event.millis))],
                Dimension::Field(name) => match event.field(name) {
                    Value::Array(values) if values.is_empty() => vec![Value::Null],
                    Value::Array(mut values) => {
                        values.sort_by_key(Value::to_string);
                        values.dedup();
                        values
                    }
                    one => vec![one],
                },
            };
            let with = |place: &Vec<Value>, value: &Value| place.iter().chain([value]).cloned().collect::<Vec<_>>();
            places.iter().flat_map(|place| values.iter().map(move |value| with(place, value))).collect()
        })
    }

    fn buckets(&self) -> Option<(usize, &Buckets)> {
        self.dimensions.iter().enumerate().find_map(|(place, dimension)| match dimension {
            Dimension::Time(buckets) => Some((place, buckets)),
            Dimension::Field(_) => None,
        })
    }

    /// By the column that is asked for, else by time, else by the first metric; then by the dimensions.
    fn sort(&self, groups: &mut [Group]) {
        let dimensions = self.dimensions.len();
        let names: Vec<&str> = self.columns().collect();
        let first = match (&self.order, self.buckets()) {
            (Some((column, descending)), _) => (names.iter().position(|name| name == column).unwrap(), *descending),
            (None, Some((place, _))) => (place, false),
            (None, None) => (dimensions, true),
        };
        let value = |group: &Group, place: usize| {
            if place < dimensions { group.0[place].clone() } else { group.1[place - dimensions].clone() }
        };
        groups.sort_by(|one, other| {
            let by_first = compared(&value(one, first.0), &value(other, first.0), first.1);
            (0..dimensions)
                .fold(by_first, |order, place| order.then_with(|| compared(&one.0[place], &other.0[place], false)))
        });
    }

    /// The names of dimensions and metrics.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.dimensions.iter().map(Dimension::name).chain(self.metrics.iter().map(|metric| metric.name))
    }

    fn row(&self, (values, metrics): &Group) -> Row {
        let values = self.dimensions.iter().zip(values).map(|(dimension, value)| match dimension {
            Dimension::Field(name) => ((*name).to_owned(), value.clone()),
            Dimension::Time(buckets) => {
                let start = zoned(value.as_i64().unwrap(), &buckets.zone);
                ("time".to_owned(), json!(start.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()))
            }
        });
        let metrics = self.metrics.iter().zip(metrics).map(|(metric, value)| (metric.name.to_owned(), value.clone()));
        values.chain(metrics).collect()
    }

    fn compare(&self, row: &mut Row, now: &[Value], before: &[Value]) {
        for ((metric, now), before) in self.metrics.iter().zip(now).zip(before) {
            row.insert(format!("previous_{}", metric.name), before.clone());
            if !matches!(metric.measure, "first_event" | "last_event" | "last_topic" | "first_agent_id") {
                let both = now.as_f64().zip(before.as_f64());
                row.insert(format!("change_{}", metric.name), json!(both.map(|(now, before)| now - before)));
            }
        }
    }

    /// What a group corresponds to in another period: a bucket to the one with the same number.
    fn key(&self, values: &[Value], since: i64, until: i64) -> String {
        let Some((place, buckets)) = self.buckets() else { return json!(values).to_string() };
        let number = buckets.starts(since, until).iter().position(|start| json!(start) == values[place]);
        json!([without(values, place), number]).to_string()
    }
}

fn without(values: &[Value], place: usize) -> Vec<Value> {
    let mut values = values.to_vec();
    values.remove(place);
    values
}

/// Absent values are last in both directions.
fn compared(one: &Value, other: &Value, descending: bool) -> Ordering {
    let ascending = match (one, other) {
        (Value::String(one), Value::String(other)) => one.cmp(other),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        (Value::Number(one), Value::Number(other)) => one.as_f64().unwrap().total_cmp(&other.as_f64().unwrap()),
        _ => return one.is_null().cmp(&other.is_null()),
    };
    if descending { ascending.reverse() } else { ascending }
}

pub(crate) fn zoned(millis: i64, zone: &TimeZone) -> ZonedDateTime {
    Instant::from_millisecond(millis).unwrap().to_zoned_datetime(zone.clone())
}

pub(crate) fn utc(millis: i64) -> String {
    zoned(millis, &TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
