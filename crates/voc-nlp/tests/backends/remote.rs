//! A custom HTTP service.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use voc_nlp::backends::{ApiKey, BackendError, RemoteModel, RemoteSettings};
use voc_nlp::{Annotator, DecidedBy, Model, ModelAnswer, ModelError, Probabilities, Topic};

use crate::server::{Reply, Server, ok};

const SECRET: &str = "sk-secret-1234";
const TIMEOUT: Duration = Duration::from_secs(30);

fn settings(server: &Server) -> RemoteSettings {
    let mut settings = RemoteSettings::new(format!("{}/v1/sentiment", server.url));
    settings.key = Some(ApiKey::new(SECRET).unwrap());
    settings.timeout = TIMEOUT;
    settings
}

fn model(server: &Server) -> RemoteModel {
    RemoteModel::new(settings(server)).unwrap()
}

#[test]
fn texts_are_sent_and_scores_returned() {
    let server = Server::json(json!({"scores": [0.75, -1, 0]}));
    let answers = model(&server).annotate_batch(&["good", "péssimo \"!\"", "so\nso"]).unwrap();
    assert_eq!(answers, [0.75, -1.0, 0.0].map(ModelAnswer::from_score));

    let request = server.request();
    assert_eq!(request.line, "POST /v1/sentiment HTTP/1.1");
    assert_eq!(request.header("authorization"), Some("Bearer sk-secret-1234"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.body, json!({"texts": ["good", "péssimo \"!\"", "so\nso"]}));
}

#[test]
fn a_service_may_return_more() {
    let server = Server::json(json!({
        "scores": [0.5, null], "confidences": [0.25, 0.5], "topics": ["returns", null],
        "probabilities": [{"negative": 0.25, "neutral": 0.0, "positive": 0.75}, {"negative": 0, "neutral": 1, "positive": 0}],
        "model": "distilbert",
    }));
    let answers = model(&server).annotate_batch(&["a", "b"]).unwrap();
    assert_eq!((answers[0].sentiment, answers[0].confidence), (0.5, 0.25));
    assert_eq!(answers[0].probabilities, Probabilities { negative: 0.25, neutral: 0.0, positive: 0.75 });
    assert_eq!(answers[0].topic, Some(Topic::from("returns")));
    assert!(answers[1].sentiment.is_nan() && answers[1].topic.is_none());
}

#[test]
fn an_invalid_answer_is_an_error_without_secrets() {
    let overloaded = |seconds: Option<u64>| ModelError::Overloaded { retry_after: seconds.map(Duration::from_secs) };
    let bad = |problem: &str| ModelError::BadAnswer(problem.to_owned());
    let unavailable = |problem: &str| ModelError::Unavailable(problem.to_owned());
    let not_json = "it is not JSON, at line 1 column";
    let other_json = "its JSON does not have the expected form, at line 1 column";
    for (reply, expected) in [
        (Reply::Json(json!({"scores": [0.5]})), ModelError::WrongCount { expected: 2, got: 1 }),
        (Reply::Json(json!({"scores": [0, 0, 0]})), ModelError::WrongCount { expected: 2, got: 3 }),
        (Reply::Json(json!({"scores": [0, 0], "topics": []})), ModelError::WrongCount { expected: 2, got: 0 }),
        (Reply::Json(json!({"scores": ["parcel", 0]})), bad(&format!("{other_json} 19"))),
        (Reply::Json(json!({"error": "parcel"})), bad(&format!("{other_json} 18"))),
        (Reply::Raw(ok("<html>parcel</html>")), bad(&format!("{not_json} 1"))),
        (Reply::Raw(ok("{\"scores\":[0.5,")), bad(&format!("{not_json} 15"))),
        (Reply::Raw("parcel?\r\n\r\n".to_owned()), bad("it is not HTTP")),
        (Reply::Status(400, ""), bad("HTTP status 400")),
        (Reply::Status(401, ""), unavailable("HTTP status 401")),
        (Reply::Status(404, ""), unavailable("HTTP status 404")),
        (Reply::Status(500, ""), unavailable("HTTP status 500")),
        (Reply::Status(307, "location: http://localhost/parcel\r\n"), unavailable("HTTP status 307")),
        (Reply::Status(429, "retry-after: 30\r\n"), overloaded(Some(30))),
        (Reply::Status(429, "retry-after: Fri, 31 Dec 1999 23:59:59 GMT\r\n"), overloaded(None)),
        (Reply::Status(503, "retry-after: 7\r\n"), overloaded(Some(7))),
        (Reply::Status(503, ""), unavailable("HTTP status 503")),
        (Reply::Status(529, ""), overloaded(None)),
        (Reply::Raw(String::new()), ModelError::ConnectionLost),
        (
            Reply::Raw("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"scores\":".to_owned()),
            ModelError::ConnectionLost,
        ),
        (Reply::Endless, bad("it is longer than 4194304 bytes")),
    ] {
        let server = Server::replying([reply]);
        let error = model(&server).annotate_batch(&["a parcel", "another"]).unwrap_err();
        assert_eq!(error, expected);
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("parcel") && !shown.contains(SECRET), "{shown}");
    }
}

#[test]
fn a_closed_port_is_an_outage() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let model = RemoteModel::new(RemoteSettings::new(format!("http://{free}"))).unwrap();
    assert_eq!(model.annotate_batch(&["a"]), Err(ModelError::Unavailable("connection refused".to_owned())));
}

#[test]
fn a_silent_service_times_out() {
    let server = Server::replying([Reply::Silence]);
    let mut settings = settings(&server);
    settings.timeout = Duration::from_millis(30);
    let error = RemoteModel::new(settings.clone()).unwrap().annotate_batch(&["a"]).unwrap_err();
    assert_eq!(error, ModelError::TimedOut(settings.timeout));
}

#[test]
fn a_lost_connection_is_retried_once() {
    let lost = Reply::Raw(String::new());
    let server = Server::replying([lost.clone(), Reply::Json(json!({"scores": [0.5]})), lost]);
    let annotator = Annotator::builder().model(Arc::new(model(&server))).confidence_threshold(2.0).build();
    assert_eq!(annotator.annotate("first").decided_by, DecidedBy::Model);
    assert_eq!(server.count(), 2);
    assert_eq!(annotator.annotate("second").decided_by, DecidedBy::Fallback);
    assert_eq!(server.count(), 2);
    assert_eq!((annotator.stats().model_retries, annotator.stats().model_failures), (2, 1));
}

#[test]
fn an_annotator_calls_it_in_batches_and_includes_it_in_its_version() {
    let server =
        Server::replying([Reply::Json(json!({"scores": [0.5, -0.5]})), Reply::Json(json!({"scores": [0.25]}))]);
    let mut settings = settings(&server);
    settings.version = "distilbert-2".to_owned();
    let model = Arc::new(RemoteModel::new(settings).unwrap());
    let annotator = Annotator::builder().model(model).max_model_batch(2).confidence_threshold(2.0).build();
    let scores = annotator.annotate_batch(&["one", "two", "three"]).into_iter().map(|annotation| annotation.sentiment);
    assert_eq!(scores.collect::<Vec<_>>(), [Some(0.5), Some(-0.5), Some(0.25)]);
    assert_eq!(server.request().body, json!({"texts": ["one", "two"]}));
    assert_eq!(server.request().body, json!({"texts": ["three"]}));
    assert!(annotator.version().ends_with("+remote@distilbert-2"), "{}", annotator.version());
}

#[test]
fn unusable_addresses_are_rejected() {
    for url in ["", "localhost:80", "ftp://localhost", "http://", "http://user:parcel@localhost", "https://:443/x"] {
        let error = RemoteModel::new(RemoteSettings::new(url)).unwrap_err();
        assert_eq!(error, BackendError::BadUrl, "{url}");
        assert!(!error.to_string().contains("parcel"));
    }
}

#[test]
fn keys_are_not_shown() {
    let server = Server::json(json!({}));
    let shown = format!("{:?} {:?}", settings(&server), model(&server));
    assert!(shown.contains("[hidden]") && !shown.contains(SECRET), "{shown}");
}
