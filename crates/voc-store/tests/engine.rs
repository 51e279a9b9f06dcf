//! The embedded engine's raw interface, on the real engine.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::{fs, path::Path, process::Command};

use voc_store::{
    Param,
    embedded::{Engine, EngineConnection, EngineError},
};
use voc_testkit::requirements::{engine_or_skip, has_engine};

fn text(connection: &mut EngineConnection, sql: &str) -> String {
    let result = connection.query(sql, "TabSeparatedRaw", &[]).unwrap();
    String::from_utf8(result.bytes().to_vec()).unwrap().trim_end().to_owned()
}

#[test]
fn a_statements_result_has_the_requested_format() {
    let Some(test) = engine_or_skip() else { return };
    let mut connection = test.engine().connect().unwrap();
    let result = connection.query("SELECT number AS n FROM numbers(2)", "JSONEachRow", &[]).unwrap();
    assert_eq!(String::from_utf8_lossy(result.bytes()).replace('"', ""), "{n:0}\n{n:1}\n");
    assert_eq!(result.rows(), 2);
}

#[test]
fn parameters_arrive_unchanged() {
    let Some(test) = engine_or_skip() else { return };
    let mut connection = test.engine().connect().unwrap();
    for value in
        ["", "plain", "it's", "back\\slash", "tab\tline\nreturn\r", "{x:String}", "\\N", "ação ✓", "a\u{1}b\0c"]
    {
        let params = [Param::new("text", value), Param::new("number", -7)];
        let result = connection
            .query("SELECT hex({text:String}), {number:Int64}", "TabSeparatedRaw", &params)
            .unwrap_or_else(|error| panic!("{value:?}: {error}"));
        let hex: String = value.bytes().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(String::from_utf8_lossy(result.bytes()), format!("{hex}\t-7\n"), "{value:?}");
    }
}

#[test]
fn errors_carry_clickhouses_code_and_leave_the_connection_usable() {
    let Some(test) = engine_or_skip() else { return };
    let mut connection = test.engine().connect().unwrap();
    for (sql, expected) in [
        ("SELECT * FROM no_such_table", 60),
        ("SELECT (", 62),
        ("SELECT throwIf(number = 5) FROM numbers(10)", 395),
        ("SELECT {missing:String}", 456),
    ] {
        for error in [connection.query(sql, "Native", &[]).unwrap_err(), read_all(&mut connection, sql).unwrap_err()] {
            assert!(matches!(&error, EngineError::Statement { code, .. } if *code == expected), "{sql}: {error:?}");
        }
        assert_eq!(text(&mut connection, "SELECT 1"), "1");
    }
}

fn read_all(connection: &mut EngineConnection, sql: &str) -> Result<(usize, u64), EngineError> {
    let mut select = connection.select(sql, "TabSeparatedRaw", &[])?;
    let (mut chunks, mut rows) = (0, 0);
    while let Some(chunk) = select.next_chunk()? {
        chunks += 1;
        rows += chunk.rows();
    }
    Ok((chunks, rows))
}

#[test]
fn a_select_is_read_in_chunks_and_may_be_abandoned() {
    let Some(test) = engine_or_skip() else { return };
    let mut connection = test.engine().connect().unwrap();
    let (chunks, rows) = read_all(&mut connection, "SELECT number FROM numbers(1000000)").unwrap();
    assert_eq!(rows, 1_000_000);
    assert!(chunks > 1, "{chunks}");

    let mut select = connection.select("SELECT number FROM numbers(100000000)", "Native", &[]).unwrap();
    assert!(select.next_chunk().unwrap().unwrap().rows() > 0);
    drop(select);
    assert_eq!(text(&mut connection, "SELECT 1"), "1");
}

#[test]
fn an_insert_takes_any_data_in_any_chunks() {
    let Some(test) = engine_or_skip() else { return };
    let database = test.fresh_database();
    let mut connection = test.engine().connect().unwrap();
    let table = format!("{database}.t");
    text(&mut connection, &format!("CREATE TABLE {table} (n UInt64, s String) ENGINE = MergeTree ORDER BY n"));

    let mut insert = connection.insert(format!("INSERT INTO {table} (n, s)"), "CSV").unwrap();
    insert.append(b"1,\"one\"\n2,\"t").unwrap();
    insert.append(b"wo\"\n").unwrap();
    assert_eq!(insert.finish().unwrap(), 2);

    let mut abandoned = connection.insert(format!("INSERT INTO {table} (n, s)"), "CSV").unwrap();
    abandoned.append(b"9,\"abandoned").unwrap();
    drop(abandoned);

    // Data with an empty line, which would end the data of an insert in a text format.
    let mut binary = connection.insert(format!("INSERT INTO {table} (n, s)"), "RowBinary").unwrap();
    binary.append(&[3_u64.to_le_bytes().as_slice(), b"\x04a\n\nz"].concat()).unwrap();
    assert_eq!(binary.finish().unwrap(), 1);

    let mut refused = connection.insert(format!("INSERT INTO {table} (n, s)"), "CSV").unwrap();
    let error = refused.append(b"x,y,z\n").and_then(|()| refused.finish()).unwrap_err();
    assert!(matches!(error, EngineError::Statement { code, .. } if code != 0), "{error:?}");

    assert_eq!(
        text(&mut connection, &format!("SELECT n, hex(s) FROM {table} ORDER BY n")),
        "1\t6F6E65\n2\t74776F\n3\t610A0A7A"
    );
}

#[test]
fn connections_keep_their_own_settings_and_database() {
    let Some(test) = engine_or_skip() else { return };
    let database = test.fresh_database();
    let mut one = test.engine().connect().unwrap();
    let mut other = test.engine().connect().unwrap();
    text(&mut one, &format!("USE {database}"));
    text(&mut one, "SET max_threads = 3");
    assert_eq!(text(&mut one, "SELECT currentDatabase(), getSetting('max_threads')"), format!("{database}\t3"));
    let others = text(&mut other, "SELECT currentDatabase(), getSetting('max_threads')");
    assert!(others.starts_with("default\t") && !others.ends_with("\t3"), "{others}");
}

#[test]
fn a_process_has_one_data_directory() {
    let Some(test) = engine_or_skip() else { return };
    let again = Engine::open(test.directory()).unwrap();
    assert_eq!(text(&mut again.connect().unwrap(), "SELECT 1"), "1");
    let other = tempfile::tempdir().unwrap();
    let error = Engine::open(other.path()).unwrap_err();
    assert!(matches!(error, EngineError::OtherDirectoryOpen { .. }), "{error:?}");
}

/// The child of [`a_second_process_is_refused`] runs this test in its own process.
const CHILD_DIRECTORY: &str = "VOC_TEST_ENGINE_DIRECTORY";

#[test]
fn a_second_process_is_refused() {
    if let Some(directory) = std::env::var_os(CHILD_DIRECTORY) {
        let error = Engine::open(directory.as_ref()).unwrap_err();
        print!("refused: {error}");
        return;
    }
    let Some(test) = engine_or_skip() else { return };
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_second_process_is_refused", "--nocapture"])
        .env(CHILD_DIRECTORY, test.directory())
        .output()
        .unwrap();
    let output = String::from_utf8_lossy(&output.stdout).into_owned();
    let own_pid = format!("(pid {})", std::process::id());
    assert!(output.contains("in use by another process") && output.contains(&own_pid), "{output}");
}

#[test]
fn a_file_instead_of_a_directory_is_refused() {
    let Some(_test) = engine_or_skip() else { return };
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = Engine::open(file.path()).unwrap_err();
    assert!(matches!(error, EngineError::Directory { .. }), "{error:?}");
}

/// The child of [`the_configuration_is_written_anew`] runs this test in its own process.
const CHILD_CONFIGURED: &str = "VOC_TEST_ENGINE_CONFIGURED";

#[test]
fn the_configuration_is_written_anew() {
    if let Some(directory) = std::env::var_os(CHILD_CONFIGURED) {
        let (directory, file) = (Path::new(&directory), Path::new(&directory).join("voc.xml"));
        fs::create_dir(&file).unwrap();
        let error = Engine::open(directory).unwrap_err().to_string();
        assert!(error.contains("voc.xml cannot be written"), "{error}");
        fs::remove_dir(&file).unwrap();
        // Left by a process that was killed.
        fs::write(&file, "<clickhouse><merge_tree>").unwrap();
        let engine = Engine::open(directory).unwrap();
        let setting = "SELECT value FROM system.merge_tree_settings WHERE name = 'merge_selector_base'";
        print!("base: {}.", text(&mut engine.connect().unwrap(), setting));
        return;
    }
    if !has_engine() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_configuration_is_written_anew", "--nocapture"])
        .env(CHILD_CONFIGURED, directory.path())
        .output()
        .unwrap();
    let output = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.contains("base: 3."), "{output}");
}
