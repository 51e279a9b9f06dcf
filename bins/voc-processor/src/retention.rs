//! `voc-processor retention`: shows or changes how long rows and dead letters are kept.

use std::{collections::BTreeSet, fmt::Write as _};

use voc_events::families;
use voc_store::{Retention, SqlBackend, SqlStore};

use crate::config::RetentionTask;

/// Does the task, and prints the result.
pub(crate) async fn run<B: SqlBackend>(task: &RetentionTask, store: &SqlStore<B>) -> anyhow::Result<()> {
    let text = match task {
        RetentionTask::List => list(store).await?,
        RetentionTask::Plan(wanted) => {
            let statements = store.plan_retention(wanted).await?;
            lines(&statements) + "-- nothing is changed without --execute\n"
        }
        RetentionTask::Change(wanted) => lines(&store.change_retention(wanted).await?),
        RetentionTask::Repeat => lines(&store.repeat_retention(families::ALL).await?),
    };
    Ok(voc_service::print(&text)?)
}

fn lines(statements: &[String]) -> String {
    if statements.is_empty() {
        return "-- no table has to be altered\n".to_owned();
    }
    statements.iter().map(|statement| format!("{statement};\n")).collect()
}

/// A line for each family, and for each tenant with a time of its own.
async fn list<B: SqlBackend>(store: &SqlStore<B>) -> anyhow::Result<String> {
    let mut text = format!("{:<10} {:<24} {:<24} {:<26} {}\n", "FAMILY", "TENANT", "KEPT", "SINCE", "BY");
    for family in families::ALL {
        let retention = store.retention(family.name, &family.table).await?;
        line(&mut text, family.name, &retention, "", retention.default_days())?;
        let tenants = retention.tenants();
        for (tenant, days) in &tenants {
            line(&mut text, family.name, &retention, tenant, *days)?;
        }
        // Those that are to be kept as the others, once that is applied.
        let named: BTreeSet<&str> = retention.changes().iter().map(|change| change.tenant_id.as_str()).collect();
        for tenant in named.into_iter().filter(|tenant| !tenant.is_empty() && !tenants.contains_key(tenant)) {
            if retention.last_change(tenant).is_some_and(|last| last.applied_at.is_none()) {
                line(&mut text, family.name, &retention, tenant, retention.default_days())?;
            }
        }
    }
    Ok(text)
}

fn line(
    text: &mut String,
    family: &str,
    retention: &Retention,
    tenant: &str,
    days: Option<u16>,
) -> Result<(), std::fmt::Error> {
    let mut kept = Retention::in_words(days);
    let last = retention.last_change(tenant);
    if last.is_some_and(|last| last.applied_at.is_none()) {
        kept.push_str(" (not applied)");
    }
    let (since, by) = last.map_or((String::new(), ""), |last| (last.changed_at.to_string(), last.changed_by.as_str()));
    let tenant = if tenant.is_empty() { "(others)" } else { tenant };
    let line = format!("{family:<10} {tenant:<24} {kept:<24} {since:<26} {by}");
    writeln!(text, "{}", line.trim_end())
}
