//! An HTTP server with scripted replies.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// A request.
pub(crate) struct Request {
    pub(crate) line: String,
    /// In lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn read(stream: impl Read) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
        let mut headers = Vec::new();
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).unwrap();
            let Some((name, value)) = header.trim_end().split_once(": ") else { break };
            headers.push((name.to_lowercase(), value.to_owned()));
        }
        let mut request = Self { line: line.trim_end().to_owned(), headers, body: Value::Null };
        let mut body = vec![0; request.header("content-length").map_or(0, |length| length.parse().unwrap())];
        reader.read_exact(&mut body).unwrap();
        request.body = serde_json::from_slice(&body).unwrap();
        Some(request)
    }
}

/// The reply to a request.
#[derive(Clone)]
pub(crate) enum Reply {
    Json(Value),
    /// A status with a header.
    Status(u16, &'static str),
    /// These bytes, followed by the end of the connection.
    Raw(String),
    /// An endless answer.
    Endless,
    /// No reply, for as long as the client stays.
    Silence,
}

pub(crate) struct Server {
    pub(crate) url: String,
    requests: Receiver<Request>,
}

impl Server {
    /// Answers each connection's request with the next reply, and repeats the last one.
    pub(crate) fn replying(replies: impl IntoIterator<Item = Reply>) -> Self {
        let replies: Vec<Reply> = replies.into_iter().collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, requests) = channel();
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                serve(&stream.unwrap(), &replies[number.min(replies.len() - 1)], &sender);
            }
        });
        Self { url, requests }
    }

    pub(crate) fn json(reply: Value) -> Self {
        Self::replying([Reply::Json(reply)])
    }

    /// The next request received.
    pub(crate) fn request(&self) -> Request {
        self.requests.recv_timeout(Duration::from_secs(60)).unwrap()
    }

    /// Number of further requests received.
    pub(crate) fn count(&self) -> usize {
        self.requests.try_iter().count()
    }
}

/// A client that disconnects early is not a failure of the server.
fn serve(mut stream: &TcpStream, reply: &Reply, requests: &Sender<Request>) {
    let Some(request) = Request::read(stream) else { return };
    // The test may have ended.
    requests.send(request).ok();
    match reply {
        Reply::Json(body) => drop(stream.write_all(ok(&body.to_string()).as_bytes())),
        Reply::Status(status, header) => {
            let reply = format!("HTTP/1.1 {status} x\r\n{header}content-length: 6\r\nconnection: close\r\n\r\nparcel");
            drop(stream.write_all(reply.as_bytes()));
        }
        Reply::Raw(bytes) => drop(stream.write_all(bytes.as_bytes())),
        Reply::Endless => {
            let mut result =
                stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"scores\":[0.5],\"more\":\"");
            while result.is_ok() {
                result = stream.write_all(&[b'x'; 65_536]);
            }
        }
        Reply::Silence => drop(stream.read(&mut [0])),
    }
}

pub(crate) fn ok(body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}
