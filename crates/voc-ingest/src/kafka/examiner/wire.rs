//! The two requests of Kafka's protocol that every listener answers before a login.

use std::io::{self, Read, Write};

const API_VERSIONS: i16 = 18;
const SASL_HANDSHAKE: i16 = 17;
const CORRELATION_ID: i32 = 1;

/// Largest answer that is read: either is far smaller, and something other than a broker may answer anything.
const MAX_ANSWER: usize = 64 * 1024;

/// The answer to a SASL handshake.
pub(super) struct SaslAnswer {
    /// Kafka's error code.
    pub(super) error: i16,
    /// The mechanisms of the listener.
    pub(super) mechanisms: Vec<String>,
}

impl SaslAnswer {
    /// The listener accepts the mechanism.
    pub(super) const ACCEPTED: i16 = 0;
    /// It accepts others.
    pub(super) const UNSUPPORTED_MECHANISM: i16 = 33;
    /// It has no logins.
    pub(super) const NO_LOGINS: i16 = 34;
}

/// Asks for the versions of requests that a broker knows.
///
/// # Errors
/// [`io::ErrorKind::InvalidData`] with what was answered if it is no broker's answer; else the connection's error.
pub(super) fn api_versions(stream: &mut (impl Read + Write)) -> io::Result<()> {
    ask(stream, API_VERSIONS, 0, &[]).map(drop)
}

/// Asks whether a listener has a mechanism of logins.
///
/// # Errors
/// As [`api_versions`].
pub(super) fn sasl_handshake(stream: &mut (impl Read + Write), mechanism: &str) -> io::Result<SaslAnswer> {
    let answer = ask(stream, SASL_HANDSHAKE, 1, &text(mechanism))?;
    let malformed = || invalid("an incomplete answer");
    let mut rest = answer.as_slice();
    let error = take_i16(&mut rest).ok_or_else(malformed)?;
    let count = take_i32(&mut rest).ok_or_else(malformed)?;
    let mut mechanisms = Vec::new();
    for _ in 0..count {
        mechanisms.push(take_text(&mut rest).ok_or_else(malformed)?);
    }
    Ok(SaslAnswer { error, mechanisms })
}

/// Sends a request and returns the body of its answer.
fn ask(stream: &mut (impl Read + Write), api: i16, version: i16, body: &[u8]) -> io::Result<Vec<u8>> {
    let mut request = [&api.to_be_bytes()[..], &version.to_be_bytes(), &CORRELATION_ID.to_be_bytes()].concat();
    request.extend(text("voc-processor-doctor"));
    request.extend(body);
    let length = i32::try_from(request.len()).unwrap_or(i32::MAX).to_be_bytes();
    stream.write_all(&[&length[..], &request].concat())?;
    stream.flush()?;
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let size = usize::try_from(i32::from_be_bytes(length)).ok().filter(|size| (4..=MAX_ANSWER).contains(size));
    let Some(size) = size else {
        return Err(invalid(&format!("its answer begins with {:?}", String::from_utf8_lossy(&length))));
    };
    let mut answer = vec![0; size];
    stream.read_exact(&mut answer)?;
    let body = answer.split_off(4);
    if answer == CORRELATION_ID.to_be_bytes() { Ok(body) } else { Err(invalid("its answer is to another question")) }
}

fn text(text: &str) -> Vec<u8> {
    let length = i16::try_from(text.len()).unwrap_or(i16::MAX);
    [&length.to_be_bytes()[..], text.as_bytes()].concat()
}

fn invalid(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

/// The first bytes of a text, which it loses.
pub(super) fn take<'b>(rest: &mut &'b [u8], count: usize) -> Option<&'b [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

/// The number that bytes begin with, big-endian.
pub(super) fn take_i16(rest: &mut &[u8]) -> Option<i16> {
    take(rest, 2)?.try_into().ok().map(i16::from_be_bytes)
}

/// The number that bytes begin with, big-endian.
pub(super) fn take_i32(rest: &mut &[u8]) -> Option<i32> {
    take(rest, 4)?.try_into().ok().map(i32::from_be_bytes)
}

/// The text that bytes begin with, after its length.
pub(super) fn take_text(rest: &mut &[u8]) -> Option<String> {
    let length = usize::try_from(take_i16(rest)?).ok()?;
    Some(String::from_utf8_lossy(take(rest, length)?).into_owned())
}
