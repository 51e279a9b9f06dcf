//! Watches the replies of a server.
//!
//! klickhouse loses a refusal when the connection ends right after it, takes a broken connection for the end of a
//! reply, and forgets a partially read packet when it is given a block to send meanwhile. So the bytes that it reads
//! are watched during those replies whose packets can be separated without parsing their blocks: the handshake's and
//! an insert's.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, ReadBuf},
    sync::Notify,
};

/// Maximum number of bytes kept of a reply. Handshakes take a hundred, an insert's header a few thousand, an exception
/// rarely more.
const MAX_REPLY: usize = 1 << 20;

/// What a server has replied so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reply {
    /// Its version, after a hello.
    pub(super) version: Option<(u64, u64)>,
    /// It has sent a block: an insert's header, which requests the data.
    pub(super) has_header: bool,
    /// It has ended the reply without an exception.
    pub(super) has_ended: bool,
    /// Its exception.
    pub(super) exception: Option<Exception>,
    /// The first bytes that are not a packet of the native protocol.
    pub(super) foreign: Option<Vec<u8>>,
    /// At least one byte has arrived.
    pub(super) has_begun: bool,
}

/// A server's exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Exception {
    pub(super) code: i32,
    pub(super) message: String,
}

/// What a [`TappedReader`] has seen.
#[derive(Debug, Default)]
pub(super) struct Tap {
    watch: Mutex<Watch>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Watch {
    /// Bytes of an incomplete packet; `None` while nothing is watched.
    partial: Option<Vec<u8>>,
    reply: Reply,
    is_closed: bool,
}

impl Tap {
    /// Watches the next reply from its first byte on. The connection must be between two replies.
    pub(super) fn watch(&self) {
        let mut watch = self.lock();
        watch.partial = Some(Vec::new());
        watch.reply = Reply::default();
    }

    /// Stops watching, and returns what was seen.
    pub(super) fn take(&self) -> Reply {
        let mut watch = self.lock();
        watch.partial = None;
        std::mem::take(&mut watch.reply)
    }

    /// Waits until the server requests an insert's data. `false` if it will not.
    pub(super) async fn wants_data(&self) -> bool {
        loop {
            // Registered before the check, so that no change in between is missed.
            let changed = self.changed.notified();
            {
                let watch = self.lock();
                let reply = &watch.reply;
                if reply.exception.is_some() || reply.foreign.is_some() || reply.has_ended || watch.is_closed {
                    return false;
                }
                if reply.has_header {
                    return true;
                }
            }
            changed.await;
        }
    }

    fn saw(&self, bytes: &[u8]) {
        let mut watch = self.lock();
        let Some(mut partial) = watch.partial.take() else { return };
        // At its end, a stream returns no bytes: that is not the start of a reply.
        watch.reply.has_begun |= !bytes.is_empty();
        partial.extend_from_slice(bytes);
        let mut rest = partial.as_slice();
        while !rest.is_empty() {
            match Packet::take(&mut rest) {
                PacketParse::Packet(packet) => watch.reply.add(packet),
                PacketParse::Partial if rest.len() < MAX_REPLY => break,
                PacketParse::Partial | PacketParse::Foreign => {
                    watch.reply.foreign = Some(rest[..rest.len().min(64)].to_vec());
                    self.changed.notify_waiters();
                    return;
                }
            }
        }
        watch.partial = Some(rest.to_vec());
        self.changed.notify_waiters();
    }

    fn closed(&self) {
        self.lock().is_closed = true;
        self.changed.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection's reading half, watched.
pub(super) struct TappedReader<R> {
    reader: R,
    tap: Arc<Tap>,
}

impl<R> TappedReader<R> {
    pub(super) fn new(reader: R, tap: Arc<Tap>) -> Self {
        Self { reader, tap }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for TappedReader<R> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.reader).poll_read(cx, buffer);
        if polled.is_ready() {
            self.tap.saw(&buffer.filled()[before..]);
        }
        polled
    }
}

impl<R> Drop for TappedReader<R> {
    fn drop(&mut self) {
        self.tap.closed();
    }
}

impl Reply {
    fn add(&mut self, packet: Packet) {
        match packet {
            Packet::Hello(version) => self.version = Some(version),
            Packet::Data => self.has_header = true,
            Packet::Exception(exception) => self.exception = self.exception.take().or(Some(exception)),
            Packet::EndOfStream => self.has_ended = true,
            Packet::Other => {}
        }
    }
}

/// A packet from a server, as far as it matters here.
enum Packet {
    Hello((u64, u64)),
    Data,
    Exception(Exception),
    EndOfStream,
    Other,
}

enum PacketParse {
    Packet(Packet),
    Partial,
    Foreign,
}

impl Packet {
    /// Takes the first packet off the bytes, if it is complete.
    fn take(bytes: &mut &[u8]) -> PacketParse {
        let mut rest = *bytes;
        let taken = match take_number(&mut rest) {
            Some(0) => take_hello(&mut rest),
            Some(1) => take_data(&mut rest),
            Some(2) => take_exception(&mut rest),
            Some(3) => take_numbers(&mut rest, 5).map(|()| Self::Other),
            Some(4) => Some(Self::Other),
            Some(5) => Some(Self::EndOfStream),
            Some(6) => take_profile(&mut rest),
            Some(11) => take_text(&mut rest).and_then(|_| take_text(&mut rest)).map(|_| Self::Other),
            Some(_) => return PacketParse::Foreign,
            None => None,
        };
        match taken {
            Some(packet) => {
                *bytes = rest;
                PacketParse::Packet(packet)
            }
            None => PacketParse::Partial,
        }
    }
}

fn take_hello(rest: &mut &[u8]) -> Option<Packet> {
    take_text(rest)?;
    let version = (take_number(rest)?, take_number(rest)?);
    take_number(rest)?;
    take_text(rest)?;
    take_text(rest)?;
    take_number(rest)?;
    Some(Packet::Hello(version))
}

/// A table's name and a compressed frame: a checksum of 16 bytes, the method, and the length from the method on. A
/// header fits into one frame, which holds a mebibyte.
fn take_data(rest: &mut &[u8]) -> Option<Packet> {
    take_text(rest)?;
    let head = take(rest, 16 + 1 + 4)?;
    let length = u32::from_le_bytes(*head.last_chunk()?);
    take(rest, usize::try_from(length).ok()?.checked_sub(1 + 4)?)?;
    Some(Packet::Data)
}

fn take_exception(rest: &mut &[u8]) -> Option<Packet> {
    let mut first = None;
    loop {
        let code = i32::from_le_bytes(*take(rest, 4)?.first_chunk()?);
        take_text(rest)?;
        let message = String::from_utf8_lossy(take_text(rest)?).into_owned();
        take_text(rest)?;
        first = first.or(Some(Exception { code, message }));
        if take(rest, 1)? == [0] {
            return first.map(Packet::Exception);
        }
    }
}

fn take_profile(rest: &mut &[u8]) -> Option<Packet> {
    take_numbers(rest, 3)?;
    take(rest, 1)?;
    take_number(rest)?;
    take(rest, 1)?;
    Some(Packet::Other)
}

fn take_numbers(rest: &mut &[u8], count: usize) -> Option<()> {
    (0..count).try_for_each(|_| take_number(rest).map(drop))
}

fn take_number(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let byte = *take(rest, 1)?.first()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    Some(number)
}

fn take_text<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
    let length = usize::try_from(take_number(rest)?).ok()?;
    take(rest, length)
}

fn take<'b>(rest: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (taken, behind) = rest.split_at_checked(length)?;
    *rest = behind;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    /// An insert's reply: table columns, header, progress, end of stream.
    fn reply() -> Vec<u8> {
        let mut bytes = vec![11, 0, 2, b'a', b'b'];
        bytes.extend([1, 0]);
        bytes.extend([0; 16]);
        bytes.push(0x82);
        bytes.extend(12_u32.to_le_bytes());
        bytes.extend([3, 0, 0, 0, 1, 2, 3]);
        bytes.extend([3, 0, 0, 0, 200, 1, 0]);
        bytes.push(5);
        bytes
    }

    fn seen(pieces: &[&[u8]]) -> Reply {
        let tap = Tap::default();
        tap.watch();
        pieces.iter().for_each(|piece| tap.saw(piece));
        tap.take()
    }

    #[test]
    fn a_reply_is_read_however_it_is_split() {
        let bytes = reply();
        let whole = Reply { has_header: true, has_ended: true, has_begun: true, ..Reply::default() };
        for place in 0..=bytes.len() {
            assert_eq!(seen(&[&bytes[..place], &bytes[place..]]), whole, "split at byte {place}");
        }
    }

    #[tokio::test]
    async fn data_is_requested_once_the_header_is_complete() {
        let bytes = reply();
        let header = bytes.len() - 8;
        for place in 0..header {
            let tap = Tap::default();
            tap.watch();
            let mut wanted = std::pin::pin!(tap.wants_data());
            tap.saw(&bytes[..place]);
            assert_eq!(wanted.as_mut().now_or_never(), None, "after {place} bytes");
            tap.saw(&bytes[place..header]);
            assert!(wanted.await);
        }
    }

    #[tokio::test]
    async fn no_data_is_requested_after_a_refusal_or_a_break() {
        let tap = Tap::default();
        tap.watch();
        tap.saw(&[2, 60, 0, 0, 0, 0, 0, 0, 0]);
        assert!(!tap.wants_data().await);
        tap.watch();
        tap.saw(&[77]);
        assert!(!tap.wants_data().await);
        tap.watch();
        let tap = Arc::new(tap);
        drop(TappedReader::new(tokio::io::empty(), tap.clone()));
        assert!(!tap.wants_data().await);
    }

    #[test]
    fn a_truncated_reply_has_not_ended() {
        let bytes = reply();
        for place in 0..bytes.len() {
            assert!(!seen(&[&bytes[..place]]).has_ended, "cut at byte {place}");
        }
    }

    #[test]
    fn an_exception_keeps_its_message_even_if_it_is_not_utf_8() {
        let mut bytes = vec![2];
        bytes.extend(60_i32.to_le_bytes());
        bytes.extend([1, b'E', 4, b'n', b'o', 0xff, b'!', 0, 0]);
        let exception = Exception { code: 60, message: "no\u{fffd}!".to_owned() };
        assert_eq!(seen(&[&bytes]).exception, Some(exception));
    }

    #[test]
    fn another_protocol_is_recognised() {
        assert_eq!(seen(&[b"HTTP/1.1 400 Bad Request"]).foreign.as_deref(), Some(&b"HTTP/1.1 400 Bad Request"[..]));
    }
}
