//! The examples in docs/protocol.md are real responses of the server.

use crate::common::{Database, Placeholders, User};
use parlour_protocol::{
    Action, Availability, ClientFrame, ConversationId, Count, Credentials, ErrorBody, FileHash,
    FileKind, Frame, Heads, MessageFile, Millis, Op, OpId, Presence, Pull, PullStream, StreamId,
    Thumbnail,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use uuid::Uuid;

async fn raw(user: &User, path: &str) -> Value {
    user.get(path).await
}

async fn examples() -> BTreeMap<&'static str, Value> {
    let database = Database::sqlite();
    let server = database.serve().await;
    let mut placeholders = Placeholders::default();
    let credentials = Credentials {
        username: "wren".into(),
        password: "correct horse".into(),
        device: "Wren's laptop".into(),
        invitation: None,
    };
    let signed_in: Value = server.post("users", &credentials).await.json().await.unwrap();
    let oak = server.register("oak").await;
    let mut wren = oak.clone();
    wren.token = signed_in["token"].as_str().unwrap().into();
    wren.id = serde_json::from_value(signed_in["userId"].clone()).unwrap();
    placeholders.add(&wren.token, "parlour_5f1c…");
    placeholders.add(signed_in["sessionId"].as_str().unwrap(), "SESSION");
    placeholders.add(wren.id, "WREN");
    placeholders.add(oak.id, "OAK");
    let (group, other_group) = (ConversationId(Uuid::now_v7()), ConversationId(Uuid::now_v7()));
    placeholders.add(group, "GROUP");
    placeholders.add(other_group, "OTHER");
    wren.act(group, Action::create_group("workshop", vec![oak.id])).await;
    let op =
        Op { id: OpId::new(), conversation_id: group, action: Action::send("is the cache in?") };
    placeholders.add(op.id, "MESSAGE");
    let done: Value = wren.send_op(&op).await.json().await.unwrap();
    let react = Action::React {
        message_id: parlour_protocol::MessageId(op.id.0),
        emoji: "👍".into(),
        on: true,
    };
    oak.act(group, react).await;
    let heads = raw(&wren, "heads?wm=4").await;
    let epoch = heads["epoch"].as_str().unwrap().to_owned();
    placeholders.add(&epoch, "EPOCH");
    placeholders.add(heads["proof"].as_str().unwrap(), "PROOF");
    let place = format!("epoch={epoch}&term=1");
    let changes = format!("changes?stream=conversation:{group}&{place}&since=1");
    let history = format!("history?conversation={group}&{place}&before=2&limit=50");
    let digest = format!("digest?conversation={group}&{place}&low=1&high=1");
    let digest = raw(&wren, &digest).await;
    placeholders.add(digest["sha256"].as_str().unwrap(), "DIGEST");
    let state = raw(&wren, &format!("state?stream=conversation:{group}&{place}")).await;
    let bytes = vec![7; 100_000];
    let described = MessageFile {
        name: "plan.png".into(),
        media_type: "image/png".into(),
        kind: FileKind::Picture {
            width: 1600,
            height: 900,
            thumbhash: Some("1QcSHQRnh493V4dIh4eXh1h4kJUI".into()),
        },
        thumbnail: Some(Thumbnail { hash: FileHash::of(b"small"), bytes: Count(21_044) }),
        ..MessageFile::example("x", &bytes)
    };
    wren.begin_upload(described.hash, bytes.len()).await;
    wren.add_part(described.hash, 0, bytes[..65_536].to_vec()).await;
    let upload = raw(&wren, &format!("uploads/{}", described.hash)).await;
    let limits = raw(&wren, "uploads").await;
    let refused: ErrorBody =
        crate::common::error_body(wren.request(reqwest::Method::GET, "heads?wm=x").await).await;
    let page = serde_json::from_value(raw(&wren, &changes).await).unwrap();
    let ahead: Heads = serde_json::from_value(heads.clone()).unwrap();
    let stream = StreamId::Conversation(group);
    let since = PullStream { stream, term: 1, since: Some(1) };
    let bootstrap =
        PullStream { stream: StreamId::Conversation(other_group), term: 1, since: None };
    let pull = Pull { epoch: epoch.clone(), streams: vec![since, bootstrap], bytes: None };
    let typing = Frame::Typing { conversation_id: group, user_id: oak.id };
    let frames = [
        Frame::Hello { epoch: epoch.clone(), heartbeat_ms: 20_000 },
        Frame::Change(page),
        Frame::Hint { heads: ahead.heads },
        typing,
        Frame::Presence {
            people: vec![Presence {
                user_id: oak.id,
                state: Availability::Offline,
                last_seen_at: Some(Millis(1_767_225_600_000)),
            }],
        },
        Frame::Heartbeat { wm: ahead.wm },
        Frame::Bye { code: parlour_protocol::ErrorCode::Revoked, retry_after_ms: None },
    ];
    let client_frames = [
        ClientFrame::Typing { conversation_id: group },
        ClientFrame::Presence { state: Availability::Away },
        ClientFrame::Watch { user_ids: vec![oak.id] },
    ];
    let examples = [
        ("sign-in", json!(credentials)),
        ("signed-in", signed_in),
        ("op", json!(op)),
        ("done", done),
        ("heads", heads),
        ("changes", raw(&wren, &changes).await),
        ("bootstrap", raw(&wren, &format!("bootstrap?conversation={group}")).await),
        ("pull", json!(pull)),
        ("digest", digest),
        ("state", state),
        ("history", raw(&wren, &history).await),
        ("file", json!(described)),
        ("upload", upload),
        ("limits", limits),
        ("account", json!(wren.changes(StreamId::Account(wren.id)).await)),
        ("refusal", json!(refused)),
        ("frames", json!(frames)),
        ("client-frames", json!(client_frames)),
    ];
    examples.into_iter().map(|(name, value)| (name, placeholders.apply(&value))).collect()
}

/// Writes the examples into the document, and fails if that changed the document.
#[tokio::test]
async fn the_examples_in_the_protocol_document_are_real_responses() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/protocol.md");
    let before = std::fs::read_to_string(&path).unwrap();
    let mut after = before.clone();
    for (name, value) in examples().await {
        let marker = format!("<!-- {name} -->\n```json\n");
        let start =
            after.find(&marker).unwrap_or_else(|| panic!("no example {name}")) + marker.len();
        let end = start + after[start..].find("```").expect("the end of the example");
        let json = match &value {
            Value::Array(lines) => lines.iter().map(|line| format!("{line}\n")).collect(),
            other => format!("{}\n", serde_json::to_string_pretty(other).unwrap()),
        };
        after.replace_range(start..end, &json);
    }
    if before != after {
        std::fs::write(&path, &after).unwrap();
        panic!("docs/protocol.md was outdated and has been updated: review and commit it");
    }
}

/// Returns the names of all properties in a document of OpenAPI.
fn properties(value: &Value) -> Vec<String> {
    let mut names = Vec::new();
    if let Some(Value::Object(found)) = value.get("properties") {
        names.extend(found.keys().cloned());
    }
    match value {
        Value::Object(fields) => names.extend(fields.values().flat_map(properties)),
        Value::Array(items) => names.extend(items.iter().flat_map(properties)),
        _ => {}
    }
    names
}

#[tokio::test]
async fn the_api_document_names_every_field_as_the_server_reads_it() {
    let database = Database::sqlite();
    let server = database.serve().await;
    let url = format!("{}/openapi.json", server.url.trim_end_matches("/v1"));
    let document: Value = server.http.get(url).send().await.unwrap().json().await.unwrap();
    let names = properties(&document);
    assert!(names.contains(&"messageId".to_owned()));
    // Serde's `rename_all_fields` does not apply to the document: each variant has its own `rename_all`.
    let snake_case: Vec<_> = names.iter().filter(|name| name.contains('_')).collect();
    assert!(snake_case.is_empty(), "{snake_case:?}");
}
