//! Reasons why a calibration cannot be used.

use std::io;

/// A calibration that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrationError {
    /// It cannot be read.
    #[error("the calibration cannot be read")]
    Io(#[from] io::Error),
    /// It is not a file of a calibration.
    #[error("this is not the file of a calibration")]
    NotCalibration,
    /// The file has another format than this version of the library reads.
    #[error("the calibration has format {found}; this version reads format {expected}: run `calibrate` again")]
    Format {
        /// The file's format.
        found: u32,
        /// The supported format.
        expected: u32,
    },
    /// The file is larger than any calibration.
    #[error("the file is larger than {} bytes, which no calibration is", crate::Calibration::MAX_SIZE)]
    TooLarge,
    /// The checksum does not match: the file was damaged or truncated.
    #[error("the calibration is damaged: its checksum does not match; copy the file again, or run `calibrate` again")]
    Checksum,
    /// The file is intact but has content that a calibration cannot have.
    #[error("the calibration is invalid: {0}")]
    Invalid(&'static str),
    /// It was made with another engine.
    #[error(
        "the calibration of tenant {tenant:?} was made with {made_with}, but this is {engine}: run `calibrate` again \
         with the tenant's labelled texts, or remove the file"
    )]
    OtherEngine {
        /// The tenant.
        tenant: String,
        /// The version of the engine that it was made with.
        made_with: String,
        /// The version of the engine that was to use it.
        engine: String,
    },
}
