//! A client that counts: `talker DATA SERVER NAME MANY` says the next MANY numbers, prints each once
//! it is accepted, and "done" when the server has them all. Made to be killed.

use harness::{PASSWORD, PATIENCE};
use parlour_client::{Client, Keep, Position, Session, Starting};
use parlour_protocol::{ConversationId, Credentials, ErrorCode, MessageId};
use std::io::Write;
use std::path::Path;
use tokio::time::timeout;

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [data, server, name, many] = &args[..] else { panic!("talker DATA SERVER NAME MANY") };
    let client = Client::open(Path::new(data)).expect("the files open");
    let mut notices = client.notices();
    sign_in(&client, server, name).await;
    let session = client.session().expect("signed in");
    let room = room(&session);
    let next = last_said(&session, room) + 1;
    for number in next..next + many.parse::<u32>().expect("a number") {
        let id = MessageId(uuid::Uuid::now_v7());
        session.send_message(room, id, &number.to_string()).expect("accepted");
        println!("{number}");
        std::io::stdout().flush().expect("somebody listens");
    }
    while !session.outbox().expect("an outbox").is_empty() {
        let _ = timeout(PATIENCE, notices.recv()).await.expect("the server takes it in time");
    }
    println!("done");
}

/// Signs in, registering at the first run, and trying again while the server is being killed.
async fn sign_in(client: &Client, server: &str, name: &str) {
    let password = PASSWORD.into();
    let typed =
        Credentials { username: name.into(), password, device: "talker".into(), invitation: None };
    let mut starting = Starting::SignIn;
    let trying = async {
        while let Err(error) = client.sign_in(server, &typed, starting, Keep::ThisRun).await {
            starting = match error.code() {
                ErrorCode::SignIn => Starting::Register,
                // The answer to a registration may have been lost with the server.
                ErrorCode::UsernameTaken => Starting::SignIn,
                _ => starting,
            };
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, trying).await.expect("the server comes back");
}

/// The one group, begun at the first run. It may still be in the outbox alone.
fn room(session: &Session) -> ConversationId {
    let known = session.conversations(1).expect("a list").first().map(|room| room.id);
    known.unwrap_or_else(|| session.create_group("numbers", vec![]).expect("a group"))
}

fn last_said(session: &Session, room: ConversationId) -> u32 {
    let newest = session.timeline(room, Position::Newest, 1).expect("a timeline");
    newest.items.last().map_or(0, |item| item.body.parse().expect("a number"))
}
