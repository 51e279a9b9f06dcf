//! Words and topics of single tenants.

mod customisation;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use crate::annotation::Annotation;
use crate::conversation::CallStage;
use crate::engine::FastStage;
pub use customisation::{Customisation, CustomisationError, CustomisationFile};

/// The fast stage for many tenants, of which some have words or topics of their own.
///
/// What all share, the lexicon and the weights, is there once; a tenant's words and topics lie over it. A new set of customisations
/// takes the place of the old one at once: a text is annotated by the one or the other.
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
    /// No tenant has customisations.
    pub fn new(base: CallStage) -> Self {
        Self { base, customised: RwLock::default() }
    }

    /// A file's words and topics over what all tenants share.
    ///
    /// # Errors
    /// [`CustomisationError`] that says what is wrong with a word or topic.
    pub fn customise(&self, file: &CustomisationFile) -> Result<Customisation, CustomisationError> {
        Customisation::new(&self.base, file)
    }

    /// Takes these customisations, by tenant, in the place of all that were there.
    pub fn replace(&self, customised: impl IntoIterator<Item = (String, Customisation)>) {
        let customised = customised.into_iter().map(|(tenant, customisation)| (tenant, Arc::new(customisation)));
        let customised = Arc::new(customised.collect());
        *self.customised.write().unwrap_or_else(PoisonError::into_inner) = customised;
    }

    /// A tenant's customisation.
    pub fn for_tenant(&self, tenant: &str) -> Option<Arc<Customisation>> {
        self.customised.read().unwrap_or_else(PoisonError::into_inner).get(tenant).map(Arc::clone)
    }

    /// How many tenants have customisations.
    pub fn len(&self) -> usize {
        self.customised.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether no tenant has any.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl FastStage for Tenants {
    /// The version of what all share.
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
}

impl fmt::Debug for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenants").field("base", &self.base).field("customised", &self.len()).finish()
    }
}
