//! A family's table: its columns, and their meaning for the code that stores, counts and queries.

use crate::{Timestamp, constant::same};

/// A family's table: the columns that its events fill, by the *roles* of the columns.
///
/// Code that stores, accounts for or queries rows uses roles and never a column's name. So tables may name their
/// columns freely, and may omit what their events do not have. The columns of roles are filled from the methods of
/// [`FamilyEvent`](crate::FamilyEvent), [`promoted`](Self::promoted) columns by
/// [`FamilyEvent::write_row`](crate::FamilyEvent::write_row). The store appends its own columns: the annotation's if
/// the table is [`annotated`](Self::annotated), `processed_at`, and the record's coordinates, which are
/// [`RESERVED_COLUMNS`].
///
/// ```
/// use voc_events::{Column, ColumnKind, Table};
///
/// const TABLE: Table = Table::new("visits", "at")
///     .in_seconds()
///     .tenant("shop")
///     .identifier("visit_id")
///     .event_type("page")
///     .payload("visit")
///     .promoted(&[Column::new("seconds", ColumnKind::OptI64)])
///     .annotated()
///     .sorting_key(&["shop", "at", "visit_id"]);
/// assert_eq!(TABLE.check(), Ok(()));
/// let columns: Vec<_> = TABLE.columns().map(|column| column.name).collect();
/// assert_eq!(columns, ["at", "shop", "visit_id", "page", "visit", "seconds"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Table {
    /// Name in the store.
    pub name: &'static str,
    /// When the event happened. The table is partitioned by its month in UTC.
    pub time: Column,
    /// The event's tenant; `None` if the family has no tenants.
    pub tenant: Option<Column>,
    /// The producer's identifier of the event; `None` if the family has none.
    pub identifier: Option<Column>,
    /// The event's type; `None` if the table does not distinguish types.
    pub event_type: Option<Column>,
    /// The whole event as JSON; `None` if the table does not store it.
    pub payload: Option<Column>,
    /// What is copied out of the event so that queries need not parse JSON.
    pub promoted: &'static [Column],
    /// The promoted column with an object as JSON, whose members queries can name; `None` if there is none.
    pub properties: Option<&'static str>,
    /// The promoted column that says whom the event is about: the customer or user whose events can be erased. In the
    /// payload, the member has the same name. `None` if events are about nobody.
    pub customer: Option<&'static str>,
    /// The promoted column that says to which call the event belongs; in the payload, the member has the same name.
    /// Whoever erases a customer's events erases those of the customer's calls, too. `None` if there are no calls.
    pub call: Option<&'static str>,
    /// Whether rows carry an annotation: sentiment and topics, their origin, and what is known of a call.
    pub annotated: bool,
    /// Days after its event's time from which the store may drop a row, as its table is created; `None` if it keeps
    /// rows forever. Rows dropped this way do not count as missing.
    pub retention_days: Option<u16>,
    /// Columns of the sorting key, in order. Rows that are equal in all of them are the same event, of which the store
    /// keeps one. The time is one of them; if events have no identifier, the record's coordinates make them distinct.
    pub sorting_key: &'static [&'static str],
}

/// The store's own columns, whose names a family's table must not use.
///
/// ```
/// use voc_events::{RESERVED_COLUMNS, Table, TableProblem};
///
/// assert!(RESERVED_COLUMNS.contains(&"sentiment"));
/// let error = Table::new("visits", "processed_at").check().unwrap_err();
/// assert_eq!(error.problem, TableProblem::Reserved { column: "processed_at" });
/// ```
pub const RESERVED_COLUMNS: [&str; 33] = [
    "sentiment",
    "topic",
    "confidence",
    "language",
    "decided_by",
    "turns",
    "customer_words",
    "agent_words",
    "other_words",
    "longest_monologue_words",
    "agent_talk_ms",
    "customer_talk_ms",
    "other_talk_ms",
    "non_talk_ms",
    "agent_interruptions",
    "customer_interruptions",
    "response_ms",
    "customer_sentiment",
    "agent_sentiment",
    "first_quarter_sentiment",
    "last_quarter_sentiment",
    "sentiment_change",
    "worst_turn_sentiment",
    "topics",
    "topic_scores",
    "topic_sentiments",
    "escalation_phrases",
    "churn_phrases",
    "processed_at",
    "source_topic",
    "source_partition",
    "source_epoch",
    "source_offset",
];

/// The reserved columns that identify a record's origin: the end of the sorting key if events have no identifier.
const COORDINATES: [&str; 4] = ["source_topic", "source_partition", "source_epoch", "source_offset"];

impl Table {
    /// A table with the time of the event in milliseconds in the column `time`, and no other columns yet.
    #[must_use]
    pub const fn new(name: &'static str, time: &'static str) -> Self {
        Self {
            name,
            time: Column::new(time, ColumnKind::Timestamp),
            tenant: None,
            identifier: None,
            event_type: None,
            payload: None,
            promoted: &[],
            properties: None,
            customer: None,
            call: None,
            annotated: false,
            retention_days: None,
            sorting_key: &[],
        }
    }

    /// The same with the time of the event in seconds: fractions are cut.
    #[must_use]
    pub const fn in_seconds(mut self) -> Self {
        self.time.kind = ColumnKind::Seconds;
        self
    }

    /// Names the column of the tenant.
    #[must_use]
    pub const fn tenant(mut self, column: &'static str) -> Self {
        self.tenant = Some(Column::new(column, ColumnKind::Str));
        self
    }

    /// Names the column of the producer's identifier.
    #[must_use]
    pub const fn identifier(mut self, column: &'static str) -> Self {
        self.identifier = Some(Column::new(column, ColumnKind::Uuid));
        self
    }

    /// Names the column of the event's type.
    #[must_use]
    pub const fn event_type(mut self, column: &'static str) -> Self {
        self.event_type = Some(Column::new(column, ColumnKind::Str));
        self
    }

    /// Names the column of the whole event as JSON.
    #[must_use]
    pub const fn payload(mut self, column: &'static str) -> Self {
        self.payload = Some(Column::new(column, ColumnKind::Str));
        self
    }

    /// Sets the promoted columns.
    #[must_use]
    pub const fn promoted(mut self, columns: &'static [Column]) -> Self {
        self.promoted = columns;
        self
    }

    /// Names the promoted column with an object as JSON.
    ///
    /// ```
    /// use voc_events::{Family, product::Product, voc::Voc};
    ///
    /// assert_eq!(Product::TABLE.properties, Some("properties"));
    /// assert_eq!(Voc::TABLE.properties, None);
    /// ```
    #[must_use]
    pub const fn properties(mut self, column: &'static str) -> Self {
        self.properties = Some(column);
        self
    }

    /// Names the promoted column that says whom the event is about.
    ///
    /// ```
    /// use voc_events::{Family, product::Product, voc::Voc};
    ///
    /// assert_eq!(Voc::TABLE.customer, Some("customer_id"));
    /// assert_eq!(Product::TABLE.customer, Some("user_id"));
    /// ```
    #[must_use]
    pub const fn customer(mut self, column: &'static str) -> Self {
        self.customer = Some(column);
        self
    }

    /// Names the promoted column that says to which call the event belongs.
    ///
    /// ```
    /// use voc_events::{Family, voc::Voc};
    ///
    /// assert_eq!(Voc::TABLE.call, Some("call_id"));
    /// ```
    #[must_use]
    pub const fn call(mut self, column: &'static str) -> Self {
        self.call = Some(column);
        self
    }

    /// Sets that rows are annotated.
    #[must_use]
    pub const fn annotated(mut self) -> Self {
        self.annotated = true;
        self
    }

    /// Sets the number of days after which the store drops rows.
    #[must_use]
    pub const fn retention_days(mut self, days: u16) -> Self {
        self.retention_days = Some(days);
        self
    }

    /// A time as precise as the table stores it.
    ///
    /// ```
    /// use voc_events::{Table, Timestamp};
    ///
    /// let time = Timestamp::from_millis(1_770_033_600_999);
    /// assert_eq!(Table::new("visits", "at").stored_time(time), time);
    /// assert_eq!(Table::new("visits", "at").in_seconds().stored_time(time).as_millis(), 1_770_033_600_000);
    /// ```
    #[must_use]
    pub const fn stored_time(&self, time: Timestamp) -> Timestamp {
        match self.time.kind {
            ColumnKind::Seconds => Timestamp::from_millis(time.as_millis().div_euclid(1000) * 1000),
            _ => time,
        }
    }

    /// Sets the columns of the sorting key.
    #[must_use]
    pub const fn sorting_key(mut self, columns: &'static [&'static str]) -> Self {
        self.sorting_key = columns;
        self
    }

    /// The columns that events fill: those of the roles that the table has, in the order of the fields, then the
    /// promoted ones.
    pub fn columns(&self) -> impl Iterator<Item = Column> + use<> {
        self.roles().chain(self.promoted.iter().copied())
    }

    /// The columns of the roles that the table has.
    ///
    /// ```
    /// use voc_events::{ColumnKind, Family, voc::Voc};
    ///
    /// let roles: Vec<_> = Voc::TABLE.roles().map(|column| (column.name, column.kind)).collect();
    /// assert_eq!(roles[..2], [("ts", ColumnKind::Timestamp), ("tenant_id", ColumnKind::Str)]);
    /// assert_eq!(roles[2..4], [("event_id", ColumnKind::Uuid), ("event_type", ColumnKind::Str)]);
    /// assert_eq!(roles[4..], [("payload", ColumnKind::Str)]);
    /// ```
    pub fn roles(&self) -> impl Iterator<Item = Column> + use<> {
        [Some(self.time), self.tenant, self.identifier, self.event_type, self.payload].into_iter().flatten()
    }

    /// The position of a promoted column, for [`RowWriter::put`](crate::RowWriter::put). For constants: the name of a
    /// missing column does not compile.
    ///
    /// ```
    /// use voc_events::{Family, product::Product};
    ///
    /// const PLACE: usize = Product::TABLE.place_of("properties");
    /// assert_eq!(Product::TABLE.promoted[PLACE].name, "properties");
    /// ```
    ///
    /// # Panics
    /// If there is no such column.
    #[must_use]
    pub const fn place_of(&self, name: &str) -> usize {
        let mut place = 0;
        while place < self.promoted.len() {
            if same(self.promoted[place].name, name) {
                return place;
            }
            place += 1;
        }
        #[expect(clippy::panic, reason = "while it is compiled")]
        {
            panic!("the table has no promoted column of this name")
        }
    }

    /// Checks what the compiler cannot check; the store calls it before it writes the first row.
    ///
    /// # Errors
    /// [`TableError`] that names the problem.
    pub fn check(&self) -> Result<(), TableError> {
        let error = |problem| Err(TableError { table: self.name, problem });
        if !is_identifier(self.name) {
            return error(TableProblem::Name { name: self.name });
        }
        let columns: Vec<Column> = self.columns().collect();
        for (place, Column { name, .. }) in columns.iter().enumerate() {
            if !is_identifier(name) {
                return error(TableProblem::Name { name });
            }
            if RESERVED_COLUMNS.contains(name) {
                return error(TableProblem::Reserved { column: name });
            }
            if columns[..place].iter().any(|other| other.name == *name) {
                return error(TableProblem::Twice { column: name });
            }
        }
        let is_promoted = |name: &&'static str| self.promoted.iter().any(|known| known.name == *name);
        if let Some(column) = self.properties.filter(|name| !is_promoted(name)) {
            return error(TableProblem::NoProperties { column });
        }
        if let Some(column) = [self.customer, self.call].into_iter().flatten().find(|name| !is_promoted(name)) {
            return error(TableProblem::NotPromoted { column });
        }
        for column in self.sorting_key {
            match columns.iter().find(|known| known.name == *column) {
                Some(known) if !known.kind.may_be_key() => return error(TableProblem::NoKey { column }),
                None if !COORDINATES.contains(column) => return error(TableProblem::Unknown { column }),
                _ => {}
            }
        }
        let in_key = |column: &str| self.sorting_key.contains(&column);
        let is_known_apart =
            self.identifier.is_some_and(|identifier| in_key(identifier.name)) || COORDINATES.into_iter().all(in_key);
        if !is_known_apart {
            return error(TableProblem::Ambiguous);
        }
        if in_key(self.time.name) { Ok(()) } else { error(TableProblem::NoTime { column: self.time.name }) }
    }
}

/// A table that cannot hold its family's events.
///
/// ```
/// use voc_events::{Column, ColumnKind, Table};
///
/// const TABLE: Table = Table::new("visits", "at").tenant("shop").promoted(&[Column::new("shop", ColumnKind::Str)]);
/// let error = TABLE.check().unwrap_err();
/// assert_eq!(error.table, "visits");
/// assert_eq!(error.to_string(), "the table visits cannot be used: the column shop is defined twice");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the table {table} cannot be used: {problem}")]
#[non_exhaustive]
pub struct TableError {
    /// The table's name.
    pub table: &'static str,
    /// What is wrong.
    pub problem: TableProblem,
}

/// What is wrong with a table.
///
/// ```
/// use voc_events::{Column, ColumnKind, Table, TableProblem};
///
/// const TABLE: Table =
///     Table::new("visits", "at").tenant("shop").promoted(&[Column::new("seconds", ColumnKind::OptI64)]);
/// let problem = |key| TABLE.sorting_key(key).check().unwrap_err().problem;
/// assert_eq!(problem(&["store"]), TableProblem::Unknown { column: "store" });
/// assert_eq!(problem(&["seconds"]), TableProblem::NoKey { column: "seconds" });
/// let no_column = TABLE.properties("more").check().unwrap_err().problem;
/// assert_eq!(no_column, TableProblem::NoProperties { column: "more" });
/// let nobody = TABLE.customer("visitor").check().unwrap_err().problem;
/// assert_eq!(nobody, TableProblem::NotPromoted { column: "visitor" });
/// // Nothing distinguishes two visits at the same time.
/// assert_eq!(problem(&["shop", "at"]), TableProblem::Ambiguous);
/// // Versions of a visit could be at any times.
/// let of_record = &["source_topic", "source_partition", "source_epoch", "source_offset"];
/// assert_eq!(problem(of_record), TableProblem::NoTime { column: "at" });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TableProblem {
    /// A name that cannot be used in a statement without quotes.
    #[error("the name {name:?} has characters other than ASCII letters, digits and _")]
    Name {
        /// The name.
        name: &'static str,
    },
    /// A column that is the store's own.
    #[error("the column {column} is the store's own")]
    Reserved {
        /// The column.
        column: &'static str,
    },
    /// Two columns of one name.
    #[error("the column {column} is defined twice")]
    Twice {
        /// The column.
        column: &'static str,
    },
    /// A column of properties that the table does not have.
    #[error("the column {column} of properties is not one of the promoted columns")]
    NoProperties {
        /// The column.
        column: &'static str,
    },
    /// A column of the customer or the call that is not one of the promoted columns.
    #[error("the column {column} of the customer or the call is not one of the promoted columns")]
    NotPromoted {
        /// The column.
        column: &'static str,
    },
    /// A column of the sorting key that the table does not have.
    #[error("the sorting key names the column {column}, which the table does not have")]
    Unknown {
        /// The column.
        column: &'static str,
    },
    /// A column that cannot be in a sorting key.
    #[error("the sorting key names the column {column}, which may be absent")]
    NoKey {
        /// The column.
        column: &'static str,
    },
    /// Versions of an event could have different times, so that the store would not know where to look for them.
    #[error("the sorting key does not name the column {column} of the time, so an event sent again may count twice")]
    NoTime {
        /// The column.
        column: &'static str,
    },
    /// Distinct events may be equal in the sorting key, so that the store would keep only one of them.
    #[error(
        "the sorting key has neither the identifier nor all of source_topic, source_partition, source_epoch and \
         source_offset"
    )]
    Ambiguous,
}

/// A column's name and kind.
///
/// ```
/// use voc_events::{Column, ColumnKind, voc::ToolInvocationEvent};
///
/// const DURATION: Column = Column::new("duration_ms", ColumnKind::OptI64);
/// assert!(ToolInvocationEvent::OWN_FIELDS.iter().any(|field| field.column == Some(DURATION)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Column name in the store.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
}

impl Column {
    /// A column of the given name and kind.
    #[must_use]
    pub const fn new(name: &'static str, kind: ColumnKind) -> Self {
        Self { name, kind }
    }
}

/// The kinds of value a column can hold; the store maps each to a type of its own.
///
/// ```
/// use voc_events::{Column, ColumnKind};
///
/// /// A column's definition in a store of its own.
/// fn definition(column: Column) -> String {
///     let name = match column.kind {
///         ColumnKind::Timestamp | ColumnKind::OptTimestamp => "TIMESTAMP",
///         ColumnKind::I64 | ColumnKind::OptI64 => "BIGINT",
///         _ => "TEXT",
///     };
///     format!("{} {name}{}", column.name, if column.kind.is_optional() { "" } else { " NOT NULL" })
/// }
/// assert_eq!(definition(Column::new("seconds", ColumnKind::OptI64)), "seconds BIGINT");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnKind {
    /// A UUID.
    Uuid,
    /// UTF-8 text; empty stands for absent.
    Str,
    /// Optional UTF-8 text where absent and empty differ.
    OptStr,
    /// Texts in order; an empty list stands for absent.
    StrList,
    /// UTC milliseconds.
    Timestamp,
    /// UTC seconds.
    Seconds,
    /// Optional UTC milliseconds.
    OptTimestamp,
    /// A 64-bit signed integer.
    I64,
    /// An optional 64-bit signed integer.
    OptI64,
    /// An optional 32-bit float.
    OptF32,
    /// An optional 64-bit float.
    OptF64,
    /// An optional boolean.
    OptBool,
    /// 32-bit floats in order; an empty list stands for absent.
    F32List,
    /// Optional 32-bit floats in order; an empty list stands for absent.
    OptF32List,
    /// Texts by name; an empty map stands for absent.
    StrMap,
    /// 64-bit floats by name; an empty map stands for absent.
    F64Map,
}

impl ColumnKind {
    /// Whether an absent value differs from every present value.
    #[must_use]
    pub const fn is_optional(self) -> bool {
        matches!(self, Self::OptStr | Self::OptTimestamp | Self::OptI64 | Self::OptF32 | Self::OptF64 | Self::OptBool)
    }

    /// Whether rows can be sorted by it: it is a single value that is always present.
    const fn may_be_key(self) -> bool {
        matches!(self, Self::Uuid | Self::Str | Self::Timestamp | Self::Seconds | Self::I64)
    }
}

impl std::fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}

/// Whether a name needs no quotes in a statement.
fn is_identifier(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.is_empty() && name.bytes().all(is_part) && !name.starts_with(|first: char| first.is_ascii_digit())
}
