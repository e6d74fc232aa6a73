//! The log: its level and format are settings, and it contains nothing private.
#![cfg(unix)]

use crate::program::{Program, command, objects, output};
use parlour_protocol::{Action, ConversationId, Op, OpId, SignedIn};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use std::path::Path;
use uuid::Uuid;

/// What users typed, none of which may be in a log.
const NAME: &str = "wrenfieldunmistakable";
const PASSWORD: &str = "unmistakable horse";
const BODY: &str = "what unmistakably was said";

/// Performs what users do in a day, valid and invalid requests alike. Returns the tokens that were issued.
async fn live(server: &Program, data: &Path) -> Vec<String> {
    let (http, url) = (Client::new(), format!("{}/v1", server.url));
    let typed = json!({"username": NAME, "password": PASSWORD, "device": "unmistakable device"});
    let post = |path: &str, body: &Value| http.post(format!("{url}/{path}")).json(body).send();
    let response = post("users", &typed).await.unwrap();
    let registered: SignedIn = response.json().await.unwrap();
    let wrong = json!({"username": NAME, "password": "unmistakable guess"});
    assert_eq!(post("sessions", &wrong).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let room = ConversationId(Uuid::now_v7());
    let act = async |action: Action| {
        let op = Op { id: OpId::new(), conversation_id: room, action };
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
    let asked = http.get(format!("{url}/changes?stream={NAME}")).bearer_auth(&registered.token);
    asked.send().await.unwrap();
    http.get(format!("{}/join/%23unmistakable", server.url)).send().await.unwrap();
    let invited = objects(&output(command(data, &["invite", "--json"]), "")).remove(0);
    let (_, secret) = invited["link"].as_str().unwrap().split_once('#').unwrap();
    let preview = json!({"secret": secret});
    post("invitations/preview", &preview).await.unwrap();
    let added = ["user", "add", "oakunmistakable", "--json"];
    objects(&output(command(data, &added), "unmistakable word"));
    vec![registered.token, secret.to_owned()]
}

#[tokio::test(flavor = "multi_thread")]
async fn at_any_level_and_in_either_form_the_log_has_routes_and_names_of_requests_and_nothing_private()
 {
    for format in ["text", "json"] {
        let dir = tempfile::tempdir().unwrap();
        let args = ["--log", "trace", "--log-format", format, "--registration", "open"];
        let server = Program::serve(dir.path(), &args);
        let tokens = live(&server, dir.path()).await;
        server.wait_until_logged("/v1/invitations/preview");
        let log = server.logged();
        server.stop();
        for line in log.lines() {
            assert!(!line.to_lowercase().contains("unmistakabl"), "{line}");
            assert!(tokens.iter().all(|token| !line.contains(token.as_str())), "{line}");
        }
        let answered: Vec<&str> = log.lines().filter(|line| line.contains("answered")).collect();
        assert!(answered.len() >= 10, "{log}");
        for line in answered {
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
async fn a_hangup_takes_up_another_level() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("parlour.toml");
    std::fs::write(&file, "log = \"warn\"\nlog_format = \"json\"\n").unwrap();
    let server = Program::serve(dir.path(), &[]);
    let ask = async || reqwest::get(format!("{}/healthz", server.url)).await.unwrap();
    ask().await;
    assert!(!server.logged().contains("answered"));
    std::fs::write(&file, "log = \"debug\"\nlog_format = \"json\"\n").unwrap();
    server.signal("HUP");
    server.wait_until_logged("the settings were reloaded");
    let name = ask().await.headers()["x-request-id"].to_str().unwrap().to_owned();
    server.wait_until_logged(&name);
    std::fs::write(&file, "log = \"loud\"\n").unwrap();
    server.signal("HUP");
    server.wait_until_logged("the new settings are invalid");
    server.stop();
}
