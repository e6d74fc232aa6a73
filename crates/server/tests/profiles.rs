//! Profiles: each change reaches everybody once, in the server's order.

use crate::common::{Database, Server, User, refusal};
use parlour_protocol::{
    Action, ConversationId, ErrorCode, Millis, Op, OpDone, OpId, PersonStatus, Profile,
    ProfileChange, Row, StreamId, UserRow,
};
use parlour_server::{Config, DatabaseAddress};
use reqwest::{Method, StatusCode};

on_both_databases! {
    everybody_hears_what_one_tells_of_oneself,
    two_devices_change_different_parts_and_both_stay,
    the_server_orders_what_two_devices_tell_and_an_old_op_that_comes_again_is_old,
    a_name_that_could_deceive_is_refused,
    who_is_erased_has_no_profile,
    nobody_changes_their_profile_without_end,
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

fn setting(profile: Profile) -> Action {
    Action::SetProfile { profile: profile.into() }
}

fn op(profile: Profile) -> Op {
    let (conversation_id, action) = (ConversationId::NONE, setting(profile));
    Op { id: OpId::new(), conversation_id, action }
}

async fn done(user: &User, op: &Op) -> OpDone {
    let response = user.send_op(op).await;
    assert_eq!(response.status(), StatusCode::OK, "{:?}", op.action);
    response.json().await.unwrap()
}

async fn person(seen_by: &User, user: &User) -> UserRow {
    let page = seen_by.changes(StreamId::Directory).await;
    let mut people = page.rows.into_iter().filter_map(|row| match row {
        Row::User(row) => Some(row),
        _ => None,
    });
    people.find(|row| row.id == user.id).expect("they are in the directory")
}

async fn everybody_hears_what_one_tells_of_oneself(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let untidy = Profile { display_name: "  Wren   Okafor ".into(), ..profile("") };
    let told = wren.act(ConversationId::NONE, setting(untidy)).await;
    let row = person(&oak, &wren).await;
    assert_eq!((row.username.as_str(), &row.profile), ("wren", &profile("Wren Okafor")));
    assert_eq!((told.stream, told.rows), (StreamId::Directory, vec![Row::User(row.clone())]));
    assert!(person(&oak, &oak).await.profile.is_empty());
    // Setting the same profile again changes nothing, and nobody is notified.
    wren.act(ConversationId::NONE, setting(profile("Wren Okafor"))).await;
    assert_eq!(person(&oak, &wren).await.changed_seq, row.changed_seq);
    wren.act(ConversationId::NONE, setting(Profile::default())).await;
    let row = person(&oak, &wren).await;
    assert!(row.profile.is_empty() && row.username == "wren");
}

async fn two_devices_change_different_parts_and_both_stay(database: Database) {
    let server = database.serve().await;
    let (here, there) = (server.register("wren").await, server.sign_in("wren").await);
    here.act(ConversationId::NONE, setting(profile("Wren"))).await;
    let nothing = ProfileChange::default;
    let name = ProfileChange { display_name: Some("Jenny".into()), ..nothing() };
    let about = ProfileChange { about: Some(String::new()), ..nothing() };
    let news = ProfileChange { status: Some(status(" On  the train ")), ..nothing() };
    for (device, change) in [(&here, name), (&there, about), (&here, news), (&there, nothing())] {
        device.act(ConversationId::NONE, Action::SetProfile { profile: change }).await;
    }
    let told = Profile { about: String::new(), status: status("On the train"), ..profile("Jenny") };
    assert_eq!(person(&here, &here).await.profile, told);
}

async fn the_server_orders_what_two_devices_tell_and_an_old_op_that_comes_again_is_old(
    database: Database,
) {
    let server = database.serve().await;
    let (here, there) = (server.register("wren").await, server.sign_in("wren").await);
    let (first, second) = (op(profile("Wren")), op(profile("Jenny")));
    done(&here, &first).await;
    let after = done(&there, &second).await;
    for again in [&first, &second] {
        assert_eq!(done(&here, again).await, after, "as things stand now");
    }
    assert_eq!(person(&here, &here).await.profile.display_name, "Jenny");
    let other = Op { id: first.id, ..op(profile("Other")) };
    let refused = refusal(here.send_op(&other).await).await;
    assert_eq!(refused.code, ErrorCode::OpConflict);
}

async fn a_name_that_could_deceive_is_refused(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    for name in ["W\u{202e}ren", "W\u{200b}ren", "Wr\u{435}n", "\u{2800}", &"x".repeat(81)] {
        let refused = wren.act_refused(ConversationId::NONE, setting(profile(name))).await;
        assert_eq!(refused, ErrorCode::Invalid, "{name:?}");
    }
    let elsewhere = ConversationId(uuid::Uuid::now_v7());
    assert_eq!(wren.act_refused(elsewhere, setting(profile("Wren"))).await, ErrorCode::Invalid);
    assert!(person(&wren, &wren).await.profile.is_empty());
}

async fn who_is_erased_has_no_profile(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    oak.act(ConversationId::NONE, setting(profile("Oak Nakamura"))).await;
    // Other changes to a user keep the profile.
    for (action, is_there) in [("deactivate", true), ("reactivate", true), ("erase", false)] {
        wren.request(Method::POST, &format!("users/{}/{action}", oak.id)).await;
        let profile = person(&wren, &oak).await.profile;
        assert_eq!(profile.display_name == "Oak Nakamura", is_there, "{action}");
    }
    assert!(person(&wren, &oak).await.profile.is_empty());
    let count = "SELECT CAST(count(*) AS TEXT) FROM profiles";
    assert_eq!(database.text(count).await, "0");
    server.running.stop().await.unwrap();
    if let DatabaseAddress::Sqlite(path) = database.config().database {
        let file = std::fs::read(path).unwrap();
        for text in ["Oak Nakamura", "Compilers\nand tea"] {
            let is_there = file.windows(text.len()).any(|bytes| bytes == text.as_bytes());
            assert!(!is_there, "{text:?} is still in the file");
        }
    }
}

async fn nobody_changes_their_profile_without_end(database: Database) {
    let config = Config { requests_per_second: 1000, ..database.config() };
    let server = Server::start(&config).await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let mut changes = 0;
    let refused = loop {
        let response = wren.send_op(&op(profile(&format!("Wren {changes}")))).await;
        if response.status() != StatusCode::OK {
            break refusal(response).await;
        }
        changes += 1;
        assert!(changes < 20);
    };
    assert_eq!(refused.code, ErrorCode::Rate);
    assert!(refused.retry_after_ms.is_some_and(|ms| ms > 0), "the outbox waits and goes on");
    // Other requests, and the changes of other users, are not affected.
    assert_eq!(wren.request(Method::GET, "heads").await.status(), StatusCode::OK);
    done(&oak, &op(profile("Oak Nakamura"))).await;
}
