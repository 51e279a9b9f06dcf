//! TLS to a ClickHouse server: it is verified before it gets anything, and what is wrong is said.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod clickhouse_support;

use std::{net::SocketAddr, path::Path};

use clickhouse_support::{Server, batch, ends, stored};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, lookup_host},
};
use voc_store::{
    EventStore, StoreError,
    clickhouse::{ClickHouseConfig, ClickHouseStore, ClickHouseTls},
};
use voc_testkit::{
    proxy::{Direction, Fault, FaultProxy, Place},
    tls::{Authority, TlsFront},
};

impl Server {
    async fn behind_tls(&self, authority: &Authority, name: &str) -> TlsFront {
        let mut addresses = lookup_host((self.host.as_str(), self.port)).await.unwrap();
        TlsFront::start(authority.server(name), addresses.next().unwrap()).await.unwrap()
    }

    fn config_at(&self, host: &str, address: SocketAddr) -> ClickHouseConfig {
        let mut config = self.config();
        (config.host, config.port) = (host.to_owned(), address.port());
        config
    }
}

fn trusting(authority: &Authority, folder: &Path) -> ClickHouseTls {
    ClickHouseTls::with_authorities_of_file(&authority.file(folder, "ca.pem")).unwrap()
}

/// Why a server cannot be used.
async fn refusal(config: ClickHouseConfig) -> StoreError {
    ends(ClickHouseStore::connect(config).ping()).await.expect_err("a refusal")
}

/// What must be changed, or nothing can ever work.
async fn misconfiguration(config: ClickHouseConfig) -> String {
    match refusal(config).await {
        StoreError::Misconfigured(message) => message,
        other => panic!("not a matter of configuration: {other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_stored_and_read_over_tls() {
    let Some(server) = Server::start("tls_rows").await else { return };
    server.create_samples().await;
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new("ours"));
    // By name and by address: a certificate is for either.
    for (number, host) in [(0, "localhost"), (1, "127.0.0.1")] {
        let front = server.behind_tls(&authority, host).await;
        let config = server.config_at(host, front.address()).with_tls(trusting(&authority, folder.path()));
        let store = ClickHouseStore::connect(config);
        let batch = batch(number * 5_000, 5_000);
        store.insert(batch.clone()).await.unwrap();
        assert_eq!(stored(&store, &batch).await, (5_000, 5_000));
        assert!(front.received() > 100_000, "the rows went elsewhere");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_within_tls_is_no_success() {
    let Some(server) = Server::start("tls_cut").await else { return };
    server.create_samples().await;
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new("ours"));
    let front = server.behind_tls(&authority, "127.0.0.1").await;
    let proxy = FaultProxy::start(front.address().to_string()).await.unwrap();
    let tls = trusting(&authority, folder.path());
    let store = ClickHouseStore::connect(server.config_at("127.0.0.1", proxy.address()).with_tls(tls));
    proxy.inject(Fault::Cut(Place::Bytes(Direction::ToServer, 50_000)));
    let batch = batch(0, 5_000);
    let error = ends(store.insert(batch.clone())).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    assert_eq!(ends(store.reinsert(batch.clone())).await.unwrap().inserted, 5_000);
    assert_eq!(stored(&store, &batch).await, (5_000, 5_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_verified_gets_nothing() {
    let Some(server) = Server::start("tls_untrusted").await else { return };
    let (folder, authority, stranger) = (TempDir::new().unwrap(), Authority::new("ours"), Authority::new("another"));
    let front = server.behind_tls(&authority, "localhost").await;
    let config = |host: &str, tls| server.config_at(host, front.address()).with_tls(tls);
    let trusted = trusting(&authority, folder.path());

    let unknown = misconfiguration(config("localhost", trusting(&stranger, folder.path()))).await;
    assert!(unknown.contains("authority is not known") && unknown.contains("CLICKHOUSE_CA_FILE"), "{unknown}");
    let by_system = misconfiguration(config("localhost", ClickHouseTls::with_authorities_of_system().unwrap())).await;
    assert!(by_system.contains("authority is not known"), "{by_system}");
    let wrong_name = misconfiguration(config("127.0.0.1", trusted.clone())).await;
    assert!(wrong_name.contains("not for \"127.0.0.1\"") && wrong_name.contains("CLICKHOUSE_HOST"), "{wrong_name}");
    assert_eq!(front.received(), 0, "a password may be among it");

    ClickHouseStore::connect(config("localhost", trusted)).ping().await.unwrap();
    assert!(front.received() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_on_one_side_only_is_explained() {
    let Some(server) = Server::start("tls_one_side").await else { return };
    let (folder, authority) = (TempDir::new().unwrap(), Authority::new("ours"));
    let front = server.behind_tls(&authority, "127.0.0.1").await;
    // A server with rustls answers what is not TLS with an alert, one with OpenSSL only ends the connection.
    for address in [front.address(), silent_to_plain_text(front.address()).await] {
        let without = misconfiguration(server.config_at("127.0.0.1", address)).await;
        assert!(without.contains("expects TLS") && without.contains("CLICKHOUSE_SECURE=true"), "{without}");
    }

    let tls = trusting(&authority, folder.path());
    let against_plain = refusal(server.config().with_tls(tls.clone())).await.to_string();
    assert!(against_plain.contains("9440"), "{against_plain}");
    // What a server's native port and its HTTP port answer.
    for answer in [b"\x02\x65\x00\x00\x00\x11DB::NetException".as_slice(), b"HTTP/1.1 400 Bad Request\r\n\r\n"] {
        let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let config = server.config_at("127.0.0.1", plain.local_addr().unwrap()).with_tls(tls.clone());
        let answering = tokio::spawn(async move {
            let (mut client, _) = plain.accept().await.unwrap();
            let _greeting = client.read(&mut [0; 4096]).await.unwrap();
            client.write_all(answer).await.unwrap();
            // Until the client has understood.
            let _rest = client.read_to_end(&mut Vec::new()).await;
        });
        let message = misconfiguration(config).await;
        assert!(message.contains("does not speak TLS") && message.contains("CLICKHOUSE_SECURE=false"), "{message}");
        answering.await.unwrap();
    }
}

/// Passes connections on that begin with a record of TLS, and ends others.
async fn silent_to_plain_text(server: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut first = [0];
            if client.peek(&mut first).await.is_ok_and(|_| first == [22]) {
                let mut server = TcpStream::connect(server).await.unwrap();
                tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
            }
        }
    });
    address
}

#[test]
fn a_file_without_authorities_is_refused() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("ca.pem");
    for (content, reason) in [
        (None, "No such file"),
        (Some("not a certificate"), "it contains no certificate"),
        (Some("-----BEGIN CERTIFICATE-----\n???\n-----END CERTIFICATE-----\n"), "cannot use"),
    ] {
        if let Some(content) = content {
            std::fs::write(&file, content).unwrap();
        }
        let error = ClickHouseTls::with_authorities_of_file(&file).unwrap_err();
        assert!(matches!(error, StoreError::Misconfigured(_)), "{error}");
        let message = error.to_string();
        assert!(message.contains(reason) && message.contains("ca.pem"), "{message}");
    }
}
