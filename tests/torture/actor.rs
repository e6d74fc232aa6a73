//! A simulated user of a real client. `actor DATA SERVER NAME` sends, changes and reads messages
//! for as long as its input is open, and prints each action once it is accepted. Then it waits until
//! everything is sent, and prints "done". It may be killed at any moment, and started again on the
//! same files.

use harness::{PASSWORD, TIMEOUT};
use parlour_client::{Client, Delivery, Position, Session, SignInMode, TimelineItem};
use parlour_protocol::{ConversationId, Credentials, ErrorCode, MessageId};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

/// The pause between two actions, roughly.
const PAUSE: Duration = Duration::from_millis(30);

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [data, server, name] = &args[..] else { panic!("actor DATA SERVER NAME") };
    // The disk may be full during the start.
    let client = loop {
        // The previous process, which was just killed, may still hold the files.
        let client = harness::open(Path::new(data)).await;
        if client.session().is_ok() {
            break Arc::new(client);
        }
        sleep(PAUSE).await;
    };
    // Each device changes only messages with its own label, not those that the user's other device
    // sent.
    let label = Path::new(data).file_name().expect("a folder").to_string_lossy().into_owned();
    let stopped = Arc::new(AtomicBool::new(false));
    let stop_flag = stopped.clone();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        stop_flag.store(true, Ordering::Relaxed);
    });
    tokio::spawn(sign_in(client.clone(), server.clone(), name.clone()));
    while !stopped.load(Ordering::Relaxed) {
        let session = client.session().expect("an account");
        tokio::task::block_in_place(|| act(&session, &label));
        let half = PAUSE / 2;
        sleep(half + half * u32::from(rand_byte()) / 128).await;
    }
    // The network is back, and the client is notified, as the system would do.
    let sent = timeout(TIMEOUT, async {
        while !client.session().expect("an account").outbox().is_ok_and(|open| open.is_empty()) {
            let session = client.session().expect("an account");
            session.check_connection();
            discard_refused(&session);
            sleep(PAUSE).await;
        }
    });
    if sent.await.is_err() {
        let session = client.session().expect("an account");
        let (open, status) = (session.outbox(), session.status());
        eprintln!("{name} has not sent everything: {status:?} {open:?}");
        std::process::exit(1);
    }
    // No file may be in use when SQLCipher shuts down at the end of the process.
    client.end().await;
    print_line("done");
    // Everything that still runs ends here at once.
    std::process::exit(0);
}

/// Tries to sign in until it works. Until then, actions are done offline.
async fn sign_in(client: Arc<Client>, server: String, name: String) {
    let (password, device) = (PASSWORD.into(), "actor".into());
    let credentials = Credentials { username: name, password, device, invitation: None };
    while client
        .sign_in(&server, &credentials, SignInMode::SignIn, harness::key_storage())
        .await
        .is_err()
    {
        sleep(PAUSE).await;
    }
}

fn act(session: &Session, label: &str) {
    let Ok(conversations) = session.conversations(10) else { return };
    let Some(conversation) =
        conversations.get(usize::from(rand_byte()) % conversations.len().max(1))
    else {
        return;
    };
    match rand_byte() {
        0..170 => {
            let id = MessageId(Uuid::now_v7());
            if session.send_message(conversation.id, id, format!("{label} {id} 0")).is_ok() {
                print_line(&format!("said {} {id} 0", conversation.id));
            }
        }
        170..210 => {
            let Some(item) = pick_own_message(session, conversation.id, label) else { return };
            let change = item.body.rsplit(' ').next().and_then(|n| n.parse::<u32>().ok());
            let change = change.expect("a number") + 1;
            let body = format!("{label} {} {change}", item.id);
            if session.edit_message(conversation.id, item.id, &body).is_ok() {
                print_line(&format!("said {} {} {change}", conversation.id, item.id));
            }
        }
        210..225 => {
            let Some(item) = pick_own_message(session, conversation.id, label) else { return };
            // The process may be killed after the deletion is done and before it is printed.
            print_line(&format!("deleting {} {}", conversation.id, item.id));
            if session.delete_message(conversation.id, item.id).is_ok() {
                print_line(&format!("deleted {} {}", conversation.id, item.id));
            }
        }
        225..235 => discard_refused(session),
        _ => drop(session.mark_read(conversation.id, conversation.last_seq)),
    }
}

/// Discards changes to messages that the user's other device has deleted meanwhile.
fn discard_refused(session: &Session) {
    for item in session.outbox().unwrap_or_default() {
        if matches!(item.delivery, Delivery::Refused { code: ErrorCode::NotFound, .. }) {
            let _ = session.discard(item.id);
        }
    }
}

/// Returns a recent message that was sent on this device and is not deleted.
fn pick_own_message(
    session: &Session,
    conversation: ConversationId,
    label: &str,
) -> Option<TimelineItem> {
    let items = session.timeline(conversation, Position::Newest, 20).ok()?.items;
    let mut pick_own_message: Vec<_> =
        items.into_iter().filter(|item| !item.deleted && item.body.starts_with(label)).collect();
    let index = usize::from(rand_byte()) % pick_own_message.len().max(1);
    if pick_own_message.is_empty() { None } else { Some(pick_own_message.swap_remove(index)) }
}

fn rand_byte() -> u8 {
    Uuid::new_v4().as_bytes()[0]
}

fn print_line(line: &str) {
    println!("{line}");
    std::io::stdout().flush().expect("the output is read");
}
