//! The settings of the HTTP server.

use std::net::IpAddr;

use super::{Expected, Rejected, Setting, Spec, Values, access::AccessSettings, parse};

const GROUP: &str = "HTTP";
/// Reached from this machine only.
const LOOPBACK: &str = "127.0.0.1";

/// A separate port for health and metrics.
const METRICS_PORT: Setting<u16> = Setting::new(
    "metrics-port",
    &["METRICS_PORT"],
    "Additional port that serves only health and metrics",
    parse::whole::<u16, 0, 65_535>,
)
.group(GROUP)
.value_name("PORT")
.default_note("none");

/// The HTTP settings of one binary. Binaries differ in their defaults.
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
    /// The group with a default port and, for `--help`, a description of the default host.
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

    /// The setting of the port, so that a program can check whether it was given.
    #[must_use]
    pub const fn port(&self) -> &Setting<u16> {
        &self.port
    }

    /// Reads the group; `default_host` applies if no host is given.
    ///
    /// # Errors
    /// [`Rejected`] if a value is wrong.
    pub fn read(&self, values: &mut Values, default_host: &str) -> Result<HttpSettings, Rejected> {
        let (host, port) = (values.get_optional(&self.host), values.get(&self.port));
        let metrics_port = values.get_optional(&METRICS_PORT)?;
        let (host, port) = (host?.unwrap_or_else(|| default_host.to_owned()), port?);
        if metrics_port == Some(port) && port != 0 {
            return Err(values.reject(&METRICS_PORT, "a port other than the main one"));
        }
        Ok(HttpSettings { host, port, metrics_port })
    }

    /// Reads the group for a server that answers questions about stored events. If everyone who reaches it may ask
    /// everything, and nobody chose that, it listens on this machine only; else `default_host` applies if no host is
    /// given.
    ///
    /// # Errors
    /// [`Rejected`] if a value is wrong, or other machines would reach what only this one may.
    pub fn read_for_api(
        &self,
        values: &mut Values,
        access: &AccessSettings,
        default_host: &str,
    ) -> Result<HttpSettings, Rejected> {
        if access.allows_other_machines() {
            return self.read(values, default_host);
        }
        let http = self.read(values, LOOPBACK)?;
        if is_loopback(&http.host) { Ok(http) } else { Err(values.reject(&self.host, LOOPBACK_ONLY)) }
    }
}

/// Expected of a host if no credentials are configured.
const LOOPBACK_ONLY: &str = "127.0.0.1, ::1 or localhost, because no credentials are configured and everyone who \
                             reaches the port could ask about all tenants; create a key (voc-query keys create --help) \
                             and set VOC_API_KEYS_FILE, or set VOC_API_OPEN=true if something in front of the service \
                             decides who may ask";

fn is_loopback(host: &str) -> bool {
    host.parse().map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |address: IpAddr| address.is_loopback())
}

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSettings {
    /// Address or host name.
    pub host: String,
    /// Port; 0 for any free one.
    pub port: u16,
    /// An additional port that serves only health and metrics.
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
