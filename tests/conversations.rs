//! Conversations of several users while everything works.

use harness::{Person, Server};
use parlour_client::{Delivery, Search, SettingKey};
use parlour_protocol::{Action, Count, Seq};

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_received_and_found_by_the_other_user() {
    let server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let oak = Person::register(&server, "oak").await;
    let group = wren.session().create_p2p(wren.find_person("oak").await).unwrap();
    wren.say(group, "the dispatcher keeps one inline cache");
    wren.say(group, "per call site");
    oak.wait_until_bodies(group, &["the dispatcher keeps one inline cache", "per call site"]).await;
    // The directory, which has the name, may come after the messages.
    oak.wait_until("the other's name in the list", |session| {
        let list = session.conversations(10).unwrap();
        list.len() == 1 && (list[0].title.as_str(), list[0].unread) == ("wren", Count(2))
    })
    .await;
    oak.session().mark_read(group, Seq(2)).unwrap();
    oak.wait_until("everything read", |session| session.conversations(1).unwrap()[0].unread.0 == 0)
        .await;
    let found = oak.session().search(&Search::everywhere("dispat")).unwrap();
    assert_eq!((found.hits.len(), found.hits[0].seq), (1, Some(Seq(1))));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_users_who_start_the_same_conversation_at_once_get_one() {
    let server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let oak = Person::register(&server, "oak").await;
    let (to_oak, to_wren) = (wren.find_person("oak").await, oak.find_person("wren").await);
    let here = wren.session().create_p2p(to_oak).unwrap();
    let there = oak.session().create_p2p(to_wren).unwrap();
    assert_eq!(here, there);
    wren.say(here, "hello");
    oak.wait_until("hello", |_| oak.bodies(there).contains(&"hello".into())).await;
    oak.say(there, "hello yourself");
    wren.wait_until_bodies(here, &["hello", "hello yourself"]).await;
    oak.wait_until_bodies(here, &["hello", "hello yourself"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_and_a_deletion_reach_everyone_and_the_index() {
    let server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let oak = Person::register(&server, "oak").await;
    let group =
        wren.session().create_group("workshop", vec![wren.find_person("oak").await]).unwrap();
    let first = wren.say(group, "a tpyo");
    let second = wren.say(group, "a mistake");
    oak.wait_until_bodies(group, &["a tpyo", "a mistake"]).await;
    wren.wait_until_bodies(group, &["a tpyo", "a mistake"]).await;
    wren.session().edit_message(group, first, "a typo").unwrap();
    wren.session().delete_message(group, second).unwrap();
    oak.wait_until_bodies(group, &["a typo", ""]).await;
    let items = oak.newest(group);
    assert!(items[0].edited && items[1].deleted);
    assert_eq!(oak.session().search(&Search::everywhere("tpyo")).unwrap().hits.len(), 0);
    assert_eq!(oak.session().search(&Search::everywhere("mistake")).unwrap().hits.len(), 0);
    assert_eq!(oak.session().search(&Search::everywhere("typo")).unwrap().hits.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_left_receives_nothing_more_and_an_added_one_reads_from_the_beginning() {
    let server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let oak = Person::register(&server, "oak").await;
    let lark = Person::register(&server, "lark").await;
    let group =
        wren.session().create_group("workshop", vec![wren.find_person("oak").await]).unwrap();
    wren.say(group, "one");
    oak.wait_until_bodies(group, &["one"]).await;
    oak.session().act(group, Action::Leave).unwrap();
    oak.wait_until("having left", |session| {
        session.outbox().unwrap().is_empty() && session.conversations(1).unwrap()[0].left
    })
    .await;
    let user_id = wren.find_person("lark").await;
    wren.session().act(group, Action::AddMember { user_id }).unwrap();
    wren.say(group, "two");
    lark.wait_until_bodies(group, &["one", "two"]).await;
    assert_eq!(oak.bodies(group), ["one"], "what was there when they left stays");
    oak.say(group, "may I?");
    oak.wait_until("a refusal", |_| {
        matches!(oak.newest(group).last().unwrap().delivery, Delivery::Refused { .. })
    })
    .await;
    let user_id = wren.find_person("oak").await;
    wren.session().act(group, Action::AddMember { user_id }).unwrap();
    oak.wait_until("both messages", |_| {
        oak.bodies(group).starts_with(&["one".into(), "two".into()])
    })
    .await;
    let refused = oak.session().outbox().unwrap()[0].id;
    oak.session().retry(refused).unwrap();
    lark.wait_until_bodies(group, &["one", "two", "may I?"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hiding_the_read_position_applies_to_all_devices_of_a_user() {
    let mut server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let oak = Person::register(&server, "oak").await;
    let group = wren.session().create_p2p(wren.find_person("oak").await).unwrap();
    let seen = |session: &parlour_client::Session| {
        let members = session.members(group).unwrap();
        members.iter().find(|it| it.username == "oak").and_then(|it| it.last_read_seq)
    };
    wren.say(group, "one");
    oak.wait_until_bodies(group, &["one"]).await;
    oak.session().mark_read(group, Seq(1)).unwrap();
    wren.wait_until("that one was read", |session| seen(session) == Some(Seq(1))).await;
    let other = oak.another_device().await;
    // A setting changed offline applies here at once, and on the other device once both are online.
    server.stop().await;
    oak.session().set_setting(SettingKey::SendsReadReceipts, None, "no").unwrap();
    assert!(!oak.session().is_on(SettingKey::SendsReadReceipts).unwrap());
    server.resume().await;
    oak.reconnect().await;
    other.reconnect().await;
    other
        .wait_until("the choice", |session| !session.is_on(SettingKey::SendsReadReceipts).unwrap())
        .await;
    wren.reconnect().await;
    wren.say(group, "two");
    other.wait_until_bodies(group, &["one", "two"]).await;
    other.session().mark_read(group, Seq(2)).unwrap();
    oak.wait_until("nothing unread", |session| session.conversations(1).unwrap()[0].unread.0 == 0)
        .await;
    wren.say(group, "three");
    oak.wait_until_bodies(group, &["one", "two", "three"]).await;
    oak.say(group, "four");
    wren.wait_until_bodies(group, &["one", "two", "three", "four"]).await;
    assert_eq!(seen(&wren.session()), Some(Seq(1)));
}
