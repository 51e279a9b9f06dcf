//! Mistakes in parameters of the query and in the body, in the form of FastAPI with pydantic 1.

use serde::Serialize;
use voc_store::QueryError;

/// One mistake, an element of FastAPI's `detail`:
/// `{"loc":["query","days"],"msg":…,"type":…,"ctx":{"limit_value":90}}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct InvalidParameter {
    loc: Location,
    msg: String,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ctx: Option<Context>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
struct Context {
    limit_value: Limit,
}

/// A limit that a value exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub(crate) enum Limit {
    Whole(i64),
    Real(f64),
}

/// Where a mistake is: `["query","days"]`, `["body","filters",0,"op"]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct Location(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
enum Step {
    Name(String),
    Index(usize),
}

impl Location {
    /// A parameter of the query.
    pub(crate) fn query(name: &str) -> Self {
        Self::parameters().member(name)
    }

    /// The query as a whole.
    pub(crate) fn parameters() -> Self {
        Self(vec![Step::Name("query".to_owned())])
    }

    /// The whole body.
    pub(crate) fn body() -> Self {
        Self(vec![Step::Name("body".to_owned())])
    }

    /// A member of the object at this location.
    pub(crate) fn member(&self, name: &str) -> Self {
        self.with(Step::Name(name.to_owned()))
    }

    /// An element of the array at this location.
    pub(crate) fn element(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    fn with(&self, step: Step) -> Self {
        Self(self.0.iter().cloned().chain([step]).collect())
    }
}

impl InvalidParameter {
    /// An invalid value, or one that must not be there.
    pub(crate) fn new(loc: Location, message: impl Into<String>, kind: &'static str) -> Self {
        Self { loc, msg: message.into(), kind, ctx: None }
    }

    /// The identifier of one thing, which several tenants have.
    pub(crate) fn of_several_tenants(what: &str) -> Self {
        let message = format!("several tenants have a {what} with this identifier; say which tenant's is meant");
        Self::new(Location::query("tenant_id"), message, "value_error.missing")
    }

    /// A value that exceeds a limit.
    pub(crate) fn beyond(loc: Location, message: impl Into<String>, kind: &'static str, limit_value: Limit) -> Self {
        Self { ctx: Some(Context { limit_value }), ..Self::new(loc, message, kind) }
    }

    /// A name, of a parameter or of a member of the body, that is not one of the known ones.
    pub(crate) fn unknown(loc: Location, what: &str, name: &str, known: &[&str]) -> Self {
        let question = nearest(name, known).map(|nearest| format!("did you mean '{nearest}'? "));
        let known = if known.is_empty() { "none".to_owned() } else { quoted(known) };
        let message = format!("unknown {what}; {}known: {known}", question.unwrap_or_default());
        Self::new(loc, message, "value_error.extra")
    }

    /// A part of a question that cannot be asked.
    pub(crate) fn of_question(loc: Location, error: &QueryError) -> Self {
        match error {
            QueryError::Unknown { what, name, known } => {
                let known: Vec<&str> = known.iter().map(String::as_str).collect();
                Self::unknown(loc, what, name, &known)
            }
            error => Self::new(loc, error.to_string(), "value_error"),
        }
    }

    /// A value that is not one of the permitted ones.
    pub(crate) fn not_permitted(loc: Location, value: &str, permitted: &[&str]) -> Self {
        let mut message = format!("value is not a valid enumeration member; permitted: {}", quoted(permitted));
        if let Some(nearest) = nearest(value, permitted) {
            message = format!("{message}; did you mean '{nearest}'?");
        }
        Self::new(loc, message, "type_error.enum")
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ")
}

/// Similarity from which a name is suggested. Equal beginnings count most, so `tenant` suggests `tenant_id`.
const SIMILAR: f64 = 0.8;

/// The name that `given` is likely to mean.
fn nearest<'n>(given: &str, names: &[&'n str]) -> Option<&'n str> {
    let scored = names.iter().map(|name| (strsim::jaro_winkler(&given.to_lowercase(), name), *name));
    let (score, name) = scored.max_by(|left, right| left.0.total_cmp(&right.0))?;
    (score >= SIMILAR).then_some(name)
}
