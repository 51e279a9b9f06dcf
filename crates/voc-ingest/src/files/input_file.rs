//! A file that is read several times: to see whether it is sound, to recognise it, to import it.

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

/// A file, as it was when it was opened.
pub(super) struct InputFile {
    snapshot: Snapshot,
    /// How much of it may be used, if it is an archive.
    length: Option<u64>,
    damage: Option<Damage>,
}

impl InputFile {
    /// Opens a file. An archive is unpacked once to its end, to see how much of it may be used.
    pub(super) fn open(file: File) -> io::Result<Self> {
        let mut snapshot = Snapshot::of(file)?;
        let tail = snapshot.tail()?;
        let (length, damage) = match text::examine(Box::new(&mut snapshot), tail)? {
            Some(Trust { length, damage }) => (Some(length), damage),
            None => (None, None),
        };
        Ok(Self { snapshot, length, damage })
    }

    /// Whether it is unpacked while it is read.
    pub(super) fn is_archive(&self) -> bool {
        self.length.is_some()
    }

    /// Bytes of the file.
    pub(super) fn length(&self) -> u64 {
        self.snapshot.length()
    }

    /// How far it is read.
    pub(super) fn position(&self) -> Position {
        self.snapshot.position()
    }

    /// How it is cut into events, or what it is instead.
    pub(super) fn framing(&mut self) -> io::Result<Result<Framing, ForeignFormat>> {
        Ok(head::framing_of(self.text()?, true)?.0)
    }

    /// Its units, as far as it may be used.
    pub(super) fn units(&mut self, framing: Framing) -> io::Result<Units<'_>> {
        Ok(Units::of(self.text()?, framing))
    }

    /// Its units, and what is wrong with it behind them.
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
