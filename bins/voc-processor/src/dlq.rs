//! `voc-processor dlq`: lists and shows dead letters, and sends their records again.

mod print;

use anyhow::Context as _;
use voc_ingest::kafka::{DeadLetterAddress, DeadLetterFilter, DeadLetterReader, FoundDeadLetters, Redriver};

use self::print::{Format, RedriveReport};
use crate::config::{DlqCommand, DlqTask};

pub(crate) async fn run(task: DlqTask) -> anyhow::Result<()> {
    let dead_letters = DeadLetterReader::new(&task.kafka).context("cannot read dead letters")?;
    let dead_letters = dead_letters.of_families(task.families.iter().map(|family| family.name));
    // Brokers that do not answer are waited for.
    tracing::info!(brokers = task.kafka.bootstrap_servers, "reading dead letters");
    let format = if task.json { Format::Json } else { Format::Text };
    match task.command {
        DlqCommand::List(filter) => list(&dead_letters, &filter, format).await,
        DlqCommand::Show(address) => show(&dead_letters, &address, format).await,
        DlqCommand::Redrive { filter, dry_run } => {
            let redriver = if dry_run { None } else { Some(Redriver::new(&task.kafka).context("cannot send")?) };
            redrive(&dead_letters, &filter, redriver, format).await
        }
    }
}

async fn list(dead_letters: &DeadLetterReader, filter: &DeadLetterFilter, format: Format) -> anyhow::Result<()> {
    let found = find(dead_letters, filter).await?;
    print::dead_letters(&found.dead_letters, format)
}

async fn show(dead_letters: &DeadLetterReader, address: &DeadLetterAddress, format: Format) -> anyhow::Result<()> {
    let dead_letter = dead_letters.at(address).await.context("cannot read dead letters")?;
    let dead_letter = dead_letter.with_context(|| format!("there is no dead letter {address}"))?;
    print::dead_letter(&dead_letter, format)
}

/// Sends records again. Without a redriver, reports what would be sent.
async fn redrive(
    dead_letters: &DeadLetterReader,
    filter: &DeadLetterFilter,
    redriver: Option<Redriver>,
    format: Format,
) -> anyhow::Result<()> {
    let found = find(dead_letters, filter).await?;
    let mut report = RedriveReport { dry_run: redriver.is_none(), ..RedriveReport::default() };
    for dead_letter in &found.dead_letters {
        let outcome = match &redriver {
            Some(redriver) => redriver.redrive(dead_letter).await.map(|attempt| format!("sent, attempt {attempt}")),
            None => Redriver::check(dead_letter).map(|()| "would be sent".to_owned()),
        };
        match outcome {
            Ok(_) => report.sent += 1,
            Err(_) => report.failed += 1,
        }
        print::outcome(dead_letter, &outcome.unwrap_or_else(|error| error.to_string()), format)?;
    }
    report.end(format)
}

async fn find(dead_letters: &DeadLetterReader, filter: &DeadLetterFilter) -> anyhow::Result<FoundDeadLetters> {
    let found = dead_letters.find(filter).await.context("cannot read dead letters")?;
    for topic in &found.missing_topics {
        tracing::warn!("there is no topic {topic}: a processor creates it when it starts to read the source topic");
    }
    if found.is_truncated {
        tracing::warn!(limit = filter.limit, "there are more dead letters than the limit; only the first are included");
    }
    Ok(found)
}
