//! Schemas of events, made of the descriptions of their fields.
//!
//! What a program registers, or gives to producers, says the same as what decodes the events: both come of the same
//! [descriptions](mod@crate::fields). Events of such a schema come back through [`Schema`](super::Schema). Making schemas
//! takes none of the features.

mod avro;
mod fields;
mod json;
mod proto;
mod tree;

pub use self::{avro::avro_schema, json::json_schema, proto::proto_schema};
