//! Tenant-specific words, topics, choices of personal data and calibrations.

mod customisation;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::annotation::Annotation;
use crate::call_facts::AnnotatedCall;
use crate::conversation::CallStage;
use crate::engine::FastStage;
use crate::redact::Redactor;
pub use customisation::{Customisation, CustomisationError, CustomisationFile, RedactionChoice};

/// The fast stage for many tenants, some of which have their own words, topics or calibration.
///
/// The lexicon and the weights exist once and are shared; a tenant's words and topics are added to them. A new set of
/// customisations replaces the old one atomically: a text is annotated with one or the other.
///
/// ```
/// use voc_nlp::{CallStage, CustomisationFile, FastStage, Tenants, TopicEntry};
///
/// let tenants = Tenants::new(CallStage::default());
/// let file = CustomisationFile::default().word("lagzão", -3.0).topic(TopicEntry::new("games").phrases(["ranked match"]));
/// tenants.replace([("acme".to_owned(), tenants.customise(&file)?)]);
///
/// let text = "The ranked match had lagzão.";
/// let annotation = tenants.annotate_for("acme", text);
/// assert!(annotation.sentiment < Some(-0.3));
/// assert_eq!(annotation.topic.as_deref(), Some("games"));
/// // Others are not concerned.
/// assert_eq!(tenants.annotate_for("globex", text), CallStage::default().annotate(text));
/// # Ok::<(), voc_nlp::CustomisationError>(())
/// ```
pub struct Tenants {
    base: CallStage,
    customised: RwLock<Arc<HashMap<String, Arc<Customisation>>>>,
}

impl Tenants {
    /// A stage without customisations.
    pub fn new(base: CallStage) -> Self {
        Self { base, customised: RwLock::default() }
    }

    /// Adds a file's words and topics for all tenants.
    ///
    /// # Errors
    /// [`CustomisationError`] if a word or topic is invalid.
    pub fn customise(&self, file: &CustomisationFile) -> Result<Customisation, CustomisationError> {
        Customisation::new(&self.base, file)
    }

    /// Replaces all customisations by these, by tenant.
    pub fn replace(&self, customised: impl IntoIterator<Item = (String, Customisation)>) {
        let customised = customised.into_iter().map(|(tenant, customisation)| (tenant, Arc::new(customisation)));
        let customised = Arc::new(customised.collect());
        *self.customised.write().unwrap_or_else(PoisonError::into_inner) = customised;
    }

    /// The stage that all tenants share.
    pub fn base(&self) -> &CallStage {
        &self.base
    }

    /// A tenant's customisation.
    pub fn for_tenant(&self, tenant: &str) -> Option<Arc<Customisation>> {
        self.customised.read().unwrap_or_else(PoisonError::into_inner).get(tenant).map(Arc::clone)
    }

    /// Number of tenants with customisations.
    pub fn len(&self) -> usize {
        self.customised.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether no tenant has one.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl FastStage for Tenants {
    /// The version of the shared part. [`Annotation::calibration`] names a tenant's calibration.
    fn version(&self) -> &str {
        self.base.version()
    }

    fn annotate(&self, text: &str) -> Annotation {
        self.base.annotate(text)
    }

    fn annotate_for(&self, tenant: &str, text: &str) -> Annotation {
        match self.for_tenant(tenant) {
            Some(customisation) => customisation.stage().annotate(text),
            None => self.base.annotate(text),
        }
    }

    fn annotate_call_for(&self, tenant: &str, text: &str) -> AnnotatedCall {
        match self.for_tenant(tenant) {
            Some(customisation) => customisation.stage().annotate_call_for(tenant, text),
            None => self.base.annotate_call_for(tenant, text),
        }
    }

    fn redactor_for(&self, tenant: &str, base: Redactor) -> Redactor {
        match self.for_tenant(tenant) {
            Some(customisation) => customisation.redactor(base),
            None => base,
        }
    }
}

impl fmt::Debug for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenants").field("base", &self.base).field("customised", &self.len()).finish()
    }
}
