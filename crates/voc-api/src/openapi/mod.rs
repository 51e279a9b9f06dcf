//! The description of the API as OpenAPI 3.1, made from the descriptions of its handlers.

mod links;
mod orders;
pub(crate) mod parameters;
mod problems;
mod request_bodies;
mod sharing;

use utoipa::openapi::{
    Components, ContentBuilder, Info, KnownFormat, License, ObjectBuilder, OpenApi as Document, OpenApiVersion, RefOr,
    Response, ResponsesBuilder, SchemaFormat, SecurityRequirement,
    path::{Operation, PathItem},
    schema::Type,
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    tag::TagBuilder,
};

use crate::formats::Format;

/// Names of the security schemes.
const BEARER: &str = "bearer";
const API_KEY: &str = "api_key";

/// Groups of operations, in the order of the page.
const TAGS: [(&str, &str); 6] = [
    ("events", "What happened, by type, topic and time."),
    ("conversations", "Agents, tools and quality: the voc family only."),
    ("reports", "Named reports, and restricted SQL."),
    ("families", "Activity in applications, use of products, quality of what is manufactured: a family each."),
    ("operation", "What became of the records, and who may ask."),
    ("service", "Health, metrics and this description. Open to everyone who reaches the port."),
];
/// The group whose operations need no credentials.
const OPEN_TAG: &str = "service";

/// One document of the handlers' own.
pub(crate) fn document(parts: impl IntoIterator<Item = Document>) -> Document {
    let mut document = Document::new(info(), utoipa::openapi::Paths::new());
    document.openapi = OpenApiVersion::Version31;
    for part in parts {
        document.merge(part);
    }
    document.tags = Some(
        TAGS.iter().map(|(name, meaning)| TagBuilder::new().name(*name).description(Some(*meaning)).build()).collect(),
    );
    let components = document.components.get_or_insert_default();
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            complete(path, operation, components);
            links::add_links(operation);
            orders::complete_order(operation);
            sharing::share_parameters(operation, components);
        }
    }
    // After all parameters are known.
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            request_bodies::complete_body(operation, components);
        }
    }
    problems::add_schemas(components);
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API key, or a JWT.")).build();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    let key = ApiKeyValue::with_description("X-Api-Key", "An API key.");
    components.add_security_scheme(API_KEY, SecurityScheme::ApiKey(ApiKey::Header(key)));
    document
}

fn info() -> Info {
    let mut info = Info::new("Voice-of-Customer events", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Questions about stored events. Every error is a problem of RFC 9457 with a stable `code`; every answer has \
         an `x-request-id`. An unknown parameter is an error."
            .to_owned(),
    );
    let mut license = License::new("MIT OR Apache-2.0");
    license.identifier = Some("MIT OR Apache-2.0".to_owned());
    info.license = Some(license);
    info
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post].into_iter().flatten()
}

/// The formats of a table beside JSON, whose schema the handler describes.
fn describe_tables(answer: &mut Response) {
    for format in Format::ALL.into_iter().filter(|format| *format != Format::Json) {
        let schema = ObjectBuilder::new().schema_type(Type::String);
        let schema = if format == Format::Parquet {
            schema.format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
        } else {
            schema
        };
        let media_type = format.content_type().split(';').next().unwrap_or_default();
        let content = ContentBuilder::new().schema(Some(schema.build())).build();
        answer.content.insert(media_type.to_owned(), content.into());
    }
}

/// What all operations have in common: the problems they can answer, and who may ask.
fn complete(path: &str, operation: &mut Operation, components: &mut Components) {
    let is_open = operation.tags.iter().flatten().any(|tag| tag == OPEN_TAG);
    let anyone = SecurityRequirement::default();
    operation.security = Some(if is_open {
        vec![anyone]
    } else {
        let scheme = |name| SecurityRequirement::new(name, Vec::<String>::new());
        // The last one is for a service without credentials, which listens on its own machine only.
        vec![scheme(BEARER), scheme(API_KEY), anyone]
    });
    let takes = |name: &str| {
        let mut parameters = operation.parameters.iter().flatten();
        parameters.any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == name))
            || request_bodies::members(operation, components).any(|member| member == name)
    };
    let asks = problems::Asks {
        is_open,
        has_body: operation.request_body.is_some(),
        names_one: path.contains('{'),
        has_formats: takes("format"),
        has_pages: takes("cursor"),
    };
    let mut own = std::mem::take(&mut operation.responses);
    if asks.has_formats
        && let Some(RefOr::T(answer)) = own.responses.get_mut("200")
    {
        describe_tables(answer);
        if !asks.has_body {
            let unchanged =
                Response::new("The answer is still the one whose `ETag` is in `If-None-Match`. Without a body.");
            own.responses.insert("304".to_owned(), unchanged.into());
        }
    }
    operation.responses =
        ResponsesBuilder::from(own).responses_from_iter(problems::responses(asks, components)).build();
}
