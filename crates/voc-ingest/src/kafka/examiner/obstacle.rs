//! What keeps a client from using a broker.

/// Why a broker that accepts connections does not serve this client. Messages do not repeat its address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BrokerObstacle {
    /// It expects TLS, and this client does not use it.
    #[error("it expects TLS")]
    ExpectsTls,
    /// It does not use TLS, and this client does.
    #[error("it does not use TLS")]
    NoTls,
    /// The authority that signed its certificate is not trusted.
    #[error("the authority of its certificate is not trusted")]
    UnknownAuthority,
    /// Its certificate is for other names.
    #[error("its certificate is not for this name: {reason}")]
    WrongName {
        /// Which names it is for, if known.
        reason: String,
    },
    /// Its certificate has expired, or is not valid yet.
    #[error("its certificate is not valid at this time: {reason}")]
    WrongTime {
        /// The times, if known.
        reason: String,
    },
    /// TLS failed for another reason, such as a certificate of this client that it does not accept.
    #[error("TLS cannot be agreed on: {reason}")]
    Tls {
        /// The reason.
        reason: String,
    },
    /// It requires a certificate of the client, and there is none.
    #[error("it requires a certificate of its clients")]
    ExpectsCertificate,
    /// It requires a login, and this client has none.
    #[error("it requires a login ({})", .mechanisms.join(", "))]
    ExpectsLogin {
        /// The mechanisms of logins that it accepts.
        mechanisms: Vec<String>,
    },
    /// It has no logins, and this client wants to log in.
    #[error("it has no logins")]
    NoLogin,
    /// It does not accept the mechanism of this client's login.
    #[error("it does not accept this login's mechanism, but {}", .mechanisms.join(", "))]
    Mechanism {
        /// The mechanisms that it accepts.
        mechanisms: Vec<String>,
    },
    /// It refuses the user name or the password.
    #[error("it refuses the login: {reason}")]
    Login {
        /// Its own words, which do not include the password.
        reason: String,
    },
    /// It does not speak Kafka's protocol.
    #[error("it is no Kafka broker: {reason}")]
    NotKafka {
        /// What it answered.
        reason: String,
    },
    /// The settings make no client.
    #[error("{reason}")]
    Settings {
        /// What is wrong.
        reason: String,
    },
    /// Anything else.
    #[error("{reason}")]
    Other {
        /// The reason.
        reason: String,
    },
}
