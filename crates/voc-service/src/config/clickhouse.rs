//! The settings of a ClickHouse server.

use std::{path::PathBuf, time::Duration};

use super::{Expected, Rejected, Secret, Setting, Spec, Values, parse};

const GROUP: &str = "ClickHouse";
const PLAIN_PORT: u16 = 9000;
const SECURE_PORT: u16 = 9440;
/// Timeout of queries that read whole tables.
const LONGEST_QUERY: Duration = Duration::from_secs(3600);

/// Host name or address of the server.
pub const HOST: Setting<String> =
    Setting::new("clickhouse-host", &["CLICKHOUSE_HOST"], "Host name or address of the server", host)
        .group(GROUP)
        .value_name("HOST")
        .default("localhost");
/// Further servers with the same rows.
pub const OTHER_HOSTS: Setting<Vec<(String, Option<u16>)>> = Setting::new(
    "clickhouse-other-hosts",
    &["CLICKHOUSE_OTHER_HOSTS"],
    "Further servers of the cluster, as host or host:port, separated by commas: connections go to them while the \
     server cannot be reached",
    other_hosts,
)
.group(GROUP)
.value_name("HOSTS")
.default_note("none");
/// The cluster that has the tables.
pub const CLUSTER: Setting<String> = Setting::new(
    "clickhouse-cluster",
    &["CLICKHOUSE_CLUSTER"],
    "Cluster, as the servers' configuration calls it, on all of whose servers migrations create the tables, replicated \
     through Keeper; it has one shard",
    parse::text,
)
.group(GROUP)
.value_name("NAME")
.default_note("a single server");
/// Where the servers put the tables.
pub const STORAGE_POLICY: Setting<String> = Setting::new(
    "clickhouse-storage-policy",
    &["CLICKHOUSE_STORAGE_POLICY"],
    "Storage policy, as the servers' configuration calls it, of the tables that migrations create",
    parse::text,
)
.group(GROUP)
.value_name("NAME")
.default_note("the servers' default");
/// Port of the native protocol.
pub const PORT: Setting<u16> = Setting::new(
    "clickhouse-port",
    &["CLICKHOUSE_PORT"],
    "Port of the server's native protocol (not 8123, which is HTTP)",
    native_port,
)
.group(GROUP)
.value_name("PORT")
.default_note("9000; 9440 with --clickhouse-secure");
/// Whether connections are encrypted and the server is verified.
pub const SECURE: Setting<bool> = Setting::switch(
    "clickhouse-secure",
    &["CLICKHOUSE_SECURE"],
    "Connect with TLS; the server's certificate must be for the host, by an authority that is trusted",
)
.group(GROUP);
/// File of the certificate authorities that are trusted.
pub const CA_FILE: Setting<PathBuf> = Setting::new(
    "clickhouse-ca-file",
    &["CLICKHOUSE_CA_FILE"],
    "PEM file of the certificate authorities to trust, instead of those that the machine trusts",
    parse::path,
)
.group(GROUP)
.value_name("FILE")
.default_note("those of the machine");
/// User name.
pub const USER: Setting<String> = Setting::new("clickhouse-user", &["CLICKHOUSE_USER"], "User name", parse::text)
    .group(GROUP)
    .value_name("NAME")
    .default("default");
/// Password.
pub const PASSWORD: Setting<Secret> = Setting::new(
    "clickhouse-password",
    &["CLICKHOUSE_PASSWORD"],
    "Password; a flag is visible to other users of the machine, so prefer the variable or the file",
    parse::secret,
)
.group(GROUP)
.value_name("PASSWORD")
.default_note("no password")
.secret("clickhouse-password-file", &["CLICKHOUSE_PASSWORD_FILE"]);
/// Database of the tables.
pub const DATABASE: Setting<String> =
    Setting::new("clickhouse-db", &["CLICKHOUSE_DB"], "Database that holds the tables", parse::text)
        .group(GROUP)
        .value_name("NAME")
        .default("default");
/// Timeout for opening a connection.
pub const CONNECT_TIMEOUT: Setting<Duration> = Setting::new(
    "clickhouse-connect-timeout-seconds",
    &["CLICKHOUSE_CONNECT_TIMEOUT_SECONDS"],
    "Longest time to open a connection",
    parse::seconds,
)
.group(GROUP)
.value_name("SECONDS")
.default("5");
/// Timeout of a query.
pub const QUERY_TIMEOUT: Setting<Duration> = Setting::new(
    "clickhouse-query-timeout-seconds",
    &["CLICKHOUSE_QUERY_TIMEOUT_SECONDS"],
    "Longest time for a query",
    parse::seconds,
)
.group(GROUP)
.value_name("SECONDS")
.default("30");
/// Timeout of an insert.
pub const INSERT_TIMEOUT: Setting<Duration> = Setting::new(
    "clickhouse-insert-timeout-seconds",
    &["CLICKHOUSE_INSERT_TIMEOUT_SECONDS"],
    "Longest time for an insert",
    parse::seconds,
)
.group(GROUP)
.value_name("SECONDS")
.default("60");
/// Maximum number of open connections.
pub const POOL_SIZE: Setting<usize> = Setting::new(
    "clickhouse-pool-size",
    &["CLICKHOUSE_POOL_SIZE"],
    "Most connections open at once",
    parse::whole::<usize, 1, 256>,
)
.group(GROUP)
.value_name("CONNECTIONS")
.default("8");

/// How to reach a ClickHouse server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClickHouseSettings {
    /// Host name or address.
    pub host: String,
    /// Port of the native protocol.
    pub port: u16,
    /// Hosts and ports of further servers with the same rows.
    pub other_hosts: Vec<(String, u16)>,
    /// The cluster that has the tables.
    pub cluster: Option<String>,
    /// The storage policy of tables to be created.
    pub storage_policy: Option<String>,
    /// Whether to connect with TLS.
    pub secure: bool,
    /// File of the certificate authorities to trust; without it, those of the machine.
    pub ca_file: Option<PathBuf>,
    /// User name.
    pub user: String,
    /// Password; empty for none.
    pub password: Secret,
    /// Database that holds the tables.
    pub database: String,
    /// Timeout for opening a connection.
    pub connect_timeout: Duration,
    /// Timeout of a query.
    pub query_timeout: Duration,
    /// Timeout of an insert.
    pub insert_timeout: Duration,
    /// Maximum number of open connections, at least 1.
    pub pool_size: usize,
}

impl ClickHouseSettings {
    /// The settings of this group.
    #[must_use]
    pub fn specs() -> Vec<Spec> {
        vec![
            HOST.spec(),
            PORT.spec(),
            OTHER_HOSTS.spec(),
            CLUSTER.spec(),
            STORAGE_POLICY.spec(),
            SECURE.spec(),
            CA_FILE.spec(),
            USER.spec(),
            PASSWORD.spec(),
            DATABASE.spec(),
            CONNECT_TIMEOUT.spec(),
            QUERY_TIMEOUT.spec(),
            INSERT_TIMEOUT.spec(),
            POOL_SIZE.spec(),
        ]
    }

    /// The same with at least an hour for a query: for commands that read whole tables.
    #[must_use]
    pub fn patient(self) -> Self {
        Self { query_timeout: LONGEST_QUERY.max(self.query_timeout), ..self }
    }

    /// Reads the group.
    ///
    /// # Errors
    /// [`Rejected`] if a value is wrong, or authorities are given without TLS.
    pub fn read(values: &mut Values) -> Result<Self, Rejected> {
        let (host, port) = (values.get(&HOST), values.get_optional(&PORT));
        let (other_hosts, cluster) = (values.get_optional(&OTHER_HOSTS), values.get_optional(&CLUSTER));
        let storage_policy = values.get_optional(&STORAGE_POLICY);
        let (secure, ca_file) = (values.get(&SECURE), read_ca_file(values));
        let (user, password) = (values.get(&USER), values.get_optional(&PASSWORD));
        let (database, pool_size) = (values.get(&DATABASE), values.get(&POOL_SIZE));
        let connect_timeout = values.get(&CONNECT_TIMEOUT);
        let (query_timeout, insert_timeout) = (values.get(&QUERY_TIMEOUT), values.get(&INSERT_TIMEOUT));
        let port = port?.unwrap_or(if secure? { SECURE_PORT } else { PLAIN_PORT });
        let other_hosts = other_hosts?.unwrap_or_default();
        Ok(Self {
            host: host?,
            port,
            other_hosts: other_hosts.into_iter().map(|(host, own)| (host, own.unwrap_or(port))).collect(),
            cluster: cluster?,
            storage_policy: storage_policy?,
            secure: secure?,
            ca_file: ca_file?,
            user: user?,
            password: password?.unwrap_or_default(),
            database: database?,
            connect_timeout: connect_timeout?,
            query_timeout: query_timeout?,
            insert_timeout: insert_timeout?,
            pool_size: pool_size?,
        })
    }
}

fn read_ca_file(values: &mut Values) -> Result<Option<PathBuf>, Rejected> {
    let (secure, file) = (values.get(&SECURE)?, values.get_optional(&CA_FILE)?);
    if file.is_some() && !secure {
        return Err(values.reject(&CA_FILE, "a file of authorities only together with --clickhouse-secure"));
    }
    Ok(file)
}

fn host(value: &str) -> Result<String, Expected> {
    let is_plain = !value.is_empty() && !value.contains("://") && !value.contains(['/', ' ', '\t', '@']);
    let has_port = value.matches(':').count() == 1;
    if is_plain && !has_port {
        Ok(value.to_owned())
    } else {
        Err(Expected::new("a host name or address without scheme or port"))
    }
}

fn other_hosts(value: &str) -> Result<Vec<(String, Option<u16>)>, Expected> {
    let one = |text: &String| match text.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') => Ok((host(name)?, Some(native_port(port)?))),
        _ => Ok((host(text)?, None)),
    };
    parse::list(value)?.iter().map(one).collect::<Result<_, Expected>>().map_err(|_| {
        Expected::new(
            "host names or addresses, each with or without a native port, separated by commas, as in ch-2,ch-3:9001",
        )
    })
}

fn native_port(value: &str) -> Result<u16, Expected> {
    match parse::whole::<u16, 1, 65_535>(value) {
        Ok(8123 | 8443) => Err(Expected::new(
            "the port of the native protocol, by default 9000 (8123 and 8443 are HTTP, which is not spoken here)",
        )),
        other => other,
    }
}
