//! What a token says about its bearer.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value};
use voc_events::TenantId;

use crate::{
    access::{caller::Identity, scope::Scope, tenants::Tenants},
    hash::hash,
};

/// The claim that makes a token one for all tenants, if it is `true`. Nothing else does.
const ALL_TENANTS: &str = "voc_all_tenants";
const MAX_SUBJECT_CHARS: usize = 100;
/// Most tenants of a token.
const MAX_TENANTS: usize = 1000;

/// The claims of a verified token.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Claims(Map<String, Value>);

impl Claims {
    /// What a token says; `None` if its tenants cannot be understood. Scopes that are not ours are for
    /// other services.
    pub(super) fn identity(&self, tenant_claim: &str) -> Option<Identity> {
        let scopes: BTreeSet<Scope> = ["scope", "scp"]
            .into_iter()
            .filter_map(|claim| self.0.get(claim))
            .flat_map(words)
            .filter_map(|word| word.parse().ok())
            .collect();
        let subject = self.0.get("sub").and_then(Value::as_str).unwrap_or("-");
        // It is logged, and may be anything.
        let is_plain = |char: &char| !char.is_control() && !char.is_whitespace();
        let plain: String = subject.chars().filter(is_plain).take(MAX_SUBJECT_CHARS).collect();
        // Limits are by identity, so that of another subject is another one.
        let subject = if plain == subject { plain } else { format!("{plain}~{}", hash(&subject)) };
        Some(Identity { id: format!("jwt:{subject}"), scopes, tenants: self.tenants(tenant_claim)? })
    }

    /// Tenants that are named narrow a token for all.
    fn tenants(&self, claim: &str) -> Option<Tenants> {
        match self.0.get(claim) {
            Some(Value::String(one)) => Some(Tenants::only([TenantId::new(one).ok()?])),
            Some(Value::Array(list)) if list.len() <= MAX_TENANTS => {
                let tenant = |value: &Value| TenantId::new(value.as_str()?).ok();
                Some(Tenants::only(list.iter().map(tenant).collect::<Option<Vec<_>>>()?))
            }
            None | Some(Value::Null) if self.0.get(ALL_TENANTS) == Some(&Value::Bool(true)) => Some(Tenants::All),
            None | Some(Value::Null) => Some(Tenants::only([])),
            Some(_) => None,
        }
    }
}

/// The words of a text, or the texts of a list.
fn words(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => text.split(' ').collect(),
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}
