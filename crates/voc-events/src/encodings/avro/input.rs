//! Avro's binary encoding, read piece by piece; claimed sizes are checked before use.

use crate::encodings::{
    fault::{Fault, Outcome},
    wire,
};

/// The unread rest of a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Input<'d> {
    rest: &'d [u8],
}

impl<'d> Input<'d> {
    pub(super) fn of(bytes: &'d [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn len(&self) -> usize {
        self.rest.len()
    }

    /// This many bytes, unchanged.
    pub(super) fn take(&mut self, count: usize) -> Outcome<&'d [u8]> {
        let Some((taken, rest)) = self.rest.split_at_checked(count) else {
            return Err(Fault::new(format!("{count} bytes"), format!("{} before the record's end", self.rest.len())));
        };
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Outcome<[u8; N]> {
        let Some((taken, rest)) = self.rest.split_first_chunk() else {
            return Err(Fault::new(format!("{N} bytes"), format!("{} before the record's end", self.rest.len())));
        };
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn boolean(&mut self) -> Outcome<bool> {
        match self.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            [other] => Err(Fault::new("a boolean as 0 or 1", format!("the byte {other}"))),
        }
    }

    pub(super) fn long(&mut self) -> Outcome<i64> {
        let (number, rest) = wire::zigzag(self.rest).ok_or_else(|| {
            let found = if self.rest.len() < 10 { "the record's end" } else { "a longer one" };
            Fault::new("a number of at most 64 bits", found)
        })?;
        self.rest = rest;
        Ok(number)
    }

    pub(super) fn int(&mut self) -> Outcome<i32> {
        let number = self.long()?;
        i32::try_from(number).map_err(|_| Fault::new("an int of 32 bits", number.to_string()))
    }

    pub(super) fn float(&mut self) -> Outcome<f32> {
        self.array().map(f32::from_le_bytes)
    }

    pub(super) fn double(&mut self) -> Outcome<f64> {
        self.array().map(f64::from_le_bytes)
    }

    /// Bytes preceded by their length.
    pub(super) fn bytes(&mut self) -> Outcome<&'d [u8]> {
        let length = self.long()?;
        match usize::try_from(length) {
            Ok(length) => self.take(length),
            Err(_) => Err(Fault::new("a length", length.to_string())),
        }
    }

    /// The number of elements in the next block of an array or a map; 0 at its end.
    pub(super) fn block(&mut self) -> Outcome<u64> {
        let count = self.long()?;
        if count < 0 {
            // The block's size in bytes follows, for readers that skip it.
            let size = self.long()?;
            if !usize::try_from(size).is_ok_and(|size| size <= self.rest.len()) {
                let found = format!("one of {size}, where {} are left", self.rest.len());
                return Err(Fault::new("a block's size in bytes", found));
            }
        }
        Ok(count.unsigned_abs())
    }
}
