//! HTTPS.

use std::io::Write as _;
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::thread;

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use voc_nlp::backends::{RemoteModel, RemoteSettings};
use voc_nlp::{Model as _, ModelAnswer, ModelError};

use crate::server::{Request, ok};

const ADDRESS: &str = "VOC_TEST_TLS_ADDRESS";

/// The source of authorities is set in the environment, so the client is a separate process: this test, run again.
#[test]
fn a_certificate_is_checked_against_the_authorities() {
    if let Ok(url) = std::env::var(ADDRESS) {
        return ask(&url);
    }
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(certificate.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth().with_single_cert(vec![certificate.cert.der().clone()], key).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = Arc::new(config);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            // A client that does not trust this server disconnects.
            if Request::read(&mut stream).is_some() {
                stream.write_all(ok("{\"scores\":[0.5]}").as_bytes()).unwrap();
                stream.conn.send_close_notify();
                stream.flush().unwrap();
            }
        }
    });

    let folder = tempfile::tempdir().unwrap();
    let trusted = folder.path().join("trusted.pem");
    std::fs::write(&trusted, certificate.cert.pem()).unwrap();
    let other = folder.path().join("other.pem");
    let stranger = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&other, stranger.cert.pem()).unwrap();
    for (authorities, host, expected) in
        [(&trusted, "localhost", "answered"), (&trusted, "127.0.0.1", "refused"), (&other, "localhost", "refused")]
    {
        let mut client = Command::new(std::env::current_exe().unwrap());
        client.args(["--exact", "tls::a_certificate_is_checked_against_the_authorities", "--nocapture"]);
        client.env(ADDRESS, format!("https://{host}:{port}/")).env("SSL_CERT_FILE", authorities);
        let output = client.env_remove("SSL_CERT_DIR").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains(expected), "{host}: {said}");
    }
}

fn ask(url: &str) {
    match RemoteModel::new(RemoteSettings::new(url)).unwrap().annotate_batch(&["a"]) {
        Ok(answers) => {
            assert_eq!(answers, [ModelAnswer::from_score(0.5)]);
            println!("answered");
        }
        Err(ModelError::Unavailable(problem)) if problem.starts_with("TLS: invalid peer certificate") => {
            println!("refused");
        }
        Err(error) => println!("{error}"),
    }
}
