//! Tenant-specific words, topics and choices of personal data.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail the test")]

use std::sync::{Arc, Barrier};

use voc_nlp::{
    Annotator, CallStage, CustomisationError, CustomisationFile, FastStage, Model, ModelAnswer, ModelError,
    PersonalData, RedactionChoice, Redactor, Tenants, TopicEntry,
};

const TEXT: &str = "It is frobbed. The gizmo came.";

fn file(valence: f32) -> CustomisationFile {
    CustomisationFile::default().word("frobbed", valence).topic(TopicEntry::new("gizmos").phrases(["gizmo"]))
}

fn tenants(files: &[(&str, CustomisationFile)]) -> Tenants {
    let tenants = Tenants::new(CallStage::default());
    let customised: Vec<_> =
        files.iter().map(|(tenant, file)| ((*tenant).to_owned(), tenants.customise(file).unwrap())).collect();
    tenants.replace(customised);
    tenants
}

#[test]
fn each_tenant_has_its_own_customisation() {
    let tenants = tenants(&[("sad", file(-3.0)), ("glad", file(3.0)), ("plain", CustomisationFile::default())]);
    assert!(tenants.annotate_for("sad", TEXT).sentiment < Some(-0.3));
    assert!(tenants.annotate_for("glad", TEXT).sentiment > Some(0.3));
    assert_eq!(tenants.annotate_for("glad", TEXT).topic.as_deref(), Some("gizmos"));
    for tenant in ["plain", "unknown", ""] {
        assert_eq!(tenants.annotate_for(tenant, TEXT), CallStage::default().annotate(TEXT));
    }
    assert_eq!(tenants.annotate(TEXT), CallStage::default().annotate(TEXT));
    assert!(tenants.for_tenant("glad").is_some() && tenants.for_tenant("unknown").is_none());
}

#[test]
fn a_new_set_replaces_the_old_one() {
    let tenants = tenants(&[("a", file(-3.0)), ("b", file(-3.0))]);
    let before = tenants.for_tenant("a").unwrap();
    tenants.replace([("b".to_owned(), tenants.customise(&file(3.0)).unwrap())]);
    assert_eq!(tenants.len(), 1);
    assert!(tenants.for_tenant("a").is_none());
    assert!(tenants.annotate_for("b", TEXT).sentiment > Some(0.3));
    // Users of the old one are not affected.
    assert!(before.stage().annotate(TEXT).sentiment < Some(-0.3));
}

#[test]
fn a_text_is_annotated_by_one_set_or_the_other() {
    let tenants = Arc::new(tenants(&[("a", file(-3.0))]));
    let (sad, glad) = (tenants.annotate_for("a", TEXT), {
        let glad = tenants.customise(&file(3.0)).unwrap();
        glad.stage().annotate(TEXT)
    });
    let start = Arc::new(Barrier::new(2));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            start.wait();
            for round in 0..200_u8 {
                let valence = if round % 2 == 0 { 3.0 } else { -3.0 };
                tenants.replace([("a".to_owned(), tenants.customise(&file(valence)).unwrap())]);
            }
        });
        start.wait();
        for _ in 0..500 {
            let found = tenants.annotate_for("a", TEXT);
            assert!(found == sad || found == glad, "{found:?}");
        }
    });
}

#[test]
fn errors_name_their_cause() {
    let tenants = Tenants::new(CallStage::default());
    let error = |file: CustomisationFile| tenants.customise(&file).unwrap_err();
    assert!(matches!(error(CustomisationFile::default().word("two words", 1.0)), CustomisationError::Word(_)));
    assert!(matches!(error(CustomisationFile::default().word("word", 5.0)), CustomisationError::Word(_)));
    assert!(matches!(error(CustomisationFile::default().topic(TopicEntry::new(""))), CustomisationError::Topic(_)));
}

#[test]
fn each_tenant_chooses_what_is_redacted() {
    let mut choice = RedactionChoice::default();
    choice.only = Some(vec![PersonalData::Cvv]);
    let cards = CustomisationFile::default().redaction(choice);
    let mut choice = RedactionChoice::default();
    (choice.without, choice.order_numbers) = (vec![PersonalData::Cvv], Some(true));
    let orders = CustomisationFile::default().redaction(choice);
    let tenants = tenants(&[("cards", cards), ("orders", orders), ("words", file(1.0))]);
    let annotator = Annotator::builder().fast_stage(Arc::new(tenants)).build();
    let text = "cvv 123, order 123456, CPF 111.444.777-35";
    let redact = |tenant: &str, base: Redactor| annotator.redactor_for(tenant, base).redact(text).into_owned();
    assert_eq!(redact("cards", Redactor::default()), "cvv [CVV], order 123456, CPF 111.444.777-35");
    assert_eq!(redact("orders", Redactor::default()), "cvv 123, order [NUMBER], CPF [CPF]");
    for tenant in ["words", "unknown", ""] {
        assert_eq!(redact(tenant, Redactor::default()), "cvv [CVV], order 123456, CPF [CPF]");
        assert_eq!(
            redact(tenant, Redactor::default().without(PersonalData::Cpf)),
            "cvv [CVV], order 123456, CPF 111.444.777-35"
        );
    }
    let without_tenants = Annotator::default();
    assert_eq!(without_tenants.redactor_for("cards", Redactor::default()), Redactor::default());
}

#[test]
fn a_choice_that_contradicts_itself_is_an_error() {
    let tenants = Tenants::new(CallStage::default());
    let error = |choice: RedactionChoice| {
        tenants.customise(&CustomisationFile::default().redaction(choice)).unwrap_err().to_string()
    };
    let mut both = RedactionChoice::default();
    (both.only, both.without) = (Some(vec![PersonalData::Cvv]), vec![PersonalData::Cpf]);
    assert!(error(both).contains("both only and without"));
    let mut none = RedactionChoice::default();
    none.only = Some(Vec::new());
    assert!(error(none).contains("names no kind"));
}

/// Knows nothing.
struct Silent;

impl Model for Silent {
    fn name(&self) -> &str {
        "silent"
    }
    fn version(&self) -> &str {
        "1"
    }
    fn annotate_batch(&self, _texts: &[&str]) -> Result<Vec<ModelAnswer>, ModelError> {
        Err(ModelError::Unavailable("always".into()))
    }
}

#[test]
fn an_annotator_knows_whose_text_it_is() {
    for has_model in [false, true] {
        let builder = Annotator::builder().fast_stage(Arc::new(tenants(&[("sad", file(-3.0)), ("glad", file(3.0))])));
        let annotator = if has_model { builder.model(Arc::new(Silent)).build() } else { builder.build() };
        let annotations = annotator.annotate_batch_for(&[("glad", TEXT), ("sad", TEXT), ("other", TEXT)]);
        let [glad, sad, other] = &annotations[..] else { panic!("three annotations") };
        assert!(glad.sentiment > Some(0.3) && sad.sentiment < Some(-0.3));
        assert_eq!(other.sentiment, annotator.annotate(TEXT).sentiment);
    }
}

#[cfg(feature = "files")]
#[test]
fn files_in_toml_and_json() {
    let toml = "tenant = \"acme\"\nbrands = [\"Happy Cow\"]\n[words]\nfrobbed = -3.0\n[[topic]]\nname = \"gizmos\"\nphrases = [\"gizmo\"]";
    let json = r#"{"tenant": "acme", "brands": ["Happy Cow"], "words": {"frobbed": -3.0}, "topic": [{"name": "gizmos", "phrases": ["gizmo"]}]}"#;
    let read = CustomisationFile::from_toml(toml).unwrap();
    assert_eq!(read, CustomisationFile::from_json(json).unwrap());
    assert_eq!(read.brands, ["Happy Cow"]);
    assert_eq!((read.tenant.as_deref(), read.topics.len(), read.words["frobbed"]), (Some("acme"), 1, -3.0));
    let toml = "[redaction]\nonly = [\"birth_date\", \"email\"]\norder_numbers = true";
    let json = r#"{"redaction": {"only": ["birth_date", "email"], "order_numbers": true}}"#;
    let read = CustomisationFile::from_toml(toml).unwrap();
    assert_eq!(read, CustomisationFile::from_json(json).unwrap());
    assert_eq!(read.redaction.only, Some(vec![PersonalData::BirthDate, PersonalData::Email]));
    let inline = "redaction = { without = [\"cep\"] }";
    assert_eq!(CustomisationFile::from_toml(inline).unwrap().redaction.without, [PersonalData::Cep]);
    let misspelt = CustomisationFile::from_toml("redaction = { without = [\"zep\"] }").unwrap_err().to_string();
    assert!(misspelt.contains("zep") && misspelt.contains("birth_date"), "{misspelt}");
    assert!(CustomisationFile::from_toml("wörter = 1").unwrap_err().to_string().contains("wörter"));
}
