//! A server with scripted responses that records its requests.

use std::{
    io::{BufRead as _, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tokio::sync::watch;

/// A request: its path, and its login.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
}

/// Status and body of the response to a path. The body of a 302 is its target.
type Answer = dyn Fn(&str) -> (u16, String) + Send + Sync;

/// A server on a thread that lives as long as the test process.
pub(crate) struct Server {
    pub(crate) url: String,
    requests: watch::Sender<Vec<Request>>,
    answer: Arc<Mutex<Arc<Answer>>>,
}

impl Server {
    pub(crate) fn start(answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) -> Self {
        Self::with_tls(None, answer)
    }

    /// A server for `localhost` that speaks TLS, if there is a configuration for it.
    pub(crate) fn with_tls(
        tls: Option<Arc<ServerConfig>>,
        answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let url =
            if tls.is_some() { format!("https://localhost:{}", address.port()) } else { format!("http://{address}") };
        let requests = watch::Sender::default();
        let answer: Arc<Mutex<Arc<Answer>>> = Arc::new(Mutex::new(Arc::new(answer)));
        let (asked, answers) = (requests.clone(), Arc::clone(&answer));
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let answer = Arc::clone(&answers.lock().unwrap());
                // A client that disconnected, or does not trust the server, needs no response.
                drop(match &tls {
                    None => serve(connection, &asked, &*answer),
                    Some(tls) => serve_encrypted(connection, tls, &asked, &*answer),
                });
            }
        });
        Self { url, requests, answer }
    }

    /// Changes the responses from now on.
    pub(crate) fn answer(&self, answer: impl Fn(&str) -> (u16, String) + Send + Sync + 'static) {
        *self.answer.lock().unwrap() = Arc::new(answer);
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.borrow().clone()
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.path).collect()
    }
}

fn serve_encrypted(
    connection: TcpStream,
    tls: &Arc<ServerConfig>,
    asked: &watch::Sender<Vec<Request>>,
    answer: &Answer,
) -> std::io::Result<()> {
    let server = ServerConnection::new(Arc::clone(tls)).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(server, connection);
    serve(&mut stream, asked, answer)?;
    stream.conn.send_close_notify();
    stream.flush()
}

fn serve(
    mut connection: impl Read + Write,
    asked: &watch::Sender<Vec<Request>>,
    answer: &Answer,
) -> std::io::Result<()> {
    let mut lines = BufReader::new(&mut connection).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let mut request = Request { path: first.split(' ').nth(1).unwrap_or_default().to_owned(), authorization: None };
    for line in lines {
        let line = line?;
        match line.split_once(": ") {
            None => break,
            Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                request.authorization = Some(value.to_owned());
            }
            Some(_) => {}
        }
    }
    let (status, body) = answer(&request.path);
    asked.send_modify(|requests| requests.push(request));
    let length = body.len();
    let location = if status == 302 { format!("location: {body}\r\n") } else { String::new() };
    let headers = format!("connection: close\r\ncontent-length: {length}\r\n{location}");
    write!(connection, "HTTP/1.1 {status} .\r\n{headers}\r\n{body}")
}

/// A response with an Avro schema.
pub(crate) fn schema(text: &str) -> (u16, String) {
    (200, serde_json::json!({ "schema": text }).to_string())
}

/// An error response of a registry.
pub(crate) fn problem(status: u16, code: u32) -> (u16, String) {
    (status, serde_json::json!({"error_code": code, "message": "simulated"}).to_string())
}
