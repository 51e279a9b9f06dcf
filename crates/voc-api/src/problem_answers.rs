//! Every error is answered with a problem, also the errors that actix finds itself.

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::JsonPayloadError,
    http::{StatusCode, header},
    middleware::Next,
};

use crate::{percent_encoding, problem::Problem, request_log::RequestId};

/// Turns the errors of handlers and extractors into problems that name the request.
pub(crate) async fn problem_answers<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if !percent_encoding::is_path(request.uri().path()) {
        let answer = Problem::InvalidPath.answer(id(&request).as_deref());
        return Ok(request.into_response(answer));
    }
    let response = next.call(request).await?;
    let Some(problem) = response.response().error().map(problem) else { return Ok(response.map_into_boxed_body()) };
    let answer = with_headers_of(response.response(), problem.answer(id(response.request()).as_deref()));
    Ok(response.into_response(answer))
}

fn id(request: &impl HttpMessage) -> Option<String> {
    request.extensions().get::<RequestId>().map(|id| id.0.clone())
}

fn problem(error: &Error) -> Problem {
    if let Some(problem) = error.as_error::<Problem>() {
        return problem.clone();
    }
    if let Some(error) = error.as_error::<JsonPayloadError>() {
        return error.into();
    }
    match error.as_response_error().status_code() {
        StatusCode::NOT_FOUND => Problem::NotFound,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::UnsupportedMediaType,
        status if status.is_client_error() => Problem::InvalidBody(format!("the request cannot be read: {error}")),
        _ => {
            tracing::error!(%error, "a request ended without an answer");
            Problem::Internal
        }
    }
}

/// What was added to the answer on its way, such as limits, stays.
fn with_headers_of<B>(from: &HttpResponse<B>, mut answer: HttpResponse) -> HttpResponse {
    for (name, value) in from.headers() {
        if *name != header::CONTENT_LENGTH && !answer.headers().contains_key(name) {
            answer.headers_mut().append(name.clone(), value.clone());
        }
    }
    answer
}
