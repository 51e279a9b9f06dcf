//! By what an answer can be ordered.

use utoipa::{
    IntoParams as _,
    openapi::{
        RefOr,
        path::{Operation, ParameterBuilder},
    },
};

use super::parameters::Sort;

/// Gives the order by a column an example that the operation's answer has: its first column of numbers, the largest
/// first.
pub(super) fn complete_order(operation: &mut Operation) {
    let Some(column) = first_number(operation) else { return };
    let plain = Sort::into_params(|| None);
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(described) = parameter
            && plain.contains(described)
        {
            let example = Some(format!("-{column}").into());
            *described = ParameterBuilder::from(described.clone()).example(example).build();
        }
    }
}

/// The first column of numbers in the rows that the example of an answer has.
fn first_number(operation: &Operation) -> Option<String> {
    let RefOr::T(answer) = operation.responses.responses.get("200")? else { return None };
    let RefOr::T(content) = answer.content.get("application/json")? else { return None };
    let row = content.example.as_ref()?.pointer("/data/0")?.as_object()?;
    row.iter().find(|(_, value)| value.is_number()).map(|(name, _)| name.clone())
}
