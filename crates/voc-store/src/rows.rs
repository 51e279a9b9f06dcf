//! Rows of one table in columns.

use voc_events::{Column, ColumnKind, FamilyEvent, RowWriter, Table, Value};

use crate::{ColumnData, StrColumn, column::ColumnMismatch};

/// What the annotator found in an event's text, as stored in the row.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RowAnnotation<'a> {
    /// Score from -1 (negative) to 1 (positive), if the text has one.
    pub sentiment: Option<f32>,
    /// Best topic.
    pub topic: Option<&'a str>,
    /// Calibrated confidence from 0 to 1.
    pub confidence: Option<f32>,
    /// Language tag such as `en`; empty when there was no text.
    pub language: &'a str,
    /// Stage and version that decided, such as `fast@1`; empty when there was no text.
    pub decided_by: &'a str,
    /// What is known of the conversation; `None` when there was no text.
    pub call: Option<&'a RowCall<'a>>,
}

/// What the annotator knows of a conversation, as stored in the row. Sentiments are from -1 to 1.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RowCall<'a> {
    /// Number of turns.
    pub turns: i64,
    /// Words of customers.
    pub customer_words: i64,
    /// Words of agents and bots.
    pub agent_words: i64,
    /// Words of speakers whose role is not known.
    pub other_words: i64,
    /// Words of the longest run of turns of one speaker.
    pub longest_monologue_words: i64,
    /// What the times of its turns reveal, if they are known.
    pub times: Option<RowCallTimes>,
    /// The customers' sentiment.
    pub customer_sentiment: Option<f32>,
    /// The agents' sentiment.
    pub agent_sentiment: Option<f32>,
    /// The sentiment in the first quarter of the conversation.
    pub first_quarter_sentiment: Option<f32>,
    /// The sentiment in the last quarter of the conversation.
    pub last_quarter_sentiment: Option<f32>,
    /// How much higher the sentiment is in the last quarter than in the first, from -2 to 2.
    pub sentiment_change: Option<f32>,
    /// The lowest sentiment of a turn.
    pub worst_turn_sentiment: Option<f32>,
    /// The topics, the best first.
    pub topics: Vec<RowTopic<'a>>,
    /// The phrases found that ask for someone in charge or threaten with consequences.
    pub escalation_phrases: Vec<&'a str>,
    /// The phrases found that announce that the customer may leave.
    pub churn_phrases: Vec<&'a str>,
}

/// What the times of a conversation's turns reveal, as stored in the row. Times are in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RowCallTimes {
    /// How long agents and bots talk.
    pub agent_talk_ms: i64,
    /// How long customers talk.
    pub customer_talk_ms: i64,
    /// How long speakers talk whose role is not known.
    pub other_talk_ms: i64,
    /// How long nobody talks.
    pub non_talk_ms: i64,
    /// How often an agent or a bot begins while another speaker is talking.
    pub agent_interruptions: i64,
    /// How often a customer does.
    pub customer_interruptions: i64,
    /// The mean time until an agent answers, if any does.
    pub response_ms: Option<i64>,
}

/// A topic of a conversation, as stored in the row.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RowTopic<'a> {
    /// Its name.
    pub topic: &'a str,
    /// How probable it is, from 0 to 1.
    pub score: f32,
    /// The sentiment towards it, from -1 to 1, if it is mentioned.
    pub sentiment: Option<f32>,
}

impl RowAnnotation<'_> {
    /// Passes on the values of [`ANNOTATION_COLUMNS`], in their order, up to the first error.
    fn put<E>(&self, mut put: impl FnMut(Option<Value<'_>>) -> Result<(), E>) -> Result<(), E> {
        put(self.sentiment.map(Value::F32))?;
        put(self.topic.map(Value::Str))?;
        put(self.confidence.map(Value::F32))?;
        put(Some(Value::Str(self.language)))?;
        put(Some(Value::Str(self.decided_by)))?;
        let Some(call) = self.call else { return CALL_COLUMNS.iter().try_for_each(|_| put(None)) };
        for number in
            [call.turns, call.customer_words, call.agent_words, call.other_words, call.longest_monologue_words]
        {
            put(Some(Value::I64(number)))?;
        }
        call.put_times(&mut put)?;
        for sentiment in [
            call.customer_sentiment,
            call.agent_sentiment,
            call.first_quarter_sentiment,
            call.last_quarter_sentiment,
            call.sentiment_change,
            call.worst_turn_sentiment,
        ] {
            put(sentiment.map(Value::F32))?;
        }
        let topics = &call.topics;
        put(Some(Value::StrList(&topics.iter().map(|topic| topic.topic).collect::<Vec<_>>())))?;
        put(Some(Value::F32List(&topics.iter().map(|topic| topic.score).collect::<Vec<_>>())))?;
        put(Some(Value::OptF32List(&topics.iter().map(|topic| topic.sentiment).collect::<Vec<_>>())))?;
        put(Some(Value::StrList(&call.escalation_phrases)))?;
        put(Some(Value::StrList(&call.churn_phrases)))
    }
}

impl RowCall<'_> {
    /// Passes on the values of its times, which are seven of [`CALL_COLUMNS`].
    fn put_times<E>(&self, mut put: impl FnMut(Option<Value<'_>>) -> Result<(), E>) -> Result<(), E> {
        let of = |value: fn(&RowCallTimes) -> i64| self.times.as_ref().map(value);
        [
            of(|times| times.agent_talk_ms),
            of(|times| times.customer_talk_ms),
            of(|times| times.other_talk_ms),
            of(|times| times.non_talk_ms),
            of(|times| times.agent_interruptions),
            of(|times| times.customer_interruptions),
            self.times.and_then(|times| times.response_ms),
        ]
        .into_iter()
        .try_for_each(|number| put(number.map(Value::I64)))
    }
}

/// Columns of the annotation, in writing order, before [`CALL_COLUMNS`]: see [`RowAnnotation::put`].
const ANNOTATION_COLUMNS: [Column; 5] = [
    Column::new("sentiment", ColumnKind::OptF32),
    Column::new("topic", ColumnKind::OptStr),
    Column::new("confidence", ColumnKind::OptF32),
    Column::new("language", ColumnKind::Str),
    Column::new("decided_by", ColumnKind::Str),
];

/// Columns of what is known of a conversation, in writing order. The three lists of topics are parallel.
const CALL_COLUMNS: [Column; 23] = [
    Column::new("turns", ColumnKind::OptI64),
    Column::new("customer_words", ColumnKind::OptI64),
    Column::new("agent_words", ColumnKind::OptI64),
    Column::new("other_words", ColumnKind::OptI64),
    Column::new("longest_monologue_words", ColumnKind::OptI64),
    Column::new("agent_talk_ms", ColumnKind::OptI64),
    Column::new("customer_talk_ms", ColumnKind::OptI64),
    Column::new("other_talk_ms", ColumnKind::OptI64),
    Column::new("non_talk_ms", ColumnKind::OptI64),
    Column::new("agent_interruptions", ColumnKind::OptI64),
    Column::new("customer_interruptions", ColumnKind::OptI64),
    Column::new("response_ms", ColumnKind::OptI64),
    Column::new("customer_sentiment", ColumnKind::OptF32),
    Column::new("agent_sentiment", ColumnKind::OptF32),
    Column::new("first_quarter_sentiment", ColumnKind::OptF32),
    Column::new("last_quarter_sentiment", ColumnKind::OptF32),
    Column::new("sentiment_change", ColumnKind::OptF32),
    Column::new("worst_turn_sentiment", ColumnKind::OptF32),
    Column::new("topics", ColumnKind::StrList),
    Column::new("topic_scores", ColumnKind::F32List),
    Column::new("topic_sentiments", ColumnKind::OptF32List),
    Column::new("escalation_phrases", ColumnKind::StrList),
    Column::new("churn_phrases", ColumnKind::StrList),
];

/// The record's position in its partition; the other coordinates are the same for a whole batch.
const OFFSET_COLUMN: Column = Column::new("source_offset", ColumnKind::I64);

/// Rows of one table, by column: those of the [roles](Table::roles) and the promoted ones, the annotation's if the
/// table has them, and `source_offset`.
///
/// The columns with the same value in every row of a batch (`processed_at`, `source_topic`, `source_partition`,
/// `source_epoch`) are added when the batch is encoded.
#[derive(Debug, Clone, PartialEq)]
pub struct RowBatch {
    table: Table,
    columns: Vec<ColumnData>,
    rows: usize,
}

impl RowBatch {
    /// An empty batch of rows.
    #[must_use]
    pub fn new(table: Table) -> Self {
        let columns = column_list(&table).map(|column| ColumnData::new(column.kind)).collect();
        Self { table, columns, rows: 0 }
    }

    /// Appends an event's row. `payload` is the decoded text.
    ///
    /// # Errors
    /// [`RowError`] if the event's values do not fit the table's columns; the rows are then unchanged.
    pub fn push<E: FamilyEvent>(
        &mut self,
        event: &E,
        payload: &str,
        annotation: &RowAnnotation<'_>,
        offset: i64,
    ) -> Result<(), RowError> {
        match self.fill(event, payload, annotation, offset) {
            Ok(()) => {
                self.rows += 1;
                Ok(())
            }
            Err((place, misfit)) => {
                self.columns.iter_mut().for_each(|column| column.truncate(self.rows));
                let column = column_list(&self.table).nth(place).unwrap_or(OFFSET_COLUMN);
                Err(RowError { table: self.table.name, problem: misfit.of_column(column) })
            }
        }
    }

    /// Appends a value to every column, or reports which of them does not accept it, and why.
    fn fill<E: FamilyEvent>(
        &mut self,
        event: &E,
        payload: &str,
        annotation: &RowAnnotation<'_>,
        offset: i64,
    ) -> Result<(), (usize, ValueProblem)> {
        let Self { table, columns, rows } = self;
        let roles = [
            (true, Some(Value::Timestamp(event.timestamp()))),
            (table.tenant.is_some(), event.tenant_id().map(Value::Str)),
            (table.identifier.is_some(), event.event_id().map(Value::Uuid)),
            (table.event_type.is_some(), Some(Value::Str(event.event_type()))),
            (table.payload.is_some(), Some(Value::Str(payload))),
        ];
        let mut place = 0;
        for (_, value) in roles.into_iter().filter(|(has_column, _)| *has_column) {
            // A role must have a value, even if its column could represent an absent one.
            let value = value.ok_or((place, ValueProblem::Absent))?;
            columns[place].push(value).map_err(|unfit| (place, ValueProblem::of(unfit, &value)))?;
            place += 1;
        }
        let first_promoted = place;
        place += table.promoted.len();
        let mut promoted = PromotedRow { columns: &mut columns[first_promoted..place], rows: *rows, misfit: None };
        event.write_row(&mut promoted);
        if let Some((promoted, misfit)) = promoted.misfit {
            return Err((first_promoted.saturating_add(promoted), misfit));
        }
        for (column, place) in columns[first_promoted..place].iter_mut().zip(first_promoted..) {
            if column.rows() == *rows {
                column.push_absent().map_err(|_| (place, ValueProblem::Absent))?;
            }
        }
        if table.annotated {
            annotation.put(|value| {
                let pushed = match value {
                    Some(value) => columns[place].push(value).map_err(|unfit| ValueProblem::of(unfit, &value)),
                    None => columns[place].push_absent().map_err(|_| ValueProblem::Absent),
                };
                pushed.map_err(|misfit| (place, misfit))?;
                place += 1;
                Ok(())
            })?;
        }
        let offset = Value::I64(offset);
        columns[place].push(offset).map_err(|unfit| (place, ValueProblem::of(unfit, &offset)))
    }

    /// The table the rows go to.
    #[must_use]
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Memory held by the values in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.columns.iter().map(ColumnData::bytes).sum()
    }

    /// Names, kinds and values of the columns.
    pub fn columns(&self) -> impl Iterator<Item = (Column, &ColumnData)> {
        column_list(&self.table).zip(&self.columns)
    }

    /// The values of a column by its name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&ColumnData> {
        self.columns().find(|(column, _)| column.name == name).map(|(_, data)| data)
    }

    /// The rows' offsets.
    #[must_use]
    pub fn offsets(&self) -> &[i64] {
        // The last column: see `column_list`.
        match self.columns.last() {
            Some(ColumnData::I64(offsets)) => offsets,
            _ => &[],
        }
    }

    /// The times of the rows' events as the table stores them, in UTC milliseconds.
    pub(crate) fn times(&self) -> impl Iterator<Item = i64> + '_ {
        // The first column: see `Table::roles`.
        let (millis, seconds): (&[i64], &[u32]) = match self.columns.first() {
            Some(ColumnData::Timestamp(millis)) => (millis, &[]),
            Some(ColumnData::Seconds(seconds)) => (&[], seconds),
            _ => (&[], &[]),
        };
        millis.iter().copied().chain(seconds.iter().map(|seconds| i64::from(*seconds) * 1000))
    }

    /// The rows' offsets, their tenants, which are empty in a table without tenants, and their times as by
    /// [`times`](Self::times).
    pub(crate) fn identities(&self) -> impl Iterator<Item = (i64, &str, i64)> {
        let tenants = self.table.tenant.map(|column| self.texts(column.name)).into_iter().flatten();
        let tenants = tenants.chain(std::iter::repeat(""));
        let times = self.offsets().iter().zip(self.times());
        times.zip(tenants).map(|((offset, millis), tenant)| (*offset, tenant, millis))
    }

    /// The earliest and the latest time of the rows' events as the table stores them, in UTC milliseconds.
    #[must_use]
    pub fn span(&self) -> Option<(i64, i64)> {
        let times = self.times().map(|time| (time, time));
        times.reduce(|all, more| (all.0.min(more.0), all.1.max(more.1)))
    }

    /// The rows at the wanted offsets, in their order.
    #[must_use]
    pub fn select(&self, is_wanted: impl Fn(i64) -> bool) -> Self {
        let offsets = self.offsets().iter().enumerate();
        let places: Vec<usize> = offsets.filter(|(_, offset)| is_wanted(**offset)).map(|(place, _)| place).collect();
        self.at(&places)
    }

    /// The rows in a range of positions.
    pub(crate) fn slice(&self, places: std::ops::Range<usize>) -> Self {
        self.at(&places.collect::<Vec<_>>())
    }

    fn at(&self, places: &[usize]) -> Self {
        let columns = self.columns.iter().map(|column| column.select(places)).collect();
        Self { table: self.table, columns, rows: places.len() }
    }

    /// Texts of a text column by its name, in the rows' order; empty for other kinds.
    pub fn texts<'s>(&'s self, name: &str) -> impl Iterator<Item = &'s str> + use<'s> {
        let texts = match self.column(name) {
            Some(ColumnData::Str(texts)) => Some(StrColumn::iter(texts)),
            _ => None,
        };
        texts.into_iter().flatten()
    }
}

/// The columns of batches for a table.
pub(crate) fn column_list(table: &Table) -> impl Iterator<Item = Column> + use<> {
    let of_annotation = ANNOTATION_COLUMNS.into_iter().chain(CALL_COLUMNS).filter({
        let is_annotated = table.annotated;
        move |_| is_annotated
    });
    table.columns().chain(of_annotation).chain([OFFSET_COLUMN])
}

/// Writes the promoted values of one row, up to the first that does not fit.
struct PromotedRow<'b> {
    columns: &'b mut [ColumnData],
    /// Number of rows before this one: a column with more already has its value.
    rows: usize,
    misfit: Option<(usize, ValueProblem)>,
}

impl RowWriter for PromotedRow<'_> {
    fn put(&mut self, place: usize, value: Value<'_>) {
        if self.misfit.is_some() {
            return;
        }
        let put = match self.columns.get_mut(place) {
            None => Err(ValueProblem::NoColumn(place)),
            Some(column) if column.rows() > self.rows => Err(ValueProblem::Twice),
            Some(column) => column.push(value).map_err(|unfit| ValueProblem::of(unfit, &value)),
        };
        self.misfit = put.err().map(|misfit| (place, misfit));
    }
}

/// A [`RowProblem`] whose column is not known yet.
#[derive(Debug, Clone, Copy)]
enum ValueProblem {
    Kind(&'static str),
    OutOfRange,
    Twice,
    NoColumn(usize),
    Absent,
}

impl ValueProblem {
    fn of(unfit: ColumnMismatch, value: &Value<'_>) -> Self {
        match unfit {
            ColumnMismatch::Kind => Self::Kind(name_of(value)),
            ColumnMismatch::OutOfRange => Self::OutOfRange,
            ColumnMismatch::Absent => Self::Absent,
        }
    }

    fn of_column(self, Column { name: column, kind }: Column) -> RowProblem {
        match self {
            Self::Kind(found) => RowProblem::Kind { column, kind, found },
            Self::OutOfRange => RowProblem::OutOfRange { column, kind },
            Self::Twice => RowProblem::Twice { column },
            Self::NoColumn(place) => RowProblem::NoColumn { place },
            Self::Absent => RowProblem::Absent { column, kind },
        }
    }
}

fn name_of(value: &Value<'_>) -> &'static str {
    match value {
        Value::Uuid(_) => "a UUID",
        Value::Str(_) => "a text",
        Value::StrList(_) => "a list of texts",
        Value::Timestamp(_) => "a time",
        Value::I64(_) => "an integer",
        Value::F32(_) => "a 32-bit float",
        Value::F64(_) => "a 64-bit float",
        Value::Bool(_) => "a boolean",
        Value::F32List(_) | Value::OptF32List(_) => "a list of 32-bit floats",
        Value::StrMap(_) => "a map of texts",
        Value::F64Map(_) => "a map of 64-bit floats",
        _ => "a value of a kind that this store does not know",
    }
}

/// An event whose values do not fit its family's table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the event does not fit the table {table}: {problem}")]
#[non_exhaustive]
pub struct RowError {
    /// The table's name.
    pub table: &'static str,
    /// What is wrong.
    pub problem: RowProblem,
}

/// What is wrong with the values of a row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RowProblem {
    /// A value of another kind than its column.
    #[error("the column {column} is of kind {kind} and was given {found}")]
    Kind {
        /// The column.
        column: &'static str,
        /// Its kind.
        kind: ColumnKind,
        /// The kind of the value.
        found: &'static str,
    },
    /// A time out of the range of the column's type.
    #[error("the column {column} of kind {kind} holds times from 1970 to 2106 only")]
    OutOfRange {
        /// The column.
        column: &'static str,
        /// Its kind.
        kind: ColumnKind,
    },
    /// A second value for one column.
    #[error("the column {column} was given two values")]
    Twice {
        /// The column.
        column: &'static str,
    },
    /// A value for a column that the table does not have.
    #[error("there is no promoted column at place {place}")]
    NoColumn {
        /// The position among the promoted columns.
        place: usize,
    },
    /// No value for a column that requires one: it plays a role, or its type cannot represent an absent value.
    #[error("the column {column} of kind {kind} requires a value and was given none")]
    Absent {
        /// The column.
        column: &'static str,
        /// Its kind.
        kind: ColumnKind,
    },
}
