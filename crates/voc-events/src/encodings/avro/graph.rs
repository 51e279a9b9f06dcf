//! An Avro schema as nodes that refer to each other by number.
//!
//! The library parses and checks the schema, once it is [prepared](super::prepared).

use std::collections::HashMap;

use apache_avro::{
    Schema,
    schema::{InnerDecimalSchema, RecordField, RecordSchema, UuidSchema},
};
use serde_json::{Value, json};

use super::prepared::{ALIASES_PROPERTY, DEFAULT_PROPERTY, Preparation};
use crate::encodings::{JSON_PROPERTY, SchemaError, SchemaText, written::Unit};

/// A node's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct NodeId(usize);

/// A schema with all types it refers to.
#[derive(Debug)]
pub(super) struct Graph {
    nodes: Vec<Node>,
    root: NodeId,
}

#[derive(Debug)]
pub(super) enum Node {
    Scalar(Scalar, Meaning),
    Enum(Enum),
    Array(NodeId),
    Map(NodeId),
    Union(Vec<NodeId>),
    Record(Record),
}

/// The type of a single value, as it is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
    Fixed { size: usize },
}

/// The meaning of a scalar's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Itself.
    Plain,
    /// For a string: a JSON text.
    Json,
    Uuid,
    Decimal {
        scale: usize,
    },
    BigDecimal,
    Date,
    TimeOfDay(Unit),
    Instant(Unit),
    LocalInstant(Unit),
    Duration,
}

#[derive(Debug)]
pub(super) struct Enum {
    pub(super) name: TypeName,
    pub(super) symbols: Vec<String>,
    pub(super) default: Option<String>,
}

#[derive(Debug)]
pub(super) struct Record {
    pub(super) name: TypeName,
    pub(super) fields: Vec<Field>,
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) aliases: Vec<String>,
    pub(super) node: NodeId,
    pub(super) default: Option<Value>,
}

/// The name of a type, and its possible names in a writer's schema.
#[derive(Debug, Clone, Default)]
pub(super) struct TypeName {
    pub(super) full: String,
    pub(super) aliases: Vec<String>,
}

impl TypeName {
    fn of(schema: &Schema) -> Self {
        let aliases = schema.custom_attributes().and_then(|attributes| attributes.get(ALIASES_PROPERTY));
        let aliases = aliases.and_then(Value::as_array).into_iter().flatten();
        Self {
            full: schema.name().map(|name| name.fullname(None)).unwrap_or_default(),
            aliases: aliases.filter_map(Value::as_str).map(str::to_owned).collect(),
        }
    }

    /// Whether a writer's type of this name may be read as the type of `self`.
    pub(super) fn is_of(&self, writer: &Self) -> bool {
        let simple = |name: &str| name.rsplit('.').next().map(str::to_owned);
        simple(&self.full) == simple(&writer.full) || self.aliases.contains(&writer.full)
    }

    /// The name without its namespace.
    pub(super) fn simple(&self) -> &str {
        self.full.rsplit('.').next().unwrap_or(&self.full)
    }
}

impl Graph {
    /// Parses a schema.
    pub(super) fn read(text: &SchemaText) -> Result<Self, SchemaError> {
        let mut fields: Vec<Value> = Vec::new();
        let mut preparation = Preparation::default();
        // The position of the last text, which is the schema itself.
        let mut root = 0;
        let texts = text.references.iter().map(|reference| &reference.text).chain([&text.text]);
        for text in texts {
            let mut schema: Value = serde_json::from_str(text).map_err(syntax)?;
            preparation.prepare(&mut schema, "")?;
            // A schema needed by two others may occur twice.
            root = fields.iter().position(|field| field["type"] == schema).unwrap_or(fields.len());
            if root == fields.len() {
                fields.push(json!({ "name": format!("schema{root}"), "type": schema }));
            }
        }
        // The schemas become the fields of one record, so the library reads them in this order, and each may use the
        // types before it.
        let all = json!({ "type": "record", "name": "voc_schema_and_its_references", "fields": fields });
        Preparation::check_copies(&all)?;
        let Schema::Record(all) = Schema::parse(&all).map_err(syntax)? else {
            return Err(syntax("the schema is none"));
        };
        let mut builder = Builder::default();
        let types = all.fields.iter().map(|field| builder.node(&field.schema, false));
        let types = types.collect::<Result<Vec<_>, _>>()?;
        let root = types.get(root).copied().ok_or_else(|| syntax("the schema is none"))?;
        let nodes = builder.nodes.into_iter().collect::<Option<_>>().ok_or_else(|| syntax("a type without an end"))?;
        Ok(Self { nodes, root })
    }

    pub(super) fn root(&self) -> NodeId {
        self.root
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }

    /// Describes a node where its type does not match.
    pub(super) fn describe(&self, id: NodeId) -> String {
        match self.node(id) {
            Node::Scalar(scalar, _) => scalar.to_string(),
            Node::Enum(symbols) => format!("the enum {}", symbols.name.simple()),
            Node::Array(_) => "an array".to_owned(),
            Node::Map(_) => "a map".to_owned(),
            Node::Record(record) => format!("the record {}", record.name.simple()),
            Node::Union(branches) => {
                let branches: Vec<_> = branches.iter().map(|branch| self.describe(*branch)).collect();
                branches.join(" or ")
            }
        }
    }
}

impl std::fmt::Display for Scalar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Int => "an int",
            Self::Long => "a long",
            Self::Float => "a float",
            Self::Double => "a double",
            Self::Bytes => "bytes",
            Self::String => "a string",
            Self::Fixed { size } => return write!(f, "{size} fixed bytes"),
        })
    }
}

pub(super) fn syntax(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> SchemaError {
    SchemaError::Syntax { source: source.into() }
}

/// Creates nodes from the library's result.
#[derive(Default)]
struct Builder {
    /// `None` for a type that is still being described.
    nodes: Vec<Option<Node>>,
    names: HashMap<String, NodeId>,
}

impl Builder {
    fn reserve(&mut self) -> NodeId {
        self.nodes.push(None);
        NodeId(self.nodes.len() - 1)
    }

    fn add(&mut self, node: Node) -> NodeId {
        self.nodes.push(Some(node));
        NodeId(self.nodes.len() - 1)
    }

    fn scalar(&mut self, scalar: Scalar, meaning: Meaning) -> NodeId {
        self.add(Node::Scalar(scalar, meaning))
    }

    /// The node of a schema. `is_json` means that its strings are JSON texts.
    fn node(&mut self, schema: &Schema, is_json: bool) -> Result<NodeId, SchemaError> {
        if let Some(name) = schema.name()
            && let Some(known) = self.names.get(&name.fullname(None))
        {
            return Ok(*known);
        }
        Ok(match schema {
            Schema::Ref { name } => return Err(syntax(format!("the type {} is not known", name.fullname(None)))),
            Schema::Null => self.scalar(Scalar::Null, Meaning::Plain),
            Schema::Boolean => self.scalar(Scalar::Boolean, Meaning::Plain),
            Schema::Int => self.scalar(Scalar::Int, Meaning::Plain),
            Schema::Long => self.scalar(Scalar::Long, Meaning::Plain),
            Schema::Float => self.scalar(Scalar::Float, Meaning::Plain),
            Schema::Double => self.scalar(Scalar::Double, Meaning::Plain),
            Schema::Bytes => self.scalar(Scalar::Bytes, Meaning::Plain),
            Schema::String => self.scalar(Scalar::String, if is_json { Meaning::Json } else { Meaning::Plain }),
            Schema::BigDecimal => self.scalar(Scalar::Bytes, Meaning::BigDecimal),
            Schema::Date => self.scalar(Scalar::Int, Meaning::Date),
            Schema::TimeMillis => self.scalar(Scalar::Int, Meaning::TimeOfDay(Unit::Millis)),
            Schema::TimeMicros => self.scalar(Scalar::Long, Meaning::TimeOfDay(Unit::Micros)),
            Schema::TimestampMillis => self.scalar(Scalar::Long, Meaning::Instant(Unit::Millis)),
            Schema::TimestampMicros => self.scalar(Scalar::Long, Meaning::Instant(Unit::Micros)),
            Schema::TimestampNanos => self.scalar(Scalar::Long, Meaning::Instant(Unit::Nanos)),
            Schema::LocalTimestampMillis => self.scalar(Scalar::Long, Meaning::LocalInstant(Unit::Millis)),
            Schema::LocalTimestampMicros => self.scalar(Scalar::Long, Meaning::LocalInstant(Unit::Micros)),
            Schema::LocalTimestampNanos => self.scalar(Scalar::Long, Meaning::LocalInstant(Unit::Nanos)),
            Schema::Uuid(UuidSchema::String) => self.scalar(Scalar::String, Meaning::Uuid),
            Schema::Uuid(UuidSchema::Bytes) => self.scalar(Scalar::Bytes, Meaning::Uuid),
            Schema::Uuid(UuidSchema::Fixed(fixed)) => {
                self.named(schema, Node::Scalar(Scalar::Fixed { size: fixed.size }, Meaning::Uuid))
            }
            Schema::Decimal(decimal) => {
                let meaning = Meaning::Decimal { scale: decimal.scale };
                match &decimal.inner {
                    InnerDecimalSchema::Bytes => self.scalar(Scalar::Bytes, meaning),
                    InnerDecimalSchema::Fixed(fixed) => {
                        self.named(schema, Node::Scalar(Scalar::Fixed { size: fixed.size }, meaning))
                    }
                }
            }
            Schema::Duration(fixed) => {
                // Only with twelve bytes is it one.
                let meaning = if fixed.size == 12 { Meaning::Duration } else { Meaning::Plain };
                self.named(schema, Node::Scalar(Scalar::Fixed { size: fixed.size }, meaning))
            }
            Schema::Fixed(fixed) => {
                self.named(schema, Node::Scalar(Scalar::Fixed { size: fixed.size }, Meaning::Plain))
            }
            Schema::Enum(symbols) => {
                let (default, name) = (symbols.default.clone(), TypeName::of(schema));
                self.named(schema, Node::Enum(Enum { name, symbols: symbols.symbols.clone(), default }))
            }
            Schema::Array(array) => {
                let items = self.node(&array.items, is_json)?;
                self.add(Node::Array(items))
            }
            Schema::Map(map) => {
                let values = self.node(&map.types, is_json)?;
                self.add(Node::Map(values))
            }
            Schema::Union(union) => {
                let branches = union.variants().iter().map(|branch| self.node(branch, is_json));
                let branches = branches.collect::<Result<_, _>>()?;
                self.add(Node::Union(branches))
            }
            Schema::Record(record) => self.record(schema, record)?,
        })
    }

    fn record(&mut self, schema: &Schema, record: &RecordSchema) -> Result<NodeId, SchemaError> {
        // Registered before its fields, which may be of its type.
        let id = self.reserve();
        let name = TypeName::of(schema);
        self.names.insert(name.full.clone(), id);
        let fields = record.fields.iter().map(|field| self.field(field)).collect::<Result<_, _>>()?;
        self.nodes[id.0] = Some(Node::Record(Record { name, fields }));
        Ok(id)
    }

    fn field(&mut self, field: &RecordField) -> Result<Field, SchemaError> {
        let is_json = field.custom_attributes.get(JSON_PROPERTY) == Some(&Value::Bool(true));
        Ok(Field {
            name: field.name.clone(),
            aliases: field.aliases.clone(),
            node: self.node(&field.schema, is_json)?,
            default: field.custom_attributes.get(DEFAULT_PROPERTY).cloned(),
        })
    }

    fn named(&mut self, schema: &Schema, node: Node) -> NodeId {
        let id = self.add(node);
        self.names.insert(TypeName::of(schema).full, id);
        id
    }
}
