//! The extension of a path, such as `/api/v1/topics.csv`.

use std::{collections::BTreeSet, sync::Arc};

use actix_web::{
    Error, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::uri::{PathAndQuery, Uri},
    middleware::Next,
};

use super::negotiation::{Extension, Format};

/// The paths whose answers have formats.
#[derive(Clone)]
pub(crate) struct PathsWithFormats(pub(crate) Arc<BTreeSet<String>>);

/// Takes the extension off the path, so that one route answers all of its formats. Only where a route has formats: an
/// identifier in a path may end like an extension.
pub(crate) async fn extensions<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    if let Some((format, uri)) = without_extension(&request) {
        request.extensions_mut().insert(Extension(format));
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
    next.call(request).await
}

fn without_extension(request: &ServiceRequest) -> Option<(Format, Uri)> {
    let (path, extension) = request.path().rsplit_once('.')?;
    let format = Format::ALL.into_iter().find(|format| format.name() == extension)?;
    if !request.app_data::<PathsWithFormats>()?.0.contains(path) {
        return None;
    }
    let query = request.query_string();
    let target = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let mut parts = request.uri().clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    Some((format, Uri::from_parts(parts).ok()?))
}
