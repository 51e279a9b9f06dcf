//! Fetches Kafka with Maven and runs its classes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::progress::Step;
use crate::{cache, java, job};

const VERSION: &str = "4.1.0";

/// Returns the folder of Kafka's jars, fetching them first if needed.
///
/// A folder named by `VOC_TEST_KAFKA_LIBS` is used unchecked, and nothing is fetched.
pub(crate) fn ensure() -> Result<PathBuf> {
    if let Some(libs) = std::env::var_os("VOC_TEST_KAFKA_LIBS").filter(|value| !value.is_empty()) {
        return Ok(PathBuf::from(libs));
    }
    let folder = cache::root()?.join("kafka").join(VERSION);
    cache::ensure(&folder, &pom(), |into| {
        let step = Step::begin(format!("fetching Apache Kafka {VERSION} with Maven (70 MB, once)"));
        fs::write(into.join("pom.xml"), pom())?;
        let mut maven = Command::new("mvn");
        maven.args(["-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=libs"]).current_dir(into);
        job::run_silently(&mut maven, "mvn", &into.join("maven.log"))
            .context("cannot fetch Kafka: install Maven and Java 17, or set KAFKA_BOOTSTRAP to a running broker")?;
        step.done();
        Ok(())
    })?;
    Ok(folder.join("libs"))
}

/// A command that runs a class of those jars; its arguments are still to be added.
pub(crate) fn java(libs: &Path, jvm_options: &[&str], class: &str) -> Command {
    let mut command = java::command();
    command.args(jvm_options).arg("-cp").arg(libs.join("*")).arg(class);
    command
}

/// The broker, its command-line tools, and the bridge from their logging API to log4j, which none of them depends on.
fn pom() -> String {
    let dependency = |group: &str, artifact: &str, version: &str| {
        format!(
            "    <dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>\
             <version>{version}</version></dependency>\n"
        )
    };
    let dependencies = [
        dependency("org.apache.kafka", "kafka_2.13", VERSION),
        dependency("org.apache.kafka", "kafka-tools", VERSION),
        dependency("org.apache.logging.log4j", "log4j-slf4j-impl", "2.24.3"),
    ]
    .concat();
    format!(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n  <modelVersion>4.0.0</modelVersion>\n  \
         <groupId>voc.dev</groupId><artifactId>kafka</artifactId><version>1</version>\n  \
         <dependencies>\n{dependencies}  </dependencies>\n</project>\n"
    )
}
