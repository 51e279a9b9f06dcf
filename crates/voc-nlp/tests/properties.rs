//! Properties of every text.

use proptest::prelude::*;
use voc_nlp::{Annotation, Annotator, CallStage, Conversation, Engine, FastStage, MAX_CHARS, Probabilities, Sentiment};

/// Words and marks known to the rules, and anything else.
fn text() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "not",
        "good",
        "bad",
        "very",
        "but",
        "não",
        "gostei",
        "péssimo",
        "no",
        "longer",
        "working",
        "thank",
        "you",
        "for",
        "nothing",
        "bill",
        "senha",
        "soooo",
        "greeeeat",
        "don't",
        "don\u{2019}t",
        "'",
        "\u{2019}",
        "!",
        ".",
        ",",
        ":)",
        "<3",
        "😡",
        "-",
        "\n",
        "ﬁ",
        "İ",
        "ß",
        "e\u{301}",
        "\u{200d}",
        "אבג",
        "漢字",
        "\u{0}",
        "@joy",
        "<b>",
        "<br>",
        "&#39;",
        "&amp;",
        "\\n",
        "`",
        "Best Buy",
        "my name is Joy",
        "www.great.com",
    ]);
    let separator = prop::sample::select(vec!["", " ", " ", " ", "  "]);
    let piece = prop_oneof![3 => known.prop_map(str::to_owned), 1 => any::<String>()];
    prop::collection::vec((piece, separator), 0..40)
        .prop_map(|pieces| pieces.into_iter().fold(String::new(), |text, (piece, separator)| text + &piece + separator))
}

/// Words of phrases, in any order, with separators between them.
fn phrases() -> impl Strategy<Value = String> {
    const WORDS: &str = "good morning bom dia waste of time money kind so very not never showed up thanks for nothing no well as worth it \
        terrible meu problema resolveu não nota dez still working long wait too much talk to a manager joke sick and tired";
    let word = prop::sample::select(WORDS.split_whitespace().collect::<Vec<_>>());
    let separator = prop::sample::select(vec![" ", " ", " ", " ", ", ", ". ", " 😡 ", " :) "]);
    prop::collection::vec((word, separator), 0..100)
        .prop_map(|pieces| pieces.into_iter().fold(String::new(), |text, (word, separator)| text + word + separator))
}

fn check_ranges(annotation: &Annotation) -> Result<(), TestCaseError> {
    if let Some(sentiment) = annotation.sentiment {
        prop_assert!((-1.0..=1.0).contains(&sentiment), "sentiment {}", sentiment);
    } else {
        prop_assert_eq!(annotation.confidence, 0.0);
    }
    let Probabilities { negative, neutral, positive } = annotation.probabilities;
    prop_assert!((negative + neutral + positive - 1.0).abs() < 1e-5);
    let scores: Vec<f32> = annotation.topics.iter().map(|best| best.score).collect();
    prop_assert!(scores.is_sorted_by(|a, b| a >= b) && scores.iter().all(|score| (0.0..=1.0).contains(score)));
    prop_assert!((0.0..=1.0).contains(&annotation.confidence), "confidence {}", annotation.confidence);
    check_agreement(annotation)
}

/// Label, sign of the score, probabilities and confidence say the same.
fn check_agreement(annotation: &Annotation) -> Result<(), TestCaseError> {
    let Probabilities { negative, neutral, positive } = annotation.probabilities;
    let Some(score) = annotation.sentiment else {
        prop_assert_eq!(annotation.label(), Sentiment::Neutral);
        return Ok(());
    };
    prop_assert!((score - (positive - negative)).abs() < 1e-6, "{} of {:?}", score, annotation.probabilities);
    let agrees = match annotation.label() {
        Sentiment::Negative => score < 0.0,
        Sentiment::Neutral => neutral >= negative.max(positive),
        Sentiment::Positive => score > 0.0,
    };
    prop_assert!(agrees, "{} is {}", score, annotation.label());
    let most = negative.max(neutral).max(positive);
    prop_assert!(
        annotation.confidence == 0.0 || annotation.confidence == most,
        "{} of {}",
        annotation.confidence,
        most
    );
    Ok(())
}

/// Turns of texts with labels of speakers.
fn call() -> impl Strategy<Value = String> {
    let label = prop::sample::select(vec!["Agent: ", "Customer: ", "Atendente: ", "Cliente: ", "Ana: "]);
    prop::collection::vec((label, text()), 0..8)
        .prop_map(|turns| turns.into_iter().map(|(label, text)| format!("{label}{text}\n")).collect())
}

proptest! {
    #[test]
    fn values_are_in_range(text in text()) {
        check_ranges(&Engine::built_in().annotate(&text))?;
    }

    #[test]
    fn calls_agree_with_themselves(text in call()) {
        let stage = CallStage::default();
        check_ranges(&stage.annotate(&text))?;
        check_agreement(&stage.report(&Conversation::parse(&text)).call)?;
    }

    #[test]
    fn any_unicode_is_accepted(text in any::<String>()) {
        check_ranges(&Engine::built_in().annotate(&text))?;
    }

    /// Capitals count only where they stand out.
    #[test]
    fn ascii_case_does_not_matter_if_it_is_the_same_everywhere(text in text()) {
        // In the emoticon ":D" it does.
        let text = text.replace([':', ';', '='], " ").to_lowercase();
        let lower = Engine::built_in().annotate(&text.to_ascii_lowercase());
        prop_assert_eq!(lower, Engine::built_in().annotate(&text.to_ascii_uppercase()));
    }

    #[test]
    fn an_explanation_is_the_annotation_with_evidence(text in text()) {
        let explanation = Engine::built_in().explain(&text);
        prop_assert_eq!(&explanation.annotation, &Engine::built_in().annotate(&text));
        for evidence in explanation.evidence {
            prop_assert!(text.get(evidence.start..evidence.end).is_some_and(|part| !part.is_empty()), "{:?}", evidence);
        }
    }

    /// Without contrasts, capitals and marks the score follows from the valences in the evidence: what a phrase takes
    /// back is taken back from both.
    #[test]
    fn the_evidence_is_what_the_score_is_made_of(text in phrases()) {
        let sum: f32 = Engine::built_in().explain(&text).evidence.iter().map(|evidence| evidence.weight).sum();
        let score = Engine::built_in().lexicon_score(&text);
        prop_assert!((score - sum / (sum * sum + 15.0).sqrt()).abs() < 1e-4, "{} of {}", score, sum);
    }

    #[test]
    fn only_the_first_characters_are_read(text in text(), filler in prop::sample::select(vec!["x ", "não ", "😡", "good! "])) {
        let long = text + &filler.repeat(MAX_CHARS / filler.chars().count() + 1);
        let first: String = long.chars().take(MAX_CHARS).collect();
        let annotation = Engine::built_in().annotate(&long);
        prop_assert!(annotation.truncated);
        let mut of_first = Engine::built_in().annotate(&first);
        prop_assert!(!of_first.truncated);
        of_first.truncated = true;
        prop_assert_eq!(annotation, of_first);
    }

    #[test]
    fn a_batch_equals_its_single_texts(texts in prop::collection::vec(text(), 0..8)) {
        let annotator = Annotator::default();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let each: Vec<Annotation> = texts.iter().map(|text| annotator.annotate(text)).collect();
        prop_assert_eq!(annotator.annotate_batch(&texts), each);
    }
}
