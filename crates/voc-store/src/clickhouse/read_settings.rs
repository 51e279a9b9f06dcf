//! What a read carries beside its text.

use std::time::Duration;

use serde_json::json;

use crate::TenantScope;

/// Settings that go with a `SELECT` and end with it.
///
/// `log_comment` says whose rows it is about. Row policies read it ([`setup_sql`](super::setup_sql)), and the server's
/// query log shows it. A setting of our own would have to be allowed in every server's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReadSettings {
    log_comment: String,
}

impl ReadSettings {
    pub(super) fn about(tenants: &TenantScope) -> Self {
        let tenants = match tenants {
            TenantScope::All => json!("*"),
            TenantScope::Only(tenants) => tenants.iter().map(|tenant| tenant.as_str()).collect(),
        };
        Self { log_comment: json!({ "tenants": tenants }).to_string() }
    }

    /// Names and values. With a limit the server gives up no later than the caller does.
    pub(super) fn list(&self, limit: Option<Duration>) -> Vec<(String, String)> {
        let comment = ("log_comment".to_owned(), self.log_comment.clone());
        let limit = limit.map(|limit| ("max_execution_time".to_owned(), whole_seconds(limit).to_string()));
        std::iter::once(comment).chain(limit).collect()
    }
}

/// Rounded up, because zero is no limit.
fn whole_seconds(limit: Duration) -> u64 {
    limit.as_secs() + u64::from(limit.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use voc_events::TenantId;

    use super::*;

    fn comment(tenants: &[&str]) -> String {
        let tenants = tenants.iter().map(|tenant| TenantId::new(tenant).unwrap()).collect();
        ReadSettings::about(&TenantScope::Only(tenants)).log_comment
    }

    #[test]
    fn a_tenant_cannot_pass_for_another_or_for_all() {
        assert_eq!(ReadSettings::about(&TenantScope::All).log_comment, r#"{"tenants":"*"}"#);
        assert_eq!(comment(&[]), r#"{"tenants":[]}"#);
        assert_eq!(comment(&["acme", "*"]), r#"{"tenants":["acme","*"]}"#);
        assert_eq!(comment(&["a\",\"b"]), r#"{"tenants":["a\",\"b"]}"#);
    }

    #[test]
    fn a_limit_is_never_rounded_to_none() {
        let settings = ReadSettings::about(&TenantScope::All);
        let seconds = |limit| settings.list(Some(limit))[1].1.clone();
        assert_eq!((seconds(Duration::from_millis(10)), seconds(Duration::from_secs(30))), ("1".into(), "30".into()));
        assert_eq!(settings.list(None).len(), 1);
    }
}
