//! What is exported, and on which page.

use super::{DAY, GROUP, NOON, OTHER, World, everything, message};
use crate::{ExportFormat, ExportRequest, ExportSelection};
use parlour_protocol::{MessageId, MessageRow, Millis};
use parlour_store::Scope;
use uuid::Uuid;

/// Returns the texts of the exported messages of a conversation.
fn texts(world: &World, title: &str) -> Vec<String> {
    let lines = world.read(&format!("conversations/{title}/messages.jsonl"));
    let lines = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let messages = lines.filter(|line| line["type"] == "message");
    messages.map(|line| line["text"].as_str().unwrap().to_owned()).collect()
}

/// Returns a world with three days in one group, and one message in another one.
fn days() -> World {
    let world = World::new();
    let on = |seq: i64, body: &str| MessageRow {
        sent_at: Millis(NOON + seq * DAY),
        ..message(seq, body)
    };
    world.group(GROUP, "workshop", vec![on(1, "apple"), on(2, "pear"), on(3, "apple pie")]);
    let id = MessageId(Uuid::from_u128(5000));
    world.group(OTHER, "kitchen", vec![MessageRow { id, ..on(1, "apple") }]);
    world
}

#[test]
fn a_period_begins_at_its_first_time_and_ends_before_its_last() {
    let world = days();
    let (from, until) = (Some(Millis(NOON + 2 * DAY)), Some(Millis(NOON + 3 * DAY)));
    let request = ExportRequest { from, until, ..everything(ExportFormat::Jsonl) };
    let exported = world.export(&request).unwrap();
    assert_eq!((exported.conversations, exported.messages), (1, 1));
    assert_eq!(texts(&world, "workshop"), ["pear"]);
    assert!(!world.target().join("conversations/kitchen").exists());
}

#[test]
fn one_conversation_is_exported_without_the_others() {
    let world = days();
    let selection = ExportSelection::Conversation { id: OTHER };
    let request = ExportRequest { selection, ..everything(ExportFormat::Both) };
    assert_eq!(world.export(&request).unwrap().conversations, 1);
    assert_eq!(texts(&world, "kitchen"), ["apple"]);
    assert!(!world.read("index.html").contains("workshop"));
}

#[test]
fn the_results_of_a_search_are_exported_in_the_order_of_the_conversation() {
    let world = days();
    let search = |scope| ExportSelection::Search { text: "apple".into(), scope };
    let selection = search(Scope::Everywhere);
    let request = ExportRequest { selection, ..everything(ExportFormat::Jsonl) };
    assert_eq!(world.export(&request).unwrap().messages, 3);
    assert_eq!(texts(&world, "workshop"), ["apple", "apple pie"]);
    std::fs::remove_dir_all(world.target()).unwrap();
    let selection = search(Scope::Conversation(OTHER));
    let request = ExportRequest { selection, ..everything(ExportFormat::Jsonl) };
    assert_eq!(world.export(&request).unwrap().messages, 1);
}

#[test]
fn long_conversations_have_pages_of_a_thousand_messages() {
    let world = World::new();
    let mut rows: Vec<_> = (1..=2001).map(|seq| message(seq, "a")).collect();
    rows[1500].reply_to = Some(rows[2].id);
    world.group(GROUP, "workshop", rows);
    world.export(&everything(ExportFormat::Html)).unwrap();
    let page = |name: &str| world.read(&format!("conversations/workshop/{name}"));
    let messages = |html: &str| html.matches("<article").count();
    let pages = ["index.html", "page-2.html", "page-3.html"].map(page);
    assert_eq!(pages.each_ref().map(|html| messages(html)), [1000, 1000, 1]);
    let links = pages
        .each_ref()
        .map(|html| (html.contains("rel=\"prev\" href="), html.contains("rel=\"next\" href=")));
    assert_eq!(links, [(false, true), (true, true), (true, false)]);
    assert!(pages[1].contains("href=\"index.html#m-3\"") && pages[0].contains("id=\"m-3\""));
    assert!(!world.target().join("conversations/workshop/page-4.html").exists());
}

#[test]
fn files_can_be_left_out() {
    let world = World::new();
    let file = parlour_protocol::MessageFile::example("a.txt", b"a");
    world.group(
        GROUP,
        "workshop",
        vec![MessageRow { files: vec![file.clone()], ..message(1, "") }],
    );
    world.receive(&file, b"a");
    let request = ExportRequest { with_files: false, ..everything(ExportFormat::Both) };
    let exported = world.export(&request).unwrap();
    assert_eq!((exported.files, exported.missing_files), (0, 0));
    assert!(world.read("conversations/workshop/index.html").contains("Left out"));
}
