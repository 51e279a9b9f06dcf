//! Questions about stored events: metrics by dimensions, over a period, for tenants, with filters.
//!
//! A [`Query`] is the one description behind every answer of the API: an endpoint is a query with some parts given. It
//! refers to [fields](Field) by the names and roles of a [`Table`](voc_events::Table)'s columns, and is checked when
//! it is built, so a store can only refuse it for reasons of its own.
//! [`EventQueries::query`](crate::EventQueries::query) answers it; how an engine is asked is the business of the SQL
//! layer alone.
//!
//! ```
//! use voc_events::{Family as _, Timestamp, voc::Voc};
//! use voc_store::{Condition, Dimension, Filter, Metric, Period, Query, TenantScope, Value};
//!
//! let period = Period { since: Timestamp::from_millis(0), until: Timestamp::from_millis(86_400_000) };
//! let query = Query::new(Voc::TABLE, TenantScope::All, period)
//!     .metric(Metric::parse(&Voc::TABLE, "event_count")?)
//!     .metric(Metric::parse(&Voc::TABLE, "avg_sentiment")?)
//!     .dimension(Dimension::parse(&Voc::TABLE, "topic")?)
//!     .filter(Filter::parse(&Voc::TABLE, "event_type", Condition::Is(vec![Value::Text("call".to_owned())]))?);
//! assert_eq!(query.columns().map(|(name, _)| name).collect::<Vec<_>>(), ["topic", "event_count", "avg_sentiment"]);
//! # Ok::<(), voc_store::QueryError>(())
//! ```

mod answer;
mod bucket;
mod dead_letter_list;
mod dimension;
mod direction;
mod drivers;
mod error;
mod event_list;
mod field;
mod field_kind;
mod filter;
mod freshness;
mod funnel;
mod metric;
mod presets;
mod repeat_contacts;
mod scope;
mod statement;

pub use answer::{Answer, Cell, CellKind};
pub(crate) use bucket::MILLIS_PER_MINUTE;
pub use bucket::{Buckets, Granularity, WeekStart};
pub use dead_letter_list::{DeadLetterList, DeadLetterPage, ListedDeadLetter};
pub use dimension::Dimension;
pub use direction::Direction;
pub use drivers::{Drivers, Factor};
pub(crate) use drivers::{Outcomes, OutcomesOfValue};
pub use error::QueryError;
pub use event_list::{EventList, EventPage, EventStream, ListedEvent};
pub(crate) use event_list::{MAX_PAGE_BYTES, PlaceColumn, PlaceKind};
pub use field::Field;
pub use field_kind::FieldKind;
pub use filter::{Condition, Filter, Value};
pub use freshness::Freshness;
pub use funnel::Funnel;
pub(crate) use funnel::Reached;
pub use metric::{Function, Measure, Metric};
pub use presets::{TopicSummary, TypeSummary};
pub(crate) use presets::{summary, topics};
pub use repeat_contacts::RepeatContacts;
pub(crate) use repeat_contacts::Returns;
pub use scope::TenantScope;
pub use statement::Query;
