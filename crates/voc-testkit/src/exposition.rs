//! A strict parser of Prometheus' text format 0.0.4, for checking pages of metrics.
//!
//! It accepts less than Prometheus does: every family needs a TYPE, HELP and TYPE precede its samples, its lines are
//! contiguous, a counter's name ends in `_total`, and histograms are complete and cumulative.

use std::collections::BTreeMap;

/// The type of a family of samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only increases.
    Counter,
    /// Increases and decreases.
    Gauge,
    /// Counts by upper bound.
    Histogram,
    /// Quantiles.
    Summary,
}

type Labels = BTreeMap<String, String>;

/// A page of metrics.
#[derive(Debug, Default)]
pub struct Page {
    families: Vec<Family>,
}

#[derive(Debug)]
struct Family {
    name: String,
    kind: Option<Kind>,
    has_help: bool,
    samples: Vec<Sample>,
}

#[derive(Debug)]
struct Sample {
    name: String,
    labels: Labels,
    value: f64,
}

impl Page {
    /// Parses a page.
    ///
    /// # Errors
    /// The error, with its line.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !text.is_empty() && !text.ends_with('\n') {
            return Err("the last line has no end".to_owned());
        }
        let mut page = Self::default();
        for (index, line) in text.lines().enumerate() {
            page.line(line).map_err(|error| format!("line {}: {error}: {line}", index + 1))?;
        }
        page.families.iter().try_for_each(Family::check)?;
        Ok(page)
    }

    /// The value of the sample with this name and exactly these labels.
    #[must_use]
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let labels: Labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let mut samples = self.families.iter().flat_map(|family| &family.samples);
        samples.find(|sample| sample.name == name && sample.labels == labels).map(|sample| sample.value)
    }

    /// The type of a family.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<Kind> {
        self.families.iter().find(|family| family.name == name)?.kind
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        if line.is_empty() {
            return Ok(());
        }
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, _) = rest.split_once(' ').ok_or("a help line without text")?;
            let family = self.open(name)?;
            return if std::mem::replace(&mut family.has_help, true) { Err("help twice".to_owned()) } else { Ok(()) };
        }
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').ok_or("a type line without a type")?;
            let kind = match kind {
                "counter" => Kind::Counter,
                "gauge" => Kind::Gauge,
                "histogram" => Kind::Histogram,
                "summary" => Kind::Summary,
                other => return Err(format!("unknown type {other}")),
            };
            return match self.open(name)?.kind.replace(kind) {
                None => Ok(()),
                Some(_) => Err("type twice".to_owned()),
            };
        }
        if line.starts_with('#') {
            return Ok(());
        }
        let sample = Sample::parse(line)?;
        let family = self.families.last_mut().ok_or("a sample before any type")?;
        if !family.takes(&sample.name) {
            return Err(format!("a sample inside of family {}", family.name));
        }
        if family.samples.iter().any(|other| other.name == sample.name && other.labels == sample.labels) {
            return Err("the same sample twice".to_owned());
        }
        family.samples.push(sample);
        Ok(())
    }

    /// The family whose head is being read: the last one, or a new one.
    fn open(&mut self, name: &str) -> Result<&mut Family, String> {
        check_name(name, true)?;
        let position = self.families.iter().position(|family| family.name == name);
        match position {
            None => {
                self.families.push(Family { name: name.to_owned(), kind: None, has_help: false, samples: Vec::new() });
            }
            Some(index) if index + 1 == self.families.len() && self.families[index].samples.is_empty() => {}
            Some(_) => return Err("head of a family that has samples already".to_owned()),
        }
        self.families.last_mut().ok_or_else(|| "no family".to_owned())
    }
}

impl Family {
    fn takes(&self, sample: &str) -> bool {
        let suffixes: &[&str] = match self.kind {
            None => return false,
            Some(Kind::Counter | Kind::Gauge) => &[""],
            Some(Kind::Histogram) => &["_bucket", "_sum", "_count"],
            Some(Kind::Summary) => &["", "_sum", "_count"],
        };
        sample.strip_prefix(self.name.as_str()).is_some_and(|suffix| suffixes.contains(&suffix))
    }

    fn check(&self) -> Result<(), String> {
        let name = &self.name;
        match self.kind {
            None => Err(format!("{name} has no type")),
            Some(Kind::Counter) if !name.ends_with("_total") => Err(format!("counter {name} does not end in _total")),
            Some(Kind::Counter) if self.samples.iter().any(|sample| sample.value < 0.0 || sample.value.is_nan()) => {
                Err(format!("counter {name} is negative"))
            }
            Some(Kind::Histogram) => self.check_histogram(),
            Some(_) => Ok(()),
        }
    }

    fn check_histogram(&self) -> Result<(), String> {
        let name = &self.name;
        let mut buckets: BTreeMap<Labels, Vec<(f64, f64)>> = BTreeMap::new();
        for sample in self.samples.iter().filter(|sample| sample.name.ends_with("_bucket")) {
            let mut labels = sample.labels.clone();
            let bound = labels.remove("le").ok_or_else(|| format!("a bucket of {name} without le"))?;
            buckets.entry(labels).or_default().push((number(&bound)?, sample.value));
        }
        for sample in self.samples.iter().filter(|sample| sample.name.ends_with("_count")) {
            let series = buckets.remove(&sample.labels).ok_or_else(|| format!("{name} has no buckets"))?;
            if !series.is_sorted_by(|left, right| left.0 < right.0 && left.1 <= right.1) {
                return Err(format!("the buckets of {name} are not cumulative"));
            }
            if series.last() != Some(&(f64::INFINITY, sample.value)) {
                return Err(format!("the last bucket of {name} is not its count"));
            }
        }
        if buckets.is_empty() { Ok(()) } else { Err(format!("{name} has buckets without a count")) }
    }
}

impl Sample {
    fn parse(line: &str) -> Result<Self, String> {
        let end = line.find(['{', ' ']).ok_or("a sample without a value")?;
        let (name, mut rest) = line.split_at(end);
        check_name(name, true)?;
        let mut labels = Labels::new();
        if let Some(inner) = rest.strip_prefix('{') {
            rest = read_labels(inner, &mut labels)?;
        }
        let value = rest.strip_prefix(' ').ok_or("no space before the value")?;
        Ok(Self { name: name.to_owned(), labels, value: number(value)? })
    }
}

/// Parses `a="b",c="d"}` and returns the rest.
fn read_labels<'a>(mut rest: &'a str, labels: &mut Labels) -> Result<&'a str, String> {
    loop {
        let (key, after) = rest.split_once("=\"").ok_or("a label without a quoted value")?;
        check_name(key, false)?;
        let mut value = String::new();
        let mut chars = after.char_indices();
        let end = loop {
            match chars.next().ok_or("a label value without an end")? {
                (index, '"') => break index,
                (_, '\\') => value.push(match chars.next().map(|(_, escaped)| escaped) {
                    Some('n') => '\n',
                    Some(escaped @ ('"' | '\\')) => escaped,
                    _ => return Err("an unknown escape".to_owned()),
                }),
                (_, char) => value.push(char),
            }
        };
        if labels.insert(key.to_owned(), value).is_some() {
            return Err(format!("label {key} twice"));
        }
        rest = &after[end + 1..];
        match (rest.strip_prefix(','), rest.strip_prefix('}')) {
            (Some(more), _) => rest = more,
            (_, Some(after_labels)) => return Ok(after_labels),
            _ => return Err("labels without an end".to_owned()),
        }
    }
}

fn check_name(name: &str, is_metric: bool) -> Result<(), String> {
    let is_allowed = |char: char| char.is_ascii_alphanumeric() || char == '_' || (is_metric && char == ':');
    let starts_well = name.starts_with(|char: char| is_allowed(char) && !char.is_ascii_digit());
    if starts_well && name.chars().all(is_allowed) { Ok(()) } else { Err(format!("{name:?} is no name")) }
}

fn number(text: &str) -> Result<f64, String> {
    match text {
        "+Inf" => Ok(f64::INFINITY),
        "-Inf" => Ok(f64::NEG_INFINITY),
        "NaN" => Ok(f64::NAN),
        _ if text.chars().all(|char| char.is_ascii_digit() || "+-.eE".contains(char)) => {
            text.parse().map_err(|_| format!("{text:?} is no number"))
        }
        _ => Err(format!("{text:?} is no number")),
    }
}
