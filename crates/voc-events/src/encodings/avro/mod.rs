//! Records in Avro.

mod defaults;
mod graph;
mod input;
mod plan;
mod scalar;
mod value;

use self::{
    graph::{Graph, Scalar},
    input::Input,
    plan::{RecordStep, Step, StepId, Steps},
    value::{Raw, text, write},
};
use super::{
    SchemaError, SchemaText,
    contradictions::Contradictions,
    fault::{Fault, Outcome},
    output::Output,
};
use crate::{Invalid, InvalidKind, Limits};

/// Converts records of a schema to events.
#[derive(Debug)]
pub(super) struct Plan(Steps);

impl Plan {
    pub(super) fn compile(
        writer: &SchemaText,
        reader: Option<&SchemaText>,
        contradictions: Contradictions,
    ) -> Result<Self, SchemaError> {
        let writer = Graph::read(writer)?;
        let reader = reader.map(Graph::read).transpose().map_err(|error| SchemaError::Reader(Box::new(error)))?;
        Steps::resolve(&writer, reader.as_ref(), contradictions).map(Self)
    }

    pub(super) fn event_json(&self, body: &[u8], limits: &Limits) -> Result<String, Invalid> {
        let out = Output::for_record(body, limits)?;
        let most_values = out.max_bytes();
        let mut decoder = Decoder { steps: &self.0, input: Input::of(body), out, values: 0, most_values };
        decoder.value(self.0.root())?;
        if decoder.input.len() > 0 {
            return Err(Fault::new("the record's end", format!("{} more bytes", decoder.input.len())).into());
        }
        Ok(decoder.out.into_text())
    }
}

struct Decoder<'p, 'd> {
    steps: &'p Steps,
    input: Input<'d>,
    out: Output,
    /// Number of values read. A null takes no byte, and a field that is null leaves none, so the bytes alone do not
    /// limit the work.
    values: usize,
    most_values: usize,
}

/// Whether a value is null.
type IsNull = bool;

impl<'p, 'd> Decoder<'p, 'd> {
    fn value(&mut self, step: StepId) -> Outcome<IsNull> {
        self.values += 1;
        if self.values > self.most_values {
            let expected = format!("at most {} values", self.most_values);
            return Err(Fault::of(InvalidKind::TooLarge, expected, "more"));
        }
        let steps = self.steps;
        match steps.step(step) {
            Step::Scalar { encoded, written } => {
                let raw = self.scalar(*encoded)?;
                write(raw, *written, &mut self.out)?;
                return Ok(matches!(raw, Raw::Null));
            }
            Step::Union(branches) => {
                let branch = self.input.long()?;
                let Some(branch) = usize::try_from(branch).ok().and_then(|branch| branches.get(branch)) else {
                    let expected = format!("one of the {} branches of a union", branches.len());
                    return Err(Fault::new(expected, format!("number {branch}")));
                };
                return self.value(*branch);
            }
            Step::Enum { symbols, expected } => {
                let number = self.input.int()?;
                match usize::try_from(number).ok().and_then(|number| symbols.get(number)) {
                    Some(Ok(json)) => self.out.push(json)?,
                    Some(Err(found)) => return Err(Fault::new(expected.clone(), found.clone())),
                    None => return Err(Fault::new(expected.clone(), format!("number {number}"))),
                }
            }
            Step::Array(items) => self.array(*items)?,
            Step::Map(values) => self.map(*values)?,
            Step::Record(record) => self.record(record)?,
            Step::Mismatch { expected, found } => return Err(Fault::new(expected.clone(), found.clone())),
        }
        Ok(false)
    }

    fn scalar(&mut self, encoded: Scalar) -> Outcome<Raw<'d>> {
        Ok(match encoded {
            Scalar::Null => Raw::Null,
            Scalar::Boolean => Raw::Boolean(self.input.boolean()?),
            Scalar::Int => Raw::Whole(self.input.int()?.into()),
            Scalar::Long => Raw::Whole(self.input.long()?),
            Scalar::Float => Raw::Float(self.input.float()?),
            Scalar::Double => Raw::Double(self.input.double()?),
            Scalar::Bytes => Raw::Bytes(self.input.bytes()?),
            Scalar::String => Raw::Text(text(self.input.bytes()?)?),
            Scalar::Fixed { size } => Raw::Bytes(self.input.take(size)?),
        })
    }

    fn record(&mut self, record: &'p RecordStep) -> Outcome<()> {
        if let Some(missing) = &record.missing {
            let expected = "a field that has no default";
            return Err(Fault::new(expected, "no such field in the record's schema").within_member(missing));
        }
        let mut separator = self.out.open("{")?;
        for field in &record.fields {
            let before = (self.out.mark(), separator);
            let value = self.out.member(&mut separator, &field.key).and_then(|()| self.value(field.step));
            if value.map_err(|fault| fault.within_member(&field.name))? {
                self.out.take_back(&before.0);
                separator = before.1;
            }
        }
        for field in &record.defaults {
            let member = self.out.member(&mut separator, &field.key).and_then(|()| self.out.push(&field.json));
            member.map_err(|fault| fault.within_member(&field.name))?;
        }
        self.out.close("}")
    }

    fn array(&mut self, items: StepId) -> Outcome<()> {
        let mut separator = self.out.open("[")?;
        let mut number = 0;
        loop {
            let count = self.input.block()?;
            if count == 0 {
                return self.out.close("]");
            }
            // The claimed number is not allocated: each element is a value and takes room as JSON, both of which are
            // limited.
            for _ in 0..count {
                self.out.element(&mut separator)?;
                self.value(items).map_err(|fault| fault.within_element(number))?;
                number += 1;
            }
        }
    }

    fn map(&mut self, values: StepId) -> Outcome<()> {
        let mut separator = self.out.open("{")?;
        loop {
            let count = self.input.block()?;
            if count == 0 {
                return self.out.close("}");
            }
            for _ in 0..count {
                let name = text(self.input.bytes()?)?;
                let value = self.out.member_named(&mut separator, name).and_then(|()| self.value(values));
                value.map_err(|fault| fault.within_member(name))?;
            }
        }
    }
}
