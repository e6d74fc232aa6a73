//! The members whom a message mentions.

use super::{GROUP, ME, WREN, directory, group_store, op, page};
use crate::{Position, ServerUpdate};
use parlour_protocol::{
    Action, ConversationId, MemberRole, MemberRow, Millis, Op, Page, Profile, Row, UserId,
    UserRole, UserRow,
};
use std::collections::BTreeSet;
use tempfile::TempDir;
use uuid::Uuid;

#[test]
fn members_are_mentioned_in_any_letter_case_of_any_script() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let renamed = Row::User(UserRow::new(WREN, "Андрей", UserRole::Member, 3));
    let page = Page { from: 2, to: 3, head: 3, rows: vec![renamed], ..directory() };
    store.mirror.apply(&[ServerUpdate::Page(&page)]).unwrap();
    let mentions = |text: &str| store.mentioned(GROUP, text).unwrap();
    assert_eq!(mentions("привет, @андрей!"), (vec![WREN], false));
    assert_eq!(mentions("@АНДРЕЙ и @all"), (vec![WREN], true));
    assert_eq!(mentions("@андреи"), (vec![WREN], false), "as a search finds him");
    assert_eq!(mentions("@андре"), (vec![], false));
    assert_eq!(mentions("请问@андрей在吗 @АНДРЕЙさん"), (vec![WREN], false));
    assert_eq!(mentions("在吗@андрей，谢谢"), (vec![WREN], false));
}

#[test]
fn members_are_mentioned_by_their_names_but_not_by_email_addresses() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let mentions = |text: &str| store.mentioned(GROUP, text).unwrap();
    assert_eq!(mentions("hello @jenny wren, and @all"), (vec![WREN], true));
    assert_eq!(mentions("(@Jenny Wren)"), (vec![WREN], false));
    assert_eq!(mentions("@Jenny Wrens"), (vec![], false));
    assert_eq!(mentions("post@Jenny Wren, everyone@all"), (vec![], false));
    assert_eq!(mentions("@nobody @"), (vec![], false));
    for nobody in ["`@Jenny Wren`", "```\n@Jenny Wren @all\n```", "> @Jenny Wren and @all"] {
        assert_eq!(mentions(nobody), (vec![], false), "{nobody}");
    }
    assert_eq!(mentions("**@Jenny Wren** > @ALL"), (vec![WREN], true));
    for other in ["@all-hands", "@all_staff", "@allan", "@alle", "x@all"] {
        assert_eq!(mentions(other), (vec![], false), "{other}");
    }
    for all in ["@all", "@All.", "@ALL!", "(@all)", "@all-", "大家@all好"] {
        assert_eq!(mentions(all), (vec![], true), "{all}");
    }
    // As much text as a message can contain, without the name of anybody.
    for hostile in ["@!", "@", "@a b c d ", "@\n"] {
        assert_eq!(mentions(&hostile.repeat(64 * 1024 / hostile.len())), (vec![], false));
    }
    let new_group = ConversationId(Uuid::from_u128(44));
    let create =
        Op { conversation_id: new_group, ..op(80, Action::create_group("new", vec![WREN])) };
    store.enqueue(&create, Millis(1)).unwrap();
    let mentions_in_group = |text: &str| store.mentioned(new_group, text).unwrap();
    assert_eq!(
        mentions_in_group("@Jenny wren and @all"),
        (vec![WREN], true),
        "before the group is on the server, too"
    );
    assert_eq!(mentions_in_group("@Jenny Wrens"), (vec![], false));
    let demoted = MemberRow {
        user_id: ME,
        role: MemberRole::Member,
        joined_at: Millis(0),
        last_read_seq: None,
        left_at: None,
        changed_seq: 4,
    };
    store.mirror.apply(&[ServerUpdate::Page(&page(3, 4, vec![Row::Member(demoted)]))]).unwrap();
    assert_eq!(mentions("@all"), (vec![], false), "the author may not mention everybody");
}

#[test]
fn mentions_are_found_and_shown_as_in_the_shared_table() {
    let table = include_str!("../../../markup/src/mentions/table.json");
    let table: Vec<(String, Vec<String>)> = serde_json::from_str(table).unwrap();
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let named = |seq, id, username: &str, display_name: &str| {
        let profile = Profile { display_name: display_name.into(), ..Profile::default() };
        Row::User(UserRow { profile, ..UserRow::new(id, username, UserRole::Member, seq) })
    };
    let rows = vec![named(3, WREN, "wren", "Jenny Okafor"), named(4, ME, "oak", "")];
    let page = Page { from: 2, to: 4, head: 4, rows, ..directory() };
    store.mirror.apply(&[ServerUpdate::Page(&page)]).unwrap();
    for (number, (text, shown)) in (100..).zip(table) {
        let (people, all) = store.mentioned(GROUP, &text).unwrap();
        let ids = shown.iter().filter_map(|name| match name.to_lowercase().as_str() {
            "@all" => None,
            "@oak" => Some(ME),
            _ => Some(WREN),
        });
        let ids: BTreeSet<UserId> = ids.collect();
        assert_eq!(people, ids.into_iter().collect::<Vec<_>>(), "{text}");
        assert_eq!(all, shown.iter().any(|name| name == "@all"), "{text}");
        let action = Action::Send {
            body: text.clone(),
            reply_to: None,
            mentions: people,
            mentions_all: all,
            files: Vec::new(),
        };
        store.enqueue(&op(number, action), Millis(1)).unwrap();
        let items = store.timeline(GROUP, Position::Newest, 5).unwrap().items;
        let blocks = serde_json::to_value(&items.last().unwrap().blocks).unwrap();
        let mut found = Vec::new();
        collect_mentions(&blocks, &mut found);
        assert_eq!(found, shown, "{text}");
    }
}

fn collect_mentions(node: &serde_json::Value, found: &mut Vec<String>) {
    if node["type"] == "mention" || node["type"] == "mentionAll" {
        found.push(node["text"].as_str().unwrap().to_owned());
    }
    match node {
        serde_json::Value::Array(all) => all.iter().for_each(|item| collect_mentions(item, found)),
        serde_json::Value::Object(all) => {
            all.values().for_each(|item| collect_mentions(item, found))
        }
        _ => {}
    }
}

#[test]
fn a_display_name_that_starts_with_a_username_does_not_take_its_mentions() {
    let folder = TempDir::new().unwrap();
    let store = group_store(&folder);
    let named = |seq, id, username: &str, display_name: &str| {
        let profile = Profile { display_name: display_name.into(), ..Profile::default() };
        Row::User(UserRow { profile, ..UserRow::new(id, username, UserRole::Member, seq) })
    };
    let rows = vec![named(3, WREN, "wren", "Jenny Okafor"), named(4, ME, "mallory", "Wren please")];
    let page = Page { from: 2, to: 4, head: 4, rows, ..directory() };
    store.mirror.apply(&[ServerUpdate::Page(&page)]).unwrap();
    let mentions = |text: &str| store.mentioned(GROUP, text).unwrap().0;
    for text in ["@wren please look", "@Wren please", "@WREN PLEASE!", "@wrén please"] {
        assert_eq!(mentions(text), [WREN], "{text}");
    }
    assert_eq!(mentions("@jenny okafor please"), [WREN]);
    assert_eq!(mentions("@mallory please"), [ME]);
}
