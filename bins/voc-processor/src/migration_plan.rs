//! Writes down what `migrate up` would do.

use std::fmt::Write as _;

use voc_store::{Outlook, PlannedMigration};

/// The plan as SQL with comments. It is for readers: `migrate up` asks each condition when its turn comes.
pub(crate) fn text(plan: &[PlannedMigration]) -> String {
    if plan.is_empty() {
        return "-- All migrations are applied.\n".to_owned();
    }
    let names: Vec<String> = plan.iter().map(name).collect();
    let mut text = format!("-- `voc-processor migrate up` would apply {}.\n", names.join(", "));
    for migration in plan {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n-- Migration {}\n", name(migration));
        for statement in &migration.statements {
            let outlook = match statement.outlook {
                Outlook::Certain => "",
                Outlook::Holds => "-- (`only if` holds now, and is asked again before this statement.)\n",
                Outlook::DoesNotHold => "-- (`only if` does not hold now, and is asked again before this statement.)\n",
                Outlook::Unknown => "-- (`only if` is asked before this statement.)\n",
            };
            let _ = write!(text, "\n{outlook}{};\n", statement.sql);
        }
    }
    text
}

fn name(migration: &PlannedMigration) -> String {
    format!("{:04}_{}", migration.version, migration.name)
}
