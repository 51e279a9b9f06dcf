//! Reads packets, from a socket or from a buffer (`UnexpectedEof` then means that the packet is incomplete).

use std::io::{self, Read};

use super::{
    frame, invalid,
    packet::{ClientHello, ClientPacket, Query, ServerPacket, has_rows},
    values::{byte, bytes, skip_texts, skip_varints, text, varint},
};

/// Reads one packet from a client.
pub(crate) fn read_client_packet(from: &mut impl Read) -> io::Result<ClientPacket> {
    match varint(from)? {
        0 => client_hello(from).map(ClientPacket::Hello),
        1 => query(from).map(ClientPacket::Query),
        2 => block(from).map(ClientPacket::Data),
        3 => Ok(ClientPacket::Cancel),
        4 => Ok(ClientPacket::Ping),
        other => Err(invalid(format!("client packet {other} is not supported"))),
    }
}

/// Reads one packet from a server.
pub(crate) fn read_server_packet(from: &mut impl Read) -> io::Result<ServerPacket> {
    match varint(from)? {
        0 => {
            text(from)?;
            skip_varints(from, 3)?;
            skip_texts(from, 2)?;
            varint(from)?;
            Ok(ServerPacket::Hello)
        }
        1 | 7 | 8 => Ok(ServerPacket::Data { has_rows: has_rows(&block(from)?) }),
        2 => {
            exception(from)?;
            Ok(ServerPacket::Exception)
        }
        3 => skip_varints(from, 5).map(|()| ServerPacket::Other),
        4 => Ok(ServerPacket::Other),
        5 => Ok(ServerPacket::EndOfStream),
        6 => {
            skip_varints(from, 3)?;
            byte(from)?;
            varint(from)?;
            byte(from)?;
            Ok(ServerPacket::Other)
        }
        11 => skip_texts(from, 2).map(|()| ServerPacket::Other),
        other => Err(invalid(format!("server packet {other} is not supported"))),
    }
}

fn client_hello(from: &mut impl Read) -> io::Result<ClientHello> {
    text(from)?;
    skip_varints(from, 3)?;
    Ok(ClientHello { database: text(from)?, user: text(from)?, password: text(from)? })
}

fn query(from: &mut impl Read) -> io::Result<Query> {
    text(from)?;
    client_info(from)?;
    let mut settings = Vec::new();
    loop {
        let name = text(from)?;
        if name.is_empty() {
            break;
        }
        byte(from)?;
        settings.push((name, text(from)?));
    }
    text(from)?;
    varint(from)?;
    let compressed = byte(from)? != 0;
    Ok(Query { settings, compressed, text: text(from)? })
}

fn client_info(from: &mut impl Read) -> io::Result<()> {
    if byte(from)? == 0 {
        return Ok(());
    }
    skip_texts(from, 3)?;
    byte(from)?;
    skip_texts(from, 3)?;
    skip_varints(from, 3)?;
    text(from)?;
    skip_varints(from, 2)?;
    if byte(from)? == 1 {
        bytes(from, 24)?;
        text(from)?;
        byte(from)?;
    }
    Ok(())
}

fn exception(from: &mut impl Read) -> io::Result<()> {
    loop {
        bytes(from, 4)?;
        skip_texts(from, 3)?;
        if byte(from)? == 0 {
            return Ok(());
        }
    }
}

/// A table's name and one frame with a block; returns the block without its block info.
fn block(from: &mut impl Read) -> io::Result<Vec<u8>> {
    text(from)?;
    let mut block = frame::read(from)?;
    let mut rest = block.as_slice();
    loop {
        match varint(&mut rest)? {
            0 => break,
            1 => drop(bytes(&mut rest, 1)?),
            2 => drop(bytes(&mut rest, 4)?),
            field => return Err(invalid(format!("block info field {field} is not known"))),
        }
    }
    let info = block.len() - rest.len();
    Ok(block.split_off(info))
}
