//! Labels in plain text, with and without times.

use super::Document;
use super::script::{Bytes, Script};

pub(super) fn document(bytes: &mut Bytes<'_>, script: Script) -> Document {
    let kind = bytes.below(15);
    let end = bytes.one(&["\n", "\n", "\r\n", "\n\n"]);
    let mut turns = Vec::new();
    for said in &script.said {
        let (name, text) = (said.name(), &said.text);
        let seconds = 36_000 + said.start_ms / 1000;
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        turns.push(match kind {
            0 => format!("{name}: {text}"),
            1 => format!("[{hours}:{minutes:02}:{seconds:02}] {name}: {text}"),
            2 => format!("({hours}:{minutes:02}:{seconds:02}) {name}: {text}"),
            3 => format!("{hours}:{minutes:02}:{seconds:02} {name}: {text}"),
            4 => format!("05/02/2024, {hours}:{minutes:02} - {name}: {text}"),
            5 => format!("[05/02/2024, {hours}:{minutes:02}:{seconds:02}] {name}: {text}"),
            6 => format!("{name}  {minutes}:{seconds:02}\n{text}"),
            7 => format!("**{name}:** {text}"),
            8 => format!("{name} [{minutes:02}:{seconds:02}]: {text}"),
            9 => format!("{name}\n{text}"),
            10 => format!("{hours}:{minutes:02}:{seconds:02} {name} - {text}"),
            11 => format!("{name}\t{text}"),
            12 => format!("[{name}] {text}"),
            13 => format!("{hours}:{minutes:02}:{seconds:02} From {name} to everyone: {text}"),
            _ => format!("{name}：{text}"),
        });
    }
    // Exports of meetings leave a blank line between turns.
    let end = if matches!(kind, 6 | 9) { "\n\n" } else { end };
    Document { text: turns.join(end), said: script.said, is_timed: false }
}
