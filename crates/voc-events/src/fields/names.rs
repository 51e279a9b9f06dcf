//! The names of an object's fields, and the lookup of a name's slot.

use super::{FieldInfo, FieldType};
use crate::{Column, ColumnKind, constant::same};

/// Slots of the lookup table.
const BUCKETS: usize = 256;

/// Maximum number of names in an object.
const MAX_NAMES: usize = 96;

const EMPTY: u8 = u8::MAX;

/// The names of an object's fields, without duplicates, built at compile time.
///
/// ```
/// use voc_events::{fields::NameTable, voc::{CallEvent, ToolInvocationEvent}};
///
/// static NAMES: NameTable = NameTable::of(&[CallEvent::OWN_FIELDS, ToolInvocationEvent::OWN_FIELDS]);
/// const DURATION: usize = NAMES.slot_of("duration_ms");
/// assert_eq!(NAMES.slot("duration_ms"), Some(DURATION));
/// assert_eq!(NAMES.names()[DURATION], "duration_ms");
/// assert_eq!(NAMES.slot("other"), None);
/// // Both have a duration.
/// assert_eq!(NAMES.len(), CallEvent::OWN_FIELDS.len() + ToolInvocationEvent::OWN_FIELDS.len() - 1);
/// assert!(NameTable::of(&[]).is_empty());
/// ```
#[derive(Debug)]
pub struct NameTable {
    names: [&'static str; MAX_NAMES],
    len: usize,
    buckets: [u8; BUCKETS],
}

impl NameTable {
    /// The names of several lists of fields.
    ///
    /// # Panics
    /// If there are too many; at compile time in constants.
    #[must_use]
    pub const fn of(lists: &[&[FieldInfo]]) -> Self {
        let mut table = Self { names: [""; MAX_NAMES], len: 0, buckets: [EMPTY; BUCKETS] };
        let mut list = 0;
        while list < lists.len() {
            let mut field = 0;
            while field < lists[list].len() {
                table.add(lists[list][field].name);
                field += 1;
            }
            list += 1;
        }
        table
    }

    const fn add(&mut self, name: &'static str) {
        let mut bucket = bucket_of(name.as_bytes());
        while self.buckets[bucket] != EMPTY {
            if same(self.names[self.buckets[bucket] as usize], name) {
                return;
            }
            bucket = (bucket + 1) % BUCKETS;
        }
        assert!(self.len < MAX_NAMES, "an object has too many fields");
        self.names[self.len] = name;
        #[expect(clippy::cast_possible_truncation, reason = "there are fewer names")]
        {
            self.buckets[bucket] = self.len as u8;
        }
        self.len += 1;
    }

    /// Number of names.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are no names.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The names in the order of their slots.
    #[must_use]
    pub fn names(&self) -> &[&'static str] {
        &self.names[..self.len]
    }

    /// The slot of a name.
    #[inline]
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<usize> {
        let mut bucket = bucket_of(name.as_bytes());
        loop {
            let slot = self.buckets[bucket];
            if slot == EMPTY {
                return None;
            }
            let slot = usize::from(slot);
            if self.names[slot] == name {
                return Some(slot);
            }
            bucket = (bucket + 1) % BUCKETS;
        }
    }

    /// The slot of a known name. For constants: an unknown name does not compile.
    ///
    /// # Panics
    /// If there is no such name.
    #[must_use]
    pub const fn slot_of(&self, name: &str) -> usize {
        let mut slot = 0;
        while slot < self.len {
            if same(self.names[slot], name) {
                return slot;
            }
            slot += 1;
        }
        #[expect(clippy::panic, reason = "while it is compiled")]
        {
            panic!("no field has this name")
        }
    }
}

/// The names of an object's fields, and space for their values.
///
/// ```
/// use voc_events::{fields::Names, voc::VocEvent};
///
/// // The slot of a name, for `Object::peek_text`; that of an unknown name does not compile.
/// const ACTION: usize = <VocEvent as Names>::NAMES.slot_of("action");
/// assert!(ACTION < VocEvent::slots().len());
/// assert_eq!(VocEvent::slots()[ACTION].map(|value| value.get()), None);
/// ```
pub trait Names {
    /// The names.
    const NAMES: &'static NameTable;

    /// A value for each name.
    type Slots<'r>: AsRef<[Option<&'r serde_json::value::RawValue>]> + AsMut<[Option<&'r serde_json::value::RawValue>]>;

    /// An empty set of values.
    fn slots<'r>() -> Self::Slots<'r>;
}

/// Where the search for a name begins.
const fn bucket_of(name: &[u8]) -> usize {
    match name {
        [] => 0,
        [first, ..] => {
            let (middle, last) = (name[name.len() / 2], name[name.len() - 1]);
            let mixed = (*first as usize).wrapping_mul(7) ^ (middle as usize).wrapping_mul(31) ^ (last as usize) << 3;
            (mixed ^ name.len().wrapping_mul(41)) % BUCKETS
        }
    }
}

/// Number of distinct columns that lists of fields, and the fields of objects among them, are promoted to.
///
/// ```
/// use voc_events::{fields::count_columns, voc::{CallEvent, QosMetricEvent, ToolInvocationEvent}};
///
/// assert_eq!(count_columns(&[CallEvent::OWN_FIELDS]), 5);
/// assert_eq!(count_columns(&[ToolInvocationEvent::OWN_FIELDS, QosMetricEvent::OWN_FIELDS]), 6);
/// // Both have the column `duration_ms`.
/// assert_eq!(count_columns(&[CallEvent::OWN_FIELDS, ToolInvocationEvent::OWN_FIELDS]), 7);
/// ```
#[must_use]
pub const fn count_columns(lists: &[&[FieldInfo]]) -> usize {
    const NONE: Column = Column::new("", ColumnKind::Str);
    let mut columns = [NONE; MAX_NAMES];
    collect(lists, &mut columns, 0)
}

/// The distinct columns that lists of fields are promoted to, in the order of the fields; `N` is their
/// [number](count_columns).
///
/// ```
/// use voc_events::fields::{FieldInfo, collect_columns, count_columns};
/// use voc_events::{Column, Table, voc::{AgentActionEvent, CallEvent}};
///
/// const FIELDS: &[&[FieldInfo]] = &[CallEvent::OWN_FIELDS, AgentActionEvent::OWN_FIELDS];
/// const COLUMNS: [Column; count_columns(FIELDS)] = collect_columns(FIELDS);
/// const TABLE: Table = Table::new("conversations", "at").promoted(&COLUMNS);
/// let names: Vec<_> = TABLE.promoted.iter().map(|column| column.name).collect();
/// assert_eq!(names, ["call_id", "agent_id", "customer_id", "duration_ms", "call_quality", "action", "target_id"]);
/// ```
///
/// # Panics
/// If two fields are promoted to one column with different kinds; at compile time in constants.
#[must_use]
pub const fn collect_columns<const N: usize>(lists: &[&[FieldInfo]]) -> [Column; N] {
    let mut columns = [Column::new("", ColumnKind::Str); N];
    collect(lists, &mut columns, 0);
    columns
}

/// Adds the columns that are not among the first `count`; returns the new number.
const fn collect(lists: &[&[FieldInfo]], columns: &mut [Column], mut count: usize) -> usize {
    let mut list = 0;
    while list < lists.len() {
        let mut field = 0;
        while field < lists[list].len() {
            if let Some(column) = lists[list][field].column {
                let mut known = 0;
                while known < count && !same(columns[known].name, column.name) {
                    known += 1;
                }
                if known == count {
                    columns[count] = column;
                    count += 1;
                }
                assert!(columns[known].kind as u8 == column.kind as u8, "one column is promoted as two kinds");
            }
            if let FieldType::Object(object) = &lists[list][field].kind {
                count = collect(&[object.fields], columns, count);
            }
            field += 1;
        }
        list += 1;
    }
    count
}
