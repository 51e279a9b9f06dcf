//! Why a broker that accepts connections does not serve this client, found out layer by layer.
//!
//! librdkafka decides whether a broker can be used; this says why not, because its own reasons name consequences: a
//! broker that expects TLS "disconnected", and a certificate of an unknown authority "failed verification".

use std::{
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs as _},
    time::Duration,
};

use super::{
    address::BrokerAddress,
    obstacle::BrokerObstacle,
    tls,
    wire::{SaslAnswer, api_versions, sasl_handshake},
};
use crate::kafka::settings::{KafkaSecurity, SaslMechanism};

/// The obstacle, if it can be seen from outside; this blocks for up to a few times `patience`.
pub(super) fn explain(address: &BrokerAddress, security: &KafkaSecurity, patience: Duration) -> Option<BrokerObstacle> {
    let connect = || connect(address, patience).ok();
    if security.protocol.has_tls() {
        match tls::handshake(connect()?, &address.host, security) {
            Ok(mut stream) => ask(&mut stream, security),
            Err(Some(obstacle)) => Some(obstacle),
            // A broker without TLS takes the greeting for a request of an absurd length, and ends the connection.
            Err(None) => api_versions(&mut connect()?).is_ok().then_some(BrokerObstacle::NoTls),
        }
    } else if tls::is_spoken(connect()?, &address.host) {
        Some(BrokerObstacle::ExpectsTls)
    } else {
        ask(&mut connect()?, security)
    }
}

/// Asks what every listener answers, and compares it with the login of the settings.
fn ask(stream: &mut (impl Read + Write), security: &KafkaSecurity) -> Option<BrokerObstacle> {
    if let Err(error) = api_versions(stream) {
        return tls::obstacle(&error).or_else(|| foreign(&error));
    }
    let mechanism = security.login.as_ref().map_or(SaslMechanism::Plain, |login| login.mechanism);
    let SaslAnswer { error, mechanisms } = sasl_handshake(stream, mechanism.as_str()).ok()?;
    match (security.login.is_some(), error) {
        (true, SaslAnswer::UNSUPPORTED_MECHANISM) => Some(BrokerObstacle::Mechanism { mechanisms }),
        (true, SaslAnswer::NO_LOGINS) => Some(BrokerObstacle::NoLogin),
        (false, SaslAnswer::ACCEPTED | SaslAnswer::UNSUPPORTED_MECHANISM) => {
            Some(BrokerObstacle::ExpectsLogin { mechanisms })
        }
        _ => None,
    }
}

fn foreign(error: &io::Error) -> Option<BrokerObstacle> {
    let reason = match error.kind() {
        io::ErrorKind::InvalidData => error.to_string(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => {
            "it ends the connection without an answer".to_owned()
        }
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => "it does not answer".to_owned(),
        _ => return None,
    };
    Some(BrokerObstacle::NotKafka { reason })
}

fn connect(address: &BrokerAddress, patience: Duration) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in (address.host.as_str(), address.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, patience) {
            Ok(stream) => {
                stream.set_read_timeout(Some(patience))?;
                stream.set_write_timeout(Some(patience))?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}
