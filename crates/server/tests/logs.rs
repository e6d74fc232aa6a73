//! The log: its level and format are settings, and it contains nothing private.
#![cfg(unix)]

use crate::program::{Program, command, objects, output};
use parlour_protocol::{Action, ConversationId, Op, OpId, SignedIn};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::path::Path;
use uuid::Uuid;

/// Texts that users type, none of which may be in a log.
const NAME: &str = "wrenfieldunmistakable";
const PASSWORD: &str = "unmistakable horse";
const BODY: &str = "what unmistakably was said";

/// Sends valid and invalid requests as a user does. Returns the tokens that were issued.
async fn act_as_user(server: &Program, data: &Path) -> Vec<String> {
    let (http, url) = (Client::new(), format!("{}/v1", server.url));
    let credentials =
        json!({"username": NAME, "password": PASSWORD, "device": "unmistakable device"});
    let post = |path: &str, body: &Value| http.post(format!("{url}/{path}")).json(body).send();
    let response = post("users", &credentials).await.unwrap();
    let registered: SignedIn = response.json().await.unwrap();
    let wrong = json!({"username": NAME, "password": "unmistakable guess"});
    assert_eq!(post("sessions", &wrong).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let group = ConversationId(Uuid::now_v7());
    let act = async |action: Action| {
        let op = Op { id: OpId::new(), conversation_id: group, action };
        let sent = http.post(format!("{url}/ops")).bearer_auth(&registered.token).json(&op).send();
        sent.await.unwrap().status()
    };
    let title = Action::create_group("unmistakable title", Vec::new());
    assert_eq!(act(title).await, StatusCode::OK);
    assert_eq!(act(Action::send(BODY)).await, StatusCode::OK);
    // An invalid request is refused with a message that may quote it.
    for (path, body) in
        [("ops", json!({"id": BODY})), ("pull", json!([BODY])), ("users", json!(BODY))]
    {
        let sent = http.post(format!("{url}/{path}")).bearer_auth(&registered.token).json(&body);
        assert!(!sent.send().await.unwrap().status().is_success());
    }
    let request = http.get(format!("{url}/changes?stream={NAME}")).bearer_auth(&registered.token);
    request.send().await.unwrap();
    http.get(format!("{}/join/%23unmistakable", server.url)).send().await.unwrap();
    let invited = objects(&output(command(data, &["invite", "--json"]), "")).remove(0);
    let (_, secret) = invited["link"].as_str().unwrap().split_once('#').unwrap();
    let preview = json!({"secret": secret});
    post("invitations/preview", &preview).await.unwrap();
    let add_user = ["user", "add", "oakunmistakable", "--json"];
    objects(&output(command(data, &add_user), "unmistakable word"));
    vec![registered.token, secret.to_owned()]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_contains_routes_and_request_ids_and_nothing_private_at_any_level_and_format() {
    for format in ["text", "json"] {
        let dir = tempfile::tempdir().unwrap();
        let args = ["--log", "trace", "--log-format", format, "--registration", "open"];
        let server = Program::serve(dir.path(), &args);
        let tokens = act_as_user(&server, dir.path()).await;
        server.wait_until_logged("/v1/invitations/preview");
        let log = server.logged();
        server.stop();
        for line in log.lines() {
            assert!(!line.to_lowercase().contains("unmistakabl"), "{line}");
            assert!(tokens.iter().all(|token| !line.contains(token.as_str())), "{line}");
        }
        let responses: Vec<&str> = log.lines().filter(|line| line.contains("answered")).collect();
        assert!(responses.len() >= 10, "{log}");
        for line in responses {
            if format == "text" {
                assert!(line.contains("request{id="), "{line}");
                continue;
            }
            let line: Value = serde_json::from_str(line).unwrap();
            assert_eq!(line["level"], "DEBUG");
            assert_eq!(line["span"]["id"].as_str().unwrap().len(), 16, "{line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_signal_reloads_the_log_level() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("parlour.toml");
    std::fs::write(&file, "log = \"warn\"\nlog_format = \"json\"\n").unwrap();
    let server = Program::serve(dir.path(), &[]);
    let get_health = async || reqwest::get(format!("{}/healthz", server.url)).await.unwrap();
    get_health().await;
    assert!(!server.logged().contains("answered"));
    std::fs::write(&file, "log = \"debug\"\nlog_format = \"json\"\n").unwrap();
    server.signal("HUP");
    server.wait_until_logged("the settings were reloaded");
    let id = get_health().await.headers()["x-request-id"].to_str().unwrap().to_owned();
    server.wait_until_logged(&id);
    std::fs::write(&file, "log = \"loud\"\n").unwrap();
    server.signal("HUP");
    server.wait_until_logged("the new settings are invalid");
    server.stop();
}
