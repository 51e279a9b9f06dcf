//! Calibrations of tenants: the command that makes one, and how much they help on unseen domains.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use sha2::{Digest, Sha256};
use voc_nlp::train::CalibrationReport;
use voc_nlp::{Calibration, CallStage, CustomisationFile, Engine, Sentiment, Tenants};

use crate::corpus::{Domain, Gold, LabelledText};
use crate::evaluation::measure_engine;
use crate::labelled_file;

/// Make a tenant's own calibration of the sentiment from texts that the tenant has labelled, and report whether it
/// helps.
///
/// TEXTS is a file of labelled texts, at least 50, better 300 or more; from 1000 on the tenant's own words may count.
/// Take them at random from the tenant's events, so that they are like those to be annotated, and label what the
/// customer feels. A text may be a whole transcript. Its name says what it is:
///
/// - .csv (commas or semicolons) or .tsv (tabs): a header line with the columns `text` and `label`, in any order,
///   among others; fields with separators, quotation marks or line ends are in quotation marks;
/// - .ndjson or .jsonl: one object a line, {"text": "I was charged twice", "label": "negative"}.
///
/// A label is negative, neutral or positive. The columns may be named `transcript`, `message`, `comment` or `texto`,
/// and `sentiment` or `sentimento`, too. The language of a text is detected.
///
/// The report compares macro-F1, accuracy and calibration error (how far the confidence is from the accuracy) of the
/// engine alone with those of the engine with calibrations that were made without the texts in question (five folds).
/// If the calibration does not help, it is not written, and the exit status is 1.
///
/// The file goes to the folder that VOC_TENANTS_DIR names; a running processor reads it within half a minute. From
/// then on `decided_by` of the tenant's rows ends with the calibration's version. To undo it, remove the file. It
/// belongs to one version of the engine: after an update run this command again, before the new processor is started.
#[derive(Args)]
pub(crate) struct CalibrateArgs {
    /// The file of labelled texts.
    texts: PathBuf,
    /// The tenant, as in the `tenant_id` of its events.
    #[arg(long)]
    tenant: String,
    /// The folder to write the calibration to, usually that of VOC_TENANTS_DIR. Its name is printed.
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// The tenant's file of words and brands, which count as they do in the processor [default: TENANT.toml or
    /// TENANT.json in the folder, if there is one].
    #[arg(long, value_name = "FILE")]
    words: Option<PathBuf>,
    /// Print the report and write nothing.
    #[arg(long)]
    report_only: bool,
    /// Write the calibration even if it does not help.
    #[arg(long)]
    even_if_useless: bool,
}

pub(crate) fn run(args: &CalibrateArgs) -> Result<()> {
    ensure!(!args.tenant.is_empty(), "--tenant is empty; give the tenant_id of the tenant's events");
    ensure!(args.report_only || args.out.is_dir(), "--out {} is not a folder", args.out.display());
    let labelled = labelled_file::read(&args.texts)?;
    let texts: Vec<(&str, Sentiment)> = labelled.iter().map(|(text, label)| (text.as_str(), *label)).collect();
    let stage = stage(args)?;
    let (calibration, report) = Calibration::fit(&stage, &args.tenant, &texts)?;
    print!("{report}");
    for warning in report.warnings() {
        println!("warning: {warning}");
    }
    let helps = report.helps();
    println!("{}", if helps { "it helps" } else { "it does not help" });
    if args.report_only {
        return Ok(());
    }
    if !helps && !args.even_if_useless {
        bail!("{}", refusal(&report));
    }
    let path = write(&args.out, &calibration)?;
    println!("{}", path.display());
    Ok(())
}

fn refusal(report: &CalibrationReport) -> String {
    let more = if report.texts < Calibration::MIN_TEXTS_OF_OWN_WORDS { "label more texts" } else { "check the labels" };
    format!(
        "the calibration is not written, because it does not help: macro-F1 plus accuracy minus calibration error must \
         rise by .01, and neither macro-F1 nor accuracy may fall by more than .01; {more}, or write it all the same with --even-if-useless"
    )
}

/// The fast stage with the tenant's words and brands.
fn stage(args: &CalibrateArgs) -> Result<CallStage> {
    let tenants = Tenants::new(CallStage::default());
    let in_folder = || {
        let path = |extension| args.out.join(format!("{}.{extension}", args.tenant));
        ["toml", "json"].map(path).into_iter().find(|path| path.is_file())
    };
    let Some(path) = args.words.clone().or_else(in_folder) else { return Ok(CallStage::default()) };
    let read = || -> Result<CallStage> {
        let text = fs::read_to_string(&path)?;
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        let file = if is_json { CustomisationFile::from_json(&text) } else { CustomisationFile::from_toml(&text) }?;
        Ok(tenants.customise(&file)?.stage().clone())
    };
    let stage = read().with_context(|| format!("cannot use {}", path.display()))?;
    println!("with the words and brands of {}", path.display());
    Ok(stage)
}

/// Writes the file, which replaces that of the same tenant and engine at once. A processor that reads the folder sees
/// the old file or the new one.
fn write(folder: &Path, calibration: &Calibration) -> Result<PathBuf> {
    let kept = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
    let tenant: String = calibration.tenant().chars().map(kept).take(64).collect();
    // Tenants whose names are alike need different files.
    let digest = Sha256::digest(calibration.tenant());
    let suffix: String = digest.iter().take(3).map(|byte| format!("{byte:02x}")).collect();
    let tenant = if tenant == calibration.tenant() { tenant } else { format!("{tenant}-{suffix}") };
    let path = folder.join(format!("{tenant}.{}.calibration", calibration.engine()));
    let unfinished = folder.join(format!("{tenant}.{}.calibration.unfinished", calibration.engine()));
    let write = || fs::write(&unfinished, calibration.write()).and_then(|()| fs::rename(&unfinished, &path));
    write().with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

/// Numbers of labelled texts of a tenant that is simulated by a domain.
const SIZES: [usize; 4] = [100, 300, 1_000, 4_000];
/// One in this many texts is not used for calibrations but annotated with them.
const TEST: usize = 3;

/// Prints how calibrations from some texts of an unseen domain perform on the others.
pub(crate) fn print(engine: &Engine, domain: &Domain) -> Result<()> {
    // In an order that has nothing to do with the texts.
    let mut texts: Vec<&LabelledText> = domain.texts.iter().collect();
    texts.sort_by_cached_key(|text| Reverse(Sha256::digest(text.text.as_bytes()).to_vec()));
    texts.dedup_by(|one, other| one.text == other.text);
    let (test, others) = texts.split_at(texts.len() / TEST);
    println!("{:<34} {}", format!("  {} of them", test.len()), measure_engine(engine, test));
    let sentiment = |text: &&LabelledText| match text.gold {
        Gold::Sentiment { label, .. } => Some(label),
        Gold::Topic { .. } => None,
    };
    let labelled: Vec<(&str, Sentiment)> =
        others.iter().filter_map(|text| Some((text.text.as_str(), sentiment(text)?))).collect();
    for labelled in SIZES.into_iter().filter_map(|size| labelled.get(..size)) {
        let (calibration, report) = Calibration::fit(&CallStage::new(engine.clone()), &domain.name, labelled)?;
        let measured = measure_engine(&engine.with_calibration(&calibration)?, test);
        let verdict = if report.helps() { "" } else { "  said not to help" };
        println!("{:<34} {measured}{verdict}", format!("  calibrated with {} others", labelled.len()));
    }
    Ok(())
}
