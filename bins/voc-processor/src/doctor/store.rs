//! The ClickHouse server: the way to it, the login, the tables, and what the user may do with them.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use voc_events::{Table, Timestamp, families};
use voc_service::{
    clickhouse,
    config::{clickhouse::ClickHouseSettings, lifecycle::LifecycleSettings},
};
use voc_store::{Disk, Migrator, SqlBackend, SqlStore, StoreError, clickhouse::ClickHouseStore};

use super::{
    certificate, network,
    section::{Known, Section, Verdict},
};

/// Longest time for a connection, and for a statement.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Difference of two clocks that is worth a warning.
const MAX_SKEW: Duration = Duration::from_secs(5);
/// Free room of a disk below which there is a warning, and below which it is full.
const LITTLE_ROOM: u64 = 5 << 30;
const NO_ROOM: u64 = 100 << 20;

/// What will be done with the store.
pub(super) struct Use<'u> {
    pub(super) lifecycle: &'u LifecycleSettings,
    /// The tables that will be written.
    pub(super) tables: Vec<Table>,
    pub(super) allow_no_deduplication: bool,
}

/// Checks the servers, and the tables of the first that serves this client.
pub(super) async fn examine(settings: &ClickHouseSettings, wanted: &Use<'_>, deadline: Instant) -> Section {
    let mut section = Section::new("store", deadline);
    let settings = ClickHouseSettings {
        connect_timeout: settings.connect_timeout.min(TIMEOUT),
        query_timeout: settings.query_timeout.min(TIMEOUT),
        insert_timeout: settings.insert_timeout.min(TIMEOUT),
        ..settings.clone()
    };
    let server = servers(&mut section, &settings).await;
    if let Some(Server::WithDatabase(store)) = server.value()
        && let Some(tls) = &store.backend().config().tls
    {
        section
            .add("server certificate", certificate::validity(tls.certificate().as_deref(), "the server's certificate"));
    }
    let name = &settings.database;
    let store = section
        .check("database", &server, async |server| match server {
            Server::WithDatabase(store) => Verdict::ok(format!("{name} exists"), store.clone()),
            Server::WithoutDatabase if wanted.lifecycle.migrate => {
                Verdict::not_checked(format!("{name} does not exist yet; it is created at the start (VOC_MIGRATE)"))
            }
            Server::WithoutDatabase => Verdict::failed(
                format!("there is no database {name}"),
                format!(
                    "name another (CLICKHOUSE_DB), or create it: voc-processor migrate up, or CREATE DATABASE {name}"
                ),
            ),
        })
        .await;
    section.check("clock", &store, async |store| clock(store).await).await;
    section.check("disks", &store, async |store| disks(store).await).await;
    let tables = section.check("tables", &store, async |store| schema(store, wanted).await).await;
    if !settings.other_hosts.is_empty() {
        section.check("replication", &tables, async |()| replication(&settings).await).await;
    }
    let tables = store.with(&tables);
    let may_write = section
        .check("right to write", &tables, async |(store, ())| rights(store, &wanted.tables, &settings).await)
        .await;
    section
        .check("repeated inserts", &tables.with(&may_write), async |((store, ()), ())| {
            deduplication(store, wanted, &settings).await
        })
        .await;
    section
}

/// A server that accepts the login.
enum Server {
    WithDatabase(ClickHouseStore),
    WithoutDatabase,
}

/// A line for each server, and the first that serves this client.
async fn servers(section: &mut Section, settings: &ClickHouseSettings) -> Known<Server> {
    let others = settings.other_hosts.iter().cloned();
    let all = std::iter::once((settings.host.clone(), settings.port)).chain(others);
    let checks = all.map(|(host, port)| {
        let one = ClickHouseSettings { host, port, other_hosts: Vec::new(), ..settings.clone() };
        let name = format!("server {}:{}", one.host, one.port);
        let check = async move {
            match connect(&one).await {
                Ok((found, server)) => Verdict::ok(found, server),
                Err((found, remedy)) => Verdict::failed(found, remedy),
            }
        };
        (name, check)
    });
    section.first_of("servers", "CLICKHOUSE_HOST", checks.collect()).await.map(|(first, _)| first)
}

/// Logs in to a server, with the database or, if that is what is missing, without. An error is what is wrong, and what
/// to do.
async fn connect(settings: &ClickHouseSettings) -> Result<(String, Server), (String, String)> {
    network::reach(&settings.host, settings.port).await.map_err(|unreachable| {
        let setting = "CLICKHOUSE_HOST and CLICKHOUSE_PORT";
        (unreachable.to_string(), unreachable.remedy(setting, "the ClickHouse server"))
    })?;
    let store =
        clickhouse::connect(settings.clone()).map_err(|error| advice(&error, "correct the settings of ClickHouse"))?;
    let user = &settings.user;
    let with_tls = if settings.secure { "with TLS" } else { "without TLS" };
    let error = match store.engine_version().await {
        Ok(version) => {
            let found = format!("ClickHouse {version} accepts the user {user}, {with_tls}");
            return Ok((found, Server::WithDatabase(store)));
        }
        Err(error) => error,
    };
    if matches!(error, StoreError::Misconfigured(_)) && matches!(store.backend().has_database().await, Ok(false)) {
        return Ok((format!("accepts the user {user}, {with_tls}"), Server::WithoutDatabase));
    }
    if matches!(error, StoreError::TimedOut { .. } | StoreError::Unavailable(_)) {
        let remedy = "it accepts connections and does not answer as a ClickHouse server: look at its log and load, and see \
            whether CLICKHOUSE_PORT is the port of the native protocol";
        return Err(advice(&error, remedy));
    }
    let otherwise = format!(
        "correct CLICKHOUSE_USER and CLICKHOUSE_PASSWORD (or the file in CLICKHOUSE_PASSWORD_FILE), or set the password \
         on the server: ALTER USER {user} IDENTIFIED BY '…'"
    );
    Err(advice(&error, &otherwise))
}

/// Whether the server's clock shows the same time as this host's.
async fn clock(store: &ClickHouseStore) -> Verdict<()> {
    let before = Timestamp::from(SystemTime::now()).as_millis();
    let there = match store.engine_clock().await {
        Ok(there) => there.as_millis(),
        Err(error) => return failed(&error, "look at the server's log"),
    };
    let after = Timestamp::from(SystemTime::now()).as_millis();
    // The server read its clock at some time in between.
    let ahead = if there > after { there - after } else { (there - before).min(0) };
    if Duration::from_millis(ahead.unsigned_abs()) <= MAX_SKEW {
        return Verdict::ok("the same as this host's, within seconds", ());
    }
    let direction = if ahead > 0 { "ahead of" } else { "behind" };
    Verdict::warning(
        format!("the server's clock is {} s {direction} this host's", ahead.unsigned_abs() / 1000),
        "set both clocks right (NTP): the versions of a row are told apart by their time",
        (),
    )
}

/// Whether the server can store anything.
async fn disks(store: &ClickHouseStore) -> Verdict<()> {
    let disks = match store.disks().await {
        Ok(disks) => disks,
        Err(StoreError::Denied(_)) => {
            return Verdict::not_checked("the user may not read system.disks; nothing else needs that right");
        }
        Err(error) => return failed(&error, "look at the server's log"),
    };
    let room = |disk: &Disk| format!("{}: {} of {} free", disk.name, bytes(disk.free), bytes(disk.total));
    let rooms: Vec<String> = disks.iter().map(room).collect();
    let read_only: Vec<&str> = disks.iter().filter(|disk| disk.is_read_only).map(|disk| disk.name.as_str()).collect();
    if !read_only.is_empty() && read_only.len() == disks.len() {
        return Verdict::failed(
            format!("nothing can be written to {}", read_only.join(", ")),
            "make the server's disk writable: a file system is remounted read-only after an error of its disk",
        );
    }
    if disks.iter().any(|disk| disk.free < NO_ROOM) {
        return Verdict::failed(
            format!("a disk is full: {}", rooms.join("; ")),
            "free room on the server, or add a disk to its storage policy",
        );
    }
    if disks.iter().any(|disk| disk.free < LITTLE_ROOM.min(disk.total / 10)) {
        let remedy = "free room on the server before its disk is full, or add a disk to its storage policy";
        return Verdict::warning(rooms.join("; "), remedy, ());
    }
    Verdict::ok(rooms.join("; "), ())
}

fn bytes(count: u64) -> String {
    if count >= 1 << 30 { format!("{} GiB", count >> 30) } else { format!("{} MiB", count >> 20) }
}

/// Whether the tables are as this program needs them.
pub(super) async fn schema<B: SqlBackend>(store: &SqlStore<B>, wanted: &Use<'_>) -> Verdict<()> {
    const LOOK: &str = "look at the server's log";
    let migrator = Migrator::new(store, wanted.lifecycle.partition_by).tables(&families::tables());
    let pending = match migrator.plan().await {
        Ok(pending) => pending,
        Err(error) => return failed(&error, LOOK),
    };
    if pending.is_empty() {
        return match migrator.check().await {
            Ok(()) => Verdict::ok("all migrations are applied, and the tables are as they made them", ()),
            Err(error) => failed(&error, LOOK),
        };
    }
    let names: Vec<String> = pending.iter().map(|one| format!("{:04}_{}", one.version, one.name)).collect();
    let found = format!("migrations are not applied: {}", names.join(", "));
    match wanted.lifecycle.migrate {
        true => Verdict::not_checked(format!("{found}; they are at the start (VOC_MIGRATE)")),
        false => Verdict::failed(found, "run `voc-processor migrate up`, or start with --migrate (VOC_MIGRATE=true)"),
    }
}

/// Whether the user may store batches.
async fn rights(store: &ClickHouseStore, tables: &[Table], settings: &ClickHouseSettings) -> Verdict<()> {
    let missing = match store.missing_rights(tables).await {
        Ok(missing) => missing,
        Err(error) => return failed(&error, "look at the server's log"),
    };
    let user = &settings.user;
    let Some(first) = missing.first() else {
        return Verdict::ok(format!("{user} may read and write the tables"), ());
    };
    let lacking: Vec<String> = missing.iter().map(|right| format!("{} on {}", right.privilege, right.table)).collect();
    let found = format!("{user} lacks {}: {}", lacking.join(", "), first.refusal);
    if first.refusal.contains("readonly") {
        let remedy =
            format!("give {user} a settings profile with readonly = 0, or set CLICKHOUSE_USER to another user");
        return Verdict::failed(found, remedy);
    }
    Verdict::failed(
        found,
        format!(
            "GRANT SELECT, INSERT ON {database}.* TO {user}; all rights of this program are in \
             deploy/clickhouse/users.sql",
            database = settings.database
        ),
    )
}

/// Whether an insert that is repeated under its token adds nothing.
async fn deduplication(store: &ClickHouseStore, wanted: &Use<'_>, settings: &ClickHouseSettings) -> Verdict<()> {
    let error = match store.check_deduplication(&wanted.tables).await {
        Ok(()) => return Verdict::ok("the tables drop them", ()),
        Err(error) => error,
    };
    let remedy = format!(
        "set the table's non_replicated_deduplication_window (of a replicated table: replicated_deduplication_window) to \
         10000; if the refusal is about a right: GRANT CREATE TABLE, DROP TABLE ON {}.* TO {}",
        settings.database, settings.user
    );
    match wanted.allow_no_deduplication {
        true => Verdict::warning(error.to_string(), remedy, ()),
        false => Verdict::failed(error.to_string(), remedy),
    }
}

/// Whether all servers have the same rows.
async fn replication(settings: &ClickHouseSettings) -> Verdict<()> {
    let otherwise = "create the tables on a cluster (CLICKHOUSE_CLUSTER), or name one server and leave \
                     CLICKHOUSE_OTHER_HOSTS empty";
    let store = match clickhouse::connect(settings.clone()) {
        Ok(store) => store,
        Err(error) => return failed(&error, otherwise),
    };
    match store.check_replication(&families::tables()).await {
        Ok(()) => Verdict::ok("the tables are replicated", ()),
        Err(error) => failed(&error, otherwise),
    }
}

fn failed<T>(error: &StoreError, otherwise: &str) -> Verdict<T> {
    let (found, remedy) = advice(error, otherwise);
    Verdict::failed(found, remedy)
}

/// What an error says is wrong, and what it says to do: after its last semicolon, where errors of configurations and
/// schemas have it.
fn advice(error: &StoreError, otherwise: &str) -> (String, String) {
    let text = error.to_string();
    let advises = matches!(error, StoreError::Misconfigured(_) | StoreError::Migration(_));
    match text.rsplit_once("; ").filter(|_| advises) {
        Some((found, remedy)) => (found.to_owned(), remedy.to_owned()),
        None => (text, otherwise.to_owned()),
    }
}
