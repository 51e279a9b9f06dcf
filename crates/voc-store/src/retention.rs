//! How long rows and dead letters are kept.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use voc_events::{Table, TenantId, Timestamp, families::FamilyInfo};

/// The longest time in days: what is computed with it must be a time that the store can express.
pub const MAX_RETENTION_DAYS: u16 = 18_250;

const MILLIS_PER_DAY: i64 = 86_400_000;

/// Maximum number of tenants that a text names.
const NAMED: usize = 3;

/// How long rows are to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// This many days after the event; dead letters, after the failure.
    Days(u16),
    /// Forever.
    Forever,
    /// A tenant's as long as those of other tenants; a family's as its table was created.
    Default,
}

/// A change to be made.
#[derive(Debug, Clone)]
pub struct WantedRetention {
    pub(crate) families: Vec<FamilyInfo>,
    /// One that is empty stands for all tenants that have no time of their own.
    pub(crate) tenant_ids: Vec<String>,
    pub(crate) keep: Keep,
    pub(crate) by: String,
}

impl WantedRetention {
    /// Keeps the rows and dead letters of families so long: those of some tenants, or, without any, those of all
    /// tenants that have no time of their own. `by` says who wants it.
    ///
    /// # Errors
    /// [`RetentionError`].
    pub fn new(
        families: Vec<FamilyInfo>,
        tenants: &[TenantId],
        keep: Keep,
        by: impl Into<String>,
    ) -> Result<Self, RetentionError> {
        let without_tenants = families.iter().find(|family| family.table.tenant.is_none());
        if let (Some(family), false) = (without_tenants, tenants.is_empty()) {
            return Err(RetentionError::NoTenants { family: family.name });
        }
        if matches!(keep, Keep::Days(days) if !(1..=MAX_RETENTION_DAYS).contains(&days)) {
            return Err(RetentionError::Days);
        }
        let tenant_ids = match tenants {
            [] => vec![String::new()],
            tenants => tenants.iter().map(ToString::to_string).collect(),
        };
        Ok(Self { families, tenant_ids, keep, by: by.into() })
    }
}

/// What cannot be changed as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RetentionError {
    /// The family has no tenants, and some are given.
    #[error("events of the family {family} belong to no tenant")]
    NoTenants {
        /// The family.
        family: &'static str,
    },
    /// The number of days is out of range.
    #[error("rows are kept for 1 to {MAX_RETENTION_DAYS} days, or forever")]
    Days,
}

/// A change of how long rows are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetentionChange {
    /// Whose rows; empty for those of all tenants that have no time of their own.
    pub tenant_id: String,
    /// How long they are kept from now on.
    pub keep: Keep,
    /// When it was recorded.
    pub changed_at: Timestamp,
    /// When the store had been told; `None` while what was in force before may still be.
    pub applied_at: Option<Timestamp>,
    /// By whom.
    pub changed_by: String,
}

/// How long a family's rows are kept, now and before.
///
/// ```
/// use voc_events::{Table, Timestamp};
/// use voc_store::{Keep, Retention, RetentionChange};
///
/// let at = |day: &str| Timestamp::parse(&format!("2026-{day}T00:00:00Z"));
/// let change = RetentionChange {
///     tenant_id: "acme".to_owned(),
///     keep: Keep::Days(30),
///     changed_at: at("06-01")?,
///     applied_at: Some(at("06-01")?),
///     changed_by: "a.souza".to_owned(),
/// };
/// let retention = Retention::of(&Table::new("visits", "at").retention_days(90)).after([change]);
/// assert_eq!(retention.to_string(), "90 days, but acme 30 days");
/// let (event, stored, now) = (at("05-01")?, at("05-02")?, at("06-02")?);
/// assert!(retention.may_be_gone("acme", event, stored, now));
/// assert!(!retention.may_be_gone("globex", event, stored, now));
/// # Ok::<(), voc_events::TimestampError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    of_table: Option<u16>,
    /// The oldest first.
    changes: Vec<RetentionChange>,
}

/// What a change, or the lack of one, says, from its record until another one is applied.
#[derive(Debug, Clone, Copy)]
struct Span {
    keep: Keep,
    from: Option<Timestamp>,
    until: Option<Timestamp>,
}

/// That rows are kept for so many days, or forever, until a moment; if that is `None`, they still are.
#[derive(Debug, Clone, Copy)]
struct Rule {
    days: Option<u16>,
    until: Option<Timestamp>,
}

impl Retention {
    /// As a table is created.
    #[must_use]
    pub fn of(table: &Table) -> Self {
        Self { of_table: table.retention_days, changes: Vec::new() }
    }

    /// After changes, the oldest first.
    #[must_use]
    pub fn after(mut self, changes: impl IntoIterator<Item = RetentionChange>) -> Self {
        self.changes.extend(changes);
        self
    }

    /// That of the family's dead letters, which are kept forever unless that is changed.
    #[must_use]
    pub fn of_dead_letters(&self) -> Self {
        Self { of_table: None, changes: self.changes.clone() }
    }

    /// The changes, the oldest first.
    #[must_use]
    pub fn changes(&self) -> &[RetentionChange] {
        &self.changes
    }

    /// The last change about a tenant, or, with an empty name, about all that have no time of their own.
    #[must_use]
    pub fn last_change(&self, tenant: &str) -> Option<&RetentionChange> {
        self.changes.iter().rfind(|change| change.tenant_id == tenant)
    }

    /// How many days rows of tenants without a time of their own are to be kept; `None` if forever.
    #[must_use]
    pub fn default_days(&self) -> Option<u16> {
        self.last_change("").map_or(self.of_table, |change| self.days(change.keep))
    }

    /// How many days rows of tenants with a time of their own are to be kept; `None` if forever.
    #[must_use]
    pub fn tenants(&self) -> BTreeMap<&str, Option<u16>> {
        let last: BTreeMap<&str, Keep> =
            self.changes.iter().map(|change| (change.tenant_id.as_str(), change.keep)).collect();
        let own = last.into_iter().filter(|(tenant, keep)| !tenant.is_empty() && *keep != Keep::Default);
        own.map(|(tenant, keep)| (tenant, self.days(keep))).collect()
    }

    /// Whether rows are removed, or have ever been, because of their age.
    #[must_use]
    pub fn ever_removes(&self) -> bool {
        self.of_table.is_some() || self.changes.iter().any(|change| matches!(change.keep, Keep::Days(_)))
    }

    /// How long rows are kept now.
    #[must_use]
    pub fn current(&self) -> CurrentRetention {
        // `None`, which is forever, if any rule says so.
        let longest = |tenant: &str| {
            let rules = self.rules(tenant).into_iter().filter(|rule| rule.until.is_none());
            let days: Option<Vec<u16>> = rules.map(|rule| rule.days).collect();
            days?.into_iter().max()
        };
        let named = self.changes.iter().map(|change| change.tenant_id.as_str()).filter(|tenant| !tenant.is_empty());
        let own = named.map(|tenant| (tenant.to_owned(), longest(tenant))).collect();
        CurrentRetention { default: longest(""), own }
    }

    /// Whether the store may have removed a row by now: one of a tenant with this time, stored at about `since`, by
    /// any rule that has been in force since then.
    #[must_use]
    pub fn may_be_gone(&self, tenant: &str, time: Timestamp, since: Timestamp, now: Timestamp) -> bool {
        self.rules(tenant).into_iter().any(|Rule { days, until }| {
            let was_in_force = until.is_none_or(|until| until > since);
            let until = until.map_or(now, |until| until.min(now));
            was_in_force && days.is_some_and(|days| end(time, days) <= until)
        })
    }

    /// Such as `30 days`, or `forever`.
    #[must_use]
    pub fn in_words(days: Option<u16>) -> String {
        match days {
            None => "forever".to_owned(),
            Some(1) => "1 day".to_owned(),
            Some(days) => format!("{days} days"),
        }
    }

    fn days(&self, keep: Keep) -> Option<u16> {
        match keep {
            Keep::Days(days) => Some(days),
            Keep::Forever => None,
            Keep::Default => self.of_table,
        }
    }

    /// The rules by which rows of a tenant are kept, or were.
    fn rules(&self, tenant: &str) -> Vec<Rule> {
        let defaults = self.spans("");
        if tenant.is_empty() {
            let rule = |span: &Span| Rule { days: self.days(span.keep), until: span.until };
            return defaults.iter().map(rule).collect();
        }
        let mut rules = Vec::new();
        for span in self.spans(tenant) {
            if span.keep != Keep::Default {
                rules.push(Rule { days: self.days(span.keep), until: span.until });
                continue;
            }
            for default in &defaults {
                let from = span.from.max(default.from);
                let until = [span.until, default.until].into_iter().flatten().min();
                if until.is_none_or(|until| from.is_none_or(|from| from < until)) {
                    rules.push(Rule { days: self.days(default.keep), until });
                }
            }
        }
        rules
    }

    /// What has been in force for a tenant itself, or, with an empty name, for those without a time of their own.
    fn spans(&self, tenant: &str) -> Vec<Span> {
        let changes: Vec<&RetentionChange> = self.changes.iter().filter(|change| change.tenant_id == tenant).collect();
        let until = |later: &[&RetentionChange]| later.iter().filter_map(|change| change.applied_at).min();
        let mut spans = vec![Span { keep: Keep::Default, from: None, until: until(&changes) }];
        for (place, change) in changes.iter().enumerate() {
            let from = Some(change.changed_at);
            spans.push(Span { keep: change.keep, from, until: until(&changes[place + 1..]) });
        }
        spans
    }
}

/// How long rows are kept now: while a change is being made, as long as before or as after it, whichever is longer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CurrentRetention {
    default: Option<u16>,
    own: HashMap<String, Option<u16>>,
}

impl CurrentRetention {
    /// Whether no row is removed because of its age.
    #[must_use]
    pub fn is_forever(&self) -> bool {
        self.default.is_none() && self.own.values().all(Option::is_none)
    }

    /// Whether the store removes a row of a tenant with this time.
    #[must_use]
    pub fn is_over(&self, tenant: &str, time: Timestamp, now: Timestamp) -> bool {
        let days = self.own.get(tenant).copied().unwrap_or(self.default);
        days.is_some_and(|days| end(time, days) <= now)
    }
}

/// Until when a row with this time is kept.
fn end(time: Timestamp, days: u16) -> Timestamp {
    Timestamp::from_millis(time.as_millis().saturating_add(i64::from(days) * MILLIS_PER_DAY))
}

/// Such as `forever, but acme 30 days`.
impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = Self::in_words;
        f.write_str(&kept(self.default_days()))?;
        let tenants = self.tenants();
        for (place, (tenant, days)) in tenants.iter().take(NAMED).enumerate() {
            write!(f, "{}{tenant} {}", if place == 0 { ", but " } else { ", " }, kept(*days))?;
        }
        match tenants.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(f, ", and {more} more tenants"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: i64) -> Timestamp {
        Timestamp::from_millis(number * MILLIS_PER_DAY)
    }

    /// Applied at once.
    fn change(tenant: &str, keep: Keep, at: i64) -> RetentionChange {
        let (changed_at, applied_at) = (day(at), Some(day(at)));
        RetentionChange { tenant_id: tenant.to_owned(), keep, changed_at, applied_at, changed_by: String::new() }
    }

    fn forever() -> Retention {
        Retention::of(&Table::new("visits", "at"))
    }

    #[test]
    fn the_last_change_counts_for_what_is_kept_now() {
        let retention = forever().after([
            change("", Keep::Days(100), 1000),
            change("acme", Keep::Days(10), 1001),
            change("globex", Keep::Forever, 1002),
            change("hooli", Keep::Days(5), 1003),
            change("hooli", Keep::Default, 1004),
        ]);
        assert_eq!(retention.default_days(), Some(100));
        assert_eq!(retention.tenants(), BTreeMap::from([("acme", Some(10)), ("globex", None)]));
        assert_eq!(retention.to_string(), "100 days, but acme 10 days, globex forever");
        let (current, over) = (retention.current(), ["acme", "globex", "hooli", "initech"]);
        assert_eq!(over.map(|tenant| current.is_over(tenant, day(1), day(11))), [true, false, false, false]);
        assert_eq!(over.map(|tenant| current.is_over(tenant, day(1), day(101))), [true, false, true, true]);
        assert!(forever().current().is_forever() && !current.is_forever());
        assert!(forever().after([change("", Keep::Days(1), 0)]).ever_removes() && !forever().ever_removes());
        assert_eq!(forever().to_string(), "forever");
        let many = (0..5).map(|tenant| change(&format!("t{tenant}"), Keep::Days(1), 1000));
        assert_eq!(forever().after(many).to_string(), "forever, but t0 1 day, t1 1 day, t2 1 day, and 2 more tenants");
    }

    #[test]
    fn a_row_may_be_gone_by_any_rule_that_was_in_force_since_it_was_stored() {
        let retention = forever().after([
            change("acme", Keep::Days(10), 1000),
            change("acme", Keep::Forever, 1020),
            change("", Keep::Days(30), 1050),
            change("acme", Keep::Default, 1060),
        ]);
        let gone = |tenant: &str, at: i64, now: i64| retention.may_be_gone(tenant, day(at), day(at), day(now));
        // Until 1020 acme was kept for ten days; from then on forever, and from 1060 on for 30 days as the others.
        assert!(gone("acme", 1010, 1030) && !gone("acme", 1011, 1030));
        assert!(gone("acme", 1011, 1060) && !gone("acme", 1031, 1060));
        assert!(!gone("globex", 1010, 1039) && gone("globex", 1010, 1050));
        assert!(!gone("", 1011, 1040) && gone("", 1011, 1050));
        let still_own = Retention { changes: retention.changes[..3].to_vec(), ..retention.clone() };
        assert!(!still_own.may_be_gone("acme", day(1011), day(1011), day(3000)), "the others' time is not acme's");
        // A rule that had ended before the row was stored cannot have removed it.
        assert!(retention.may_be_gone("acme", day(900), day(1019), day(1030)));
        assert!(!still_own.may_be_gone("acme", day(900), day(1020), day(1030)));
    }

    #[test]
    fn while_a_change_is_made_both_times_count() {
        let begun = |keep| RetentionChange { applied_at: None, ..change("acme", keep, 1000) };
        for (earlier, later) in [(Keep::Days(10), Keep::Days(50)), (Keep::Days(50), Keep::Days(10))] {
            let retention = forever().after([change("acme", earlier, 500), begun(later)]);
            // Rows are surely removed after the longer time, and may be after the shorter one.
            assert!(retention.current().is_over("acme", day(1), day(51)), "{earlier:?}");
            assert!(!retention.current().is_over("acme", day(1), day(50)), "{earlier:?}");
            assert!(retention.may_be_gone("acme", day(990), day(990), day(1000)));
        }
        assert!(forever().after([begun(Keep::Days(10))]).current().is_forever());
        // What was never applied is not in force any more once another change is.
        let retention = forever().after([begun(Keep::Days(10)), change("acme", Keep::Forever, 1001)]);
        assert!(retention.current().is_forever());
        assert!(retention.may_be_gone("acme", day(900), day(900), day(2000)));
        assert!(!retention.may_be_gone("acme", day(992), day(992), day(2000)));
    }

    #[test]
    fn dead_letters_are_kept_until_that_is_changed() {
        let of_table = Retention::of(&Table::new("visits", "at").retention_days(90));
        assert!(of_table.may_be_gone("", day(0), day(0), day(90)));
        assert!(of_table.of_dead_letters().current().is_forever());
        let changed = of_table.after([change("", Keep::Days(30), 1000), change("", Keep::Default, 2000)]);
        assert_eq!((changed.default_days(), changed.of_dead_letters().default_days()), (Some(90), None));
        let gone = |at: i64, now: i64| changed.of_dead_letters().may_be_gone("", day(at), day(at), day(now));
        assert!(gone(1969, 1999) && !gone(1971, 3000));
    }
}
