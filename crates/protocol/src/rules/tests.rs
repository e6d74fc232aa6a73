use super::*;
use crate::{Action, ProfileChange};
use std::collections::BTreeSet;
use uuid::Uuid;

fn every_action() -> Vec<Action> {
    Action::examples(MessageId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)))
}

#[test]
fn the_name_is_the_one_in_json() {
    let mut names = BTreeSet::new();
    for action in every_action() {
        let json = serde_json::to_value(&action).unwrap();
        assert_eq!(json["type"], action.rules().name);
        names.insert(action.rules().name);
    }
    // The error for an unknown action lists all known ones.
    let error = serde_json::from_str::<Action>(r#"{"type":""}"#).unwrap_err().to_string();
    let all: BTreeSet<&str> = error.split('`').skip(3).step_by(2).collect();
    assert_eq!(names, all, "each action has an example");
}

#[test]
fn the_documents_name_every_action() {
    let docs = include_str!("../../../../docs/protocol.md");
    for action in every_action() {
        let name = action.rules().name;
        assert!(docs.contains(&format!("`{name}`")), "docs/protocol.md does not name {name}");
    }
}

#[test]
fn an_action_replaces_only_an_older_one_with_the_same_target() {
    let all = every_action();
    for (n, new) in all.iter().enumerate() {
        for (m, old) in all.iter().enumerate() {
            let is_same = n == m || new.rules().name == old.rules().name;
            let coalesces = new.rules().coalesces != Coalesces::Nothing;
            assert_eq!(new.rules().replaces(&old.rules()), is_same && coalesces, "{new:?} {old:?}");
        }
    }
    let id = |n| MessageId(Uuid::from_u128(n));
    let react = |n, emoji: &str| Action::React { message_id: id(n), emoji: emoji.into(), on: true };
    let pin = |n| Action::PinMessage { message_id: id(n), on: false };
    let set = |name: &str| Action::Setting { name: name.into(), value: String::new() };
    let set_profile = |profile| Action::SetProfile { profile };
    let (name, about) = (Some("Wren".to_owned()), Some("Compilers".to_owned()));
    let name = ProfileChange { display_name: name, ..ProfileChange::default() };
    let both = ProfileChange { about: about.clone(), ..name.clone() };
    let about = ProfileChange { about, ..ProfileChange::default() };
    for (one, other) in [
        (react(1, "👍"), react(1, "🎂")),
        (react(1, "👍"), react(2, "👍")),
        (pin(1), pin(2)),
        (set("a"), set("b")),
        (set_profile(name), set_profile(about.clone())),
        (set_profile(about), set_profile(both)),
    ] {
        assert!(!one.rules().replaces(&other.rules()), "{one:?} {other:?}");
    }
}

#[test]
fn actions_for_all_members_are_deduplicated_and_own_ones_allowed_in_archived_groups() {
    for action in every_action() {
        let rules = action.rules();
        match rules.audience {
            Audience::Members => {
                assert!(!rules.is_automatic && !rules.is_transient, "{action:?}");
                assert_ne!(rules.deduplication, Deduplication::None, "{action:?}");
            }
            Audience::OwnDevices => assert!(rules.is_for_archived, "{action:?}"),
            Audience::Everybody => {
                assert_eq!(rules.target, ActionTarget::None, "{action:?}");
                assert_eq!(
                    rules.deduplication,
                    Deduplication::Digest,
                    "a repeated older one must not undo a newer one"
                );
            }
        }
        let is_always_allowed =
            matches!(action, Action::Create { .. } | Action::Archive { .. } | Action::Leave);
        let is_shared = rules.audience == Audience::Members;
        assert_eq!(rules.is_for_archived, is_always_allowed || !is_shared, "{action:?}");
    }
}

#[test]
fn a_change_of_a_message_without_its_text_resends_it() {
    let all = every_action();
    let resent: BTreeSet<&str> = all
        .iter()
        .map(Action::rules)
        .filter(Rules::resends_message)
        .map(|rules| rules.name)
        .collect();
    assert_eq!(resent, BTreeSet::from(["delete", "pinMessage", "react"]));
}

#[test]
fn automatic_actions_are_not_accepted_from_the_window() {
    for rules in every_action().iter().map(Action::rules) {
        assert!(rules.needs_own_command || !rules.is_automatic, "{rules:?}");
    }
}

#[test]
fn titles_and_topics_are_normalized() {
    for action in every_action() {
        let (Content::Group { title: line, .. } | Content::Title(line) | Content::Topic(line)) =
            action.rules().content
        else {
            assert_eq!(action.clone().normalized(), action);
            continue;
        };
        let json = serde_json::to_string(&action).unwrap();
        let padded = json.replace(&format!("\"{line}\""), &format!("\" {line}\\r\\n\""));
        assert_ne!(padded, json);
        let padded: Action = serde_json::from_str(&padded).unwrap();
        assert_eq!(padded.normalized(), action);
    }
}
