//! The endpoint stops and starts like a server, in this process and as a program.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
};

use voc_store::{
    SqlBackend, StoreError,
    clickhouse::{ClickHouse, ClickHouseConfig},
};
use voc_testkit::{
    endpoint::{Accounts, Endpoint},
    requirements::has_engine,
};

/// One test at a time: a process that is being started holds this one's sockets and file locks for a moment, so a port
/// or a data directory that was just released would still be in use.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn client(port: u16) -> ClickHouse {
    ClickHouse::new(ClickHouseConfig::at("127.0.0.1", port))
}

async fn fill(server: &ClickHouse) {
    let create = "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a";
    server.execute(create, &[]).await.unwrap();
    server.execute("INSERT INTO t SELECT number FROM numbers(1000)", &[]).await.unwrap();
}

async fn count(server: &ClickHouse) -> Result<Vec<String>, StoreError> {
    server.select_texts("SELECT toString(count()) FROM t", &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_in_one_process_keeps_the_rows() {
    if !has_engine() {
        return;
    }
    let _alone = ALONE.lock().await;
    let data = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::start("127.0.0.1:0", data.path(), Accounts::default()).unwrap();
    let address = endpoint.address();
    let server = client(address.port());
    fill(&server).await;
    for _ in 0..3 {
        let endpoint = Endpoint::start(&address.to_string(), data.path(), Accounts::default());
        assert!(endpoint.is_err(), "the port is taken");
    }
    endpoint.stop();
    let away = count(&server).await.unwrap_err();
    assert!(matches!(away, StoreError::Unavailable(_)), "{away:?}");
    for _ in 0..3 {
        let endpoint = Endpoint::start(&address.to_string(), data.path(), Accounts::default()).unwrap();
        assert_eq!(count(&server).await.unwrap(), ["1000"]);
        assert_eq!(endpoint.connections(), 1);
        endpoint.stop();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_prints_its_address_and_ends_cleanly_on_a_signal() {
    if !has_engine() {
        return;
    }
    let _alone = ALONE.lock().await;
    let data = tempfile::tempdir().unwrap();
    for (run, signal) in ["TERM", "INT"].into_iter().enumerate() {
        let mut program = Program::start(data.path());
        let server = client(program.port);
        if run == 0 {
            fill(&server).await;
        }
        assert_eq!(count(&server).await.unwrap(), ["1000"]);
        let killed = Command::new("kill").args(["-s", signal, &program.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        assert!(program.child.wait().unwrap().success(), "SIG{signal}");
        let mut rest = String::new();
        program.stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_ends_cleanly_whatever_its_clients_do() {
    if !has_engine() {
        return;
    }
    let _alone = ALONE.lock().await;
    let data = tempfile::tempdir().unwrap();
    for run in 0..10 {
        let mut program = Program::start(data.path());
        let server = client(program.port);
        if run == 0 {
            fill(&server).await;
        }
        let clients: Vec<_> = (0..4)
            .map(|_| {
                let server = client(program.port);
                // Until the end of the server, which ends the connection in the middle of a statement.
                tokio::spawn(async move { while count(&server).await.is_ok() {} })
            })
            .collect();
        assert_eq!(count(&server).await.unwrap(), ["1000"]);
        let killed = Command::new("kill").args(["-s", "TERM", &program.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let status = program.child.wait().unwrap();
        assert!(status.success(), "{status} at run {run}");
        for client in clients {
            client.await.unwrap();
        }
    }
}

struct Program {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    port: u16,
}

impl Program {
    fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_voc-testkit"))
            .args(["clickhouse", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening ").unwrap();
        let port = address.rsplit_once(':').unwrap().1.parse().unwrap();
        Self { child, stdout, port }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Already gone unless the test has failed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
