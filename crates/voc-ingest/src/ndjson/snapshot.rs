//! A file as it was when it was opened.

use std::{
    fs::File,
    io::{self, Read, Seek as _, Take},
};

/// A file up to the length it had when it was opened.
///
/// It is read more than once, to recognise it and to import it, and must be the same every time: a last line that is
/// written on meanwhile would be recognised as what it was, and passed over as what it is. What was written since is
/// left to the next time.
pub(super) struct Snapshot {
    file: Take<File>,
    length: u64,
}

impl Snapshot {
    pub(super) fn of(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file: file.take(length), length })
    }

    /// Bytes of it.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Goes back to its start.
    pub(super) fn rewind(&mut self) -> io::Result<()> {
        self.file.get_mut().rewind()?;
        self.file.set_limit(self.length);
        Ok(())
    }
}

impl Read for Snapshot {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}
