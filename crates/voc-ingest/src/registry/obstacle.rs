//! What keeps a client from using a registry.

/// Why a registry cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct RegistryObstacle {
    /// How far a request came.
    pub kind: RegistryObstacleKind,
    /// The URLs, and what is wrong with each.
    pub reason: String,
}

/// How far a request to a registry came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RegistryObstacleKind {
    /// None of the URLs responds.
    NoResponse,
    /// TLS cannot be agreed on.
    Tls,
    /// What responds is no registry, or not a healthy one.
    Foreign,
    /// The login is refused, or may not read schemas.
    Login,
}
