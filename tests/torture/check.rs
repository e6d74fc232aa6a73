//! The checks after all faults have been removed.

use crate::{sign_in, wait_until};
use parlour_client::{Position, Session, SignInMode};
use parlour_protocol::{ConversationId, MessageId, Seq};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A message as it is shown: its id, its text, and whether it was deleted.
type Shown = (MessageId, String, bool);
/// The messages of each conversation in order, from position 1.
type Mirror = BTreeMap<ConversationId, Vec<Shown>>;

/// Checks the files of every device, and those of a new device of the first user.
///
/// # Panics
/// Panics if a message was lost, duplicated, out of order or different.
pub async fn everything(devices: &[(PathBuf, Vec<String>)], url: &str) -> String {
    let fresh = TempDir::new().expect("a folder");
    let all = server_state(fresh.path(), url).await;
    for (index, (folder, _)) in devices.iter().enumerate() {
        let client = harness::open(folder).await;
        sign_in(&client, url, crate::DEVICES[index], SignInMode::SignIn).await;
        let agrees = |session: &Session| {
            let seen = mirror(session);
            let is_same = |(id, messages): (&ConversationId, &Vec<Shown>)| all[id] == *messages;
            seen.len() >= 2 && seen.iter().all(is_same)
        };
        wait_until(&client, agrees).await;
        eprintln!("device {index} agrees with the server");
    }
    let mut bodies = BTreeSet::new();
    let mut positions = BTreeMap::new();
    for messages in all.values() {
        for (index, (id, body, is_deleted)) in messages.iter().enumerate() {
            assert!(
                positions.insert(*id, (index, body, *is_deleted)).is_none(),
                "{id} exists twice"
            );
            let text = body.rsplit_once(' ').map_or("", |(text, _)| text);
            assert!(*is_deleted || bodies.insert(text), "{body} exists twice");
        }
    }
    let lines = devices.iter().flat_map(|(_, printed)| printed);
    let deleted_ids: BTreeSet<&str> =
        lines.filter_map(|line| line.strip_prefix("deleting ")?.split(' ').nth(1)).collect();
    let mut accepted = 0;
    for (device, (_, printed)) in devices.iter().enumerate() {
        let mut last = BTreeMap::new();
        for line in printed {
            accepted += 1;
            let words: Vec<&str> = line.split(' ').collect();
            let id = MessageId(words[2].parse().expect("an id"));
            let Some((index, body, is_deleted)) = positions.get(&id).copied() else {
                // A message that was deleted while it waited was never sent.
                assert!(deleted_ids.contains(words[2]), "lost: {line}");
                continue;
            };
            if words[0] != "said" {
                assert!(is_deleted || words[0] == "deleting", "deleted, but exists again: {line}");
                continue;
            }
            let change: u32 = words[3].parse().expect("a number");
            let shown = || body.rsplit(' ').next().and_then(|n| n.parse::<u32>().ok());
            assert!(is_deleted || shown() >= Some(change), "{line}, and it says {body}");
            if change == 0 {
                let before = last.insert(words[1], index);
                assert!(before < Some(index), "device {device}, out of order: {line}");
            }
        }
    }
    format!("{accepted} actions accepted, {} messages, nothing lost or duplicated", positions.len())
}

/// Returns what the server has, as a new device of a user who is in every conversation shows it.
async fn server_state(folder: &Path, url: &str) -> Mirror {
    let client = harness::open(folder).await;
    sign_in(&client, url, crate::DEVICES[0], SignInMode::SignIn).await;
    let is_whole = |session: &Session| {
        let history = session.status().expect("a status").history;
        let list = session.conversations(9).expect("a list");
        list.len() == 3 && history.total.0 > 0 && history.total == history.here
    };
    wait_until(&client, is_whole).await;
    mirror(&client.session().expect("an account"))
}

fn mirror(session: &Session) -> Mirror {
    let mut mirror = Mirror::new();
    for group in session.conversations(100).expect("a list") {
        let mut messages: Vec<Shown> = Vec::new();
        loop {
            let after = Position::After(Seq(i64::try_from(messages.len()).expect("a count")));
            let page = session.timeline(group.id, after, 500).expect("a timeline");
            let last = messages.len();
            for (index, item) in page.items.into_iter().enumerate() {
                let is_next = item.seq.is_some_and(|seq| seq.0 == (last + index + 1) as i64);
                if !is_next {
                    // A gap that is still to be fetched. The result then differs from that of a
                    // complete mirror.
                    break;
                }
                messages.push((item.id, item.body, item.deleted));
            }
            if page.at_newest || messages.len() == last {
                break;
            }
        }
        mirror.insert(group.id, messages);
    }
    mirror
}
