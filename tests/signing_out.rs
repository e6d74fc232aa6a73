//! Concurrent sign-ins and sign-outs: nothing that was accepted is lost, and no call waits forever.

use harness::{PASSWORD, Person, Server, TIMEOUT, key_storage};
use parlour_client::{Client, SignInMode};
use parlour_protocol::{Credentials, ErrorCode};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

fn credentials() -> Credentials {
    Credentials {
        username: "wren".into(),
        password: PASSWORD.into(),
        device: "test".into(),
        invitation: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_concurrent_sign_ins_to_one_account_return_the_same_one() {
    let server = Server::start().await;
    let first = Person::register(&server, "wren").await;
    for _ in 0..5 {
        let data = TempDir::new().unwrap();
        let client = Client::open(data.path()).unwrap();
        let (url, credentials) = (server.url(), credentials());
        let signing_in = || client.sign_in(&url, &credentials, SignInMode::SignIn, key_storage());
        let (one, other) = tokio::join!(signing_in(), signing_in());
        assert_eq!(one.unwrap().id(), other.unwrap().id());
        let session = client.session().unwrap();
        let group = session.create_group("workshop", vec![]).unwrap();
        session
            .send_message(group, parlour_protocol::MessageId(uuid::Uuid::now_v7()), "kept")
            .unwrap();
        drop(session);
        client.end().await;
        // The files are complete, and the passphrase opens them.
        let client = harness::open(data.path()).await;
        assert_eq!(client.sessions().len(), 1);
    }
    // The sessions that lost the race are ended. Five remain, and that of the first device.
    let ended = async {
        while first.session().sessions().await.unwrap().len() > 6 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(TIMEOUT, ended).await.expect("no session remains");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_that_sign_in_at_once_do_not_delete_each_others_files() {
    let server = Server::start().await;
    drop(Person::register(&server, "wren").await);
    for _ in 0..5 {
        let data = TempDir::new().unwrap();
        // Like two programs that do not know of each other.
        let [one, other] = [(); 2].map(|()| Client::open(data.path()).unwrap());
        let (url, credentials) = (server.url(), credentials());
        let (first, second) = tokio::join!(
            one.sign_in(&url, &credentials, SignInMode::SignIn, key_storage()),
            other.sign_in(&url, &credentials, SignInMode::SignIn, key_storage()),
        );
        let refused = match (first, second) {
            (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
            (first, second) => panic!("{:?} {:?}", first.err(), second.err()),
        };
        assert_eq!(refused.code(), ErrorCode::InUse, "{refused}");
        one.end().await;
        other.end().await;
        let client = harness::open(data.path()).await;
        assert_eq!(client.sessions().len(), 1, "the files of the successful client exist");
    }
}

/// Listens at a server's address without answering. Signals when a client tries to sign out.
async fn listen_silently(
    address: &str,
) -> (tokio::task::JoinHandle<()>, tokio::sync::oneshot::Receiver<()>) {
    let listener = TcpListener::bind(address).await.unwrap();
    let (sender, received) = tokio::sync::oneshot::channel();
    let sender = Arc::new(std::sync::Mutex::new(Some(sender)));
    let listening = tokio::spawn(async move {
        let mut connections = tokio::task::JoinSet::new();
        while let Ok((mut socket, _)) = listener.accept().await {
            let sender = sender.clone();
            connections.spawn(async move {
                let mut request = [0; 4096];
                while let Ok(read @ 1..) = socket.read(&mut request).await {
                    if request[..read].starts_with(b"DELETE /v1/sessions/current")
                        && let Some(sender) = sender.lock().unwrap().take()
                    {
                        let _ = sender.send(());
                    }
                }
            });
        }
    });
    (listening, received)
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_written_while_signing_out_waits_for_the_network_are_refused_and_not_dropped() {
    let mut server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let group = wren.session().create_group("workshop", vec![]).unwrap();
    wren.wait_until("everything sent", |session| session.outbox().unwrap().is_empty()).await;
    let address = server.url().replace("http://", "");
    server.stop().await;
    // Without a connection to the stopped server, on which the request would fail at once.
    let wren = wren.restart().await;
    let (session, id) = (wren.session(), wren.session().id().clone());
    let (listening, wants_to_sign_out) = listen_silently(&address).await;
    let sending = async {
        wants_to_sign_out.await.unwrap();
        let id = parlour_protocol::MessageId(uuid::Uuid::now_v7());
        let refused = session.send_message(group, id, "just in time?").unwrap_err();
        assert_eq!(refused.code(), ErrorCode::SignedOut, "{refused}");
        let draft = session.set_draft(group, &"or this".into()).unwrap_err();
        assert_eq!(draft.code(), ErrorCode::SignedOut);
        // The local files can still be read.
        assert_eq!(session.conversations(9).unwrap().len(), 1);
        listening.abort();
    };
    let both = async { tokio::join!(wren.client.sign_out(&id, false), sending) };
    let (signed_out, ()) = tokio::time::timeout(TIMEOUT, both).await.expect("both end");
    signed_out.unwrap();
    assert!(wren.client.sessions().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_cannot_be_signed_out_because_of_waiting_ops_continues_as_before() {
    let mut server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let group = wren.session().create_group("workshop", vec![]).unwrap();
    wren.wait_until("everything sent", |session| session.outbox().unwrap().is_empty()).await;
    let id = wren.session().id().clone();
    server.stop().await;
    wren.say(group, "waits");
    let refused = wren.client.sign_out(&id, false).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::OutboxNotEmpty);
    wren.say(group, "and so does this");
    server.resume().await;
    wren.session().check_connection();
    wren.wait_until_bodies(group, &["waits", "and so does this"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_every_use_of_the_account() {
    let server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let group = wren.session().create_group("workshop", vec![]).unwrap();
    wren.say(group, "said");
    wren.wait_until_bodies(group, &["said"]).await;
    wren.wait_until("it was sent", |session| session.outbox().unwrap().is_empty()).await;
    let (folder, id) = (wren.account_folder(), wren.session().id().clone());
    // Like a command of the window that waits for the server.
    let old_session = wren.session();
    let signing_out = tokio::time::timeout(TIMEOUT, wren.client.sign_out(&id, false));
    signing_out.await.expect("it ends").unwrap();
    assert!(!folder.exists(), "its files are deleted although they were in use");
    assert_eq!(old_session.conversations(9).unwrap_err().code(), ErrorCode::SignedOut);
    // The user can sign in again at once, and locking works the same way.
    wren.reconnect().await;
    wren.wait_until_bodies(group, &["said"]).await;
    let old_session = wren.session();
    let locking = tokio::time::timeout(TIMEOUT, wren.client.lock());
    assert_eq!(locking.await.expect("it ends").unwrap(), 1);
    assert!(old_session.mirror_file().1.is_none(), "a session that is still held has no key");
}

#[tokio::test(flavor = "multi_thread")]
async fn remaining_files_of_a_signed_out_account_are_deleted_at_the_next_start() {
    let server = Server::start().await;
    let wren = Person::register(&server, "wren").await;
    let folder = wren.account_folder();
    let wren = wren.restart_after(|| std::fs::write(folder.join("signed-out"), []).unwrap()).await;
    assert!(!folder.exists() && wren.client.closed().is_empty());
}
