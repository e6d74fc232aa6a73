//! The exact output for a small history. Regenerates the files of `golden/` and fails if they differ.

use super::{DAY, GROUP, ME, NOON, WREN, World, everything, message};
use crate::ExportFormat;
use parlour_protocol::{Count, MessageFile, MessageRow, Millis, Reaction};

/// A history with everything that a message can have.
fn history() -> (World, MessageFile) {
    let world = World::new();
    let (here, missing) =
        (MessageFile::example("notes.txt", b"notes"), MessageFile::example("plan.pdf", b"plan"));
    let hello = MessageRow {
        mentions: vec![ME],
        ..message(1, "**Hello** @oak, see https://example.org/a")
    };
    let users = vec![WREN];
    let reaction = Reaction { emoji: "👍".into(), count: Count(1), users, own: None };
    let reply = MessageRow {
        sender_id: ME,
        reply_to: Some(hello.id),
        edited_at: Some(Millis(NOON + 120_000)),
        reactions: vec![reaction],
        ..message(2, "Yes\nno")
    };
    let deleted = MessageRow {
        sent_at: Millis(NOON + DAY),
        deleted_at: Some(Millis(NOON + DAY + 1000)),
        ..message(3, "")
    };
    let with_files = MessageRow {
        sent_at: Millis(NOON + DAY),
        pinned_at: Some(Millis(NOON + 2 * DAY)),
        files: vec![here.clone(), missing],
        ..message(4, "")
    };
    world.group(GROUP, "a<b: plans", vec![hello, reply, deleted, with_files]);
    world.receive(&here, b"notes");
    (world, here)
}

#[track_caller]
fn assert_golden(name: &str, current: &str) {
    let path = format!("{}/src/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    let committed = std::fs::read_to_string(&path).unwrap_or_default().replace('\r', "");
    if committed != current {
        std::fs::write(&path, current).unwrap();
        panic!("{name} was outdated; it was regenerated");
    }
}

fn body(html: &str) -> &str {
    html.split_once("<body>\n").unwrap().1
}

#[test]
fn a_history_becomes_these_pages_and_lines() {
    let (world, _) = history();
    let exported = world.export(&everything(ExportFormat::Both)).unwrap();
    assert_eq!((exported.messages, exported.files, exported.missing_files), (4, 1, 1));
    let folder = "conversations/a_b_ plans";
    let files = ["files/notes.txt", "index.html", "messages.jsonl"];
    let mut paths = files.map(|name| format!("{folder}/{name}")).to_vec();
    paths.push("index.html".into());
    assert_eq!(world.paths(), paths);
    assert_golden("index.html", body(&world.read("index.html")));
    assert_golden("conversation.html", body(&world.read(&format!("{folder}/index.html"))));
    assert_golden("messages.jsonl", &world.read(&format!("{folder}/messages.jsonl")));
    assert_eq!(world.read(&format!("{folder}/files/notes.txt")), "notes");
}

#[test]
fn the_same_history_gives_the_same_lines() {
    let lines = || {
        let (world, _) = history();
        world.export(&everything(ExportFormat::Jsonl)).unwrap();
        assert!(!world.target().join("index.html").exists());
        world.read("conversations/a_b_ plans/messages.jsonl")
    };
    assert_eq!(lines(), lines());
}

#[test]
fn each_line_is_json_and_refers_only_to_people_of_earlier_lines() {
    let (world, file) = history();
    world.export(&everything(ExportFormat::Jsonl)).unwrap();
    let text = world.read("conversations/a_b_ plans/messages.jsonl");
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kind = |line: &serde_json::Value| line["type"].as_str().unwrap().to_owned();
    assert_eq!((kind(&lines[0]), lines[0]["version"].as_i64()), ("header".into(), Some(1)));
    let mut known = Vec::new();
    for line in &lines {
        match kind(line).as_str() {
            "person" => known.push(line["id"].clone()),
            "message" => assert!(known.contains(&line["author"])),
            _ => {}
        }
    }
    let end = lines.last().unwrap();
    assert_eq!((kind(end), end["messages"].as_i64()), ("end".into(), Some(4)));
    let exported = &lines[lines.len() - 2]["files"];
    assert_eq!(exported[0]["sha256"], serde_json::json!(file.hash.to_string()));
    assert_eq!(exported[0]["path"], serde_json::json!("files/notes.txt"));
    assert!(exported[1].get("path").is_none());
}

/// The server's tests check the same for its own export.
#[test]
fn the_documentation_has_every_field_of_the_lines() {
    let (world, _) = history();
    world.export(&everything(ExportFormat::Jsonl)).unwrap();
    let documentation = include_str!("../../../../docs/export.md");
    for line in world.read("conversations/a_b_ plans/messages.jsonl").lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let start = format!("| `{}` |", line["type"].as_str().unwrap());
        let row = documentation.lines().find(|row| row.starts_with(&start)).expect("a row");
        for key in line.as_object().unwrap().keys().filter(|key| *key != "type") {
            assert!(row.contains(&format!("`{key}`")), "{start} {key}");
        }
    }
}
