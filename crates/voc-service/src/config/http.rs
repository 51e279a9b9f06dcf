//! The settings of the HTTP server.

use super::{Expected, Rejected, Setting, Spec, Values, parse};

const GROUP: &str = "HTTP";

/// A port for health and metrics alone.
const METRICS_PORT: Setting<u16> = Setting::new(
    "metrics-port",
    &["METRICS_PORT"],
    "Port on which health and metrics are served beside the other one, and nothing else",
    parse::whole::<u16, 0, 65_535>,
)
.group(GROUP)
.value_name("PORT")
.default_note("none");

/// The HTTP settings of one binary, which differ in their defaults.
///
/// ```
/// use voc_service::config::http::HttpGroup;
/// const HTTP: HttpGroup = HttpGroup::new("8001", "0.0.0.0");
/// assert_eq!(HTTP.specs().len(), 3);
/// ```
#[derive(Debug)]
pub struct HttpGroup {
    host: Setting<String>,
    port: Setting<u16>,
}

impl HttpGroup {
    /// The group with a default port, and a note on the default host for `--help`.
    #[must_use]
    pub const fn new(default_port: &'static str, host_note: &'static str) -> Self {
        let host = Setting::new("http-host", &["HTTP_HOST"], "Address or host name to listen on", listen_host)
            .group(GROUP)
            .value_name("HOST")
            .default_note(host_note);
        let port = Setting::new(
            "http-port",
            &["HTTP_PORT"],
            "Port to listen on; 0 takes a free one, which the log names",
            parse::whole::<u16, 0, 65_535>,
        )
        .group(GROUP)
        .value_name("PORT")
        .default(default_port);
        Self { host, port }
    }

    /// The settings of this group.
    #[must_use]
    pub fn specs(&self) -> Vec<Spec> {
        vec![self.host.spec(), self.port.spec(), METRICS_PORT.spec()]
    }

    /// The port's setting, for a program that asks whether it was given.
    #[must_use]
    pub const fn port(&self) -> &Setting<u16> {
        &self.port
    }

    /// Reads the group; `default_host` holds where none is given.
    ///
    /// # Errors
    /// [`Rejected`] if a value is wrong.
    pub fn read(&self, values: &mut Values, default_host: &str) -> Result<HttpSettings, Rejected> {
        let (host, port) = (values.get_optional(&self.host), values.get(&self.port));
        let metrics_port = values.get_optional(&METRICS_PORT)?;
        let (host, port) = (host?.unwrap_or_else(|| default_host.to_owned()), port?);
        if metrics_port == Some(port) && port != 0 {
            return Err(values.reject(&METRICS_PORT, "another port than the one where everything is served"));
        }
        Ok(HttpSettings { host, port, metrics_port })
    }
}

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSettings {
    /// Address or host name.
    pub host: String,
    /// Port; 0 for any free one.
    pub port: u16,
    /// A further port, for health and metrics alone.
    pub metrics_port: Option<u16>,
}

fn listen_host(value: &str) -> Result<String, Expected> {
    let is_address = value.parse::<std::net::IpAddr>().is_ok();
    let is_name = !value.is_empty() && value.chars().all(|char| char.is_ascii_alphanumeric() || ".-_".contains(char));
    if is_address || is_name {
        Ok(value.to_owned())
    } else {
        Err(Expected::new("an address such as 0.0.0.0 or ::, or a host name"))
    }
}
