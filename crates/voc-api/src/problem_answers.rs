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

#[cfg(test)]
mod tests {
    use actix_web::{App, middleware::from_fn, test, web};
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::problem_answers;

    #[derive(Deserialize)]
    struct Asked {
        days: u8,
    }

    /// The answer of a handler that reads JSON.
    async fn answer(content_type: &str, body: &'static str) -> (u16, Value) {
        let handler = |asked: web::Json<Asked>| async move { asked.days.to_string() };
        let app = App::new()
            .app_data(web::JsonConfig::default().limit(32))
            .wrap(from_fn(problem_answers))
            .route("/", web::post().to(handler));
        let app = test::init_service(app).await;
        let request = test::TestRequest::post().uri("/").insert_header(("content-type", content_type));
        let answer = test::call_service(&app, request.set_payload(body).to_request()).await;
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&test::read_body(answer).await).unwrap())
    }

    #[tokio::test]
    async fn bodies_that_cannot_be_read_are_problems() {
        assert_eq!(answer("application/json", r#"{"days":7}"#).await, (200, json!(7)));
        let not_json = "the body is not JSON: EOF while parsing an object at line 2 column 0";
        let no_number = "invalid type: string \"x\", expected u8 at line 1 column 11";
        let mistakes = json!([{"loc": ["body"], "msg": no_number, "type": "value_error"}]);
        let not_supported = "the body must be JSON, with the header Content-Type: application/json";
        let long = r#"{"days":7,"note":"0123456789abcdef"}"#;
        for (content_type, body, status, code, detail) in [
            ("application/json", "{\n", 400, "invalid_body", json!(not_json)),
            ("application/json", r#"{"days":"x"}"#, 422, "invalid_parameters", mistakes),
            ("text/plain", r#"{"days":7}"#, 415, "unsupported_media_type", json!(not_supported)),
            ("application/json", long, 413, "payload_too_large", json!("a body can have at most 32 bytes")),
        ] {
            let (actual, problem) = answer(content_type, body).await;
            assert_eq!((actual, &problem["code"], &problem["detail"]), (status, &json!(code), &detail), "{body}");
        }
    }
}
