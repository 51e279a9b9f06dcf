//! Which format an answer has.

use actix_web::{
    HttpMessage as _, HttpRequest,
    http::header::{Accept, Header as _, Quality},
};

use crate::{
    invalid_parameter::{InvalidParameter, Location},
    parameters::Parameters,
    problem::Problem,
};

/// A format of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Csv,
    Ndjson,
    Parquet,
}

/// The extension of the request's path, in its extensions.
pub(super) struct Extension(pub(super) Format);

impl Format {
    /// All of them; the first one answers those who accept several alike.
    pub(crate) const ALL: [Self; 4] = [Self::Json, Self::Csv, Self::Ndjson, Self::Parquet];

    /// The value of the parameter `format`, and the extension of a path.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Parquet => "parquet",
        }
    }

    /// The header `Content-Type`.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ndjson => "application/x-ndjson",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    /// Reads the parameter `format`; `None` if it is not given, or invalid.
    pub(crate) fn given(parameters: &mut Parameters) -> Option<Self> {
        parameters.one_of("format", &Self::ALL.map(|format| (format.name(), format)))
    }

    /// The format of the answer: that of the path's extension, or else the `given` one, or else the one that `Accept`
    /// prefers, or else JSON.
    pub(crate) fn of(request: &HttpRequest, given: Option<Self>) -> Result<Self, Problem> {
        let extension = request.extensions().get::<Extension>().map(|extension| extension.0);
        match (extension, given) {
            (Some(extension), Some(given)) if extension != given => {
                let message = format!("value contradicts the path, which ends in '.{}'", extension.name());
                let mistake = InvalidParameter::new(Location::query("format"), message, "value_error");
                Err(Problem::InvalidParameters(vec![mistake]))
            }
            (Some(format), _) | (None, Some(format)) => Ok(format),
            (None, None) => Self::accepted(request),
        }
    }

    fn accepted(request: &HttpRequest) -> Result<Self, Problem> {
        // A header that cannot be read says nothing.
        let ranges = Accept::parse(request).map(|accept| accept.0).unwrap_or_default();
        if ranges.is_empty() {
            return Ok(Self::Json);
        }
        let mut best = None;
        for format in Self::ALL {
            let (kind, subtype) = format.media_type();
            let matching = ranges.iter().filter_map(|range| {
                let specific = match (range.item.type_().as_str(), range.item.subtype().as_str()) {
                    ("*", _) => 0,
                    (of_kind, "*") if of_kind == kind => 1,
                    (of_kind, of_subtype) if of_kind == kind && subtype.contains(&of_subtype) => 2,
                    _ => return None,
                };
                Some((specific, range.quality))
            });
            // The most specific range says how much the format is liked (RFC 9110, 12.5.1).
            let Some((_, quality)) = matching.max_by_key(|(specific, _)| *specific) else { continue };
            let is_better = best.is_none_or(|(_, of_best)| quality > of_best);
            if is_better && quality > Quality::ZERO {
                best = Some((format, quality));
            }
        }
        let names = &["json", "csv", "ndjson", "parquet"];
        best.map(|(format, _)| format).ok_or(Problem::NotAcceptable(names))
    }

    /// The type, and the subtypes that clients write for it.
    const fn media_type(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Json => ("application", &["json"]),
            Self::Csv => ("text", &["csv"]),
            Self::Ndjson => ("application", &["x-ndjson", "ndjson", "jsonl"]),
            Self::Parquet => ("application", &["vnd.apache.parquet", "x-parquet", "parquet"]),
        }
    }
}
