//! Parameters of the query in the description of the API. An operation names those that its handler reads.

use serde_json::json;
use utoipa::{
    IntoParams,
    openapi::{
        KnownFormat, ObjectBuilder, Required, SchemaFormat,
        path::{Parameter, ParameterBuilder, ParameterIn},
        schema::{Schema, Type},
    },
};
use voc_events::{TenantId, families};

use crate::formats;

macro_rules! parameters {
    ($($(#[doc = $line:literal])+ $name:ident = $text:literal, $schema:expr, $example:expr;)*) => {$(
        $(#[doc = $line])+
        pub(crate) struct $name;

        impl IntoParams for $name {
            fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
                vec![
                    ParameterBuilder::new()
                        .name($text)
                        .parameter_in(ParameterIn::Query)
                        .required(Required::False)
                        .description(Some(concat!($($line),+).trim()))
                        .schema(Some($schema))
                        .example(Some(json!($example)))
                        .build(),
                ]
            }
        }
    )*};
}

parameters! {
    /// The family of events.
    Family = "family", names(&families::ALL.iter().map(|family| family.name).collect::<Vec<_>>()), "voc";
    /// Only this tenant. Without it: the tenant of the credentials, or all that they allow.
    Tenant = "tenant_id", text(TenantId::MAX_BYTES), "acme";
    /// The number of days up to now.
    Days = "days", whole(1, 90), 7;
    /// The format of the answer. Without it: that of the path's extension, such as `.csv`, or of the header `Accept`.
    Format = "format", names(&formats::Format::ALL.map(formats::Format::name)), "json";
    /// Only this topic of Kafka.
    KafkaTopic = "topic", text(249), "voc.events";
    /// Only this partition.
    Partition = "partition", whole(0, i32::MAX.into()), 0;
}

/// One of these names.
pub(crate) fn names(names: &[&str]) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names.iter().copied())).build().into()
}

/// A text; the maximum length is in bytes, so that of the schema, in characters, is an upper bound.
pub(crate) fn text(max_bytes: usize) -> Schema {
    ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(max_bytes)).build().into()
}

/// A whole number within bounds.
pub(crate) fn whole(least: i64, most: i64) -> Schema {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(least))
        .maximum(Some(most))
        .build()
        .into()
}
