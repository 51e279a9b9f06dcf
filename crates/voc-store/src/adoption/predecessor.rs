//! The tables of the programs that this one replaces.

use voc_events::Table;

/// A table that a predecessor creates, and how its rows become records.
#[derive(Debug, Clone, Copy)]
pub(super) struct Predecessor {
    /// The name, which is that of our table.
    pub(super) table: &'static str,
    /// The column of the event's time, with its type. It has the same name in our table.
    pub(super) time: (&'static str, &'static str),
    /// The column of the event's tenant. It has the same name in our table.
    pub(super) tenant: &'static str,
    /// The column of the event's identifier, which has the same name in our table; `None` if each row is an event of
    /// its own. Rows with the same tenant, time and identifier are one event.
    pub(super) identifier: Option<&'static str>,
    /// Columns besides the time that the table must have, with their types.
    pub(super) columns: &'static [(&'static str, &'static str)],
    /// A total order of the rows. It begins with the table's own order, so that little has to be sorted.
    pub(super) order: &'static str,
    /// The columns, as texts, of members of the event, by the members' names. The time is one more: `timestamp`.
    pub(super) members: &'static [(&'static str, &'static str)],
    /// The column with JSON, and the member of the event that it is; `None` if it is the event itself.
    pub(super) document: (&'static str, Option<&'static str>),
}

/// The event's member with its time, in all families with a predecessor.
pub(super) const TIME_MEMBER: &str = "timestamp";

const PREDECESSORS: [Predecessor; 2] = [
    // The column payload has the event as the service had parsed and enriched it.
    Predecessor {
        table: "voc_events",
        time: ("ts", "DateTime64(3)"),
        tenant: "tenant_id",
        identifier: Some("event_id"),
        columns: &[
            ("event_id", "UUID"),
            ("tenant_id", "String"),
            ("event_type", "String"),
            ("payload", "String"),
            ("processed_at", "DateTime64(3)"),
        ],
        // The newest version of an event first.
        order: "tenant_id, ts, event_id, processed_at DESC, payload, event_type",
        members: &[("event_id", "event_id"), ("tenant_id", "tenant_id"), ("event_type", "event_type")],
        document: ("payload", None),
    },
    Predecessor {
        table: "ai_analytics_events",
        time: ("timestamp", "DateTime"),
        tenant: "app_id",
        identifier: None,
        columns: &[("app_id", "String"), ("event_name", "String"), ("user_id", "String"), ("properties", "String")],
        order: "app_id, event_name, timestamp, user_id, properties",
        members: &[("app_id", "app_id"), ("event_name", "event_name"), ("user_id", "user_id")],
        document: ("properties", Some("properties")),
    },
];

impl Predecessor {
    /// The predecessor of a table, if it has one.
    pub(super) fn of(table: &Table) -> Option<Self> {
        PREDECESSORS.into_iter().find(|predecessor| predecessor.table == table.name)
    }

    /// The name under which the table is set aside.
    pub(super) fn kept_as(&self) -> String {
        format!("{}_before_adoption", self.table)
    }

    /// The columns in which rows of the same event are equal; none if each row is an event of its own.
    pub(super) fn key(&self) -> Option<String> {
        self.identifier.map(|identifier| format!("{}, {}, {identifier}", self.tenant, self.time.0))
    }

    /// The UTC milliseconds of an expression of the time's type.
    pub(super) fn millis_of(&self, expression: &str) -> String {
        match self.time.1 {
            "DateTime" => format!("toInt64(toUnixTimestamp({expression})) * 1000"),
            _ => format!("toUnixTimestamp64Milli({expression})"),
        }
    }

    /// What identifies a row's event in dead letters: the time in milliseconds, the tenant, and the identifier.
    pub(super) fn identity(&self) -> String {
        let identifier = self.identifier.map_or_else(String::new, |column| format!(", '/', toString({column})"));
        format!("concat(toString({}), '/', {}{identifier})", self.millis_of(self.time.0), self.tenant)
    }

    /// The columns that the table must have.
    pub(super) fn needed(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        std::iter::once(self.time).chain(self.columns.iter().copied())
    }
}

/// Whether a column's type serves for the needed one: also with another time zone, which only changes how times are
/// printed, and stored as a dictionary.
pub(super) fn serves(found: &str, needed: &str) -> bool {
    let plain = found.strip_prefix("LowCardinality(").and_then(|inner| inner.strip_suffix(')')).unwrap_or(found);
    let Some((with_zone, _)) = plain.split_once('\'') else { return plain == needed };
    let without_zone = with_zone.trim_end_matches([' ', ',', '(']);
    without_zone == needed.trim_end_matches(')')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_zones_and_dictionaries_do_not_matter() {
        for (found, needed, serves_it) in [
            ("DateTime64(3)", "DateTime64(3)", true),
            ("DateTime64(3, 'UTC')", "DateTime64(3)", true),
            ("DateTime64(6)", "DateTime64(3)", false),
            ("DateTime64(6, 'UTC')", "DateTime64(3)", false),
            ("DateTime('America/Sao_Paulo')", "DateTime", true),
            ("DateTime64(3)", "DateTime", false),
            ("LowCardinality(String)", "String", true),
            ("Nullable(String)", "String", false),
        ] {
            assert_eq!(serves(found, needed), serves_it, "{found}");
        }
    }
}
