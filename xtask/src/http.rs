//! Requests to local HTTP servers.

use std::net::TcpListener;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use ureq::Body;
use ureq::http::Response;

/// This port if it is free on 127.0.0.1, else any free one.
pub(crate) fn free_port(wanted: u16) -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", wanted)).or_else(|_| TcpListener::bind(("127.0.0.1", 0)));
    Ok(listener.context("no free port on 127.0.0.1")?.local_addr()?.port())
}

/// Status and body of a GET.
pub(crate) fn get(url: &str) -> Result<(u16, String)> {
    let answer = agent().get(url).call();
    read(answer).with_context(|| url.to_owned())
}

/// Status and body of a GET by a caller who presents this API key.
pub(crate) fn get_with_key(url: &str, key: &str) -> Result<(u16, String)> {
    let answer = agent().get(url).header("X-Api-Key", key).call();
    read(answer).with_context(|| url.to_owned())
}

/// Sends a POST without a body; fails unless it is accepted.
pub(crate) fn post(url: &str) -> Result<()> {
    accepted(url, agent().post(url).send_empty())
}

/// Sends JSON by PUT; fails unless it is accepted.
pub(crate) fn put_json(url: &str, body: &str) -> Result<()> {
    accepted(url, agent().put(url).content_type("application/json").send(body))
}

/// Body of a successful GET, read as JSON.
pub(crate) fn get_json<T: DeserializeOwned>(url: &str) -> Result<T> {
    ask_json(url, &[])
}

/// The same with parameters, which may have any characters.
pub(crate) fn ask_json<T: DeserializeOwned>(url: &str, parameters: &[(&str, &str)]) -> Result<T> {
    let answer = agent().get(url).query_pairs(parameters.iter().copied()).call();
    match read(answer).with_context(|| url.to_owned())? {
        (200, body) => serde_json::from_str(&body).with_context(|| format!("{url} answered {body}")),
        (status, body) => bail!("{url} answered {status}: {body}"),
    }
}

fn accepted(url: &str, answer: Result<Response<Body>, ureq::Error>) -> Result<()> {
    match read(answer).with_context(|| url.to_owned())? {
        (200..300, _) => Ok(()),
        (status, body) => bail!("{url} answered {status}: {body}"),
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .proxy(None)
        .build();
    ureq::Agent::new_with_config(config)
}

fn read(answer: Result<Response<Body>, ureq::Error>) -> Result<(u16, String)> {
    let mut response = answer?;
    let body = response.body_mut().read_to_string()?;
    Ok((response.status().as_u16(), body))
}

/// Sum of a metric's samples over all labels; 0 if it is not on the page.
pub(crate) fn metric(page: &str, name: &str) -> f64 {
    let samples = page.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        let value = match rest.split_once('}') {
            Some((labels, value)) if labels.starts_with('{') => value,
            _ => rest.strip_prefix(' ')?,
        };
        value.split_whitespace().next()?.parse::<f64>().ok()
    });
    samples.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_summed_over_its_labels() {
        let page = "# TYPE voc_events_total counter\nvoc_events_total{topic=\"a b\",x=\"1\"} 3\n\
                    voc_events_total{topic=\"c\"} 4 1790000000000\nvoc_events_total_other 100\nvoc_lag 2.5\n";
        assert_eq!(metric(page, "voc_events_total"), 7.0);
        assert_eq!(metric(page, "voc_lag"), 2.5);
        assert_eq!(metric(page, "voc_nothing"), 0.0);
    }
}
