//! All routes: which handlers answer which methods and paths.

use std::{
    collections::BTreeSet,
    sync::{Arc, LazyLock},
};

use actix_web::{
    Resource,
    http::Method,
    web::{self, ServiceConfig},
};
use utoipa::openapi::{
    OpenApi, RefOr,
    path::{Operation, PathItem},
};

use crate::{
    access, current_route::UNMATCHED, documents, events, formats::PathsWithFormats, health, ledger, openapi,
    problem::Problem, questions, reports, sql, state::Shared,
};

/// A handler with its description, which says its method and path.
struct Route {
    method: Method,
    path: String,
    described: OpenApi,
    add: fn(Resource, Method) -> Resource,
}

/// The route of a handler with `#[utoipa::path]`.
macro_rules! route {
    ($($handler:tt)+) => {{
        #[derive(utoipa::OpenApi)]
        #[openapi(paths($($handler)+))]
        struct Described;

        Route::of(<Described as utoipa::OpenApi>::openapi(), |resource, method| {
            resource.route(web::method(method).to($($handler)+))
        })
    }};
}

/// Routes that need no store.
fn of_service() -> Vec<Route> {
    vec![route!(health::healthz), route!(health::readyz), route!(health::metrics)]
}

/// Routes that exist only with a store, and what describes them.
fn of_store() -> Vec<Route> {
    vec![
        route!(questions::summary::by_type),
        route!(questions::trends::over_time),
        route!(questions::topics::by_topic),
        route!(questions::query::query),
        route!(questions::calls::calls),
        route!(questions::customer::customer),
        route!(questions::agents::agents),
        route!(questions::tools::tools),
        route!(questions::qos::qos),
        route!(questions::drivers::drivers),
        route!(questions::repeat_contacts::repeat_contacts),
        route!(questions::activity::activity),
        route!(questions::funnel::funnel),
        route!(questions::product::product),
        route!(questions::quality::quality),
        route!(reports::listing::reports),
        route!(reports::run::report),
        route!(sql::sql),
        route!(events::call::call),
        route!(events::search::search),
        route!(events::listing::events),
        route!(events::event::event),
        route!(events::dead_letters::dead_letters),
        route!(ledger::by_partition),
        route!(access::listing::list_keys),
        route!(questions::summary::rows),
        route!(documents::openapi),
        route!(documents::docs),
        route!(documents::style),
    ]
}

/// The description of all routes.
static DOCUMENTS: LazyLock<web::Data<documents::Documents>> = LazyLock::new(|| {
    let parts = of_store().into_iter().chain(of_service()).map(|route| route.described);
    web::Data::new(documents::Documents::new(&openapi::document(parts)))
});

/// The paths of routes with the parameter `format`.
static PATHS_WITH_FORMATS: LazyLock<PathsWithFormats> = LazyLock::new(|| {
    let with_formats = of_store().into_iter().filter(|route| route.takes("format"));
    PathsWithFormats(Arc::new(with_formats.map(|route| route.path).collect()))
});

/// The patterns of all served paths with their methods.
static ROUTES: LazyLock<BTreeSet<(String, String)>> = LazyLock::new(|| {
    let all = of_service().into_iter().chain(of_store());
    all.map(|route| (route.path, route.method.to_string())).collect()
});

/// The patterns of all served paths, which are also the values of the label `route` of metrics, with their methods.
/// Where there is `GET`, there is `HEAD`.
///
/// ```
/// assert!(voc_api::routes().any(|route| route == ("/api/v1/summary", "GET")));
/// ```
pub fn routes() -> impl Iterator<Item = (&'static str, &'static str)> {
    ROUTES.iter().map(|(path, method)| (path.as_str(), method.as_str()))
}

/// The label of requests that match a pattern.
pub(crate) fn label(pattern: Option<&str>) -> &'static str {
    let known = |pattern: &str| routes().map(|(path, _)| path).find(|path| *path == pattern);
    pattern.and_then(known).unwrap_or(UNMATCHED)
}

/// Registers every route. Unknown paths are answered with 404, other methods than those of a path with 405.
pub(crate) fn register(config: &mut ServiceConfig, shared: &web::Data<Shared>) {
    config.app_data(shared.clone());
    config.app_data(PATHS_WITH_FORMATS.clone());
    let mut routes = of_service();
    if shared.api.queries.is_some() {
        config.app_data(DOCUMENTS.clone());
        routes.extend(of_store());
    }
    let paths: BTreeSet<String> = routes.iter().map(|route| route.path.clone()).collect();
    for path in paths {
        config.service(resource(&path, routes.iter().filter(|route| route.path == path)));
    }
    config.default_service(web::to(|| async { Err::<&str, Problem>(Problem::NotFound) }));
}

/// All methods of a path; where there is GET, there is HEAD.
fn resource<'r>(path: &str, routes: impl Iterator<Item = &'r Route>) -> Resource {
    let mut resource = web::resource(path);
    let mut allowed = Vec::new();
    for route in routes {
        let head = (route.method == Method::GET).then_some(Method::HEAD);
        for method in [route.method.clone()].into_iter().chain(head) {
            resource = (route.add)(resource, method.clone());
            allowed.push(method.to_string());
        }
    }
    let refused = Problem::MethodNotAllowed(allowed.join(", "));
    resource.default_service(web::to(move || {
        let refused = refused.clone();
        async move { Err::<&str, Problem>(refused) }
    }))
}

impl Route {
    fn of(described: OpenApi, add: fn(Resource, Method) -> Resource) -> Self {
        let (path, item) = described.paths.paths.first().map(|(path, item)| (path.clone(), item)).unzip();
        let method = item.map_or(Method::GET, method);
        Self { method, path: path.unwrap_or_default(), described, add }
    }

    /// Whether its description has a parameter of this name.
    fn takes(&self, name: &str) -> bool {
        let operations = self.described.paths.paths.values().flat_map(|item| [&item.get, &item.post]).flatten();
        let mut parameters = operations.flat_map(|operation| operation.parameters.iter().flatten());
        parameters.any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == name))
    }
}

/// The one method of a description.
fn method(item: &PathItem) -> Method {
    let described: [(Method, &Option<Operation>); 2] = [(Method::GET, &item.get), (Method::POST, &item.post)];
    described.into_iter().find(|(_, operation)| operation.is_some()).map_or(Method::GET, |(method, _)| method)
}
