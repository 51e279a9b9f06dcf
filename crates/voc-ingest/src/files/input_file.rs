//! A file that is read several times: to check, to recognise and to import it.

use std::{fs::File, io};

use super::{
    archive::Damage,
    foreign::ForeignFormat,
    head,
    snapshot::{Position, Snapshot},
    text,
    trust::Trust,
    units::{Framing, Units},
};

/// A snapshot of a file at the time it was opened.
pub(super) struct InputFile {
    snapshot: Snapshot,
    /// How many bytes of its content are usable, if it is an archive.
    length: Option<u64>,
    damage: Option<Damage>,
}

impl InputFile {
    /// Opens a file. Decompresses an archive once to its end to determine how much of it is usable.
    pub(super) fn open(file: File) -> io::Result<Self> {
        let mut snapshot = Snapshot::of(file)?;
        let tail = snapshot.tail()?;
        let (length, damage) = match text::examine(Box::new(&mut snapshot), tail)? {
            Some(Trust { length, damage }) => (Some(length), damage),
            None => (None, None),
        };
        Ok(Self { snapshot, length, damage })
    }

    /// Whether it is decompressed while it is read.
    pub(super) fn is_archive(&self) -> bool {
        self.length.is_some()
    }

    /// Length of the file in bytes.
    pub(super) fn length(&self) -> u64 {
        self.snapshot.length()
    }

    /// The position of the reader.
    pub(super) fn position(&self) -> Position {
        self.snapshot.position()
    }

    /// How it is split into events, or which other format it has.
    pub(super) fn framing(&mut self) -> io::Result<Result<Framing, ForeignFormat>> {
        Ok(head::framing_of(self.text()?, true)?.0)
    }

    /// Its units, as far as it is usable.
    pub(super) fn units(&mut self, framing: Framing) -> io::Result<Units<'_>> {
        Ok(Units::of(self.text()?, framing))
    }

    /// Its units, followed by the damage, if any.
    pub(super) fn into_units(mut self, framing: Framing) -> io::Result<Units<'static>> {
        self.snapshot.rewind()?;
        let damage = self.damage;
        let trust = self.length.map(|length| Trust { length, damage });
        Ok(Units::of(text::text_of(Box::new(self.snapshot), trust)?, framing))
    }

    fn text(&mut self) -> io::Result<text::Bytes<'_>> {
        self.snapshot.rewind()?;
        let trust = self.length.map(|length| Trust { length, damage: None });
        text::text_of(Box::new(&mut self.snapshot), trust)
    }
}
