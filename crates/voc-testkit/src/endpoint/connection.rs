//! One connection: the handshake, followed by one statement after another.

use std::{
    io::{self, BufReader},
    net::TcpStream,
};

use voc_store::embedded::{Engine, EngineConnection, EngineError, EngineResult};

use super::{
    account::Accounts,
    statement::{Insert, Statement, quoted},
};
use crate::native::{ClientHello, ClientPacket, PacketWriter, Query, has_rows, read_client_packet, row_count};

/// ClickHouse's codes for the endpoint's own refusals.
const NOT_IMPLEMENTED: i32 = 48;
const UNEXPECTED_PACKET: i32 = 101;
const UNKNOWN_SETTING: i32 = 115;
const CANCELLED: i32 = 394;
const AUTHENTICATION_FAILED: i32 = 516;

/// Why a statement ended without its end of stream.
enum Failure {
    /// The client is informed, and may continue.
    Statement(i32, String),
    /// The connection can no longer be used.
    Connection(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Connection(error)
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Statement { code, message } => Self::Statement(code, message),
            other => Self::Statement(NOT_IMPLEMENTED, other.to_string()),
        }
    }
}

/// Serves a connection until the client closes it.
pub(super) fn serve(socket: TcpStream, engine: &Engine, accounts: &Accounts) -> io::Result<()> {
    socket.set_nodelay(true)?;
    let mut from = BufReader::with_capacity(1 << 16, socket.try_clone()?);
    let mut to = PacketWriter::new(socket);
    let ClientPacket::Hello(hello) = read_client_packet(&mut from)? else {
        return to.exception(UNEXPECTED_PACKET, "Code: 101. DB::NetException: Expected hello. (UNEXPECTED_PACKET)");
    };
    let mut connection = match open(engine, accounts, &hello) {
        Ok(connection) => connection,
        Err(Failure::Statement(code, message)) => return to.exception(code, &message),
        Err(Failure::Connection(error)) => return Err(error),
    };
    to.hello(version(&engine.version()))?;
    loop {
        match read_client_packet(&mut from) {
            Ok(ClientPacket::Ping) => to.pong()?,
            // The statement ended before it was cancelled.
            Ok(ClientPacket::Cancel) => {}
            Ok(ClientPacket::Query(query)) => {
                let mut exchange = Exchange { from: &mut from, to: &mut to, connection: &mut connection };
                match exchange.run(&query) {
                    Ok(()) => to.end_of_stream()?,
                    Err(Failure::Statement(code, message)) => to.exception(code, &message)?,
                    Err(Failure::Connection(error)) => return Err(error),
                }
            }
            Ok(ClientPacket::Hello(_) | ClientPacket::Data(_)) => {
                return to.exception(
                    UNEXPECTED_PACKET,
                    "Code: 101. DB::NetException: Expected a query. (UNEXPECTED_PACKET)",
                );
            }
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

fn open(engine: &Engine, accounts: &Accounts, hello: &ClientHello) -> Result<EngineConnection, Failure> {
    let Some(admission) = accounts.admit(&hello.user, &hello.password) else {
        return Err(Failure::Statement(
            AUTHENTICATION_FAILED,
            format!(
                "Code: 516. DB::Exception: {}: Authentication failed: password is incorrect, or there is no user with such \
                 name. (AUTHENTICATION_FAILED)",
                hello.user
            ),
        ));
    };
    let mut connection = engine.connect()?;
    if !hello.database.is_empty() {
        connection.query(format!("USE `{}`", hello.database.replace('`', "\\`")), "Null", &[])?;
    }
    if admission.read_only {
        connection.query("SET readonly = 2", "Null", &[])?;
    }
    Ok(connection)
}

/// Major, minor and patch of a version such as `26.7.3`.
fn version(text: &str) -> (u64, u64, u64) {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    (next(), next(), next())
}

/// A statement with its data and its result.
struct Exchange<'x> {
    from: &'x mut BufReader<TcpStream>,
    to: &'x mut PacketWriter<TcpStream>,
    connection: &'x mut EngineConnection,
}

impl Exchange<'_> {
    fn run(&mut self, query: &Query) -> Result<(), Failure> {
        if !query.compressed {
            // Without compression the end of a block can be found only by parsing every type.
            self.to
                .exception(NOT_IMPLEMENTED, "Code: 48. DB::Exception: Only compressed streams. (NOT_IMPLEMENTED)")?;
            return Err(Failure::Connection(io::ErrorKind::Unsupported.into()));
        }
        // External tables are not supported: one block without rows.
        match read_client_packet(self.from)? {
            ClientPacket::Data(block) if !has_rows(&block) => {}
            _ => return Err(Failure::Connection(io::ErrorKind::InvalidData.into())),
        }
        let mut before = Vec::new();
        let done = query.settings.iter().try_for_each(|(name, value)| {
            let old = self.setting(name)?;
            self.set(name, value)?;
            before.push((name, old));
            Ok(())
        });
        let done = done.and_then(|()| match Statement::of(&query.text) {
            Statement::Insert(insert) => self.insert(&insert),
            Statement::Select => self.select(&query.text),
            Statement::Other => self.other(&query.text),
        });
        for (name, old) in before {
            self.set(name, &old)?;
        }
        done
    }

    /// The value of a setting.
    fn setting(&mut self, name: &str) -> Result<String, Failure> {
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            let message = format!("Code: 115. DB::Exception: Unknown setting '{name}'. (UNKNOWN_SETTING)");
            return Err(Failure::Statement(UNKNOWN_SETTING, message));
        }
        let value = self.connection.query(format!("SELECT toString(getSetting('{name}'))"), "RawBLOB", &[])?;
        Ok(String::from_utf8_lossy(value.bytes()).into_owned())
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), Failure> {
        self.connection.query(format!("SET {name} = {}", quoted(value)), "Null", &[])?;
        Ok(())
    }

    fn select(&mut self, text: &str) -> Result<(), Failure> {
        let mut result = self.connection.select(text, "Native", &[])?;
        let mut is_empty = true;
        while let Some(chunk) = result.next_chunk()? {
            is_empty = false;
            self.to.progress(chunk.rows_read(), 0)?;
            send_block(self.to, &chunk)?;
        }
        drop(result);
        if is_empty {
            self.send_header(&format!("({})", text.trim_end_matches(|end: char| end == ';' || end.is_whitespace())))?;
        }
        Ok(())
    }

    fn other(&mut self, text: &str) -> Result<(), Failure> {
        let result = self.connection.query(text, "Native", &[])?;
        if result.bytes().is_empty() {
            return Ok(());
        }
        send_block(self.to, &result)
    }

    fn insert(&mut self, insert: &Insert<'_>) -> Result<(), Failure> {
        self.to.table_columns("columns format version: 1\n0 columns:\n")?;
        self.send_header(&format!("(SELECT {} FROM {})", insert.columns, insert.table))?;
        let mut rows = 0;
        let written = {
            let mut running = self.connection.insert(insert.body, "Native").map_err(Failure::from);
            loop {
                match read_client_packet(self.from)? {
                    ClientPacket::Ping => self.to.pong()?,
                    ClientPacket::Cancel => {
                        return Err(Failure::Statement(
                            CANCELLED,
                            "Code: 394. DB::Exception: Cancelled. (QUERY_WAS_CANCELLED)".to_owned(),
                        ));
                    }
                    ClientPacket::Data(block) if has_rows(&block) => {
                        rows += row_count(&block);
                        // After a refusal the client's data is read to its end before the client is informed.
                        if let Ok(insert) = &mut running
                            && let Err(error) = insert.append(&block)
                        {
                            running = Err(error.into());
                        }
                    }
                    ClientPacket::Data(_) => break,
                    ClientPacket::Hello(_) | ClientPacket::Query(_) => {
                        return Err(Failure::Connection(io::ErrorKind::InvalidData.into()));
                    }
                }
            }
            running.and_then(|insert| insert.finish().map_err(Failure::from))
        };
        written?;
        Ok(self.to.progress(0, rows)?)
    }

    /// Names and types of a query's columns, as a block without rows.
    fn send_header(&mut self, query: &str) -> Result<(), Failure> {
        let described = self.connection.query(format!("DESCRIBE {query}"), "TabSeparatedRaw", &[])?;
        let text = String::from_utf8_lossy(described.bytes()).into_owned();
        let columns: Vec<(&str, &str)> = text
            .lines()
            .filter_map(|line| {
                let mut fields = line.split('\t');
                Some((fields.next()?, fields.next()?))
            })
            .collect();
        Ok(self.to.header(columns.into_iter())?)
    }
}

/// Sends a result that is one block, as is every chunk of a select.
fn send_block(to: &mut PacketWriter<TcpStream>, result: &EngineResult) -> Result<(), Failure> {
    if row_count(result.bytes()) != result.rows() {
        let message = "Code: 48. DB::Exception: The result is several blocks at once. (NOT_IMPLEMENTED)";
        return Err(Failure::Statement(NOT_IMPLEMENTED, message.to_owned()));
    }
    Ok(to.data(result.bytes())?)
}
