//! Bodies of requests: each arrives whole, in time and within the limit, before anything else is done with it.

use actix_web::{
    Error, FromRequest as _, HttpMessage as _,
    body::{BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::PayloadError,
    http::Method,
    middleware::Next,
    web,
};
use serde_json::{Map, Value};

use crate::{
    access::{Caller, audit_body},
    invalid_parameter::{InvalidParameter, Location},
    problem::Problem,
    state::Shared,
};

/// The members of a caller's body in JSON, which is an object.
pub(crate) fn members(body: web::Json<Value>, caller: &Caller, shared: &Shared) -> Result<Map<String, Value>, Problem> {
    match body.into_inner() {
        Value::Object(members) => {
            audit_body(caller, &members, &shared.api.access);
            Ok(members)
        }
        _ => {
            let mistake = InvalidParameter::new(Location::body(), "value is not a valid object", "type_error.dict");
            Err(Problem::InvalidParameters(vec![mistake]))
        }
    }
}

/// Reads the body before the handler does. Requests without one pass.
pub(crate) async fn whole_bodies<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.method() == Method::POST {
        match body(&mut request).await {
            Ok(body) => request.set_payload(Payload::from(body)),
            Err(problem) => return Ok(request.error_response(problem)),
        }
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

async fn body(request: &mut ServiceRequest) -> Result<web::Bytes, Problem> {
    let Some(limits) = request.app_data::<web::Data<Shared>>().map(|shared| shared.api.limits) else {
        return Err(Problem::Internal);
    };
    let mut payload = request.take_payload();
    let reading = web::Bytes::from_request(request.request(), &mut payload);
    match tokio::time::timeout(limits.arrival, reading).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(error)) => Err(match error.as_error::<PayloadError>() {
            Some(PayloadError::Overflow) => Problem::PayloadTooLarge(limits.body_bytes),
            Some(PayloadError::Incomplete(_)) => {
                Problem::InvalidBody("the connection ended within the body".to_owned())
            }
            _ => Problem::InvalidBody(format!("the body cannot be read: {error}")),
        }),
        Err(_elapsed) => Err(Problem::RequestTimeout),
    }
}
