//! A file as it was when it was opened.

use std::{
    fs::File,
    io::{self, Read, Seek as _, Take},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// A file up to the length it had when it was opened.
///
/// It is read more than once, to recognise it and to import it, and must be the same every time: a last line that is
/// written on meanwhile would be recognised as what it was, and passed over as what it is. What was written since is
/// left to the next time.
pub(super) struct Snapshot {
    file: Take<File>,
    length: u64,
    position: Position,
}

/// How far something was read. A clone is the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Position(Arc<AtomicU64>);

impl Position {
    pub(super) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn advance(&self, bytes: usize) {
        self.0.fetch_add(bytes as u64, Ordering::Relaxed);
    }
}

impl Snapshot {
    pub(super) fn of(file: File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file: file.take(length), length, position: Position::default() })
    }

    /// Bytes of it.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// How far it is read, since it was last at its start.
    pub(super) fn position(&self) -> Position {
        self.position.clone()
    }

    /// Its last bytes, zeros where it is shorter. Goes back to its start.
    pub(super) fn tail<const BYTES: usize>(&mut self) -> io::Result<[u8; BYTES]> {
        let mut tail = [0; BYTES];
        if let Some(start) = self.length.checked_sub(BYTES as u64) {
            self.file.get_mut().seek(io::SeekFrom::Start(start))?;
            self.file.get_mut().read_exact(&mut tail)?;
        }
        self.rewind()?;
        Ok(tail)
    }

    /// Goes back to its start.
    pub(super) fn rewind(&mut self) -> io::Result<()> {
        self.file.get_mut().rewind()?;
        self.file.set_limit(self.length);
        self.position.0.store(0, Ordering::Relaxed);
        Ok(())
    }
}

impl Read for Snapshot {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.position.advance(length);
        Ok(length)
    }
}
