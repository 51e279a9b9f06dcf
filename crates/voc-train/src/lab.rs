#![allow(warnings)]
use crate::corpus::{Domain, Gold, LabelledText};
use anyhow::Result;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;
use voc_nlp::train::metrics::*;
use voc_nlp::train::*;
use voc_nlp::{Calibration, CallStage, Engine, FastStage, Sentiment};
pub(crate) fn run(words: Vec<(String, [f32; TRACKS])>, domains: &[Domain], dir: &Path) -> Result<()> {
    for domain in domains.iter().filter(|d| !d.is_topics()) {
        let path = dir.join(format!("{}.weights", domain.name.replace('/', "_")));
        let engine = match fs::read(&path) {
            Ok(w) => Engine::load(&w)?,
            Err(_) => Engine::built_in(),
        };
        let mut texts: Vec<&LabelledText> = domain.texts.iter().collect();
        texts.sort_by_key(|t| Sha256::digest(t.text.as_bytes())[5..].to_vec());
        texts.dedup_by(|a, b| a.text == b.text);
        let test_len = (texts.len() / 3).min(3000);
        let (test, pool) = texts.split_at(test_len);
        let f = |e: &Engine| {
            let j: Vec<JudgedText> = test
                .iter()
                .map(|t| {
                    let a = e.annotate(&t.text);
                    JudgedText { gold: t.class(), found: Some(a.label() as usize), confidence: a.confidence }
                })
                .collect();
            format!("{:.3} {:.3} {:.3}", macro_f1(&j), accuracy(&j), calibration_error(&j))
        };
        println!("== {} pool {} test {} base {}", domain.name, pool.len(), test.len(), f(&engine));
        for n in [100, 300, 1000, 3000, 5000] {
            if n > pool.len() {
                continue;
            }
            let labelled: Vec<(&str, Sentiment)> = pool[..n]
                .iter()
                .map(|t| {
                    (
                        t.text.as_str(),
                        match t.gold {
                            Gold::Sentiment { label, .. } => label,
                            _ => unreachable!(),
                        },
                    )
                })
                .collect();
            let time = std::time::Instant::now();
            let (c, r) = Calibration::fit(&CallStage::new(engine.clone()), "t", &labelled)?;
            println!(
                "{n:>5} test {}   own {} helps {} est {:.3} {:.3} {:.3} > {:.3} {:.3} {:.3}  {:.1}s",
                f(&engine.with_calibration(&c)?),
                c.has_own_words(),
                r.helps(),
                r.before.macro_f1,
                r.before.accuracy,
                r.before.calibration_error,
                r.after.macro_f1,
                r.after.accuracy,
                r.after.calibration_error,
                time.elapsed().as_secs_f32()
            );
        }
    }
    Ok(())
}
