//! The same ops give the same responses and the same views on both databases.

use crate::common::{Database, Placeholders, Server, User, client_made_id};
use parlour_protocol::{
    Action, ConversationId, HistoryVisibility, MemberRole, MessageId, Millis, Op, OpId, Seq,
    StreamId,
};
use serde_json::{Value, json};

const SEEDS: u64 = 8;
const OPS: u128 = 100;

/// A small random number generator, so that a seed always gives the same numbers (SplitMix64 by Steele, Lea
/// and Flood).
struct Rng(u64);

impl Rng {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

/// Returns a random action, valid or not: an example of any action, or one created here, with more variety
/// than the examples.
fn action(rng: &mut Rng, people: &[User], message_count: u128) -> Action {
    let user_id = people[rng.below(3) as usize].id;
    let message_id = MessageId(client_made_id(1 + u128::from(rng.below(message_count as u64 + 1))));
    if rng.below(4) == 0 {
        let mut examples = Action::examples_in_conversation(message_id, user_id);
        return examples.swap_remove(rng.below(examples.len() as u64) as usize);
    }
    let on = rng.below(2) == 0;
    match rng.below(22) {
        0 => Action::edit(message_id, "edited"),
        1 => Action::Delete { message_id },
        2 => {
            Action::React { message_id, emoji: ["👍", "🎂"][rng.below(2) as usize].into(), on }
        }
        3 => Action::PinMessage { message_id, on },
        4 => Action::Read { seq: Seq(rng.below(20) as i64), without_receipt: false },
        5 => Action::AddMember { user_id },
        6 => Action::RemoveMember { user_id },
        7 => Action::SetRole { user_id, role: MemberRole::Administrator },
        8 => Action::Transfer { user_id },
        9 => Action::Leave,
        10 => Action::Rename { title: "garden".into() },
        11 => Action::SetHistory {
            history: if on { HistoryVisibility::Joining } else { HistoryVisibility::Beginning },
        },
        12 => Action::Archive { on: rng.below(4) == 0 },
        13 => Action::Mute { until: on.then_some(Millis(4_000_000_000_000)) },
        14 => Action::MarkUnread { on, from: on.then_some(Seq(2)) },
        15 => Action::Draft {
            body: "half".into(),
            reply_to: on.then_some(message_id),
            based_on: None,
        },
        16 => Action::Save { message_id, on },
        17 => Action::Send {
            body: "answer @oak @all".into(),
            reply_to: Some(message_id),
            mentions: vec![user_id],
            mentions_all: on,
            files: Vec::new(),
        },
        _ => Action::send("日本語 \u{1f382} words"),
    }
}

/// Lets three users perform random actions; returns the responses, and each user's view at the end.
async fn replay(database: &Database, seed: u64) -> Value {
    let server: Server = database.serve().await;
    let (mut rng, mut placeholders) = (Rng(seed), Placeholders::default());
    let mut people = Vec::new();
    for name in ["wren", "oak", "elm"] {
        let user = server.register(name).await;
        placeholders.add(user.id, name);
        people.push(user);
    }
    let group = ConversationId(client_made_id(u128::from(u64::MAX) >> 4));
    let p2p = ConversationId::p2p(people[0].id, people[1].id);
    placeholders.add(p2p, "p2p");
    let others = people[1..].iter().map(|user| user.id).collect();
    people[0].act(group, Action::create_group("workshop", others)).await;
    people[0].act(p2p, Action::create_p2p(people[1].id)).await;
    let mut responses = Vec::new();
    for number in 1..=OPS {
        let user = &people[rng.below(3) as usize];
        let conversation_id = if rng.below(4) == 0 { p2p } else { group };
        // Occasionally an id is used a second time.
        let id = if rng.below(10) == 0 { number.max(2) - 1 } else { number };
        let action = action(&mut rng, &people, number);
        let op = Op { id: OpId(client_made_id(id)), conversation_id, action };
        let response = user.send_op(&op).await;
        let status = response.status().as_u16();
        let body: Value = response.json().await.unwrap();
        responses.push(json!([status, body]));
    }
    let mut views = Vec::new();
    for user in &people {
        let mut account = json!(user.changes(StreamId::Account(user.id)).await);
        let rows = account["rows"].as_array_mut().unwrap();
        // Session ids are random.
        rows.retain(|row| row["type"] != "session");
        // Rows that a removal deletes change at the same time, in any order.
        rows.sort_by_key(|row| placeholders.apply(row).to_string());
        let path = |group| format!("bootstrap?conversation={group}");
        let mut view = vec![account];
        for group in [group, p2p] {
            let response = user.request(reqwest::Method::GET, &path(group)).await;
            let mut bootstrap: Value = response.json().await.unwrap();
            // Members who changed at the same time are in the order of their ids, which differ.
            if let Some(rows) = bootstrap["rows"].as_array_mut() {
                rows.sort_by_key(|row| placeholders.apply(row).to_string());
            }
            view.push(bootstrap);
        }
        views.push(view);
    }
    let epoch: parlour_protocol::Heads = people[0].get("heads").await;
    placeholders.add(epoch.epoch, "EPOCH");
    placeholders.apply(&json!({ "responses": responses, "views": views }))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_ops_give_the_same_responses_and_views_on_both_databases() {
    for seed in 1..=SEEDS {
        let Some(postgres) = Database::postgres().await else { return };
        let sqlite = Database::sqlite();
        let (one, other) = tokio::join!(replay(&sqlite, seed), replay(&postgres, seed));
        let (one_responses, other_responses) = (&one["responses"], &other["responses"]);
        for (number, (a, b)) in one_responses
            .as_array()
            .unwrap()
            .iter()
            .zip(other_responses.as_array().unwrap())
            .enumerate()
        {
            assert_eq!(sorted(a), sorted(b), "seed {seed}, op {number}");
        }
        assert_eq!(one["views"], other["views"], "seed {seed}");
    }
}

/// Sorts the rows: those of one change are in the order of their ids, which differ.
fn sorted(responses: &Value) -> Value {
    let mut responses = responses.clone();
    if let Some(rows) = responses[1]["rows"].as_array_mut() {
        rows.sort_by_key(Value::to_string);
    }
    responses
}
