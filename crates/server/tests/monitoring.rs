//! Monitoring: health checks and metrics.

use crate::common::{Database, Server, TIMEOUT, error_body};
use parlour_protocol::ErrorCode;
use parlour_server::{Config, DatabaseAddress, MetricsMode};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use std::time::Instant;

on_both_databases! {
    a_server_reports_its_health_and_every_response_has_a_unique_request_id,
    a_server_is_not_ready_after_a_newer_version_changed_the_tables,
    a_server_is_not_ready_without_a_connection_to_the_bus,
    metrics_are_counted_by_route_and_contain_nothing_private,
    the_setting_decides_who_can_read_the_metrics,
}

async fn get(server: &Server, path: &str) -> Response {
    let root = server.url.trim_end_matches("/v1");
    server.http.get(format!("{root}{path}")).send().await.unwrap()
}

async fn a_server_reports_its_health_and_every_response_has_a_unique_request_id(
    database: Database,
) {
    let server = database.serve().await;
    let mut ids = std::collections::BTreeSet::new();
    for (path, status) in [("/healthz", 200), ("/nowhere", 404), ("/docs", 200)] {
        let root = server.url.trim_end_matches("/v1");
        let request = server.http.get(format!("{root}{path}")).header("x-request-id", "mine");
        let response = request.send().await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{path}");
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert!(id.len() == 16 && id != "mine" && ids.insert(id), "{path}");
    }
    assert_eq!(wait_until_ready(&server).await, json!({"code": "ready"}));
}

async fn a_server_is_not_ready_after_a_newer_version_changed_the_tables(database: Database) {
    let server = database.serve().await;
    database
        .execute(match database.address {
            DatabaseAddress::Sqlite(_) => "PRAGMA user_version = 99",
            DatabaseAddress::Postgres(_) => "INSERT INTO schema_version (version) VALUES (99)",
        })
        .await;
    let response = get(&server, "/readyz").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body, json!({"code": "not_ready", "reason": "schema"}));
    assert_eq!(get(&server, "/healthz").await.status(), StatusCode::OK);
}

/// Waits until the server is ready, and returns its health. On PostgreSQL this takes a moment, until it is
/// on the bus.
async fn wait_until_ready(server: &Server) -> Value {
    let began = Instant::now();
    loop {
        let response = get(server, "/readyz").await;
        if response.status() == StatusCode::OK {
            return response.json().await.unwrap();
        }
        assert!(began.elapsed() < TIMEOUT, "{}", response.text().await.unwrap());
    }
}

async fn a_server_is_not_ready_without_a_connection_to_the_bus(database: Database) {
    if database.url.is_none() {
        return;
    }
    let bus = Some("nats://127.0.0.1:1".parse().unwrap());
    let server = Server::start(&Config { bus, ..database.config() }).await;
    let response = get(&server, "/readyz").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body: Value = response.json().await.unwrap();
    assert_eq!(body, json!({"code": "not_ready", "reason": "bus"}));
}

/// Returns the value of the first metric whose line starts with a text.
fn value(text: &str, prefix: &str) -> f64 {
    let line = text.lines().find(|line| line.starts_with(prefix));
    let value = line.unwrap_or_else(|| panic!("no {prefix} in\n{text}")).rsplit(' ').next();
    value.unwrap().parse().unwrap()
}

async fn metrics_are_counted_by_route_and_contain_nothing_private(database: Database) {
    let config = Config { metrics: MetricsMode::Local, ..database.config() };
    let server = Server::start(&config).await;
    wait_until_ready(&server).await;
    let wren = server.register("wrenfield").await;
    let group = wren.group(&[]).await;
    for _ in 0..3 {
        wren.say(group, "unmistakable").await;
    }
    for at in 0..20 {
        get(&server, &format!("/v1/users/{at}/unmistakable")).await;
        let unknown_method = reqwest::Method::from_bytes(format!("ODD{at}").as_bytes()).unwrap();
        server.http.request(unknown_method, format!("{}/server", server.url)).send().await.unwrap();
    }
    let response = get(&server, "/metrics").await;
    let content_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(content_type.starts_with("application/openmetrics-text"), "{content_type}");
    let text = response.text().await.unwrap();
    assert!(text.ends_with("# EOF\n"));
    let requests = "parlour_request_duration_seconds_count";
    let ops = r#"{method="POST",route="/v1/ops",status="200"}"#;
    assert_eq!(value(&text, &format!("{requests}{ops}")), 4.0);
    let others = r#"{method="GET",route="other",status="404"}"#;
    assert_eq!(value(&text, &format!("{requests}{others}")), 20.0);
    let unknown_method = r#"{method="other",route="/v1/server",status="405"}"#;
    assert_eq!(value(&text, &format!("{requests}{unknown_method}")), 20.0);
    assert_eq!(value(&text, "parlour_messages_accepted_total"), 3.0);
    assert_eq!(value(&text, "parlour_ready"), 1.0);
    assert_eq!(value(&text, "parlour_sessions"), 1.0);
    assert_eq!(value(&text, "parlour_people"), 1.0);
    assert!(value(&text, "parlour_database_commit_seconds_count") >= 4.0);
    assert!(value(&text, "parlour_database_wait_seconds_count") >= 1.0);
    assert!(value(&text, "parlour_database_bytes") > 0.0);
    assert!(text.contains("parlour_build_info{version="));
    assert_eq!(cfg!(unix) && config.folder().is_some(), text.contains("parlour_disk_free_bytes"));
    for secret in
        ["wrenfield", "unmistakable", &wren.token, &group.to_string(), &wren.id.to_string()]
    {
        assert!(!text.contains(secret), "{secret}");
    }
}

async fn the_setting_decides_who_can_read_the_metrics(database: Database) {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("metrics.token");
    let get_metrics = async |metrics: &MetricsMode, headers: &[(&str, &str)]| {
        let config = Config { metrics: metrics.clone(), ..database.config() };
        let server = Server::start(&config).await;
        let url = server.url.replace("/v1", "/metrics");
        let mut request = server.http.get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let refused_code = match response.status() {
            StatusCode::OK => None,
            _ => Some(error_body(response).await.code),
        };
        server.running.stop().await.unwrap();
        refused_code
    };
    assert_eq!(get_metrics(&MetricsMode::Off, &[]).await, Some(ErrorCode::NotFound));
    assert_eq!(get_metrics(&MetricsMode::Local, &[]).await, None);
    let forwarded = [("x-forwarded-for", "127.0.0.1")];
    assert_eq!(get_metrics(&MetricsMode::Local, &forwarded).await, Some(ErrorCode::NotFound));
    let own_token = MetricsMode::OwnToken(file.clone());
    assert_eq!(get_metrics(&own_token, &[]).await, Some(ErrorCode::InvalidToken));
    let bearer = format!("Bearer {}", std::fs::read_to_string(&file).unwrap().trim());
    assert_eq!(get_metrics(&own_token, &[("authorization", &bearer)]).await, None);
    assert_eq!(
        get_metrics(&own_token, &[("authorization", "Bearer wrong")]).await,
        Some(ErrorCode::InvalidToken)
    );
}
