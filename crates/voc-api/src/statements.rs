//! Runs statements in restricted SQL for callers.

use voc_events::{Table, TenantId};
use voc_store::{Rows, Statement, StoreError, TenantScope};

use crate::{
    access::Caller,
    formats::{TableAnswer, columns_of},
    invalid_parameter::{InvalidParameter, Location},
    problem::Problem,
    state::Shared,
    store_reason::reason,
};

/// Why a statement has no answer.
pub(crate) enum Failure {
    /// The store does not understand it, or it fails with the values that there are.
    Refused {
        reason: String,
    },
    Problem(Problem),
}

/// Runs a statement when the caller may ask the store.
pub(crate) async fn run(statement: Statement, caller: &Caller, shared: &Shared) -> Result<Rows, Failure> {
    let store = shared.statements_for(caller).map_err(Failure::Problem)?;
    let ends_with_its_caller = store.ends_with_its_caller();
    let asked = async move {
        match store.run(&statement).await {
            Err(StoreError::Rejected { code, message }) => Ok(Err((code, message))),
            Err(error) => Err(error),
            Ok(rows) => Ok(Ok(rows)),
        }
    };
    let asked = if ends_with_its_caller {
        shared.query_while_awaited(caller, asked).await
    } else {
        shared.query(caller, asked).await
    };
    match asked.map_err(Failure::Problem)? {
        Ok(rows) => Ok(rows),
        Err((code, message)) => Err(match Problem::too_expensive(code) {
            Some(problem) => Failure::Problem(problem),
            None => {
                tracing::info!(code, message, "the store refused a statement");
                Failure::Refused { reason: reason(&message) }
            }
        }),
    }
}

/// The answer as a table.
pub(crate) fn table(name: &'static str, rows: Rows) -> TableAnswer {
    let columns = columns_of(rows.columns.iter().map(|(name, kind)| (name.as_str(), *kind)));
    TableAnswer::of_one(name, columns, rows.rows)
}

/// The tenants whose events a statement that reads `tables` is about.
pub(crate) fn tenants(caller: &Caller, tables: &[Table], named: Option<&TenantId>) -> Result<TenantScope, Problem> {
    let without = tables.iter().find(|table| table.tenant.is_none());
    if let (Some(table), Some(_)) = (without, named) {
        let message = format!("value must not be given, because the table '{}' has no tenants", table.name);
        let mistake = InvalidParameter::new(Location::body().member("tenant_id"), message, "value_error");
        return Err(Problem::InvalidParameters(vec![mistake]));
    }
    for table in tables {
        caller.tenants_of(table, named)?;
    }
    Ok(caller.tenants(named)?)
}
