//! The behaviour when the network, the server or the client goes away.

use harness::{Person, Server};
use parlour_client::{ConnectionState, Delivery, HistoryLimit, Position, Search};
use parlour_protocol::{Action, Count, LocalReason, MessageId};

#[tokio::test(flavor = "multi_thread")]
async fn messages_written_offline_survive_a_crash_and_are_sent_once_in_order() {
    let mut server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let oak = Person::register(&server, "oak").await;
    let group =
        wren.session().create_group("workshop", vec![wren.find_person("oak").await]).unwrap();
    wren.say(group, "online");
    wren.wait_until_bodies(group, &["online"]).await;
    server.stop().await;
    wren.wait_until("offline", |session| {
        session.status().unwrap().connection == ConnectionState::Offline
    })
    .await;
    let first = wren.say(group, "first");
    wren.say(group, "second");
    wren.session().edit_message(group, first, "first, better").unwrap();
    assert_eq!(wren.session().search(&Search::everywhere("online")).unwrap().hits.len(), 1);
    let wren = wren.restart().await;
    let items = wren.newest(group);
    assert!(items[1..].iter().all(|item| item.delivery == Delivery::Waiting && item.own));
    assert_eq!(wren.bodies(group), ["online", "first, better", "second"]);
    server.resume().await;
    wren.reconnect().await;
    let all = ["online", "first, better", "second"];
    wren.wait_until_bodies(group, &all).await;
    oak.session().check_connection();
    oak.wait_until_bodies(group, &all).await;
    // The mirror has a message a moment before it is removed from the outbox.
    wren.wait_until("an empty outbox", |session| session.outbox().unwrap().is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_mirror_is_fetched_again_and_the_outbox_stays() {
    let mut server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let group = wren.session().create_group("workshop", vec![]).unwrap();
    wren.say(group, "safe on the server");
    wren.wait_until_bodies(group, &["safe on the server"]).await;
    server.stop().await;
    wren.say(group, "safe in the outbox");
    let folder = wren.account_folder();
    let wren = wren
        .restart_after(|| {
            std::fs::write(folder.join("mirror.db"), vec![0x5a; 100_000]).unwrap();
            let _ = std::fs::remove_file(folder.join("mirror.db-wal"));
        })
        .await;
    server.resume().await;
    wren.reconnect().await;
    wren.wait_until_bodies(group, &["safe on the server", "safe in the outbox"]).await;
    assert!(folder.join("mirror.db.damaged").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_requires_confirmation_if_ops_wait_and_deletes_everything() {
    let mut server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let group = wren.session().create_group("workshop", vec![]).unwrap();
    wren.wait_until("the group", |session| session.outbox().unwrap().is_empty()).await;
    server.stop().await;
    wren.say(group, "not sent yet");
    let folder = wren.account_folder();
    let id = wren.session().id().clone();
    let refused = wren.client.sign_out(&id, false).await.unwrap_err();
    assert_eq!(refused.code(), parlour_protocol::ErrorCode::OutboxNotEmpty);
    assert_eq!(wren.bodies(group), ["not sent yet"]);
    wren.client.sign_out(&id, true).await.unwrap();
    assert!(!folder.exists());
    assert!(wren.client.session().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_in_a_session_from_before_a_new_sign_in_are_sent() {
    let server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    // A session from before, as an open window has it.
    let before = wren.session();
    let group = before.create_group("workshop", vec![]).unwrap();
    wren.reconnect().await;
    let id = MessageId(uuid::Uuid::now_v7());
    before.send_message(group, id, "still here").unwrap();
    wren.wait_until_bodies(group, &["still here"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_found_while_the_client_runs_is_repaired_without_a_restart() {
    let server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let group = wren.session().create_group("workshop", vec![]).unwrap();
    let bodies: Vec<String> =
        (0..60).map(|n| format!("said {n} {}", "at length ".repeat(30))).collect();
    for body in &bodies {
        wren.say(group, body);
    }
    wren.wait_until("everything sent", |session| session.outbox().unwrap().is_empty()).await;
    let mirror = wren.account_folder().join("mirror.db");
    let wren = wren
        .restart_after(|| {
            // The last pages, which are not read when the file is opened.
            let mut bytes = std::fs::read(&mirror).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle..].fill(0x77);
            std::fs::write(&mirror, bytes).unwrap();
        })
        .await;
    wren.reconnect().await;
    wren.wait_until("every message again", |session| {
        let page = session.timeline(group, Position::Newest, 200);
        page.is_ok_and(|page| page.items.iter().map(|item| &item.body).eq(&bodies))
    })
    .await;
    assert!(mirror.with_file_name("mirror.db.damaged").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mirror_that_differs_is_repaired_and_the_repairs_are_counted() {
    let server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let group = wren.session().create_group("workshop", vec![]).unwrap();
    let bodies: Vec<String> = (0..30).map(|n| format!("said {n}")).collect();
    for body in &bodies {
        wren.say(group, body);
    }
    wren.wait_until("everything sent", |session| session.outbox().unwrap().is_empty()).await;
    let (mirror, key) = wren.session().mirror_file();
    let wren = wren
        .restart_after(|| {
            // Damage that no check of the file itself finds.
            let file = parlour_store::open_unchecked(&mirror, key.as_ref()).unwrap();
            parlour_store::register_search(&file).unwrap();
            file.execute(
                "UPDATE messages SET body = 'never said' WHERE unpacked(body) = 'said 3'",
                [],
            )
            .unwrap();
            file.execute("DELETE FROM messages WHERE unpacked(body) = 'said 7'", []).unwrap();
            file.execute("UPDATE conversations SET title = 'another', pinned_at = 7", []).unwrap();
            file.execute("DELETE FROM members", []).unwrap();
            file.execute("UPDATE users SET username = 'nobody'", []).unwrap();
        })
        .await;
    wren.reconnect().await;
    wren.session().verify();
    let page = |session: &parlour_client::Session| session.timeline(group, Position::Newest, 200);
    wren.wait_until("every message with its own text", |session| {
        page(session).is_ok_and(|page| page.items.iter().map(|item| &item.body).eq(&bodies))
    })
    .await;
    wren.wait_until("the conversation with its title", |session| {
        session.conversations(10).is_ok_and(|all| {
            let is_repaired = |it: &parlour_client::ConversationSummary| {
                it.title == "workshop" && it.pinned_at.is_none()
            };
            all.len() == 1 && all.iter().all(is_repaired)
        })
    })
    .await;
    let members = wren.session().members(group).unwrap();
    assert_eq!(members.iter().map(|it| &it.username).collect::<Vec<_>>(), ["wren"]);
    // Two messages, a title, a pin, a member and a person.
    assert_eq!(wren.session().status().unwrap().repaired, Count(6));
    let found = wren.session().search(&Search::everywhere("said")).unwrap().hits.len();
    assert_eq!(found, bodies.len(), "the search index is repaired, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn history_stops_at_the_limit_and_older_messages_are_fetched_on_request() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let wren = Person::register(&server, "wren").await;
    let wren_id = oak.find_person("wren").await;
    let group = oak.session().create_group("workshop", vec![wren_id]).unwrap();
    // Nothing may be stored automatically: only the newest page is fetched, and what is requested.
    let limit = wren.session().history_limit().unwrap();
    wren.session().set_history_limit(HistoryLimit { bytes: Count(1), ..limit }).unwrap();
    let folder = wren.account_folder();
    let wren = wren.restart_after(|| std::fs::remove_file(folder.join("mirror.db")).unwrap()).await;
    for n in 0..120 {
        oak.say(group, &format!("said {n}"));
    }
    oak.wait_until("everything sent", |session| session.outbox().unwrap().is_empty()).await;
    wren.reconnect().await;
    wren.wait_until("the newest page", |session| {
        let status = session.status().unwrap();
        status.history.total.0 == 120 && status.history.here.0 > 0
    })
    .await;
    let status = wren.session().status().unwrap();
    assert!(status.is_full && status.history.here.0 == 50, "{status:?}");
    wren.session().fetch_older(group);
    wren.wait_until("older messages", |session| session.status().unwrap().history.here.0 == 120)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_written_offline_reaches_people_who_joined_since_only_if_its_author_confirms() {
    let server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let oak = Person::register(&server, "oak").await;
    let _robin = Person::register(&server, "robin").await;
    let group =
        wren.session().create_group("workshop", vec![wren.find_person("oak").await]).unwrap();
    let other = wren.session().create_group("garden", vec![wren.find_person("oak").await]).unwrap();
    for conversation in [group, other] {
        wren.say(conversation, "online");
        oak.wait_until_bodies(conversation, &["online"]).await;
    }
    wren.wait_until("the members", |session| {
        session.outbox().unwrap().is_empty() && session.member_count(group).unwrap() == 2
    })
    .await;
    let id = wren.session().id().clone();
    let wren = wren.restart().await;
    wren.say(group, "for oak's eyes");
    wren.say(other, "for whoever is in the garden");
    let user_id = oak.find_person("robin").await;
    oak.session().act(group, Action::AddMember { user_id }).unwrap();
    oak.wait_until("robin is in", |session| session.outbox().unwrap().is_empty()).await;

    wren.client.connect(&id).unwrap();
    oak.wait_until_bodies(other, &["online", "for whoever is in the garden"]).await;
    wren.wait_until("the confirmation", |session| session.status().unwrap().refused == Count(1))
        .await;
    let refused_message = wren.newest(group).pop().unwrap();
    let Delivery::Refused { code, reason } = refused_message.delivery else {
        panic!("{refused_message:?}")
    };
    assert_eq!(code, parlour_protocol::ErrorCode::MembersChanged);
    let joined = LocalReason::Joined { names: vec!["robin".into()], others: 0 };
    assert_eq!(reason, Some(joined.into()));
    assert_eq!(oak.bodies(group), ["online"]);
    wren.session().retry(parlour_protocol::OpId(refused_message.id.0)).unwrap();
    oak.wait_until_bodies(group, &["online", "for oak's eyes"]).await;
}
