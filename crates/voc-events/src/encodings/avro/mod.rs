//! Records in Avro.

mod defaults;
mod graph;
mod input;
mod plan;
mod prepared;
mod scalar;
mod value;

use self::{
    graph::{Graph, Scalar},
    input::Input,
    plan::{FieldStep, RecordStep, Step, StepId, Steps},
    value::{Raw, text, write},
};
use super::{
    SchemaError, SchemaText,
    contradictions::Contradictions,
    fault::{Fault, Outcome},
    output::{Output, Separator},
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

impl<'p, 'd> Decoder<'p, 'd> {
    fn value(&mut self, step: StepId) -> Outcome<()> {
        let actual = self.actual(step)?;
        self.write(actual)
    }

    /// The type of the next value; that of a union is in the record.
    fn actual(&mut self, mut step: StepId) -> Outcome<&'p Step> {
        let steps = self.steps;
        loop {
            self.values += 1;
            if self.values > self.most_values {
                let expected = format!("at most {} values", self.most_values);
                return Err(Fault::of(InvalidKind::TooLarge, expected, "more"));
            }
            match steps.step(step) {
                Step::Union(branches) => step = self.branch(branches)?,
                actual => return Ok(actual),
            }
        }
    }

    fn branch(&mut self, branches: &[StepId]) -> Outcome<StepId> {
        let number = self.input.long()?;
        let branch = usize::try_from(number).ok().and_then(|number| branches.get(number));
        branch.copied().ok_or_else(|| {
            let expected = format!("one of the {} branches of a union", branches.len());
            Fault::new(expected, format!("number {number}"))
        })
    }

    /// Writes the next value, which is not of a union.
    fn write(&mut self, actual: &'p Step) -> Outcome<()> {
        match actual {
            Step::Scalar { encoded, written } => {
                let raw = self.scalar(*encoded)?;
                write(raw, *written, &mut self.out)
            }
            Step::Enum { symbols, expected } => self.symbol(symbols, expected),
            Step::Array(items) => self.array(*items),
            Step::Map(values) => self.map(*values),
            Step::Record(record) => self.record(record),
            Step::Mismatch { expected, found } => Err(Fault::new(expected.clone(), found.clone())),
            Step::Union(branches) => {
                let branch = self.branch(branches)?;
                self.value(branch)
            }
        }
    }

    fn symbol(&mut self, symbols: &[Result<String, String>], expected: &str) -> Outcome<()> {
        let number = self.input.int()?;
        match usize::try_from(number).ok().and_then(|number| symbols.get(number)) {
            Some(Ok(json)) => self.out.push(json),
            Some(Err(found)) => Err(Fault::new(expected.to_owned(), found.clone())),
            None => Err(Fault::new(expected.to_owned(), format!("number {number}"))),
        }
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
            self.field(field, &mut separator).map_err(|fault| fault.within_member(&field.name))?;
        }
        for field in &record.defaults {
            let member = self.out.member(&mut separator, &field.key).and_then(|()| self.out.push(&field.json));
            member.map_err(|fault| fault.within_member(&field.name))?;
        }
        self.out.close("}")
    }

    /// Writes a field, unless it is null.
    fn field(&mut self, field: &'p FieldStep, separator: &mut Separator) -> Outcome<()> {
        let actual = self.actual(field.step)?;
        if matches!(actual, Step::Scalar { encoded: Scalar::Null, .. }) {
            return Ok(());
        }
        self.out.member(separator, &field.key)?;
        self.write(actual)
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
