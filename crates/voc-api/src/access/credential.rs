//! The credential of a request.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

const API_KEY: &str = "x-api-key";
const SCHEME: &str = "bearer";

/// The credential that a request presents; none if there are several, because two readers might use different ones.
///
/// An `Authorization` of another scheme is not for this service, but for a proxy in front of it.
pub(super) fn credential(headers: &HeaderMap) -> Option<&str> {
    let keys = headers.get_all(API_KEY).map(|value| value.to_str().ok());
    let tokens = headers.get_all(AUTHORIZATION).filter_map(|value| match value.to_str() {
        Ok(text) => bearer(text).map(Some),
        Err(_) => Some(None),
    });
    let mut presented = keys.chain(tokens);
    match (presented.next(), presented.next()) {
        (Some(Some(text)), None) => Some(text.trim()).filter(|text| !text.is_empty()),
        _ => None,
    }
}

fn bearer(text: &str) -> Option<&str> {
    let (scheme, token) = text.trim_start().split_once(' ')?;
    scheme.eq_ignore_ascii_case(SCHEME).then_some(token)
}
