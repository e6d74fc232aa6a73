//! Sending, editing, deleting and reacting to messages.

use crate::common::{Database, Server, User, client_made_id, error_body, message};
use futures_util::future::join_all;
use parlour_protocol::{
    Action, Digest, Digester, EarlierBody, ErrorCode, Heads, History, MemberRole, MessageId,
    MessageRow, Op, OpDone, OpId, Row, StreamId, Subject, UserId,
};
use std::collections::BTreeSet;
use uuid::Uuid;

on_both_databases! {
    a_repeated_op_is_performed_once_and_its_id_cannot_be_reused,
    concurrent_messages_get_the_same_responses_as_single_ones,
    a_member_changes_only_their_own_messages,
    a_manager_can_delete_but_not_edit_messages_of_others,
    earlier_texts_of_a_message_can_be_read_until_it_is_deleted,
    a_reply_refers_to_a_message_of_the_same_conversation,
    reactions_are_counted_once_per_user_and_can_be_removed,
    an_emoji_in_two_forms_is_one_reaction,
    a_users_own_reaction_is_in_every_response_despite_many_others,
    a_reaction_of_an_earlier_version_can_be_removed,
    mentions_are_limited_to_members_and_those_of_everybody_to_managers,
    a_pinned_message_is_pinned_for_all,
    text_is_stored_unchanged,
}

async fn a_repeated_op_is_performed_once_and_its_id_cannot_be_reused(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    let op = |body: &str| Op {
        id: OpId(client_made_id(7)),
        conversation_id: group,
        action: Action::send(body),
    };
    let first: OpDone = wren.send_op(&op("once")).await.json().await.unwrap();
    let again: OpDone = wren.send_op(&op("once")).await.json().await.unwrap();
    assert_eq!(first, again);
    assert_eq!(error_body(wren.send_op(&op("other")).await).await.code, ErrorCode::OpConflict);
    assert_eq!(error_body(oak.send_op(&op("once")).await).await.code, ErrorCode::OpConflict);
    assert_eq!(wren.bootstrap(group).await.last_seq, 1);
    let edit = Op {
        id: OpId(client_made_id(8)),
        conversation_id: group,
        action: Action::edit(MessageId(client_made_id(7)), "twice"),
    };
    let first: OpDone = wren.send_op(&edit).await.json().await.unwrap();
    wren.say(group, "later").await;
    let again: OpDone = wren.send_op(&edit).await.json().await.unwrap();
    assert_eq!(first, again);
}

async fn concurrent_messages_get_the_same_responses_as_single_ones(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let (group, other) = (wren.group(&[&oak]).await, wren.group(&[]).await);
    let elsewhere = wren.say(other, "elsewhere").await;
    let question = wren.say(group, "first").await;
    // In every ten messages, one is empty, one replies to a message of the same conversation, one replies
    // to a message of another conversation, one is for another group, and the last repeats the previous
    // one.
    let op = |at: u128| {
        let reply_to = match at % 10 {
            4 => Some(question),
            5 => Some(elsewhere),
            _ => None,
        };
        let body = if at % 10 == 3 { "" } else { "together" }.to_owned();
        let action = Action::Send {
            body,
            reply_to,
            mentions: Vec::new(),
            mentions_all: false,
            files: Vec::new(),
        };
        let id = OpId(client_made_id(1000 + if at % 10 == 9 { at - 1 } else { at }));
        Op { id, conversation_id: if at % 10 == 6 { other } else { group }, action }
    };
    let ops: Vec<Op> = (0..200).map(op).collect();
    let is_wren = |at: usize| (at / 10).is_multiple_of(2);
    let send = |(at, op)| if is_wren(at) { wren.send_op(op) } else { oak.send_op(op) };
    let responses = join_all(ops.iter().enumerate().map(send)).await;
    let mut positions = BTreeSet::new();
    for (at, response) in responses.into_iter().enumerate() {
        let refused = match at % 10 {
            3 => Some(ErrorCode::Invalid),
            5 => Some(ErrorCode::NotFound),
            6 if !is_wren(at) => Some(ErrorCode::NotMember),
            _ => None,
        };
        if let Some(code) = refused {
            assert_eq!(error_body(response).await.code, code, "{at}");
            continue;
        }
        let row = message(&response.json().await.unwrap());
        assert_eq!(row.id.0, ops[at].id.0, "{at}");
        if at % 10 != 6 {
            positions.insert((row.seq.0, row.changed_seq));
        }
    }
    let before = positions.first().unwrap().1 - 2;
    assert!(positions.into_iter().eq((2..=121).map(|seq| (seq, before + seq))));
    assert_eq!(oak.bootstrap(group).await.last_seq, 121);
    let all = oak.changes(StreamId::Conversation(group)).await;
    assert_eq!((all.to, all.head), (before + 121, before + 121));
}

async fn a_member_changes_only_their_own_messages(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    let message_id = wren.say(group, "mine").await;
    let edit = Action::edit(message_id, "theirs");
    assert_eq!(oak.act_error(group, edit).await, ErrorCode::Forbidden);
    assert_eq!(oak.act_error(group, Action::Delete { message_id }).await, ErrorCode::Forbidden);
}

async fn a_manager_can_delete_but_not_edit_messages_of_others(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    let message_id = oak.say(group, "rude").await;
    let edit = Action::edit(message_id, "polite");
    assert_eq!(wren.act_error(group, edit).await, ErrorCode::Forbidden);
    wren.act(group, Action::Delete { message_id }).await;
    let row = oak.read_message(group, message_id).await;
    assert!(row.body.is_empty() && row.deleted_at.is_some());
    wren.act(group, Action::Delete { message_id }).await;
    for action in Action::examples_in_conversation(message_id, oak.id) {
        let is_change = matches!(action.rules().subject, Subject::Message(_));
        if is_change && !matches!(action, Action::Delete { .. }) {
            let error = oak.act_error(group, action.clone()).await;
            assert_eq!(error, ErrorCode::NotFound, "{action:?}");
        }
    }
    assert_eq!(oak.read_message(group, message_id).await, row);
}

async fn earlier_texts_of_a_message_can_be_read_until_it_is_deleted(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    let id = wren.say(group, "one").await;
    wren.act(group, Action::edit(id, "two")).await;
    wren.act(group, Action::edit(id, "three")).await;
    let earlier: Vec<EarlierBody> = oak.get(&format!("messages/{id}/edits")).await;
    let bodies: Vec<&str> = earlier.iter().map(|earlier| earlier.body.as_str()).collect();
    assert_eq!(bodies, ["one", "two"]);
    assert_eq!(earlier.iter().map(|earlier| earlier.number.0).collect::<Vec<_>>(), [1, 2]);
    // The newest texts are listed, as many as fit into a response.
    for n in 0..40 {
        wren.act(group, Action::edit(id, format!("{n} {}", "long ".repeat(12_000)))).await;
    }
    let earlier: Vec<EarlierBody> = oak.get(&format!("messages/{id}/edits")).await;
    let last = earlier.last().unwrap();
    assert!(last.body.starts_with("38 ") && earlier.len() < 20, "{}", earlier.len());
    // Their numbers show that older ones are left out.
    let left_out = 42 - i64::try_from(earlier.len()).unwrap();
    assert_eq!((earlier[0].number.0, last.number.0), (left_out + 1, 42));
    wren.act(group, Action::edit(id, "three")).await;
    let row = oak.read_message(group, id).await;
    assert!(row.body == "three" && row.edited_at.is_some());
    wren.act(group, Action::Delete { message_id: id }).await;
    assert_eq!(oak.get_error(&format!("messages/{id}/edits")).await, ErrorCode::NotFound);
    assert_eq!(database.query_string("SELECT max(body) FROM edits").await, "");
}

async fn a_reply_refers_to_a_message_of_the_same_conversation(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let (group, other) = (wren.group(&[&oak]).await, wren.group(&[]).await);
    let (question, other_message) =
        (wren.say(group, "question").await, wren.say(other, "elsewhere").await);
    let reply = |to: MessageId| Action::Send {
        body: "answer".into(),
        reply_to: Some(to),
        mentions: Vec::new(),
        mentions_all: false,
        files: Vec::new(),
    };
    let done = oak.act(group, reply(question)).await;
    assert_eq!(message(&done).reply_to, Some(question));
    assert_eq!(oak.act_error(group, reply(other_message)).await, ErrorCode::NotFound);
}

async fn reactions_are_counted_once_per_user_and_can_be_removed(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    let id = wren.say(group, "cake").await;
    let react = |emoji: &str, on: bool| Action::React { message_id: id, emoji: emoji.into(), on };
    oak.act(group, react("🎂", true)).await;
    oak.act(group, react("🎂", true)).await;
    wren.act(group, react("🎂", true)).await;
    wren.act(group, react("👍", true)).await;
    let row = oak.read_message(group, id).await;
    let counts: Vec<(&str, i64)> =
        row.reactions.iter().map(|r| (r.emoji.as_str(), r.count.0)).collect();
    assert_eq!(counts, [("🎂", 2), ("👍", 1)]);
    // If both reacted within the same millisecond, they are in the order of their ids.
    assert_eq!(row.reactions[0].users.iter().collect::<BTreeSet<_>>(), [&oak.id, &wren.id].into());
    oak.act(group, react("🎂", false)).await;
    assert_eq!(wren.read_message(group, id).await.reactions[0].count.0, 1);
    assert_eq!(oak.act_error(group, react("cake", true)).await, ErrorCode::Invalid);
}

async fn an_emoji_in_two_forms_is_one_reaction(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    let id = wren.say(group, "cake").await;
    let react = |emoji: &str, on: bool| Action::React { message_id: id, emoji: emoji.into(), on };
    let counts = async || -> Vec<(String, i64)> {
        let row = oak.read_message(group, id).await;
        row.reactions.iter().map(|reaction| (reaction.emoji.clone(), reaction.count.0)).collect()
    };
    let (full, short) = ("\u{2764}\u{fe0f}", "\u{2764}");
    oak.act(group, react(short, true)).await;
    wren.act(group, react(full, true)).await;
    wren.act(group, react(short, true)).await;
    assert_eq!(counts().await, [(full.into(), 2)]);
    wren.act(group, react(short, false)).await;
    oak.act(group, react(full, false)).await;
    assert_eq!(counts().await, []);
    // An earlier version stored the short form.
    oak.act(group, react(full, true)).await;
    database
        .execute(&format!(
            "UPDATE reactions SET emoji = '{short}';
             UPDATE messages SET reactions = replace(reactions, '{full}', '{short}')"
        ))
        .await;
    wren.act(group, react(full, true)).await;
    assert_eq!(counts().await, [(short.into(), 2)]);
    wren.act(group, react(short, false)).await;
    oak.act(group, react(short, false)).await;
    assert_eq!(counts().await, []);
}

/// Registers `count` users.
async fn register_users(server: &Server, count: usize) -> Vec<User> {
    let names = (0..count).map(|n| format!("person-{n}")).collect::<Vec<_>>();
    join_all(names.iter().map(|name| server.register(name))).await
}

/// Returns whether a row says that the user reacted, or `None` if the row does not say.
fn is_own(row: &MessageRow, user: &User) -> Option<bool> {
    row.reactions
        .iter()
        .find(|reaction| reaction.emoji == "👍")
        .and_then(|reaction| reaction.is_by(user.id))
}

async fn a_users_own_reaction_is_in_every_response_despite_many_others(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let people = register_users(&server, 22).await;
    let group = wren.group(&people.iter().collect::<Vec<_>>()).await;
    let id = wren.say(group, "cake").await;
    let react = |on: bool| Action::React { message_id: id, emoji: "👍".into(), on };
    for user in &people {
        let done = user.act(group, react(true)).await;
        assert_eq!(is_own(&message(&done), user), Some(true));
    }
    let (row, stream) = (wren.read_message(group, id).await, StreamId::Conversation(group));
    assert_eq!((row.reactions[0].count.0, row.reactions[0].users.len()), (22, 20));
    // A user who is not among those who are named.
    let last = people.iter().find(|user| !row.reactions[0].users.contains(&user.id)).unwrap();
    let heads: Heads = last.get("heads").await;
    let place = format!("conversation={group}&epoch={}&term=1", heads.epoch);
    let digest =
        async |user: &User| -> Digest { user.get(&format!("digest?{place}&low=1&high=1")).await };
    let own_reactions = async |user: &User| {
        let history: History = user.get(&format!("history?{place}&before=2&limit=9")).await;
        let of_changes = user.changes(stream).await.rows;
        let again = user.act(group, Action::PinMessage { message_id: id, on: true }).await;
        let rows = [&user.bootstrap(group).await.rows, &history.rows, &of_changes, &again.rows];
        let row = |rows: &Vec<Row>| {
            let row = |row: &Row| match row {
                Row::Message(row) => Some(row.clone()),
                _ => None,
            };
            rows.iter().find_map(row).expect("the message")
        };
        let rows = rows.map(row);
        let mut digester = Digester::default();
        digester.add(&rows[0]);
        // A mirror of the rows that the user receives has the same digest as the server returns for that user.
        assert_eq!(digest(user).await.sha256, digester.finish().1);
        rows.map(|row| is_own(&row, user))
    };
    assert_eq!(own_reactions(last).await, [Some(true); 4]);
    assert_eq!(own_reactions(&wren).await, [Some(false); 4]);
    assert_ne!(digest(last).await.sha256, digest(&wren).await.sha256);

    let done = last.act(group, react(false)).await;
    assert_eq!(is_own(&message(&done), last), Some(false));
    assert_eq!(own_reactions(last).await, [Some(false); 4]);
    assert_eq!(wren.read_message(group, id).await.reactions[0].count.0, 21);
    assert_eq!(
        database.query_string(OWN_STORED).await,
        "0",
        "what is stored is the same for everybody"
    );
}

const OWN_STORED: &str =
    "SELECT CAST(count(*) AS TEXT) FROM messages WHERE reactions LIKE '%\"own\"%'";

async fn a_reaction_of_an_earlier_version_can_be_removed(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    let id = wren.say(group, "sum").await;
    let react = |emoji: &str, on: bool| Action::React { message_id: id, emoji: emoji.into(), on };
    wren.act(group, react("👍", true)).await;
    database
        .execute(
            "UPDATE reactions SET emoji = '∑';
             UPDATE messages SET reactions = replace(reactions, '👍', '∑')",
        )
        .await;
    assert_eq!(wren.read_message(group, id).await.reactions[0].emoji, "∑", "the reaction stays");
    assert_eq!(wren.act_error(group, react("∑", true)).await, ErrorCode::Invalid);
    wren.act(group, react("∑", false)).await;
    assert!(wren.read_message(group, id).await.reactions.is_empty());
}

async fn mentions_are_limited_to_members_and_those_of_everybody_to_managers(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    let with = |body: &str, mentions: Vec<UserId>, mentions_all: bool| Action::Send {
        body: body.into(),
        reply_to: None,
        mentions,
        mentions_all,
        files: Vec::new(),
    };
    let mention = |mentions, mentions_all| with("@wren @all look", mentions, mentions_all);
    let stranger = UserId(Uuid::now_v7());
    let message_row =
        message(&oak.act(group, mention(vec![wren.id, stranger, wren.id], false)).await);
    assert_eq!(message_row.mentions, [wren.id]);
    assert_eq!(oak.act_error(group, mention(vec![], true)).await, ErrorCode::Forbidden);
    assert!(message(&wren.act(group, mention(vec![], true)).await).mentions_all);
    let role = MemberRole::Administrator;
    wren.act(group, Action::SetRole { user_id: oak.id, role }).await;
    oak.act(group, mention(vec![], true)).await;
    let members = vec![stranger; 101];
    assert_eq!(wren.act_error(group, mention(members, false)).await, ErrorCode::Invalid);
    // A text without mentions mentions nobody, whatever the client sends.
    let table = include_str!("../../markup/src/mentions/table.json");
    let table: Vec<(String, Vec<String>)> = serde_json::from_str(table).unwrap();
    for (text, mentions) in table {
        let row = message(&wren.act(group, with(&text, vec![oak.id], true)).await);
        let names = mentions.iter().filter(|name| !name.eq_ignore_ascii_case("@all")).count();
        assert!(names == 0 || row.mentions == [oak.id], "{text}");
        assert_eq!(row.mentions_all, names < mentions.len(), "{text}");
        if mentions.is_empty()
            && !["@nobody", "@**", "@wren.", "@wren-", "＠wren."]
                .iter()
                .any(|name| text.contains(name))
        {
            assert_eq!(row.mentions, [], "{text}");
        }
    }
    let link = Action::Edit {
        message_id: message_row.id,
        body: "https://mastodon.social/@wren".into(),
        mentions: vec![wren.id],
    };
    assert_eq!(message(&oak.act(group, link).await).mentions, []);
}

async fn a_pinned_message_is_pinned_for_all(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let group = wren.group(&[&oak]).await;
    let id = wren.say(group, "the rules").await;
    oak.act(group, Action::PinMessage { message_id: id, on: true }).await;
    assert!(wren.read_message(group, id).await.pinned_at.is_some());
    wren.act(group, Action::PinMessage { message_id: id, on: false }).await;
    assert!(oak.read_message(group, id).await.pinned_at.is_none());
}

async fn text_is_stored_unchanged(database: Database) {
    let server = database.serve().await;
    let wren: User = server.register("wren").await;
    let group = wren.group(&[]).await;
    for body in [
        "  spaces  ",
        "日本語 ไทย",
        "a\u{202e}b",
        "👨‍👩‍👧‍👦",
        "\"'\\`$1;--",
        "line\n\tline\n",
        "\u{fffd}",
    ] {
        let id = wren.say(group, body).await;
        assert_eq!(wren.read_message(group, id).await.body, body);
    }
}
