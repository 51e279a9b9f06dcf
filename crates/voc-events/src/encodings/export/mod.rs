//! Schemas of events, derived from the descriptions of their fields.
//!
//! A schema that a program registers, or gives to producers, agrees with the decoder, because both come from the same
//! [descriptions](mod@crate::fields). [`Schema`](super::Schema) decodes events of such a schema. Exporting schemas
//! requires none of the features.

mod avro;
mod fields;
mod json;
mod proto;
mod tree;

pub use self::{avro::avro_schema, json::json_schema, proto::proto_schema};
