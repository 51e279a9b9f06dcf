//! Models that are ready to use, each behind a feature.
//!
//! | feature | model | where it runs |
//! |---|---|---|
//! | `http` | `RemoteModel` | a service with `POST {"texts": […]}` → `{"scores": […]}` |
//! | `llm` | `ChatModel` | a large language model behind a chat endpoint of OpenAI's or Anthropic's style |
//! | `onnx` | `OnnxModel` | here: an exported classifier, by the ONNX Runtime |
//!
//! Texts leave the process with `http` and `llm`. Neither texts nor keys occur in errors, in `Debug` forms or anywhere
//! else.

#[cfg(feature = "llm")]
mod chat;
#[cfg(any(feature = "http", feature = "llm"))]
mod client;
#[cfg(feature = "onnx")]
mod onnx;
#[cfg(feature = "http")]
mod remote;
#[cfg(any(feature = "http", feature = "llm"))]
mod secret;

#[cfg(feature = "llm")]
pub use self::chat::{ChatApi, ChatModel, ChatSettings};
#[cfg(feature = "onnx")]
pub use self::onnx::{OnnxModel, OnnxSettings};
#[cfg(feature = "http")]
pub use self::remote::{RemoteModel, RemoteSettings};
#[cfg(any(feature = "http", feature = "llm"))]
pub use self::secret::ApiKey;

/// A model cannot be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackendError {
    /// The address cannot be used.
    #[error("the model's URL must begin with http:// or https:// and name a host, without user name and password")]
    BadUrl,
    /// There is no certificate authority to verify an `https` address.
    #[error("the system has no certificate authorities: install them, or name a file of them in SSL_CERT_FILE")]
    NoAuthorities,
    /// A key that cannot be sent in HTTP.
    #[error("the model's key may hold only visible ASCII characters")]
    BadKey,
    /// A file that is missing or invalid.
    #[error("{file} of the model: {problem}")]
    BadFile {
        /// The file's name.
        file: String,
        /// The problem with the file.
        problem: String,
    },
    /// The ONNX Runtime cannot be loaded, or rejects the model.
    #[error("the ONNX Runtime: {0}")]
    Runtime(String),
}
