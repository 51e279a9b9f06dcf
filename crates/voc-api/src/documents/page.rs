//! The page that describes the API, made from its OpenAPI document.

use std::fmt::{self, Display, Write as _};

use serde_json::Value;

use crate::problem_kind::ProblemKind;

/// Parameters in the command that the page shows, where an operation has them.
const SHOWN: [&str; 2] = ["tenant_id", "days"];

/// The page of a document.
pub(super) fn page(document: &Value) -> String {
    let mut html = String::new();
    // Writing to a string cannot fail.
    let _ = Page { document }.write(&mut html);
    html
}

struct Page<'d> {
    document: &'d Value,
}

/// An operation with its method and path.
struct Operation<'d> {
    method: &'d str,
    path: &'d str,
    described: &'d Value,
}

impl Page<'_> {
    fn write(&self, html: &mut String) -> fmt::Result {
        let info = &self.document["info"];
        write!(
            html,
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
             <meta name=\"viewport\" content=\"width=device-width\"><link rel=\"stylesheet\" href=\"/docs/style.css\">\
             </head><body>\n<h1>{title} <small>{version}</small></h1>\n<p>{description}</p>\n\
             <p>For programs: <a href=\"/openapi.json\">OpenAPI 3.1</a>. The commands below need the address of the \
             service in <code>VOC_URL</code>, and a key in <code>VOC_API_KEY</code> if it asks for one.</p>\n",
            title = Text(&info["title"]),
            version = Text(&info["version"]),
            description = Prose(&info["description"]),
        )?;
        self.contents(html)?;
        for tag in elements(&self.document["tags"]) {
            writeln!(html, "<h2>{}</h2>\n<p>{}</p>", Text(&tag["name"]), Prose(&tag["description"]))?;
            for operation in self.operations(tag) {
                self.operation(html, &operation)?;
            }
        }
        problems(html)?;
        html.write_str("</body></html>\n")
    }

    fn contents(&self, html: &mut String) -> fmt::Result {
        html.write_str("<nav><ul>\n")?;
        for tag in elements(&self.document["tags"]) {
            for Operation { method, path, described } in self.operations(tag) {
                writeln!(
                    html,
                    "<li><a href=\"#{id}\"><span class=\"method\">{method}</span> <code>{path}</code></a> {summary}</li>",
                    id = Text(&described["operationId"]),
                    path = Escaped(path),
                    summary = Prose(&described["summary"]),
                )?;
            }
        }
        html.write_str("<li><a href=\"#problems\">Problems</a></li>\n</ul></nav>\n")
    }

    fn operations<'t>(&'t self, tag: &'t Value) -> impl Iterator<Item = Operation<'t>> {
        let all = members(&self.document["paths"]).flat_map(|(path, item)| {
            members(item).map(move |(method, described)| Operation { method, path, described })
        });
        all.filter(|operation| elements(&operation.described["tags"]).any(|name| *name == tag["name"]))
    }

    fn operation(&self, html: &mut String, operation: &Operation<'_>) -> fmt::Result {
        let described = operation.described;
        writeln!(
            html,
            "<h3 id=\"{id}\"><span class=\"method\">{method}</span> <code>{path}</code></h3>\n<p>{summary}</p>",
            id = Text(&described["operationId"]),
            method = operation.method,
            path = Escaped(operation.path),
            summary = Prose(&described["summary"]),
        )?;
        if described["description"].is_string() {
            writeln!(html, "<p>{}</p>", Prose(&described["description"]))?;
        }
        self.parameters(html, described)?;
        writeln!(html, "<pre>{}</pre>", Escaped(&self.curl(operation)))?;
        self.answers(html, described)
    }

    fn parameters(&self, html: &mut String, described: &Value) -> fmt::Result {
        let mut parameters = self.parameters_of(described).peekable();
        if parameters.peek().is_none() {
            return Ok(());
        }
        html.write_str("<table><tr><th>parameter</th><th>value</th><th>meaning</th></tr>\n")?;
        for parameter in parameters {
            writeln!(
                html,
                "<tr><td><code>{name}</code></td><td>{value}</td><td>{meaning}{example}</td></tr>",
                name = Text(&parameter["name"]),
                value = Escaped(&value(&parameter["schema"])),
                meaning = Prose(&parameter["description"]),
                example = Example(&parameter["example"]),
            )?;
        }
        html.write_str("</table>\n")
    }

    fn parameters_of<'t>(&'t self, described: &'t Value) -> impl Iterator<Item = &'t Value> {
        elements(&described["parameters"]).map(|parameter| self.resolved(parameter))
    }

    /// What is described here, or where the reference leads.
    fn resolved<'t>(&'t self, described: &'t Value) -> &'t Value {
        let pointer = described["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        pointer.and_then(|pointer| self.document.pointer(pointer)).unwrap_or(described)
    }

    /// A command that asks. Of the query it has what must be given, and what most questions begin with: all parameters
    /// together would contradict each other.
    fn curl(&self, operation: &Operation<'_>) -> String {
        let described = operation.described;
        let example = |parameter: &Value| match &parameter["example"] {
            Value::String(text) => text.clone(),
            Value::Array(texts) => texts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
            other => other.to_string(),
        };
        let mut path = operation.path.to_owned();
        let mut query = Vec::new();
        for parameter in self.parameters_of(described) {
            let name = parameter["name"].as_str().unwrap_or_default();
            if parameter["in"] == "path" {
                path = path.replace(&format!("{{{name}}}"), &example(parameter));
            } else if parameter["required"] == true || SHOWN.contains(&name) {
                query.push(format!("{name}={}", example(parameter)));
            }
        }
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        let content = &described["requestBody"]["content"]["application/json"];
        let examples = [&content["example"], &self.resolved(&content["schema"])["example"]];
        let body = examples.into_iter().find(|example| !example.is_null()).map(|example| {
            format!(" \\\n    -H 'Content-Type: application/json' -d '{}'", example.to_string().replace('\'', r"'\''"))
        });
        let is_open = elements(&described["security"]).all(|scheme| members(scheme).next().is_none());
        let key = if is_open { "" } else { "-H \"X-Api-Key: $VOC_API_KEY\" " };
        format!("curl {key}\"$VOC_URL{path}{query}\"{}", body.unwrap_or_default())
    }

    fn answers(&self, html: &mut String, described: &Value) -> fmt::Result {
        let mut problems = Vec::new();
        for (status, answer) in members(&described["responses"]) {
            if answer["$ref"].is_string() {
                problems.push(format!("<a href=\"#problems\">{}</a>", Escaped(status)));
                continue;
            }
            writeln!(html, "<p><b>{}</b> {}</p>", Escaped(status), Prose(&answer["description"]))?;
            for (media_type, content) in members(&answer["content"]) {
                writeln!(html, "<p><code>{}</code></p>", Escaped(media_type))?;
                let example = &content["example"];
                let text = example.as_str().map(str::to_owned).or_else(|| serde_json::to_string_pretty(example).ok());
                if let Some(text) = text.filter(|_| !example.is_null()) {
                    writeln!(html, "<pre>{}</pre>", Escaped(&text))?;
                }
            }
        }
        if problems.is_empty() { Ok(()) } else { writeln!(html, "<p>Problems: {}</p>", problems.join(", ")) }
    }
}

fn problems(html: &mut String) -> fmt::Result {
    html.write_str(
        "<h2 id=\"problems\">Problems</h2>\n<table><tr><th>status</th><th>code</th><th>meaning, and what to do</th></tr>\n",
    )?;
    for ProblemKind { status, code, title, meaning } in ProblemKind::ALL {
        let meaning = Value::from(*meaning);
        writeln!(
            html,
            "<tr><td>{status}</td><td><code>{code}</code></td><td>{title}. {meaning}</td></tr>",
            meaning = Prose(&meaning),
        )?;
    }
    html.write_str("</table>\n")
}

/// What a parameter can be, in words.
fn value(schema: &Value) -> String {
    let names: Vec<&str> = elements(&schema["enum"]).filter_map(Value::as_str).collect();
    if !names.is_empty() {
        return names.join(", ");
    }
    if schema["type"] == "array" {
        return format!("{}; can be repeated", value(&schema["items"]));
    }
    let kind = match schema["type"].as_str() {
        Some("integer") => "whole number",
        Some("number") => "number",
        Some("boolean") => "true or false",
        _ => "text",
    };
    match (&schema["minimum"], &schema["maximum"]) {
        (Value::Null, _) | (_, Value::Null) => kind.to_owned(),
        (least, most) => format!("{kind}, {least} to {most}"),
    }
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// A text for HTML.
struct Escaped<'t>(&'t str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

/// A value for HTML: a text as it is, anything else as JSON, nothing for null.
struct Text<'v>(&'v Value);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Null => Ok(()),
            Value::String(text) => Escaped(text).fmt(f),
            other => Escaped(&other.to_string()).fmt(f),
        }
    }
}

/// The example of a parameter, if it has one.
struct Example<'v>(&'v Value);

impl Display for Example<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_null() { Ok(()) } else { write!(f, " Example: <code>{}</code>", Text(self.0)) }
    }
}

/// A text with `code`.
struct Prose<'v>(&'v Value);

impl Display for Prose<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.as_str().unwrap_or_default().split('`').enumerate() {
            let is_code = index % 2 == 1;
            write!(
                f,
                "{}{}{}",
                if is_code { "<code>" } else { "" },
                Escaped(part),
                if is_code { "</code>" } else { "" }
            )?;
        }
        Ok(())
    }
}
