//! A snapshot of a file at the time it was opened.

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
/// It is read more than once, to recognise and to import it, and must not change in between: a last line that grows
/// meanwhile would be recognised in its old form and skipped in its new one. Later additions are left to the next
/// import. A file that becomes shorter meanwhile is an error: its end, which may be half of a line, was not the end.
pub(super) struct Snapshot {
    file: Take<File>,
    length: u64,
    position: Position,
}

/// A shared read position. Clones share it.
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

    /// Length in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The read position since the last rewind.
    pub(super) fn position(&self) -> Position {
        self.position.clone()
    }

    /// Its last bytes, or zeros if it is shorter. Rewinds it.
    pub(super) fn tail<const BYTES: usize>(&mut self) -> io::Result<[u8; BYTES]> {
        let mut tail = [0; BYTES];
        if let Some(start) = self.length.checked_sub(BYTES as u64) {
            self.file.get_mut().seek(io::SeekFrom::Start(start))?;
            self.file.get_mut().read_exact(&mut tail)?;
        }
        self.rewind()?;
        Ok(tail)
    }

    /// Rewinds to the start.
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
        if length == 0 && !buffer.is_empty() && self.file.limit() > 0 {
            let reason = format!(
                "it had {} bytes and was truncated while it was read: it ends after {} bytes; what is missing is not stored",
                self.length,
                self.file.get_ref().metadata()?.len()
            );
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, reason));
        }
        Ok(length)
    }
}
