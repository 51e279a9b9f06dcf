//! Messages with a special JSON form, recognised by their names and fields.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

/// Messages with a special JSON form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    /// None: as an object.
    None,
    Timestamp,
    Duration,
    Struct,
    Value,
    List,
    /// A wrapper for a value that may be absent: the value.
    Wrapper,
    FieldMask,
    Any,
    Decimal,
}

/// A message with a special form: its name, and the numbers and types of its fields.
type Standard = (&'static str, Special, &'static [(u32, &'static str)]);

const STANDARD: [Standard; 17] = [
    ("google.protobuf.Timestamp", Special::Timestamp, &[(1, "int64"), (2, "int32")]),
    ("google.protobuf.Duration", Special::Duration, &[(1, "int64"), (2, "int32")]),
    ("google.protobuf.Struct", Special::Struct, &[(1, "map<string, google.protobuf.Value>")]),
    (
        "google.protobuf.Value",
        Special::Value,
        &[
            (1, "oneof google.protobuf.NullValue"),
            (2, "oneof double"),
            (3, "oneof string"),
            (4, "oneof bool"),
            (5, "oneof google.protobuf.Struct"),
            (6, "oneof google.protobuf.ListValue"),
        ],
    ),
    ("google.protobuf.ListValue", Special::List, &[(1, "repeated google.protobuf.Value")]),
    ("google.protobuf.FieldMask", Special::FieldMask, &[(1, "repeated string")]),
    ("google.protobuf.Any", Special::Any, &[(1, "string"), (2, "bytes")]),
    ("google.protobuf.DoubleValue", Special::Wrapper, &[(1, "double")]),
    ("google.protobuf.FloatValue", Special::Wrapper, &[(1, "float")]),
    ("google.protobuf.Int64Value", Special::Wrapper, &[(1, "int64")]),
    ("google.protobuf.UInt64Value", Special::Wrapper, &[(1, "uint64")]),
    ("google.protobuf.Int32Value", Special::Wrapper, &[(1, "int32")]),
    ("google.protobuf.UInt32Value", Special::Wrapper, &[(1, "uint32")]),
    ("google.protobuf.BoolValue", Special::Wrapper, &[(1, "bool")]),
    ("google.protobuf.StringValue", Special::Wrapper, &[(1, "string")]),
    ("google.protobuf.BytesValue", Special::Wrapper, &[(1, "bytes")]),
    ("confluent.type.Decimal", Special::Decimal, &[(1, "bytes"), (2, "uint32"), (3, "int32")]),
];

/// The special form of a message.
///
/// A schema may declare other messages under these names, such as a wrapper of itself. They are written like any other
/// message, because the special forms rely on the standard fields: without them, nesting may go unnoticed.
pub(super) fn special(message: &MessageDescriptor) -> Special {
    let standard = STANDARD.iter().find(|(name, ..)| *name == message.full_name());
    match standard {
        Some((_, special, fields)) if has_fields(message, fields) => *special,
        _ => Special::None,
    }
}

fn has_fields(message: &MessageDescriptor, standard: &[(u32, &str)]) -> bool {
    let is_standard =
        |(number, of_type): &(u32, &str)| message.get_field(*number).is_some_and(|field| type_name(&field) == *of_type);
    message.fields().len() == standard.len() && standard.iter().all(is_standard)
}

/// The type of a field as in the text of a schema, preceded by `oneof` if it belongs to one.
fn type_name(field: &FieldDescriptor) -> String {
    let kind = kind_name(&field.kind());
    if let (true, Kind::Message(entry)) = (field.is_map(), field.kind()) {
        let name = |field: FieldDescriptor| kind_name(&field.kind());
        return format!("map<{}, {}>", name(entry.map_entry_key_field()), name(entry.map_entry_value_field()));
    }
    let is_in_oneof = field.containing_oneof().is_some();
    match field {
        field if field.is_group() => format!("group {kind}"),
        field if field.is_list() => format!("repeated {kind}"),
        field if field.is_required() => format!("required {kind}"),
        _ if is_in_oneof => format!("oneof {kind}"),
        _ => kind,
    }
}

fn kind_name(kind: &Kind) -> String {
    match kind {
        Kind::Message(message) => message.full_name().to_owned(),
        Kind::Enum(of_values) => of_values.full_name().to_owned(),
        scalar => format!("{scalar:?}"),
    }
}
