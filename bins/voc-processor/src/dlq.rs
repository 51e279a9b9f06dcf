//! `voc-processor dlq`: dead letters listed, shown, sent again.

mod print;

use anyhow::Context as _;
use voc_ingest::kafka::{DeadLetterAddress, DeadLetterFilter, DeadLetterReader, FoundDeadLetters, Redriver};

use self::print::{Format, RedriveReport};
use crate::config::{DlqCommand, DlqTask};

pub(crate) async fn run(task: DlqTask) -> anyhow::Result<()> {
    let letters = DeadLetterReader::new(&task.kafka).context("cannot read dead letters")?;
    let format = if task.json { Format::Json } else { Format::Text };
    match task.command {
        DlqCommand::List(filter) => list(&letters, &filter, format).await,
        DlqCommand::Show(address) => show(&letters, &address, format).await,
        DlqCommand::Redrive { filter, dry_run } => {
            let redriver = if dry_run { None } else { Some(Redriver::new(&task.kafka).context("cannot send")?) };
            redrive(&letters, &filter, redriver, format).await
        }
    }
}

async fn list(letters: &DeadLetterReader, filter: &DeadLetterFilter, format: Format) -> anyhow::Result<()> {
    let found = find(letters, filter).await?;
    print::letters(&found.dead_letters, format)
}

async fn show(letters: &DeadLetterReader, address: &DeadLetterAddress, format: Format) -> anyhow::Result<()> {
    let letter = letters.at(address).await.context("cannot read dead letters")?;
    let letter = letter.with_context(|| format!("there is no dead letter {address}"))?;
    print::letter(&letter, format)
}

/// Sends records again; without a redriver says what would be sent.
async fn redrive(
    letters: &DeadLetterReader,
    filter: &DeadLetterFilter,
    redriver: Option<Redriver>,
    format: Format,
) -> anyhow::Result<()> {
    let found = find(letters, filter).await?;
    let mut report = RedriveReport { dry_run: redriver.is_none(), ..RedriveReport::default() };
    for letter in &found.dead_letters {
        let outcome = match &redriver {
            Some(redriver) => redriver.redrive(letter).await.map(|attempt| format!("sent, attempt {attempt}")),
            None => Redriver::check(letter).map(|()| "would be sent".to_owned()),
        };
        match outcome {
            Ok(_) => report.sent += 1,
            Err(_) => report.failed += 1,
        }
        print::outcome(letter, &outcome.unwrap_or_else(|error| error.to_string()), format)?;
    }
    report.end(format)
}

async fn find(letters: &DeadLetterReader, filter: &DeadLetterFilter) -> anyhow::Result<FoundDeadLetters> {
    let found = letters.find(filter).await.context("cannot read dead letters")?;
    if found.is_truncated {
        tracing::warn!(limit = filter.limit, "there are more letters than the limit; these are the first");
    }
    Ok(found)
}
