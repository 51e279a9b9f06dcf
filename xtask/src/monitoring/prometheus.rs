//! Prometheus with the configuration and the rules that operators get, except for the addresses.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::faster;
use super::rule::Rule;
use crate::scratch::Scratch;
use crate::service::Service;
use crate::{http, product};

/// The file of the faster copies of alerts.
const COPIES: &str = "faster.json";

/// Whom Prometheus asks and tells, as `host:port`.
pub(super) struct Addresses {
    pub(super) processors: Vec<String>,
    pub(super) queries: Vec<String>,
    pub(super) alertmanager: String,
}

/// A running Prometheus.
pub(super) struct Prometheus {
    service: Service,
    folder: PathBuf,
}

/// What its API answers.
#[derive(Deserialize)]
struct Answer<T> {
    data: T,
}

impl Prometheus {
    /// Starts it with the shipped files.
    pub(super) fn start(addresses: &Addresses, scratch: &Scratch) -> Result<Self> {
        let shipped = product::root().join("deploy/prometheus");
        let folder = scratch.join("prometheus");
        fs::create_dir_all(&folder)?;
        fs::copy(shipped.join("rules.yaml"), folder.join("rules.yaml")).context("cannot copy Prometheus' rules")?;
        let configuration =
            fs::read_to_string(shipped.join("prometheus.yml")).context("cannot read Prometheus' configuration")?;
        let file = folder.join("prometheus.yml");
        fs::write(&file, with_addresses(configuration, addresses)?)?;

        let port = http::free_port(9090)?;
        let mut command = Command::new("prometheus");
        command.arg("--config.file").arg(&file).arg("--storage.tsdb.path").arg(folder.join("data"));
        command.arg(format!("--web.listen-address=127.0.0.1:{port}")).arg("--web.enable-lifecycle");
        let service = Service::start_other("prometheus", command, port, "/-/ready", scratch)?;
        Ok(Self { service, folder })
    }

    pub(super) fn url(&self) -> &str {
        self.service.url()
    }

    /// Fails if it has ended.
    pub(super) fn check(&mut self) -> Result<()> {
        self.service.check()
    }

    /// All of its rules.
    pub(super) fn rules(&self) -> Result<Vec<Rule>> {
        #[derive(Deserialize)]
        struct Groups {
            groups: Vec<Group>,
        }
        #[derive(Deserialize)]
        struct Group {
            rules: Vec<Rule>,
        }
        let Answer { data: Groups { groups } } = http::get_json(&format!("{}/api/v1/rules", self.url()))?;
        Ok(groups.into_iter().flat_map(|group| group.rules).collect())
    }

    /// Adds faster copies of these alerts.
    pub(super) fn add_faster(&self, alerts: &[&str]) -> Result<()> {
        let rules = self.rules()?;
        let wanted = |alert: &&str| {
            rules.iter().find(|rule| rule.name == *alert).with_context(|| format!("there is no alert {alert}"))
        };
        let copies = faster::file(alerts.iter().map(wanted).collect::<Result<Vec<_>>>()?)?;
        fs::write(self.folder.join(COPIES), copies.to_string())?;
        http::post(&format!("{}/-/reload", self.url()))
    }

    /// The values of an expression now, one for each series.
    pub(super) fn values(&self, expression: &str) -> Result<Vec<f64>> {
        #[derive(Deserialize)]
        struct Vector {
            result: Vec<Series>,
        }
        #[derive(Deserialize)]
        struct Series {
            value: (f64, String),
        }
        let url = format!("{}/api/v1/query", self.url());
        let Answer { data: Vector { result } } = http::ask_json(&url, &[("query", expression)])?;
        let value = |series: Series| series.value.1.parse().with_context(|| format!("{expression} has no number"));
        result.into_iter().map(value).collect()
    }
}

/// The shipped configuration with other addresses, and with the file of copies.
fn with_addresses(mut configuration: String, addresses: &Addresses) -> Result<String> {
    let quoted = |list: &[String]| format!("{list:?}");
    let replacements = [
        ("[voc-processor:8000]", quoted(&addresses.processors)),
        ("[voc-query:8001]", quoted(&addresses.queries)),
        ("[alertmanager:9093]", quoted(std::slice::from_ref(&addresses.alertmanager))),
        ("[rules.yaml]", format!("[rules.yaml, {COPIES}]")),
    ];
    for (shipped, here) in replacements {
        ensure!(configuration.matches(shipped).count() == 1, "deploy/prometheus/prometheus.yml has not one {shipped}");
        configuration = configuration.replace(shipped, &here);
    }
    Ok(configuration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_and_the_file_of_copies_differ_from_the_shipped_configuration() {
        let shipped = fs::read_to_string(product::root().join("deploy/prometheus/prometheus.yml")).unwrap();
        let addresses = Addresses {
            processors: vec!["127.0.0.1:1".to_owned(), "127.0.0.1:2".to_owned()],
            queries: vec!["127.0.0.1:3".to_owned()],
            alertmanager: "127.0.0.1:4".to_owned(),
        };
        let here = with_addresses(shipped.clone(), &addresses).unwrap();
        let changed: Vec<&str> = here
            .lines()
            .zip(shipped.lines())
            .filter(|(here, shipped)| here != shipped)
            .map(|pair| pair.0.trim())
            .collect();
        assert_eq!(
            changed,
            [
                "rule_files: [rules.yaml, faster.json]",
                r#"- targets: ["127.0.0.1:1", "127.0.0.1:2"]"#,
                r#"- targets: ["127.0.0.1:3"]"#,
                r#"- targets: ["127.0.0.1:4"]"#,
            ]
        );
    }
}
