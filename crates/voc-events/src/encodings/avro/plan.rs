//! The plan for reading records of a writer's schema: the writer's types in order, each with its conversion.
//!
//! Without a reader's schema the writer's own is used. Otherwise the two are resolved by Avro's rules (specification,
//! "Schema Resolution"), with these differences:
//!
//! - A field that only the writer has is kept.
//! - The names of records, enums and fixed types are compared only to choose among the branches of a union. The
//!   namespace of a producer's generated classes does not matter.
//! - A logical type of the writer is kept if the reader's type has none of its own kind, so that a time in
//!   microseconds is not read as one in milliseconds, nor a date as a number of milliseconds.
//!
//! A lenient reader refuses nothing, and takes the unit of a time only from the writer: a plain number stays one.

use std::collections::{HashMap, HashSet};

use super::{
    defaults::Defaults,
    graph::{Enum, Field, Graph, Meaning, Node, NodeId, Record, Scalar, syntax},
    scalar::{ScalarForm, promoted, written},
};
use crate::encodings::{SchemaError, contradictions::Contradictions};

/// Maximum number of pairs of types that are compared.
const MAX_STEPS: usize = 1 << 16;

/// A step's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StepId(usize);

/// The conversion of records.
#[derive(Debug)]
pub(super) struct Steps {
    steps: Vec<Step>,
    root: StepId,
}

/// How a value is read, and written as JSON.
#[derive(Debug)]
pub(super) enum Step {
    Scalar {
        encoded: Scalar,
        written: ScalarForm,
    },
    /// The JSON of each symbol of the writer, or the error for one that the reader does not have.
    Enum {
        symbols: Vec<Result<String, String>>,
        expected: String,
    },
    Array(StepId),
    Map(StepId),
    Union(Vec<StepId>),
    Record(RecordStep),
    /// A value that the reader cannot accept.
    Mismatch {
        expected: String,
        found: String,
    },
}

#[derive(Debug)]
pub(super) struct RecordStep {
    /// The writer's fields in order.
    pub(super) fields: Vec<FieldStep>,
    /// Additional members: the defaults of fields that only the reader has.
    pub(super) defaults: Vec<DefaultStep>,
    /// A field that only the reader has, without a default.
    pub(super) missing: Option<String>,
}

#[derive(Debug)]
pub(super) struct FieldStep {
    pub(super) name: String,
    /// The name as JSON, with the colon.
    pub(super) key: String,
    pub(super) step: StepId,
}

#[derive(Debug)]
pub(super) struct DefaultStep {
    pub(super) name: String,
    pub(super) key: String,
    pub(super) json: String,
}

impl Steps {
    pub(super) fn root(&self) -> StepId {
        self.root
    }

    pub(super) fn step(&self, id: StepId) -> &Step {
        &self.steps[id.0]
    }

    /// Resolves a writer's schema with a reader's.
    pub(super) fn resolve(
        writer: &Graph,
        reader: Option<&Graph>,
        contradictions: Contradictions,
    ) -> Result<Self, SchemaError> {
        let mut resolver = Resolver {
            writer,
            reader,
            contradictions,
            steps: Vec::new(),
            named: HashMap::new(),
            pending: Vec::new(),
            defaults: Defaults::default(),
        };
        let root = resolver.step(writer.root(), reader.map(Graph::root))?;
        // Iterative, because chains of records may have any length; the nesting within a type is limited.
        while let Some((id, writer, reader)) = resolver.pending.pop() {
            let step = resolver.record(writer, reader)?;
            resolver.steps[id.0] = Some(step);
        }
        let steps = resolver.steps.into_iter().collect::<Option<_>>();
        Ok(Self { steps: steps.ok_or_else(|| syntax("a record without an end"))?, root })
    }
}

struct Resolver<'g> {
    writer: &'g Graph,
    reader: Option<&'g Graph>,
    contradictions: Contradictions,
    /// `None` for records that are pending.
    steps: Vec<Option<Step>>,
    /// The steps of named types, which may have many uses: an enum's has a text for each symbol.
    named: HashMap<(NodeId, Option<NodeId>), StepId>,
    pending: Vec<(StepId, NodeId, Option<NodeId>)>,
    defaults: Defaults,
}

/// How well a reader's type fits a writer's; lower is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Same,
    /// The same except for its name.
    OtherName,
    Promoted,
}

impl<'g> Resolver<'g> {
    fn add(&mut self, step: Option<Step>) -> Result<StepId, SchemaError> {
        if self.steps.len() == MAX_STEPS {
            return Err(SchemaError::TooComplex { what: "types", limit: MAX_STEPS });
        }
        self.steps.push(step);
        Ok(StepId(self.steps.len() - 1))
    }

    /// The reader's graph with one of its nodes.
    fn reader(&self, reader: Option<NodeId>) -> Option<(&'g Graph, NodeId)> {
        self.reader.zip(reader)
    }

    fn step(&mut self, writer: NodeId, reader: Option<NodeId>) -> Result<StepId, SchemaError> {
        if let Node::Union(branches) = self.writer.node(writer) {
            let branches = branches.iter().map(|branch| self.step(*branch, reader)).collect::<Result<_, _>>()?;
            return self.add(Some(Step::Union(branches)));
        }
        let reader = match self.reader(reader) {
            Some((graph, id)) => match self.branch(writer, graph, id) {
                Some(branch) => Some((graph, branch)),
                None if self.contradictions == Contradictions::AsWritten => None,
                None => return self.mismatch(writer, graph, id),
            },
            None => None,
        };
        let reader_id = reader.map(|(_, id)| id);
        let pair = (writer, reader_id);
        if let Some(known) = self.named.get(&pair) {
            return Ok(*known);
        }
        let step = match self.writer.node(writer) {
            Node::Record(_) => {
                let id = self.add(None)?;
                self.named.insert(pair, id);
                self.pending.push((id, writer, reader_id));
                return Ok(id);
            }
            Node::Array(items) => {
                let of_reader = reader.and_then(|(graph, id)| match graph.node(id) {
                    Node::Array(items) => Some(*items),
                    _ => None,
                });
                Step::Array(self.step(*items, of_reader)?)
            }
            Node::Map(values) => {
                let of_reader = reader.and_then(|(graph, id)| match graph.node(id) {
                    Node::Map(values) => Some(*values),
                    _ => None,
                });
                Step::Map(self.step(*values, of_reader)?)
            }
            Node::Enum(symbols) => enum_step(symbols, reader.map(|(graph, id)| graph.node(id)), self.contradictions),
            Node::Scalar(encoded, meaning) => {
                let written = match reader.map(|(graph, id)| graph.node(id)) {
                    Some(Node::Scalar(to, to_meaning)) => {
                        promoted(*encoded, *meaning, *to, *to_meaning, self.contradictions)
                    }
                    _ => written(*encoded, *meaning),
                };
                Step::Scalar { encoded: *encoded, written }
            }
            // Its branches were resolved above.
            Node::Union(_) => return self.add(Some(Step::Union(Vec::new()))),
        };
        let id = self.add(Some(step))?;
        if matches!(self.writer.node(writer), Node::Enum(_) | Node::Scalar(Scalar::Fixed { .. }, _)) {
            self.named.insert(pair, id);
        }
        Ok(id)
    }

    fn mismatch(&mut self, writer: NodeId, graph: &Graph, reader: NodeId) -> Result<StepId, SchemaError> {
        let (expected, found) = (graph.describe(reader), self.writer.describe(writer));
        self.add(Some(Step::Mismatch { expected, found }))
    }

    /// The reader's type for the writer's: itself, or the best branch of a union.
    fn branch(&self, writer: NodeId, graph: &Graph, reader: NodeId) -> Option<NodeId> {
        let Node::Union(branches) = graph.node(reader) else {
            return self.fit(writer, graph, reader).map(|_| reader);
        };
        let fitting = branches.iter().filter_map(|branch| Some((self.fit(writer, graph, *branch)?, *branch)));
        // The first among equally good ones.
        fitting.min_by_key(|(fit, _)| *fit).map(|(_, branch)| branch)
    }

    fn fit(&self, writer: NodeId, graph: &Graph, reader: NodeId) -> Option<Fit> {
        let by_name = |is_same| if is_same { Fit::Same } else { Fit::OtherName };
        match (self.writer.node(writer), graph.node(reader)) {
            (Node::Record(from), Node::Record(to)) => Some(by_name(to.name.is_of(&from.name))),
            (Node::Enum(from), Node::Enum(to)) => Some(by_name(to.name.is_of(&from.name))),
            (Node::Array(_), Node::Array(_)) | (Node::Map(_), Node::Map(_)) => Some(Fit::Same),
            (Node::Scalar(from, from_meaning), Node::Scalar(to, to_meaning)) => match (from, to) {
                _ if from == to && from_meaning == to_meaning => Some(Fit::Same),
                _ if from == to => Some(Fit::OtherName),
                // The two representations of a UUID.
                (Scalar::Fixed { size: 16 }, Scalar::String) if self.are_uuids(*from_meaning, *to_meaning) => {
                    Some(Fit::Promoted)
                }
                (Scalar::Int, Scalar::Long | Scalar::Float | Scalar::Double)
                | (Scalar::Long, Scalar::Float | Scalar::Double)
                | (Scalar::Float, Scalar::Double)
                | (Scalar::String, Scalar::Bytes)
                | (Scalar::Bytes, Scalar::String) => Some(Fit::Promoted),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the writer's 16 bytes for a string are a UUID. A lenient reader's UUID does not need the writer's word.
    fn are_uuids(&self, from: Meaning, to: Meaning) -> bool {
        let is_lenient = self.contradictions == Contradictions::AsWritten;
        from == Meaning::Uuid || is_lenient && from == Meaning::Plain && to == Meaning::Uuid
    }

    fn record(&mut self, writer: NodeId, reader: Option<NodeId>) -> Result<Step, SchemaError> {
        let Node::Record(from) = self.writer.node(writer) else { return Ok(Step::Union(Vec::new())) };
        let to = self.reader(reader).and_then(|(graph, id)| match graph.node(id) {
            Node::Record(record) => Some((graph, record)),
            _ => None,
        });
        let Some((graph, to)) = to else {
            let fields = from.fields.iter().map(|field| self.field(&field.name, field.node, None));
            let fields = fields.collect::<Result<_, _>>()?;
            return Ok(Step::Record(RecordStep { fields, defaults: Vec::new(), missing: None }));
        };
        let pairs = pairs(from, to);
        let mut fields = Vec::with_capacity(from.fields.len());
        for (field, of_reader) in from.fields.iter().zip(&pairs) {
            fields.push(match of_reader {
                Some(of_reader) => self.field(&of_reader.name, field.node, Some(of_reader.node))?,
                None => self.field(&field.name, field.node, None)?,
            });
        }
        let (mut added, mut missing) = (Vec::new(), None);
        let read: HashSet<&str> = pairs.iter().flatten().map(|field| field.name.as_str()).collect();
        for field in to.fields.iter().filter(|field| !read.contains(field.name.as_str())) {
            match &field.default {
                Some(default) => {
                    let json = self.defaults.json(graph, field.node, default);
                    let of_record = || format!("{}.{}", to.name.full, field.name);
                    let json = json.ok_or_else(|| SchemaError::Default { field: of_record() });
                    // A null is equivalent to an absent field.
                    let json = json.map_err(|error| SchemaError::Reader(Box::new(error)))?;
                    if json != "null" {
                        added.push(DefaultStep { name: field.name.clone(), key: key(&field.name), json });
                    }
                }
                None if self.contradictions == Contradictions::AsWritten => {}
                None => missing = missing.or_else(|| Some(field.name.clone())),
            }
        }
        Ok(Step::Record(RecordStep { fields, defaults: added, missing }))
    }

    fn field(&mut self, name: &str, writer: NodeId, reader: Option<NodeId>) -> Result<FieldStep, SchemaError> {
        Ok(FieldStep { name: name.to_owned(), key: key(name), step: self.step(writer, reader)? })
    }
}

/// A name as JSON, with the colon. Names in Avro need no escapes.
fn key(name: &str) -> String {
    format!("\"{name}\":")
}

/// The reader's field for each field of the writer: the one with its name, or else one that has its name as an alias.
fn pairs<'r>(writer: &Record, reader: &'r Record) -> Vec<Option<&'r Field>> {
    let by_name: HashMap<&str, &Field> = reader.fields.iter().map(|field| (field.name.as_str(), field)).collect();
    let in_writer: HashSet<&str> = writer.fields.iter().map(|field| field.name.as_str()).collect();
    let mut by_alias: HashMap<&str, &Field> = HashMap::new();
    for field in reader.fields.iter().filter(|field| !in_writer.contains(field.name.as_str())) {
        // The writer may have several of a field's former names; the first one counts.
        if let Some(alias) = field.aliases.iter().find(|alias| in_writer.contains(alias.as_str())) {
            by_alias.entry(alias).or_insert(field);
        }
    }
    let of_field =
        |field: &Field| by_name.get(field.name.as_str()).or_else(|| by_alias.get(field.name.as_str())).copied();
    writer.fields.iter().map(of_field).collect()
}

fn enum_step(writer: &Enum, reader: Option<&Node>, contradictions: Contradictions) -> Step {
    let json = |symbol: &str| format!("\"{symbol}\"");
    let Some(Node::Enum(reader)) = reader else {
        let symbols = writer.symbols.iter().map(|symbol| Ok(json(symbol))).collect();
        return Step::Enum { symbols, expected: format!("a symbol of {}", writer.name.simple()) };
    };
    let known: HashSet<&str> = reader.symbols.iter().map(String::as_str).collect();
    let symbol = |symbol: &String| match &reader.default {
        _ if known.contains(symbol.as_str()) => Ok(json(symbol)),
        Some(default) => Ok(json(default)),
        None if contradictions == Contradictions::AsWritten => Ok(json(symbol)),
        None => Err(format!("the symbol {symbol}")),
    };
    let symbols = writer.symbols.iter().map(symbol).collect();
    Step::Enum { symbols, expected: format!("a symbol of {}", reader.name.simple()) }
}
