//! An HTTP client that reads an answer when a test wants it to, and knows whether it was whole.

#![expect(clippy::expect_used, reason = "helpers of tests fail this way")]

use std::{
    fmt,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

/// How long the server may send nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// The version of HTTP that a client speaks, which decides how answers of unknown length end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// With the connection.
    Http10,
    /// With an empty chunk.
    Http11,
}

/// An answer whose head was read.
#[derive(Debug)]
pub struct Download {
    stream: BufReader<TcpStream>,
    /// The status line and the headers.
    head: String,
    is_chunked: bool,
    /// Bytes of the body that were read and not returned.
    read: Vec<u8>,
    has_ended: bool,
}

impl Download {
    /// Asks, and reads the head of the answer.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn begin(address: impl ToSocketAddrs + fmt::Debug, path: &str, version: Version) -> Self {
        let mut stream = TcpStream::connect(&address).expect("a connection");
        stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
        let number = match version {
            Version::Http10 => "1.0",
            Version::Http11 => "1.1",
        };
        write!(stream, "GET {path} HTTP/{number}\r\nHost: localhost\r\n\r\n").expect("a request");
        let (mut stream, mut head) = (BufReader::new(stream), String::new());
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(stream.read_line(&mut head).expect("a head"), 0, "the connection ended in the head: {head}");
        }
        let is_chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
        assert!(version == Version::Http11 || !is_chunked, "HTTP/1.0 has no chunks: {head}");
        Self { stream, head, is_chunked, read: Vec::new(), has_ended: false }
    }

    /// The status line and the headers.
    #[must_use]
    pub fn head(&self) -> &str {
        &self.head
    }

    /// Reads the next line of the body.
    ///
    /// # Panics
    /// If the body breaks or ends within it.
    pub fn line(&mut self) -> String {
        let end = loop {
            match self.read.iter().position(|byte| *byte == b'\n') {
                Some(end) => break end,
                None => assert!(self.more().expect("a whole body"), "the body has no more lines"),
            }
        };
        let line: Vec<u8> = self.read.drain(..=end).collect();
        String::from_utf8_lossy(&line).trim_end().to_owned()
    }

    /// Reads the body to its end.
    ///
    /// # Errors
    /// If the answer is not whole.
    pub fn rest(mut self) -> io::Result<String> {
        while self.more()? {}
        Ok(String::from_utf8_lossy(&self.read).into_owned())
    }

    /// Reads the next piece; returns whether there was one.
    fn more(&mut self) -> io::Result<bool> {
        if self.has_ended {
            return Ok(false);
        }
        let size = if self.is_chunked { self.chunk()? } else { self.until_the_connection_ends()? };
        self.has_ended = size == 0;
        Ok(size > 0)
    }

    fn chunk(&mut self) -> io::Result<usize> {
        let mut size = String::new();
        self.stream.read_line(&mut size)?;
        let size = usize::from_str_radix(size.trim_end(), 16).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let start = self.read.len();
        self.read.resize(start + size, 0);
        self.stream.read_exact(&mut self.read[start..])?;
        self.stream.read_exact(&mut [0; 2])?;
        Ok(size)
    }

    fn until_the_connection_ends(&mut self) -> io::Result<usize> {
        let piece = self.stream.fill_buf()?;
        let size = piece.len();
        self.read.extend_from_slice(piece);
        self.stream.consume(size);
        Ok(size)
    }
}
