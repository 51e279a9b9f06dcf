//! A Protobuf schema in the form that the decoder needs.

use std::collections::HashMap;

use prost_reflect::{DescriptorPool, ExtensionDescriptor, FieldDescriptor, FileDescriptor, Kind, MessageDescriptor};
use protox::Compiler;

use super::{
    guard, imports,
    well_known::{Special, special},
};
use crate::encodings::{SchemaError, SchemaText};

/// A message's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MessageId(usize);

/// The messages and enums of a schema, including its imports.
#[derive(Debug)]
pub(super) struct Plan {
    messages: Vec<Message>,
    enums: Vec<HashMap<i32, String>>,
    by_name: HashMap<String, MessageId>,
    /// The messages of the schema's own file.
    declared: Vec<MessageDeclaration>,
}

/// A message with those declared in it; records identify their message by this nesting.
#[derive(Debug)]
struct MessageDeclaration {
    id: MessageId,
    within: Vec<MessageDeclaration>,
}

#[derive(Debug)]
pub(super) struct Message {
    pub(super) special: Special,
    /// In the order of their numbers.
    pub(super) fields: Vec<Field>,
    /// The positions of the fields that are written, or refused, even if they were not sent.
    pub(super) expected: Vec<usize>,
    by_number: HashMap<u32, usize>,
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    /// The name as JSON, with the colon.
    pub(super) key: String,
    pub(super) shape: Shape,
    pub(super) of_type: FieldType,
    /// The oneof, of which at most one field is present.
    pub(super) oneof: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Written whether it was sent or not.
    Always,
    /// Written if it was sent.
    IfSent,
    /// Refused if it was not sent.
    Required,
    Repeated,
    /// Entries of this message.
    Map,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldType {
    Double,
    Float,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Bool,
    String,
    Bytes,
    Message(MessageId),
    /// A message encoded as a group, the old form.
    Group(MessageId),
    Enum(EnumId),
}

/// An enum's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EnumId(usize);

impl Message {
    /// A field by its number in the schema, with its position among the fields.
    pub(super) fn field(&self, number: u32) -> Option<(usize, &Field)> {
        let place = *self.by_number.get(&number)?;
        Some((place, self.fields.get(place)?))
    }
}

impl Plan {
    pub(super) fn compile(schema: &SchemaText) -> Result<Self, SchemaError> {
        for text in schema.references.iter().map(|reference| &reference.text).chain([&schema.text]) {
            guard::check(text)?;
        }
        let mut compiler = Compiler::with_file_resolver(imports::resolver(schema));
        compiler.include_imports(true);
        compiler.open_file(imports::MAIN).map_err(|error| syntax(error.to_string()))?;
        let pool = compiler.descriptor_pool();
        let file = pool.get_file_by_name(imports::MAIN).ok_or_else(|| syntax("the schema is none"))?;
        Builder::of(&pool).plan(&pool, &file)
    }

    pub(super) fn message(&self, id: MessageId) -> &Message {
        &self.messages[id.0]
    }

    pub(super) fn named(&self, name: &str) -> Option<MessageId> {
        self.by_name.get(name).copied()
    }

    /// The message at a position in the schema.
    pub(super) fn declared(&self, indexes: &[usize]) -> Option<MessageId> {
        let (last, before) = indexes.split_last()?;
        let within = before.iter().try_fold(&self.declared, |declared, index| Some(&declared.get(*index)?.within))?;
        within.get(*last).map(|message| message.id)
    }

    /// The name of an enum's number, as JSON.
    pub(super) fn enum_name(&self, id: EnumId, number: i32) -> Option<&str> {
        self.enums.get(id.0)?.get(&number).map(String::as_str)
    }
}

/// The compiler's errors do not implement `Error` usefully: they refer to the text they are about.
fn syntax(message: impl Into<String>) -> SchemaError {
    SchemaError::Syntax { source: message.into().into() }
}

struct Builder {
    by_name: HashMap<String, MessageId>,
    enums: HashMap<String, EnumId>,
}

impl Builder {
    fn of(pool: &DescriptorPool) -> Self {
        let name = |(place, message): (usize, MessageDescriptor)| (message.full_name().to_owned(), MessageId(place));
        Self {
            by_name: pool.all_messages().enumerate().map(name).collect(),
            enums: pool
                .all_enums()
                .enumerate()
                .map(|(place, of_values)| (of_values.full_name().to_owned(), EnumId(place)))
                .collect(),
        }
    }

    fn plan(self, pool: &DescriptorPool, file: &FileDescriptor) -> Result<Plan, SchemaError> {
        let messages = pool.all_messages().map(|message| self.message(&message)).collect::<Result<_, _>>()?;
        let values = |of_values: prost_reflect::EnumDescriptor| {
            let mut names = HashMap::new();
            // In order of declaration: if a number has two names, the first one counts.
            for value in &of_values.enum_descriptor_proto().value {
                names.entry(value.number()).or_insert_with(|| format!("\"{}\"", value.name()));
            }
            names
        };
        let enums = pool.all_enums().map(values).collect();
        let declared = file.messages().map(|message| self.declared(&message)).collect::<Result<_, _>>()?;
        Ok(Plan { messages, enums, declared, by_name: self.by_name })
    }

    fn id(&self, message: &MessageDescriptor) -> Result<MessageId, SchemaError> {
        let id = self.by_name.get(message.full_name());
        id.copied().ok_or_else(|| syntax(format!("the message {} is not known", message.full_name())))
    }

    fn declared(&self, message: &MessageDescriptor) -> Result<MessageDeclaration, SchemaError> {
        // Entries of maps are messages that are not declared.
        let within = message.child_messages().filter(|child| !child.is_map_entry());
        let within = within.map(|child| self.declared(&child)).collect::<Result<_, _>>()?;
        Ok(MessageDeclaration { id: self.id(message)?, within })
    }

    fn message(&self, message: &MessageDescriptor) -> Result<Message, SchemaError> {
        let oneofs: HashMap<String, usize> =
            message.oneofs().enumerate().map(|(place, oneof)| (oneof.full_name().to_owned(), place)).collect();
        let own = message.fields().map(|field| Ok((field.number(), self.field(&field, &oneofs)?)));
        let extensions = message.extensions().map(|field| Ok((field.number(), self.extension(&field)?)));
        let mut numbered = own.chain(extensions).collect::<Result<Vec<_>, SchemaError>>()?;
        numbered.sort_by_key(|(number, _)| *number);
        let by_number = numbered.iter().enumerate().map(|(place, (number, _))| (*number, place)).collect();
        let fields: Vec<Field> = numbered.into_iter().map(|(_, field)| field).collect();
        let is_expected = |field: &Field| matches!(field.shape, Shape::Always | Shape::Required);
        let expected = (0..fields.len()).filter(|place| fields.get(*place).is_some_and(is_expected)).collect();
        Ok(Message { special: special(message), fields, expected, by_number })
    }

    fn field(&self, field: &FieldDescriptor, oneofs: &HashMap<String, usize>) -> Result<Field, SchemaError> {
        Ok(Field {
            name: field.name().to_owned(),
            key: format!("\"{}\":", field.name()),
            shape: shape(field),
            of_type: self.field_type(field.kind(), field.is_group())?,
            oneof: field.containing_oneof().and_then(|oneof| oneofs.get(oneof.full_name()).copied()),
        })
    }

    /// A field that another file or message adds. In JSON its name is in brackets and includes the package, so that
    /// it differs from all others.
    fn extension(&self, field: &ExtensionDescriptor) -> Result<Field, SchemaError> {
        let name = format!("[{}]", field.full_name());
        Ok(Field {
            key: format!("\"{name}\":"),
            name,
            shape: if field.is_list() { Shape::Repeated } else { Shape::IfSent },
            of_type: self.field_type(field.kind(), field.is_group())?,
            oneof: None,
        })
    }

    fn field_type(&self, kind: Kind, is_group: bool) -> Result<FieldType, SchemaError> {
        Ok(match kind {
            Kind::Double => FieldType::Double,
            Kind::Float => FieldType::Float,
            Kind::Int32 => FieldType::Int32,
            Kind::Int64 => FieldType::Int64,
            Kind::Uint32 => FieldType::Uint32,
            Kind::Uint64 => FieldType::Uint64,
            Kind::Sint32 => FieldType::Sint32,
            Kind::Sint64 => FieldType::Sint64,
            Kind::Fixed32 => FieldType::Fixed32,
            Kind::Fixed64 => FieldType::Fixed64,
            Kind::Sfixed32 => FieldType::Sfixed32,
            Kind::Sfixed64 => FieldType::Sfixed64,
            Kind::Bool => FieldType::Bool,
            Kind::String => FieldType::String,
            Kind::Bytes => FieldType::Bytes,
            Kind::Message(message) if is_group => FieldType::Group(self.id(&message)?),
            Kind::Message(message) => FieldType::Message(self.id(&message)?),
            Kind::Enum(of_values) => {
                let id = self.enums.get(of_values.full_name());
                FieldType::Enum(*id.ok_or_else(|| syntax(format!("the enum {} is not known", of_values.full_name())))?)
            }
        })
    }
}

fn shape(field: &FieldDescriptor) -> Shape {
    if field.is_map() {
        Shape::Map
    } else if field.is_list() {
        Shape::Repeated
    } else if field.is_required() {
        Shape::Required
    } else if field.supports_presence() {
        Shape::IfSent
    } else {
        Shape::Always
    }
}
