//! Pages that mark speakers.

use super::Document;
use super::captions::escaped;
use super::script::{Bytes, Script};

pub(super) fn document(bytes: &mut Bytes<'_>, script: Script) -> Document {
    let kind = bytes.below(6);
    let mut text = String::new();
    if bytes.is_odd() {
        text.push_str("<!DOCTYPE html>\n<html><head><title>12:30</title><style>p { color: red }</style></head><body>");
    }
    if kind == 3 {
        text.push_str("<table><thead><tr><th>Time</th><th>Speaker</th><th>Text</th></tr></thead>");
    }
    let space = bytes.one(&["", "\n", "\n\n    "]);
    for said in &script.said {
        let (name, small) = (said.name(), said.name().to_lowercase());
        let said = escaped(&said.text);
        let time = bytes.one(&["", "<span class=\"time\">10:01</span>", "<time>2024-05-01 10:01:02</time>"]);
        let said = match bytes.below(4) {
            0 => format!("<p>{said}</p>"),
            1 => format!("<!-- 7 -->{said}"),
            2 => format!("<span title=\"a > b\">{said}</span>"),
            _ => said,
        };
        text.push_str(&match kind {
            0 => format!("<div class=\"message {small}\">{space}{time}{said}</div>"),
            1 => format!("<li data-role='{small}'>{time}{space}{said}</li>"),
            2 => format!("<p><b>{name}:</b> {said}</p>").replace("<p><p>", "<p>").replace("</p></p>", "</p>"),
            3 => format!("<tr><td>10:01</td>{space}<td>{name}</td><td>{said}</td></tr>"),
            4 => format!("<div data-speaker=\"{name}\" hidden><img src=\"x.png\" alt=\"5\"/>{said}</div>"),
            _ => format!("<div>{name}: {said}</div>").replace(": <p>", ": ").replace("</p></div>", "</div>"),
        });
        text.push_str(space);
    }
    if kind == 3 {
        text.push_str("</table>");
    }
    text.push_str(bytes.one(&["", "</body></html>\n", "<script>x('<b>5</b>')</script>"]));
    Document { text, said: script.said, is_timed: false }
}
