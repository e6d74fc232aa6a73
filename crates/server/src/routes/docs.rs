//! The server's documentation: `/openapi.json` for programs, `/docs` for people. Both are generated from the routes,
//! and load nothing from elsewhere.

use super::safety::Page;
use crate::app::App;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use bytes::Bytes;
use parlour_protocol::{ErrorBody, ErrorCode, Refusal};
use serde_json::Value;
use std::fmt::Write;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

/// The parts of the documentation that belong to no single route.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Parlour",
        description = "The Parlour server. What heads, changes, history, ops and the socket mean is \
            in docs/protocol.md of its source.",
        license(name = "Apache-2.0 OR MIT")
    ),
    components(schemas(ErrorBody, ErrorCode, Refusal)),
    modifiers(&Token)
)]
pub struct Api;

struct Token;

impl Modify for Token {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("The token in the response to signing in."))
            .build();
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// Returns the routes of the documentation.
pub fn router(api: &utoipa::openapi::OpenApi) -> Router<App> {
    let json = serde_json::to_value(api).expect("a document is plain data");
    let (text, page) = (Bytes::from(json.to_string()), Page::new(page(&json)));
    Router::new()
        .route(
            "/openapi.json",
            get(async move || ([(CONTENT_TYPE, "application/json")], text.clone())),
        )
        .route("/docs", get(async move || page.clone()))
}

/// Returns an HTML page of all routes and types.
fn page(api: &Value) -> String {
    let mut page = String::from(include_str!("docs.html"));
    for (path, item) in api["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            write_operation(&mut page, &method.to_uppercase(), path, operation);
        }
    }
    page.push_str("<h2>Types</h2>");
    for (name, schema) in api["components"]["schemas"].as_object().into_iter().flatten() {
        let json = serde_json::to_string_pretty(schema).unwrap_or_default();
        let about = text(&schema["description"]);
        write_to(
            &mut page,
            format_args!(
                "<details id=\"{0}\"><summary><code>{0}</code> {about}</summary><pre>{1}</pre></details>",
                escape(name),
                link_types(&escape(&json)),
            ),
        );
    }
    page.push_str("</main></html>");
    page
}

fn write_operation(page: &mut String, method: &str, path: &str, operation: &Value) {
    let about = [text(&operation["summary"]), text(&operation["description"])].join(" ");
    write_to(
        page,
        format_args!(
            "<section><h3><b>{method}</b> <code>{}</code></h3><p>{about}</p>",
            escape(path)
        ),
    );
    if operation["security"].is_array() {
        page.push_str("<p class=\"quiet\">Needs a token.</p>");
    }
    page.push_str("<ul>");
    for parameter in operation["parameters"].as_array().into_iter().flatten() {
        let (name, part) = (text(&parameter["name"]), text(&parameter["in"]));
        let about = text(&parameter["description"]);
        write_to(page, format_args!("<li><code>{name}</code> ({part}) {about}</li>"));
    }
    let body = &operation["requestBody"]["content"]["application/json"]["schema"];
    if !body.is_null() {
        write_to(page, format_args!("<li>Takes {}</li>", name_of(body)));
    }
    let response = &operation["responses"]["200"]["content"]["application/json"]["schema"];
    if !response.is_null() {
        write_to(page, format_args!("<li>Returns {}</li>", name_of(response)));
    }
    page.push_str("</ul></section>");
}

fn write_to(page: &mut String, text: std::fmt::Arguments<'_>) {
    page.write_fmt(text).expect("writing to a String cannot fail");
}

/// Returns a schema's name with a link to it.
fn name_of(schema: &Value) -> String {
    let (item_schema, list) = match &schema["items"] {
        Value::Null => (schema, ""),
        items => (items, "a list of "),
    };
    let name =
        item_schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or("text");
    format!("{list}<a href=\"#{0}\"><code>{0}</code></a>", escape(name))
}

/// Turns the references in a schema into links.
fn link_types(json: &str) -> String {
    let mut parts = json.split("#/components/schemas/");
    let mut linked = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find("&quot;").unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        write_to(&mut linked, format_args!("<a href=\"#{name}\">{name}</a>{rest}"));
    }
    linked
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
