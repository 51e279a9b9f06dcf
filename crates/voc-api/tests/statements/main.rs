//! Reports and restricted SQL over HTTP, from the embedded engine.
#![expect(clippy::unwrap_used, clippy::panic, clippy::cast_precision_loss, reason = "helpers of tests")]

#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "../access/stage.rs"]
mod keys;
mod reports;
#[expect(dead_code, reason = "shared with other tests, which use more of it")]
#[path = "../served/mod.rs"]
mod served;
mod sql;
mod stage;
mod templates;

use serde_json::{Value, json};

use crate::served::{Response, Served};

/// Posts a body, with a credential if there is one.
fn post(api: &Served, path: &str, key: Option<&str>, body: &Value) -> Response {
    let credential = format!("Bearer {}", key.unwrap_or_default());
    let mut headers = vec![("content-type", "application/json")];
    if key.is_some() {
        headers.push(("authorization", &credential));
    }
    api.send("POST", path, &headers, Some(&body.to_string()))
}

/// The rows of a good answer.
fn rows(response: &Response) -> Vec<Value> {
    assert_eq!(response.status, 200, "{}", response.text);
    response.json()["data"].as_array().unwrap().clone()
}

/// The first mistake of an answer: where it is, and what it says.
fn mistake(response: &Response) -> (Value, String) {
    assert_eq!(response.status, 422, "{}", response.text);
    let body = response.json();
    assert_eq!(body["code"], json!("invalid_parameters"));
    (body["detail"][0]["loc"].clone(), body["detail"][0]["msg"].as_str().unwrap().to_owned())
}
