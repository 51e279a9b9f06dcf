//! Kafka, from the brokers to the dead letters.

use tokio::time::Instant;
use voc_ingest::kafka::KafkaSettings;
use voc_service::certificates;

use super::{
    broker, certificate, group,
    section::{Known, Section},
    topics,
};
use crate::config::FamilyConfig;

pub(super) async fn examine(families: &[(KafkaSettings, FamilyConfig)], deadline: Instant) -> Section {
    let mut section = Section::new("Kafka", deadline);
    // All families are on one cluster.
    let Some((first, _)) = families.first() else { return section };
    let certificate = match &first.security.certificate_file {
        None => Known::given(()),
        Some(file) => {
            let name = file.display().to_string();
            section.add("client certificate", certificate::validity(certificates::of_file(file).as_deref(), &name))
        }
    };
    let cluster = broker::bootstrap(&mut section, &certificate, first).await;
    let connected =
        section.check("advertised brokers", &cluster, async |cluster| broker::advertised(first, cluster).await).await;
    for (settings, _) in families {
        // One topic with all rights is enough to ask for the group.
        let mut readable: Option<Known<()>> = None;
        for topic in &settings.topics {
            // A client may ask any broker, so that all must be reached.
            let found = section
                .check(format!("topic {topic}"), &connected.with(&cluster), async |((), cluster)| {
                    topics::exists(settings, topic, cluster).await
                })
                .await;
            let may_be_read = section
                .check(format!("right to read {topic}"), &found, async |_| topics::may_be_read(settings, topic).await)
                .await;
            let progress = found.with(&may_be_read);
            section
                .check(format!("progress in {topic}"), &progress, async |(partitions, ())| {
                    topics::progress(settings, topic, partitions).await
                })
                .await;
            section
                .check(format!("dead letters of {topic}"), &found, async |_| {
                    topics::takes_dead_letters(settings, topic).await
                })
                .await;
            if readable.as_ref().is_none_or(|known| known.value().is_none()) {
                readable = Some(may_be_read);
            }
        }
        // The settings name at least one topic.
        let Some(readable) = readable else { continue };
        section
            .check(format!("group {}", settings.group_id), &cluster.with(&readable), async |(cluster, ())| {
                group::shares(settings, cluster.seen_at).await
            })
            .await;
    }
    section
}
