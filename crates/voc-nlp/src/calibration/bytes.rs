//! Reads the parts of a file one after the other.

use super::error::CalibrationError;

/// The unread rest.
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

const TOO_SHORT: CalibrationError = CalibrationError::Invalid("it ends too early");

impl<'a> Bytes<'a> {
    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], CalibrationError> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(TOO_SHORT)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], CalibrationError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(TOO_SHORT)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn u32(&mut self) -> Result<u32, CalibrationError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// A text after its length.
    pub(super) fn text(&mut self, most: usize) -> Result<String, CalibrationError> {
        let len = self.u32()? as usize;
        if len > most {
            return Err(CalibrationError::Invalid("a name is too long"));
        }
        let bytes = self.take(len)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| CalibrationError::Invalid("a name is not UTF-8"))
    }
}
