//! Reads the parts of a file one after the other: of weights, and of calibrations.

/// The unread rest.
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

/// The file ends before what is read.
pub(crate) struct EndsEarly;

impl<'a> Bytes<'a> {
    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], EndsEarly> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(EndsEarly)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], EndsEarly> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(EndsEarly)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, EndsEarly> {
        Ok(u32::from_le_bytes(self.array()?))
    }
}
