//! TLS for tests: a certificate authority, and an end of TLS in front of a server.

#![expect(clippy::expect_used, reason = "helpers of tests fail this way")]

use std::{
    io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

/// A certificate authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    /// A new authority of a name.
    ///
    /// # Panics
    /// If no certificate can be made.
    #[must_use]
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("a certificate"))
    }

    /// A server whose certificate is for a name or an address, and signed by this authority.
    ///
    /// # Panics
    /// If no certificate can be made.
    #[must_use]
    pub fn server(&self, name: &str) -> Arc<ServerConfig> {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new([name.to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let config = config.expect("versions of TLS").with_no_client_auth();
        Arc::new(config.with_single_cert(vec![certificate.der().clone()], key).expect("a certificate"))
    }

    /// Writes a file with its certificate.
    ///
    /// # Panics
    /// If it cannot be written.
    #[must_use]
    pub fn file(&self, folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(name);
        std::fs::write(&path, self.0.pem()).expect("a file");
        path
    }
}

/// Accepts connections with TLS and passes what they carry to a server without; stops when dropped.
#[derive(Debug)]
pub struct TlsFront {
    address: SocketAddr,
    received: Arc<AtomicU64>,
    accepting: JoinHandle<()>,
}

impl TlsFront {
    /// Listens on a free port of this machine, in front of a server.
    ///
    /// # Errors
    /// The system's error, if no port is available.
    pub async fn start(tls: Arc<ServerConfig>, server: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (address, received) = (listener.local_addr()?, Arc::<AtomicU64>::default());
        let (acceptor, counter) = (TlsAcceptor::from(tls), received.clone());
        let accepting = tokio::spawn(async move {
            loop {
                // The connection ended before it was accepted: the next one may succeed.
                if let Ok((client, _)) = listener.accept().await {
                    tokio::spawn(relay(acceptor.clone(), client, server, counter.clone()));
                }
            }
        });
        Ok(Self { address, received, accepting })
    }

    /// The address it listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Number of bytes that clients have sent inside TLS.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received.load(Ordering::SeqCst)
    }
}

impl Drop for TlsFront {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn relay(
    acceptor: TlsAcceptor,
    client: TcpStream,
    server: SocketAddr,
    received: Arc<AtomicU64>,
) -> io::Result<()> {
    let server = TcpStream::connect(server).await?;
    // A packet of the protocol is small, and must not wait until the one before it is acknowledged.
    for stream in [&client, &server] {
        stream.set_nodelay(true)?;
    }
    let (mut from_client, mut to_client) = tokio::io::split(acceptor.accept(client).await?);
    let (mut from_server, mut to_server) = server.into_split();
    let to = async {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = from_client.read(&mut buffer).await?;
            if read == 0 {
                return to_server.shutdown().await;
            }
            received.fetch_add(read as u64, Ordering::SeqCst);
            to_server.write_all(&buffer[..read]).await?;
        }
    };
    let back = async {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = from_server.read(&mut buffer).await?;
            if read == 0 {
                return to_client.shutdown().await;
            }
            to_client.write_all(&buffer[..read]).await?;
            to_client.flush().await?;
        }
    };
    tokio::try_join!(to, back).map(drop)
}
