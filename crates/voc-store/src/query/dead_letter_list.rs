//! Lists of dead letters.

use voc_events::Timestamp;

use super::{Cell, CellKind, QueryError, TenantScope};
use crate::Period;

/// Maximum number of dead letters of a page, unless the list has another limit.
const DEFAULT_LIMIT: usize = 100;

/// A list of dead letters: records that could not become rows, the latest first.
///
/// ```
/// use voc_events::Timestamp;
/// use voc_store::{DeadLetterList, Period, TenantScope};
///
/// let list = DeadLetterList::new(TenantScope::All, Period::EVER).error_type("invalid_json").limit(20);
/// assert_eq!(list.max_dead_letters(), 20);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct DeadLetterList {
    pub(crate) tenants: TenantScope,
    pub(crate) period: Period,
    pub(crate) family: Option<String>,
    pub(crate) topic: Option<String>,
    pub(crate) error_type: Option<String>,
    after: Option<Vec<Cell>>,
    limit: usize,
}

/// A page of a list of dead letters.
#[derive(Debug, Clone, PartialEq)]
pub struct DeadLetterPage {
    /// The dead letters, the latest first.
    pub dead_letters: Vec<ListedDeadLetter>,
    /// Whether there are more after the last one.
    pub truncated: bool,
}

/// A dead letter as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedDeadLetter {
    /// Its [identifier](crate::DeadLetter::id) within its family.
    pub id: String,
    /// When the record was refused.
    pub failed_at: Timestamp,
    /// The family whose pipeline refused the record.
    pub family: String,
    /// The event's tenant, if it could be read.
    pub tenant_id: Option<String>,
    /// Class of the error.
    pub error_type: String,
    /// The complete error.
    pub error: String,
    /// JSON path of the first violation.
    pub path: String,
    /// Topic of the record.
    pub topic: String,
    /// Partition of the record.
    pub partition: i32,
    /// Which of the partition's logs the offset belongs to.
    pub epoch: i64,
    /// Offset of the record.
    pub offset: i64,
    /// The record's value as text; bytes that are none are replaced. `None` is a tombstone.
    pub payload: Option<String>,
}

impl DeadLetterList {
    /// Kinds of the cells of a place.
    const PLACE: [CellKind; 6] =
        [CellKind::Time, CellKind::Text, CellKind::Text, CellKind::Integer, CellKind::Integer, CellKind::Integer];

    /// The dead letters of tenants whose records were refused in a period. For some tenants, those whose tenant could
    /// not be read are left out.
    #[must_use]
    pub fn new(tenants: TenantScope, refused: Period) -> Self {
        Self {
            tenants,
            period: refused,
            family: None,
            topic: None,
            error_type: None,
            after: None,
            limit: DEFAULT_LIMIT,
        }
    }

    /// The same list about other tenants.
    #[must_use]
    pub fn of_tenants(mut self, tenants: TenantScope) -> Self {
        self.tenants = tenants;
        self
    }

    /// Only those of a family.
    #[must_use]
    pub fn family(mut self, family: impl Into<String>) -> Self {
        self.family = Some(family.into());
        self
    }

    /// Only those of a topic.
    #[must_use]
    pub fn topic(mut self, topic: impl Into<String>) -> Self {
        self.topic = Some(topic.into());
        self
    }

    /// Only those with a class of error.
    #[must_use]
    pub fn error_type(mut self, error_type: impl Into<String>) -> Self {
        self.error_type = Some(error_type.into());
        self
    }

    /// Limits the number of dead letters of a page. One of more than 32 MiB ends earlier.
    #[must_use]
    pub fn limit(mut self, dead_letters: usize) -> Self {
        self.limit = dead_letters;
        self
    }

    /// Only the dead letters after the one with this [place](ListedDeadLetter::place).
    ///
    /// # Errors
    /// [`QueryError::Place`] if it is not a place in such a list.
    pub fn after(mut self, place: Vec<Cell>) -> Result<Self, QueryError> {
        let fits = place.iter().map(Cell::kind).eq(Self::PLACE.map(Some));
        if !fits {
            return Err(QueryError::Place);
        }
        self.after = Some(place);
        Ok(self)
    }

    /// The same list about another period.
    #[must_use]
    pub fn during(mut self, refused: Period) -> Self {
        self.period = refused;
        self
    }

    /// The same list from the first one on.
    #[must_use]
    pub fn from_beginning(mut self) -> Self {
        self.after = None;
        self
    }

    /// The tenants.
    #[must_use]
    pub fn tenants(&self) -> &TenantScope {
        &self.tenants
    }

    /// The period in which the records were refused.
    #[must_use]
    pub fn period(&self) -> Period {
        self.period
    }

    /// The maximum number of dead letters of a page.
    #[must_use]
    pub fn max_dead_letters(&self) -> usize {
        self.limit
    }

    /// Where the page begins.
    pub(crate) fn beginning(&self) -> Option<&[Cell]> {
        self.after.as_deref()
    }
}

impl ListedDeadLetter {
    /// What distinguishes it from all others, the first the most important in the order of lists.
    #[must_use]
    pub fn place(&self) -> Vec<Cell> {
        vec![
            Cell::Time(self.failed_at),
            Cell::Text(self.family.clone()),
            Cell::Text(self.topic.clone()),
            Cell::Integer(self.partition.into()),
            Cell::Integer(self.epoch),
            Cell::Integer(self.offset),
        ]
    }
}
