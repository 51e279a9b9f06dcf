//! Parameters that many operations have are described once.

use utoipa::openapi::{
    Components, Ref, RefOr,
    path::{Operation, Parameter},
};

/// Moves the parameters of an operation to `components`. One that is described otherwise there stays.
pub(super) fn share_parameters(operation: &mut Operation, components: &mut Components) {
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(described) = parameter else { continue };
        let name = described.name.clone();
        let shared = components.parameters.entry(name.clone()).or_insert_with(|| described.clone().into());
        if is_same(shared, described) {
            *parameter = RefOr::Ref(Ref::new(format!("#/components/parameters/{name}")));
        }
    }
}

fn is_same(shared: &RefOr<Parameter>, described: &Parameter) -> bool {
    matches!(shared, RefOr::T(shared) if shared == described)
}
