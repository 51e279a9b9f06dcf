//! The proxy breaks connections at the requested point.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    io,
    num::NonZeroU32,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use voc_testkit::proxy::{
    Direction::{self, ToClient, ToServer},
    Fault, FaultProxy, Place, Traffic,
};

/// A proxy in front of an echo server.
async fn echo() -> FaultProxy {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                // Ends with the connection.
                drop(tokio::io::copy(&mut read, &mut write).await);
            });
        }
    });
    FaultProxy::start(address.to_string()).await.unwrap()
}

/// Sends bytes and the end, and reads the reply until its end.
async fn exchange(proxy: &FaultProxy, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(proxy.address()).await?;
    let (mut read, mut write) = stream.split();
    let mut back = Vec::new();
    let sent = async {
        // Some tests expect a connection that is cut before everything is sent.
        drop(write.write_all(bytes).await);
        drop(write.shutdown().await);
    };
    let (_, read) = tokio::join!(sent, read.read_to_end(&mut back));
    match read {
        Err(error) if error.kind() != io::ErrorKind::ConnectionReset => Err(error),
        _ => Ok(back),
    }
}

#[tokio::test]
async fn without_a_fault_everything_passes() {
    let proxy = echo().await;
    let bytes = vec![7; 1_000_000];
    assert_eq!(exchange(&proxy, &bytes).await.unwrap(), bytes);
    assert_eq!(proxy.traffic(), [Traffic { to_server: 1_000_000, to_client: 1_000_000 }]);
}

#[tokio::test]
async fn a_cut_lets_exactly_this_many_bytes_pass() {
    let proxy = echo().await;
    let passed = |direction: Direction, traffic: Traffic| match direction {
        ToServer => traffic.to_server,
        ToClient => traffic.to_client,
    };
    for direction in [ToServer, ToClient] {
        for limit in [0, 1, 999, 100_000] {
            proxy.inject(Fault::Cut(Place::Bytes(direction, limit)));
            let back = exchange(&proxy, &[7; 200_000]).await.unwrap();
            assert!(back.len() as u64 <= limit, "{direction:?} {limit}: {} bytes came back", back.len());
            assert_eq!(passed(direction, *proxy.traffic().last().unwrap()), limit, "{direction:?}");
        }
    }
    assert_eq!(exchange(&proxy, b"healthy").await.unwrap(), b"healthy");
}

#[tokio::test]
async fn a_stall_keeps_both_sides_open_and_passes_nothing() {
    let proxy = echo().await;
    proxy.inject(Fault::Stall(Place::Bytes(ToClient, 3)));
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.write_all(b"stalled").await.unwrap();
    let mut back = [0; 3];
    stream.read_exact(&mut back).await.unwrap();
    assert_eq!(&back, b"sta");
    proxy.broken(1).await;
    let more = tokio::time::timeout(Duration::from_millis(200), stream.read_u8()).await;
    assert!(more.is_err(), "{more:?}");
    proxy.cut();
    assert!(stream.read_u8().await.is_err());
}

#[tokio::test]
async fn open_connections_can_be_stalled_and_later_ones_pass() {
    let proxy = echo().await;
    let mut open = TcpStream::connect(proxy.address()).await.unwrap();
    open.write_all(b"a").await.unwrap();
    assert_eq!(open.read_u8().await.unwrap(), b'a');
    proxy.stall();
    open.write_all(b"b").await.unwrap();
    let more = tokio::time::timeout(Duration::from_millis(200), open.read_u8()).await;
    assert!(more.is_err(), "{more:?}");
    assert_eq!(exchange(&proxy, b"later").await.unwrap(), b"later");
    proxy.cut();
    assert!(open.read_u8().await.is_err());
}

#[tokio::test]
async fn a_throttled_connection_passes_everything_no_faster() {
    let proxy = echo().await;
    proxy.set(Some(Fault::Throttle(NonZeroU32::new(10_000).unwrap())));
    let start = Instant::now();
    assert_eq!(exchange(&proxy, &[7; 3000]).await.unwrap(), [7; 3000]);
    assert!(start.elapsed() >= Duration::from_millis(250), "3000 bytes passed in {:?}", start.elapsed());
    proxy.set(None);
    assert_eq!(exchange(&proxy, &[7; 100_000]).await.unwrap().len(), 100_000);
}

#[tokio::test]
async fn refused_connections_are_refused_until_the_proxy_resumes() {
    let proxy = echo().await;
    let mut open = TcpStream::connect(proxy.address()).await.unwrap();
    open.write_all(b"a").await.unwrap();
    assert_eq!(open.read_u8().await.unwrap(), b'a');
    proxy.refuse().await;
    let refused = TcpStream::connect(proxy.address()).await.unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    open.write_all(b"b").await.unwrap();
    assert_eq!(open.read_u8().await.unwrap(), b'b', "open connections stay");
    proxy.resume().await.unwrap();
    assert_eq!(exchange(&proxy, b"again").await.unwrap(), b"again");
}
