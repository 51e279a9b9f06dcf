//! The file of a calibration.
//!
//! All numbers are little-endian. The file is:
//!
//! - [`MAGIC`] and the [`FORMAT`], a `u32`;
//! - the tenant and the version of the engine, each with its length, a `u32`, before it;
//! - the number of labelled texts of each sentiment, three `u32`s;
//! - the [`Numbers`]: `f32`s with an absolute value of at most [`MAX_NUMBER`];
//! - the number of rows of own words, a `u32`, 0 or [`OwnWords::ROWS`], and the rows, three signed bytes each;
//! - the SHA-256 of everything before it, the first bytes of which are the version.

use std::io::Read;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::error::CalibrationError;
use super::own_words::{OwnRow, OwnWords};
use super::{Calibration, Numbers, Parameters};
use crate::annotation::CalibrationVersion;
use crate::bytes::{Bytes, EndsEarly};

const MAGIC: &[u8; 8] = b"VOCNLPCA";
const FORMAT: u32 = 1;
const CHECKSUM: usize = 32;
/// Maximum length of a name, in bytes.
const MAX_NAME: usize = 1024;
/// Far beyond any useful number, and small enough that no sum overflows.
const MAX_NUMBER: f32 = 1e4;
/// Below this the engine would hardly count.
const LEAST_SCALE: f32 = 1e-3;

impl Calibration {
    /// Reads a file.
    ///
    /// # Errors
    /// [`CalibrationError`] if `file` is not a complete file of a calibration in this version's format.
    pub fn read(file: &[u8]) -> Result<Self, CalibrationError> {
        if file.len() as u64 > Self::MAX_SIZE {
            return Err(CalibrationError::TooLarge);
        }
        let (content, checksum) = file
            .split_last_chunk::<CHECKSUM>()
            .filter(|_| file.starts_with(MAGIC))
            .ok_or(CalibrationError::NotCalibration)?;
        let mut rest = Bytes(content);
        rest.take(MAGIC.len())?;
        let format = rest.u32()?;
        if format != FORMAT {
            return Err(CalibrationError::Format { found: format, expected: FORMAT });
        }
        if Sha256::digest(content).as_slice() != checksum {
            return Err(CalibrationError::Checksum);
        }
        let (tenant, engine) = (read_name(&mut rest)?, read_name(&mut rest)?);
        let texts = [rest.u32()?, rest.u32()?, rest.u32()?];
        let mut numbers = Numbers::NOTHING;
        for number in numbers.floats() {
            *number = f32::from_le_bytes(rest.array()?);
            // Written so that NaN is rejected, too.
            if !(-MAX_NUMBER..=MAX_NUMBER).contains(number) {
                return Err(CalibrationError::Invalid("a number is not a number or too large"));
            }
        }
        if numbers.scale < LEAST_SCALE {
            return Err(CalibrationError::Invalid("the engine's logits do not count"));
        }
        let own_words = match rest.u32()? as usize {
            0 => None,
            OwnWords::ROWS => {
                let (rows, _) = rest.take(OwnWords::ROWS * size_of::<OwnRow>())?.as_chunks::<{ size_of::<OwnRow>() }>();
                OwnWords::of(rows.iter().map(|row| row.map(|byte| byte as i8)).collect())
            }
            _ => return Err(CalibrationError::Invalid("it has another number of rows than this version reads")),
        };
        if !rest.0.is_empty() {
            return Err(CalibrationError::Invalid("there is data after its end"));
        }
        let version = CalibrationVersion::of(checksum);
        Ok(Self(Arc::new(Parameters { tenant, engine, texts, numbers, own_words, version })))
    }

    /// The same from a reader.
    ///
    /// # Errors
    /// As for [`read`](Self::read), and if reading fails. Reads hardly more than [`MAX_SIZE`](Self::MAX_SIZE) bytes.
    pub fn read_from(reader: impl Read) -> Result<Self, CalibrationError> {
        let mut file = Vec::new();
        reader.take(Self::MAX_SIZE + 1).read_to_end(&mut file)?;
        Self::read(&file)
    }

    /// The file.
    pub fn write(&self) -> Vec<u8> {
        self.0.write()
    }
}

/// A name after its length.
fn read_name(rest: &mut Bytes<'_>) -> Result<String, CalibrationError> {
    let len = rest.u32()? as usize;
    if len > MAX_NAME {
        return Err(CalibrationError::Invalid("a name is too long"));
    }
    let bytes = rest.take(len)?;
    String::from_utf8(bytes.to_vec()).map_err(|_| CalibrationError::Invalid("a name is not UTF-8"))
}

impl From<EndsEarly> for CalibrationError {
    fn from(_: EndsEarly) -> Self {
        Self::Invalid("it ends too early")
    }
}

impl Parameters {
    pub(super) fn write(&self) -> Vec<u8> {
        let Self { tenant, engine, texts, numbers, own_words, version: _ } = self;
        let mut file = Vec::from(MAGIC.as_slice());
        file.extend(FORMAT.to_le_bytes());
        for name in [tenant, engine] {
            file.extend((name.len() as u32).to_le_bytes());
            file.extend(name.as_bytes());
        }
        file.extend(texts.iter().flat_map(|count| count.to_le_bytes()));
        file.extend(numbers.clone().floats().flat_map(|number| number.to_le_bytes()));
        let rows = own_words.as_ref().map(OwnWords::rows).unwrap_or_default();
        file.extend((rows.len() as u32).to_le_bytes());
        file.extend(rows.iter().flatten().map(|weight| *weight as u8));
        let checksum = Sha256::digest(&file);
        file.extend(checksum.as_slice());
        file
    }
}
