//! After a month offline: 5,000 conversations, 100,000 new messages, and the next start.

use crate::mirror::insert_raw;
use crate::table::Measure;
use crate::{add_user, import};
use harness::PASSWORD;
use harness::window::ServerProcess;
use parlour_client::{Client, ConversationSummary, Session, SignInMode};
use parlour_protocol::Credentials;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

const CONVERSATIONS: usize = 5000;
/// Messages in each conversation before going offline, and since.
const BEFORE: usize = 30;
const SINCE: usize = 20;

/// Number of conversations on a screen.
const SCREEN: usize = 20;

/// Measures catching up. Returns the number of messages with the results; the messages are lines of
/// the logs.
pub async fn measure(logs: &Path) -> (i64, Vec<Measure>) {
    eprintln!("a month away from {CONVERSATIONS} conversations");
    let (data, channels) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let mut lines = lines(logs);
    let mut write = |day: &str, count: usize| {
        for channel in 0..CONVERSATIONS {
            let folder = channels.path().join(format!("room-{channel}/2020"));
            std::fs::create_dir_all(&folder).expect("a folder");
            let text = (0..count).fold(String::new(), |mut text, _| {
                let _ = writeln!(text, "{}", lines.next().expect("it repeats"));
                text
            });
            std::fs::write(folder.join(day), text).expect("a file");
        }
    };
    write("2020-01-01", BEFORE);
    add_user(data.path());
    import(data.path(), channels.path());
    let server = ServerProcess::start(data.path(), "127.0.0.1:0");
    let home = TempDir::new().expect("a folder");
    let client = harness::open(home.path()).await;
    let started = Instant::now();
    sign_in(&client, &server.url).await;
    wait_until(&client, BEFORE, true).await;
    let first = started.elapsed().as_secs_f64();
    let mirror = client.session().expect("an account").mirror_file();
    drop(client);
    harness::wait_for_files(&home.path().join("accounts"));
    let address = server.url.trim_start_matches("http://").to_owned();
    drop(server);
    write("2020-02-01", SINCE);
    import(data.path(), channels.path());
    let server = ServerProcess::start(data.path(), &address);
    let client = harness::open(home.path()).await;
    let typing = Typing::start(&client.session().expect("an account"));
    let started = Instant::now();
    sign_in(&client, &server.url).await;
    wait_until(&client, SINCE + BEFORE, false).await;
    let list = started.elapsed().as_secs_f64();
    wait_until(&client, SINCE + BEFORE, true).await;
    let all = started.elapsed().as_secs_f64();
    let keys = typing.stop();
    eprintln!("a new device {first:.2} s; a month: the list {list:.2} s, everything {all:.2} s");
    let old = insert_raw(&mirror, "(key & 0xffffffff) <= 30");
    let new = insert_raw(&mirror, "(key & 0xffffffff) > 30");
    assert_eq!((old.0, new.0), (CONVERSATIONS * BEFORE, CONVERSATIONS * SINCE));
    let floor = new.1;
    eprintln!("inserted by SQLite alone: {:.2} s and {floor:.2} s", old.1);
    let measure =
        |name: &str, unit, ours: Vec<f64>, floor| Measure { name: name.into(), unit, ours, floor };
    let measures = vec![
        measure("a new device: everything is here", "s", vec![first], vec![old.1]),
        measure("a month away: the list is right", "s", vec![list], vec![floor]),
        measure("a month away: everything is here", "s", vec![all], vec![floor]),
        measure("a key pressed meanwhile", "ms", keys.0, keys.1),
    ];
    ((CONVERSATIONS * (BEFORE + SINCE)) as i64, measures)
}

async fn sign_in(client: &Client, url: &str) {
    let (username, password) = ("marlow".into(), PASSWORD.into());
    let credentials = Credentials { username, password, device: "bench".into(), invitation: None };
    client
        .sign_in(url, &credentials, SignInMode::SignIn, harness::key_storage())
        .await
        .expect("signed in");
}

/// Waits until every conversation has reached position `last`, and if `is_complete` until its history is
/// complete.
async fn wait_until(client: &Client, last: usize, is_complete: bool) {
    let mut notices = client.notices();
    let session = client.session().expect("an account");
    let last = i64::try_from(last).expect("a count");
    loop {
        let history = session.status().expect("a status").history;
        let total = history.total.0 == last * CONVERSATIONS as i64;
        if total && (!is_complete || history.here == history.total) {
            let list = session.conversations(i64::MAX).expect("a list");
            assert_eq!(list.len(), CONVERSATIONS);
            // All messages are by others.
            let is_right =
                |summary: &&ConversationSummary| summary.unread.0 == last - summary.last_read_seq.0;
            let wrong = list.iter().find(|summary| !is_right(summary));
            assert!(wrong.is_none(), "{wrong:?}");
            let has_newest = |summary: &ConversationSummary| summary.last_seq.0 == last;
            // The conversations on the screen show their newest message, too.
            if list.iter().take(SCREEN).all(has_newest) {
                return;
            }
        }
        // A slow receiver gets an error because it missed notices, which serves as well.
        let _ = notices.recv().await;
    }
}

/// A simulated user who types: each key saves the draft and reads the conversation again.
struct Typing {
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<Vec<f64>>,
    idle: Vec<f64>,
}

impl Typing {
    fn start(session: &Arc<Session>) -> Self {
        let group = session.conversations(1).expect("a list")[0].id;
        let press = move |session: &Session, text: &str| {
            let started = Instant::now();
            session.set_draft(group, &text.into()).expect("stored");
            let position = parlour_client::Position::Newest;
            session.timeline(group, position, 50).expect("a timeline");
            started.elapsed().as_secs_f64() * 1000.0
        };
        let idle = (0..50).map(|n| press(session, &format!("{n}"))).collect();
        let stop = Arc::new(AtomicBool::new(false));
        let (session, stop_flag) = (session.clone(), stop.clone());
        let thread = std::thread::spawn(move || {
            let mut keys = Vec::new();
            while !stop_flag.load(Ordering::Relaxed) {
                keys.push(press(&session, &format!("{}", keys.len())));
                std::thread::park_timeout(Duration::from_millis(20));
            }
            keys
        });
        Self { stop, thread, idle }
    }

    /// Returns the milliseconds that each key took, and the same for an idle client.
    fn stop(self) -> (Vec<f64>, Vec<f64>) {
        self.stop.store(true, Ordering::Relaxed);
        (self.thread.join().expect("it types"), self.idle)
    }
}

/// Returns the messages in the logs, repeated forever.
fn lines(logs: &Path) -> impl Iterator<Item = String> {
    let mut files = vec![logs.to_owned()];
    let mut messages = Vec::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(path).expect("a folder").flatten();
            files.extend(entries.map(|entry| entry.path()));
        } else {
            let text = String::from_utf8_lossy(&std::fs::read(path).expect("a file")).into_owned();
            let is_message = |line: &&str| line.get(7..).is_some_and(|rest| rest.starts_with(" <"));
            messages.extend(text.lines().filter(is_message).map(str::to_owned));
        }
        if messages.len() > 250_000 {
            break;
        }
    }
    messages.into_iter().cycle()
}
