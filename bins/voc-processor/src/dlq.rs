//! `voc-processor dlq`: dead letters listed, shown, sent again.

mod print;

use anyhow::Context as _;
use voc_ingest::kafka::{FoundLetters, KafkaSettings, LetterAddress, LetterBox, LetterFilter, Redriver};

use self::print::{Format, RedriveReport};
use crate::config::{DlqCommand, DlqTask};

pub(crate) async fn run(task: DlqTask) -> anyhow::Result<()> {
    let letters = LetterBox::new(&task.kafka).context("cannot read dead letters")?;
    let format = if task.json { Format::Json } else { Format::Text };
    match task.command {
        DlqCommand::List(filter) => list(&letters, &filter, format).await,
        DlqCommand::Show(address) => show(&letters, &address, format).await,
        DlqCommand::Redrive { filter, dry_run: true } => plan(&letters, &filter, format).await,
        DlqCommand::Redrive { filter, dry_run: false } => redrive(&task.kafka, &letters, &filter, format).await,
    }
}

async fn list(letters: &LetterBox, filter: &LetterFilter, format: Format) -> anyhow::Result<()> {
    let found = find(letters, filter).await?;
    print::letters(&found.letters, format)
}

async fn show(letters: &LetterBox, address: &LetterAddress, format: Format) -> anyhow::Result<()> {
    let letter = letters.at(address).await.context("cannot read dead letters")?;
    let letter = letter.with_context(|| format!("there is no dead letter {address}"))?;
    print::letter(&letter, format)
}

/// Says what would be sent.
async fn plan(letters: &LetterBox, filter: &LetterFilter, format: Format) -> anyhow::Result<()> {
    let found = find(letters, filter).await?;
    let mut report = RedriveReport { dry_run: true, ..RedriveReport::default() };
    for letter in &found.letters {
        match Redriver::check(letter) {
            Ok(()) => {
                report.sent += 1;
                print::outcome(letter, "would be sent", format)?;
            }
            Err(error) => {
                report.failed += 1;
                print::outcome(letter, &error.to_string(), format)?;
            }
        }
    }
    report.end(format)
}

async fn redrive(
    settings: &KafkaSettings,
    letters: &LetterBox,
    filter: &LetterFilter,
    format: Format,
) -> anyhow::Result<()> {
    let found = find(letters, filter).await?;
    let redriver = Redriver::new(settings).context("cannot send")?;
    let mut report = RedriveReport::default();
    for letter in &found.letters {
        match redriver.redrive(letter).await {
            Ok(attempt) => {
                report.sent += 1;
                print::outcome(letter, &format!("sent, attempt {attempt}"), format)?;
            }
            Err(error) => {
                report.failed += 1;
                print::outcome(letter, &error.to_string(), format)?;
            }
        }
    }
    report.end(format)
}

async fn find(letters: &LetterBox, filter: &LetterFilter) -> anyhow::Result<FoundLetters> {
    let found = letters.find(filter).await.context("cannot read dead letters")?;
    if found.is_cut {
        tracing::warn!(limit = filter.limit, "there are more letters than the limit; these are the first");
    }
    Ok(found)
}
