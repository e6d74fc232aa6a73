//! Several accounts in one app, and several devices of one person.

use harness::{PASSPHRASE, PASSWORD, Person, Server};
use parlour_client::{Client, ConnectionState, Session, SignInMode};
use parlour_protocol::{Action, ConversationId, Credentials, ErrorCode, MessageId, Millis};
use std::sync::Arc;
use tempfile::TempDir;

async fn sign_in(client: &Client, server: &Server, name: &str, mode: SignInMode) -> Arc<Session> {
    let (username, password) = (name.into(), PASSWORD.into());
    let credentials = Credentials { username, password, device: "test".into(), invitation: None };
    client
        .sign_in(&server.url(), &credentials, mode, harness::key_storage())
        .await
        .expect("signed in")
}

/// Waits until `is_true` returns true for one of a client's accounts.
async fn wait_until(client: &Client, session: &Session, is_true: impl Fn(&Session) -> bool) {
    let mut notices = client.notices();
    let waiting = async {
        while !is_true(&client.session_of(session.id()).expect("signed in")) {
            let _ = notices.recv().await;
        }
    };
    tokio::time::timeout(harness::TIMEOUT, waiting).await.expect("in time");
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_on_several_servers_share_nothing_and_an_unreachable_one_delays_none() {
    let (mut dead, alive) = (Server::start().await, Server::start().await);
    let data = TempDir::new().unwrap();
    let client = harness::open(data.path()).await;
    let first = sign_in(&client, &dead, "wren", SignInMode::Register).await;
    let second = sign_in(&client, &alive, "wren", SignInMode::Register).await;
    assert_ne!(first.id(), second.id());
    let hall = first.create_group("hall", vec![]).unwrap();
    dead.stop().await;
    wait_until(&client, &first, |session| session.connection() == ConnectionState::Offline).await;
    let id = MessageId(uuid::Uuid::now_v7());
    first.send_message(hall, id, "later").unwrap();
    let shed = second.create_group("shed", vec![]).unwrap();
    second.send_message(shed, MessageId(uuid::Uuid::now_v7()), "now").unwrap();
    wait_until(&client, &second, |session| {
        session.outbox().unwrap().is_empty() && !session.conversations(9).unwrap().is_empty()
    })
    .await;
    assert!(!first.outbox().unwrap().is_empty(), "its own server is stopped");
    let titles = |session: &Session| -> Vec<String> {
        session.conversations(9).unwrap().into_iter().map(|summary| summary.title).collect()
    };
    assert_eq!((titles(&first), titles(&second)), (vec!["hall".into()], vec!["shed".into()]));
    // The account that was shown last is shown first after a restart; the other one is open, too.
    first.record_shown().unwrap();
    let ids = (first.id().clone(), second.id().clone());
    drop((client, first, second));
    let (first, second) = ids;
    harness::wait_for_files(&data.path().join("accounts"));
    let client = harness::open(data.path()).await;
    assert_eq!(client.session().unwrap().id(), &first);
    assert_eq!(titles(&client.session_of(&second).unwrap()), ["shed"]);
    // Signing out of one account leaves the other one signed in.
    client.sign_out(&first, true).await.unwrap();
    assert_eq!(client.session().unwrap().id(), &second);
    drop(client);
    harness::wait_for_files(&data.path().join("accounts"));
    let client = harness::open(data.path()).await;
    assert_eq!(client.sessions().keys().collect::<Vec<_>>(), [&second]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_cannot_be_opened_does_not_prevent_others_from_opening() {
    let server = Server::start().await;
    let data = TempDir::new().unwrap();
    let client = harness::open(data.path()).await;
    let wren = sign_in(&client, &server, "wren", SignInMode::Register).await;
    let oak = sign_in(&client, &server, "oak", SignInMode::Register).await;
    let ids = (wren.id().clone(), oak.id().clone());
    drop((client, wren, oak));
    let (wren, oak) = ids;
    let accounts = data.path().join("accounts");
    harness::wait_for_files(&accounts);
    let lock_file = std::fs::File::open(accounts.join(oak.to_string()).join("lock")).unwrap();
    lock_file.lock().unwrap();
    let client = harness::open(data.path()).await;
    assert_eq!(client.sessions().keys().collect::<Vec<_>>(), [&wren]);
    // Another process has its files: it stays closed, and can be opened later.
    assert_eq!(client.closed().keys().collect::<Vec<_>>(), [&oak]);
    let in_use = client.unlock(&oak, PASSPHRASE).await.unwrap_err();
    assert_eq!(in_use.code(), ErrorCode::InUse);
    drop(lock_file);
    client.unlock(&oak, PASSPHRASE).await.unwrap();
}

fn draft(session: &Session, conversation: ConversationId) -> String {
    let found = session.conversations_by_id(&[conversation]).unwrap();
    found.into_iter().next().and_then(|summary| summary.draft).unwrap_or_default().body
}

#[tokio::test(flavor = "multi_thread")]
async fn private_state_is_the_same_on_all_devices_of_a_user() {
    let server = Server::start().await;
    let laptop = Person::register(&server, "wren").await;
    let group = laptop.session().create_group("workshop", vec![]).unwrap();
    let message_id = laptop.say(group, "a word");
    laptop.wait_until_bodies(group, &["a word"]).await;
    let phone = laptop.another_device().await;
    phone.wait_until_bodies(group, &["a word"]).await;
    let session = laptop.session();
    let until = Some(Millis(9_000_000_000_000));
    session.act(group, Action::Mute { until }).unwrap();
    session.act(group, Action::Pin { on: true }).unwrap();
    session.act(group, Action::Save { message_id, on: true }).unwrap();
    session.act(group, Action::react(message_id, "👍")).unwrap();
    session.act(group, Action::PinMessage { message_id, on: true }).unwrap();
    session.set_draft(group, &"half a thought".into()).unwrap();
    session.share_draft(group).unwrap();
    phone
        .wait_until("the same settings, marks and draft", |session| {
            let summary = &session.conversations_by_id(&[group]).unwrap()[0];
            let page = session.timeline(group, parlour_client::Position::Newest, 9).unwrap();
            let item = &page.items[0];
            summary.muted_until == until
                && summary.pinned_at.is_some()
                && draft(session, group) == "half a thought"
                && (item.saved, item.pinned, item.reactions.len()) == (true, true, 1)
        })
        .await;
    assert_eq!(phone.session().pinned(group).unwrap().len(), 1);
    assert_eq!(phone.session().saved().unwrap()[0].conversation_id, group);
}

#[tokio::test(flavor = "multi_thread")]
async fn drafts_written_concurrently_on_two_devices_are_merged() {
    let mut server = Server::start().await;
    let laptop = Person::register(&server, "wren").await;
    let group = laptop.session().create_group("workshop", vec![]).unwrap();
    laptop.say(group, "a word");
    laptop.wait_until_bodies(group, &["a word"]).await;
    let phone = laptop.another_device().await;
    phone.wait_until_bodies(group, &["a word"]).await;
    server.stop().await;
    for (person, text) in [(&laptop, "on the train"), (&phone, "at the desk")] {
        person.session().set_draft(group, &text.into()).unwrap();
        person.session().share_draft(group).unwrap();
    }
    server.resume().await;
    laptop.session().check_connection();
    phone.session().check_connection();
    let both = |session: &Session| {
        let draft = draft(session, group);
        draft.contains("on the train") && draft.contains("at the desk")
    };
    laptop.wait_until("both drafts", both).await;
    phone.wait_until("both drafts", both).await;
    // Once the draft is sent, it is gone everywhere.
    let text = draft(&laptop.session(), group);
    laptop.say(group, &text);
    phone.wait_until("no draft", |session| draft(session, group).is_empty()).await;
}
