//! Profiles: all users receive each change once, in the server's order.

use crate::common::{Database, Server, User, error_body};
use parlour_protocol::{
    Action, ConversationId, ErrorCode, Millis, Op, OpDone, OpId, PersonStatus, Profile,
    ProfileChange, Row, StreamId, UserRow, limits,
};
use parlour_server::{Config, DatabaseAddress};
use reqwest::{Method, StatusCode};

on_both_databases! {
    all_users_receive_a_changed_profile,
    changes_of_different_fields_by_two_devices_are_merged,
    the_server_orders_changes_of_two_devices_and_ignores_a_repeated_old_op,
    a_misleading_name_is_refused,
    a_status_ends_at_a_time_that_every_window_can_show,
    an_erased_user_has_no_profile,
    changes_of_a_profile_are_rate_limited,
}

fn profile(display_name: &str) -> Profile {
    Profile {
        display_name: display_name.into(),
        about: "Compilers\nand tea".into(),
        time_zone: "Europe/Vienna".into(),
        status: status("On holiday"),
    }
}

fn status(text: &str) -> PersonStatus {
    PersonStatus { emoji: "🌴".into(), text: text.into(), until: Some(Millis(1)) }
}

fn set_profile(profile: Profile) -> Action {
    Action::SetProfile { profile: profile.into() }
}

fn op(profile: Profile) -> Op {
    let (conversation_id, action) = (ConversationId::NONE, set_profile(profile));
    Op { id: OpId::new(), conversation_id, action }
}

async fn perform(user: &User, op: &Op) -> OpDone {
    let response = user.send_op(op).await;
    assert_eq!(response.status(), StatusCode::OK, "{:?}", op.action);
    response.json().await.unwrap()
}

async fn person(viewer: &User, user: &User) -> UserRow {
    let page = viewer.changes(StreamId::Directory).await;
    let mut people = page.rows.into_iter().filter_map(|row| match row {
        Row::User(row) => Some(row),
        _ => None,
    });
    people.find(|row| row.id == user.id).expect("the user is in the directory")
}

async fn all_users_receive_a_changed_profile(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let untidy = Profile { display_name: "  Wren   Okafor ".into(), ..profile("") };
    let done = wren.act(ConversationId::NONE, set_profile(untidy)).await;
    let row = person(&oak, &wren).await;
    assert_eq!((row.username.as_str(), &row.profile), ("wren", &profile("Wren Okafor")));
    assert_eq!((done.stream, done.rows), (StreamId::Directory, vec![Row::User(row.clone())]));
    assert!(person(&oak, &oak).await.profile.is_empty());
    // Setting the same profile again changes nothing, and nobody is notified.
    wren.act(ConversationId::NONE, set_profile(profile("Wren Okafor"))).await;
    assert_eq!(person(&oak, &wren).await.changed_seq, row.changed_seq);
    wren.act(ConversationId::NONE, set_profile(Profile::default())).await;
    let row = person(&oak, &wren).await;
    assert!(row.profile.is_empty() && row.username == "wren");
}

async fn changes_of_different_fields_by_two_devices_are_merged(database: Database) {
    let server = database.serve().await;
    let (first_device, second_device) =
        (server.register("wren").await, server.sign_in("wren").await);
    first_device.act(ConversationId::NONE, set_profile(profile("Wren"))).await;
    let no_change = ProfileChange::default;
    let name = ProfileChange { display_name: Some("Jenny".into()), ..no_change() };
    let about = ProfileChange { about: Some(String::new()), ..no_change() };
    let new_status = ProfileChange { status: Some(status(" On  the train ")), ..no_change() };
    for (device, change) in [
        (&first_device, name),
        (&second_device, about),
        (&first_device, new_status),
        (&second_device, no_change()),
    ] {
        device.act(ConversationId::NONE, Action::SetProfile { profile: change }).await;
    }
    let expected =
        Profile { about: String::new(), status: status("On the train"), ..profile("Jenny") };
    assert_eq!(person(&first_device, &first_device).await.profile, expected);
}

async fn the_server_orders_changes_of_two_devices_and_ignores_a_repeated_old_op(
    database: Database,
) {
    let server = database.serve().await;
    let (first_device, second_device) =
        (server.register("wren").await, server.sign_in("wren").await);
    let (first, second) = (op(profile("Wren")), op(profile("Jenny")));
    perform(&first_device, &first).await;
    let after = perform(&second_device, &second).await;
    for again in [&first, &second] {
        assert_eq!(perform(&first_device, again).await, after, "the current state");
    }
    assert_eq!(person(&first_device, &first_device).await.profile.display_name, "Jenny");
    let other = Op { id: first.id, ..op(profile("Other")) };
    let refused = error_body(first_device.send_op(&other).await).await;
    assert_eq!(refused.code, ErrorCode::OpConflict);
}

async fn a_misleading_name_is_refused(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    for name in ["W\u{202e}ren", "W\u{200b}ren", "Wr\u{435}n", "\u{2800}", &"x".repeat(81)] {
        let refused = wren.act_error(ConversationId::NONE, set_profile(profile(name))).await;
        assert_eq!(refused, ErrorCode::Invalid, "{name:?}");
    }
    let elsewhere = ConversationId(uuid::Uuid::now_v7());
    assert_eq!(wren.act_error(elsewhere, set_profile(profile("Wren"))).await, ErrorCode::Invalid);
    assert!(person(&wren, &wren).await.profile.is_empty());
}

async fn a_status_ends_at_a_time_that_every_window_can_show(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let ending = |ms| {
        let status = PersonStatus { until: Some(Millis(ms)), ..status("x") };
        set_profile(Profile { status, ..Profile::default() })
    };
    for ms in [i64::MIN, -1, limits::STATUS_UNTIL + 1, 8_640_000_000_000_001, i64::MAX] {
        let refused = wren.act_error(ConversationId::NONE, ending(ms)).await;
        assert_eq!(refused, ErrorCode::Invalid, "{ms}");
    }
    wren.act(ConversationId::NONE, ending(limits::STATUS_UNTIL)).await;
    let until = person(&wren, &wren).await.profile.status.until;
    assert_eq!(until, Some(Millis(limits::STATUS_UNTIL)));
}

async fn an_erased_user_has_no_profile(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    oak.act(ConversationId::NONE, set_profile(profile("Oak Nakamura"))).await;
    // Other changes to a user keep the profile.
    for (action, is_there) in [("deactivate", true), ("reactivate", true), ("erase", false)] {
        wren.request(Method::POST, &format!("users/{}/{action}", oak.id)).await;
        let profile = person(&wren, &oak).await.profile;
        assert_eq!(profile.display_name == "Oak Nakamura", is_there, "{action}");
    }
    assert!(person(&wren, &oak).await.profile.is_empty());
    let count = "SELECT CAST(count(*) AS TEXT) FROM profiles";
    assert_eq!(database.query_string(count).await, "0");
    server.running.stop().await.unwrap();
    if let DatabaseAddress::Sqlite(path) = database.config().database {
        let file = std::fs::read(path).unwrap();
        for text in ["Oak Nakamura", "Compilers\nand tea"] {
            let is_there = file.windows(text.len()).any(|bytes| bytes == text.as_bytes());
            assert!(!is_there, "{text:?} is still in the file");
        }
    }
}

async fn changes_of_a_profile_are_rate_limited(database: Database) {
    let config = Config { requests_per_second: 1000, ..database.config() };
    let server = Server::start(&config).await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let mut changes = 0;
    let refused = loop {
        let response = wren.send_op(&op(profile(&format!("Wren {changes}")))).await;
        if response.status() != StatusCode::OK {
            break error_body(response).await;
        }
        changes += 1;
        assert!(changes < 20);
    };
    assert_eq!(refused.code, ErrorCode::RateLimited);
    assert!(refused.retry_after_ms.is_some_and(|ms| ms > 0), "the outbox waits and resumes");
    // Other requests, and the changes of other users, are not affected.
    assert_eq!(wren.request(Method::GET, "heads").await.status(), StatusCode::OK);
    perform(&oak, &op(profile("Oak Nakamura"))).await;
}
