//! Records in Protobuf.

mod compiled;
mod decode;
mod guard;
mod imports;
mod plan;
mod scan;
mod special;
mod well_known;

use self::{decode::Decoder, plan::Plan};
use super::{SchemaError, SchemaText, fault::Fault, output::Output, wire};
use crate::{Invalid, Limits};

/// Converts records of a schema's messages to events.
#[derive(Debug)]
pub(super) struct Messages(Plan);

impl Messages {
    pub(super) fn compile(schema: &SchemaText) -> Result<Self, SchemaError> {
        Plan::compile(schema).map(Self)
    }

    pub(super) fn event_json(&self, body: &[u8], limits: &Limits) -> Result<String, Invalid> {
        let mut out = Output::for_record(body, limits)?;
        let (indexes, message) = wire::message_indexes(body)?;
        let Some(id) = self.0.declared(&indexes) else {
            return Err(Fault::new("a message of the schema", format!("the place {indexes:?}")).into());
        };
        Decoder::new(&self.0, &mut out).message(id, &[message])?;
        Ok(out.into_text())
    }
}
