//! Hostile input.

use crate::common::{Database, PASSWORD, Server, client_made_id, credentials, error_body};
use parlour_protocol::{
    Action, ConversationId, ConversationType, Credentials, ErrorBody, ErrorCode, Heads,
    HistoryVisibility, MessageId, Op, OpId, Registration, Row, UserId,
};
use parlour_server::Config;
use reqwest::{Method, StatusCode};
use serde_json::json;
use uuid::Uuid;

on_both_databases! {
    invalid_requests_are_refused_with_an_error_body,
    too_many_requests_are_refused_with_a_retry_time,
    an_error_does_not_repeat_the_request,
    people_are_added_to_groups_at_a_bounded_rate,
    without_a_valid_invitation_no_username_is_revealed_and_no_password_hashed,
    an_open_server_limits_guesses_of_usernames,
    derived_ids_of_pairs_and_imports_cannot_be_taken,
    refusals_reveal_nothing_about_a_direct_conversation_to_others,
    no_text_contains_control_characters,
    a_direct_conversation_has_no_title_and_no_settings,
    invisible_titles_and_names_are_refused,
    a_username_that_looks_like_another_is_refused,
}

async fn derived_ids_of_pairs_and_imports_cannot_be_taken(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let mallory = server.register("mallory").await;
    let direct = ConversationId::p2p(wren.id, oak.id);
    let derived = Uuid::new_v8(*direct.0.as_bytes());
    for id in [direct.0, derived, Uuid::nil(), Uuid::max(), Uuid::from_u128(7), Uuid::new_v4()] {
        for members in [vec![], vec![wren.id], vec![wren.id, oak.id]] {
            let group = Action::create_group("oak", members);
            assert_eq!(mallory.act_error(ConversationId(id), group).await, ErrorCode::Invalid);
        }
        let forged = Action::create_p2p(wren.id);
        assert_eq!(mallory.act_error(ConversationId(id), forged).await, ErrorCode::Invalid);
    }
    // A member of the pair cannot create a group with the pair's id either.
    let group = Action::create_group("oak", vec![wren.id]);
    assert_eq!(oak.act_error(direct, group).await, ErrorCode::Invalid);
    wren.act(direct, Action::create_p2p(oak.id)).await;
    assert_eq!(oak.bootstrap(direct).await.rows.len(), 3, "the conversation and the two");
    // A message or another op cannot take an id that an import derives either.
    let conversation = mallory.group(&[]).await;
    let message_id = mallory.say(conversation, "here").await;
    for action in [Action::send("first"), Action::edit(message_id, "second"), Action::Leave] {
        let op = Op { id: OpId(derived), conversation_id: conversation, action };
        assert_eq!(error_body(mallory.send_op(&op).await).await.code, ErrorCode::Invalid);
    }
}

/// Requests of others about a pair's conversation get the same response whether it exists or not.
async fn refusals_reveal_nothing_about_a_direct_conversation_to_others(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let (elm, mallory) = (server.register("elm").await, server.register("mallory").await);
    let (existing, missing) =
        (ConversationId::p2p(wren.id, oak.id), ConversationId::p2p(wren.id, elm.id));
    wren.act(existing, Action::create_p2p(oak.id)).await;
    let message = wren.say(existing, "between us").await;
    let epoch = mallory.get::<Heads>("heads").await.epoch;
    let group = mallory.group(&[]).await;
    let mut refusals_by_conversation = Vec::new();
    for (direct, message) in [(existing, message), (missing, MessageId(Uuid::now_v7()))] {
        let mut refusals = Vec::new();
        for path in [
            format!("bootstrap?conversation={direct}"),
            format!("history?conversation={direct}&epoch={epoch}&term=1&before=9&limit=9"),
            format!("digest?conversation={direct}&epoch={epoch}&term=1&low=1&high=9"),
            format!("changes?stream=conversation:{direct}&epoch={epoch}&term=1&since=0"),
            format!("state?stream=conversation:{direct}&epoch={epoch}&term=1"),
            format!("state/digest?stream=conversation:{direct}&epoch={epoch}&term=1"),
            format!("messages/{message}/edits"),
        ] {
            refusals.push(error_body(mallory.request(reqwest::Method::GET, &path).await).await);
        }
        let streams = json!([{ "stream": format!("conversation:{direct}"), "term": 1 }]);
        let request = json!({ "epoch": epoch, "streams": streams });
        let pulled = mallory.submit(reqwest::Method::POST, "pull", &request).await;
        let pulled: serde_json::Value = pulled.json().await.unwrap();
        refusals.push(serde_json::from_value(pulled["answers"][0]["error"].clone()).unwrap());
        let mut actions = Action::examples_in_conversation(message, wren.id);
        actions.push(Action::create_group("oak", vec![]));
        actions.push(Action::create_p2p(wren.id));
        let reply = Action::Send {
            body: "hello".into(),
            reply_to: Some(message),
            mentions: vec![],
            mentions_all: false,
            files: Vec::new(),
        };
        for (conversation_id, action) in
            actions.into_iter().map(|action| (direct, action)).chain([(group, reply)])
        {
            let op = Op { id: OpId::new(), conversation_id, action };
            refusals.push(error_body(mallory.send_op(&op).await).await);
        }
        refusals_by_conversation.push(refusals);
    }
    assert_eq!(refusals_by_conversation[0], refusals_by_conversation[1]);
}

async fn no_text_contains_control_characters(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let conversation = wren.group(&[]).await;
    let message_id = wren.say(conversation, "tab\tand\nnewline").await;
    let before = serde_json::to_string(&wren.bootstrap(conversation).await).unwrap();
    let controls = (0..0x20_u8).map(char::from).filter(|c| !"\t\n".contains(*c));
    for c in controls.chain(['\u{7f}', '\u{80}', '\u{85}', '\u{9f}']) {
        let text = || format!("a{c}b");
        for action in [
            Action::send(text()),
            Action::edit(message_id, text()),
            Action::Rename { title: text() },
            Action::SetTopic { topic: text() },
            Action::Draft { body: text(), reply_to: None, based_on: None },
            Action::React { message_id, emoji: format!("👍{c}"), on: true },
        ] {
            assert_eq!(wren.act_error(conversation, action).await, ErrorCode::Invalid, "{c:?}");
        }
        let setting = Action::Setting { name: "theme".into(), value: text() };
        assert_eq!(wren.act_error(ConversationId::NONE, setting).await, ErrorCode::Invalid);
        let group = Action::create_group(text(), vec![]);
        let new = ConversationId(Uuid::now_v7());
        assert_eq!(wren.act_error(new, group).await, ErrorCode::Invalid);
        for (path, credentials) in [
            ("users", credentials(&text(), PASSWORD)),
            ("sessions", Credentials { device: text(), ..credentials("wren", PASSWORD) }),
            ("users", Credentials { device: text(), ..credentials("finch", PASSWORD) }),
        ] {
            let refused = error_body(server.post(path, &credentials).await).await;
            assert_eq!(refused.code, ErrorCode::Invalid, "{c:?} {path}");
        }
        // A username that is not allowed belongs to nobody.
        let sign_in =
            error_body(server.post("sessions", &credentials(&text(), PASSWORD)).await).await;
        assert_eq!(sign_in.code, ErrorCode::WrongCredentials);
        let op =
            Op { id: OpId::new(), conversation_id: conversation, action: Action::send(text()) };
        assert!(error_body(wren.send_op(&op).await).await.message.contains("control characters"));
    }
    assert_eq!(serde_json::to_string(&wren.bootstrap(conversation).await).unwrap(), before);
}

async fn a_direct_conversation_has_no_title_and_no_settings(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let direct = ConversationId::p2p(wren.id, oak.id);
    let create = |title: &str, history| Action::Create {
        kind: ConversationType::P2p,
        title: title.into(),
        members: vec![oak.id],
        history,
    };
    let joining = Some(HistoryVisibility::Joining);
    for action in [create(&"x".repeat(400_000), None), create("x", None), create("", joining)] {
        assert_eq!(wren.act_error(direct, action).await, ErrorCode::Invalid);
    }
    wren.act(direct, create("", None)).await;
    for action in [
        Action::Rename { title: "x".into() },
        Action::SetTopic { topic: "x".into() },
        Action::SetHistory { history: HistoryVisibility::Joining },
        Action::Archive { on: true },
        Action::AddMember { user_id: wren.id },
        Action::RemoveMember { user_id: oak.id },
        Action::Transfer { user_id: oak.id },
        Action::Leave,
    ] {
        assert_eq!(wren.act_error(direct, action).await, ErrorCode::Invalid);
    }
    let row = oak.bootstrap(direct).await.rows.remove(0);
    assert!(matches!(row, Row::Conversation(row) if row.title.is_empty() && row.topic.is_empty()));
}

async fn invisible_titles_and_names_are_refused(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let conversation = wren.group(&[]).await;
    for invisible in
        ["\u{200b}", "\u{2800}", "\u{200d}", "a\u{202e}b", "a\u{2066}b", "a\u{2028}b", "a\u{ad}b"]
    {
        for action in [
            Action::Rename { title: invisible.into() },
            Action::SetTopic { topic: invisible.into() },
        ] {
            assert_eq!(
                wren.act_error(conversation, action).await,
                ErrorCode::Invalid,
                "{invisible:?}"
            );
        }
        let group = Action::create_group(invisible, vec![]);
        let new = ConversationId(Uuid::now_v7());
        assert_eq!(wren.act_error(new, group).await, ErrorCode::Invalid, "{invisible:?}");
        let registration =
            error_body(server.post("users", &credentials(invisible, PASSWORD)).await).await;
        assert_eq!(registration.code, ErrorCode::Invalid, "{invisible:?}");
    }
    let device = Credentials { device: "a\u{202e}b".into(), ..credentials("wren", PASSWORD) };
    assert_eq!(error_body(server.post("sessions", &device).await).await.code, ErrorCode::Invalid);
    for title in ["می\u{200c}خواهم", "👨‍👩‍👧‍👦", "עברית \u{200e}(LTR)"]
    {
        wren.act(conversation, Action::Rename { title: title.into() }).await;
    }
}

async fn invalid_requests_are_refused_with_an_error_body(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    let long = Action::send("x".repeat(64 * 1024 + 1));
    assert_eq!(wren.act_error(group, long).await, ErrorCode::TooLarge);
    assert_eq!(wren.act_error(group, Action::send(" \n")).await, ErrorCode::Invalid);
    assert_eq!(wren.get_error("bootstrap?conversation=1").await, ErrorCode::Invalid);
    assert_eq!(wren.get_error("messages/%ff/edits").await, ErrorCode::Invalid);
    assert_eq!(wren.get_error("nowhere").await, ErrorCode::NotFound);
    for path in ["heads?wm=9223372036854775808", "heads?wm=x", "changes?stream=x&epoch=e&since=0"] {
        assert_eq!(wren.get_error(path).await, ErrorCode::Invalid, "{path}");
    }
    wren.get::<parlour_protocol::Heads>("heads?wm=-9223372036854775808").await;
    let post = |body: Vec<u8>| {
        let request = server.http.post(format!("{}/users", server.url));
        request.header("content-type", "application/json").body(body).send()
    };
    let deep = [b"[".repeat(4000), b"]".repeat(4000)].concat();
    let nul = serde_json::to_vec(&credentials("a\0b", PASSWORD)).unwrap();
    let surrogate = br#"{"username":"\ud800","password":"correct horse"}"#.to_vec();
    for body in [&b"{"[..], b"\xff\xfe", b"[]", b"{\"username\":1}", &deep, &nul, &surrogate] {
        assert_eq!(error_body(post(body.into()).await.unwrap()).await.code, ErrorCode::Invalid);
    }
    let deeply_nested = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    let ops = wren.http.post(format!("{}/ops", wren.url)).bearer_auth(&wren.token);
    let ops = ops.header("content-type", "application/json").body(deeply_nested);
    assert_eq!(error_body(ops.send().await.unwrap()).await.code, ErrorCode::Invalid);
    // A separate connection, because the server closes it instead of reading the whole request.
    let request = reqwest::Client::new().post(format!("{}/users", server.url));
    let request = request.header("content-type", "application/json").body(vec![b' '; 1024 * 1024]);
    let huge = error_body(request.send().await.unwrap()).await;
    assert_eq!(huge.code, ErrorCode::TooLarge);
    let header =
        wren.http.get(format!("{}/heads", wren.url)).header("authorization", b"\xff".as_slice());
    assert_eq!(error_body(header.send().await.unwrap()).await.code, ErrorCode::InvalidToken);
}

async fn too_many_requests_are_refused_with_a_retry_time(database: Database) {
    let config = Config { requests_per_second: 1, ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register("wren").await;
    let mut refused = None;
    for _ in 0..20 {
        let response = wren.request(reqwest::Method::GET, "heads").await;
        if !response.status().is_success() {
            assert!(response.headers().contains_key("retry-after"));
            refused = Some(error_body(response).await);
            break;
        }
    }
    let refused = refused.expect("the limit is reached");
    assert_eq!(refused.code, ErrorCode::RateLimited);
    assert!(refused.retry_after_ms.unwrap() > 0);
}

async fn an_error_does_not_repeat_the_request(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let request = wren.http.post(format!("{}/ops", wren.url)).bearer_auth(&wren.token);
    let body = format!("\"{}\"", "x".repeat(400_000));
    let refused = request.header("content-type", "application/json").body(body).send().await;
    let text = refused.unwrap().text().await.unwrap();
    assert!(text.len() < 2000, "{} bytes", text.len());
    assert_eq!(serde_json::from_str::<ErrorBody>(&text).unwrap().code, ErrorCode::Invalid);
}

async fn people_are_added_to_groups_at_a_bounded_rate(database: Database) {
    let config = Config { requests_per_second: 1000, ..database.config() };
    let server = Server::start(&config).await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    // Every named user counts, even if they do not exist.
    let strangers: Vec<_> = (0..500).map(|n| UserId(client_made_id(n))).collect();
    let create = |members: &[UserId]| Op {
        id: OpId::new(),
        conversation_id: ConversationId(Uuid::now_v7()),
        action: Action::create_group("workshop", members.to_vec()),
    };
    for _ in 0..3 {
        let refused = error_body(wren.send_op(&create(&strangers)).await).await;
        assert_eq!(refused.code, ErrorCode::NotFound);
    }
    let refused = error_body(wren.send_op(&create(&strangers)).await).await;
    assert_eq!(refused.code, ErrorCode::RateLimited);
    assert!(refused.retry_after_ms.unwrap() > 0);
    let group = wren.group(&[&oak]).await;
    assert_eq!(wren.say(group, "a few members are allowed").await.0.get_version_num(), 7);
    assert_eq!(oak.send_op(&create(&[wren.id])).await.status(), StatusCode::OK);
}

async fn without_a_valid_invitation_no_username_is_revealed_and_no_password_hashed(
    database: Database,
) {
    assert_uniform_refusals(&database, Registration::Invitation).await;
    assert_uniform_refusals(&database, Registration::Closed).await;
}

async fn assert_uniform_refusals(database: &Database, registration: Registration) {
    let config = Config { registration, ..database.config() };
    let server = Server::start(&config).await;
    if server.running.first_invitation.is_some() {
        server.register_administrator("wren").await;
    }
    for invitation in [None, Some("not one".to_owned()), Some(String::new())] {
        let mut refusals = Vec::new();
        // The response does not reveal whether the username is taken or the password valid, and no password
        // is hashed.
        for (name, password) in [("wren", PASSWORD), ("oak", PASSWORD), ("wren", "x"), ("x y", "x")]
        {
            let request =
                Credentials { invitation: invitation.clone(), ..credentials(name, password) };
            refusals.push(error_body(server.post("users", &request).await).await);
        }
        assert_eq!(refusals[0].code, ErrorCode::Forbidden);
        assert!(refusals.iter().all(|other| *other == refusals[0]), "{refusals:?}");
    }
    server.running.stop().await.unwrap();
}

async fn an_open_server_limits_guesses_of_usernames(database: Database) {
    let config = Config { requests_per_second: 1000, ..database.config() };
    let server = Server::start(&config).await;
    server.register("wren").await;
    let mut guesses = 0;
    let last = loop {
        let code =
            error_body(server.post("users", &credentials("wren", PASSWORD)).await).await.code;
        if code != ErrorCode::UsernameTaken {
            break code;
        }
        guesses += 1;
        assert!(guesses < 100);
    };
    assert_eq!(last, ErrorCode::RateLimited);
    // Users who are already registered are not affected.
    let wren = server.sign_in("wren").await;
    assert_eq!(wren.request(Method::GET, "heads").await.status(), StatusCode::OK);
}

async fn a_username_that_looks_like_another_is_refused(database: Database) {
    let server = database.serve().await;
    for name in ["paul", "modern", "Oak7"] {
        server.register(name).await;
    }
    // As if the user had registered before names were compared by their looks.
    database.execute("UPDATE users SET username_looks = NULL").await;
    for (name, code) in [
        ("pauI", ErrorCode::UsernameTaken),
        ("pau1", ErrorCode::UsernameTaken),
        ("PAUL", ErrorCode::UsernameTaken),
        ("раul", ErrorCode::Invalid),
        ("modem", ErrorCode::UsernameTaken),
        ("0ak7", ErrorCode::UsernameTaken),
        ("wr\u{435}n", ErrorCode::Invalid),
    ] {
        let refused = error_body(server.post("users", &credentials(name, PASSWORD)).await).await;
        assert_eq!(refused.code, code, "{name:?}");
    }
    for name in ["pau", "wren", "вася", "李四"] {
        server.register(name).await;
    }
    // Existing users can still sign in.
    server.sign_in("paul").await;
}
