//! The daemon of a session bus, played by a stub on a private one.
#![cfg(target_os = "linux")]
#![allow(clippy::too_many_arguments, missing_docs, reason = "the interface is not ours")]

use parlour_client::AccountId;
use parlour_desktop::{Chosen, Daemon, Event, Freedesktop, Lead, Note, Words};
use parlour_headless::{Display, Headless, Keychain};
use parlour_protocol::{ConversationId, MessageId, Seq};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

const PATH: &str = "/org/freedesktop/Notifications";
const NAME: &str = "org.freedesktop.Notifications";

/// A notification as a daemon receives it.
#[derive(Debug, Clone)]
struct Received {
    replaces: u32,
    title: String,
    body: String,
    actions: Vec<String>,
    hints: HashMap<String, OwnedValue>,
}

/// A daemon that shows nothing, and can do what it is told that it can.
#[derive(Clone, Default)]
struct Stub {
    can: Vec<&'static str>,
    received: Arc<Mutex<Vec<Received>>>,
    closed: Arc<Mutex<Vec<u32>>>,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Stub {
    fn get_capabilities(&self) -> Vec<&'static str> {
        self.can.clone()
    }

    fn notify(
        &self,
        _app: String,
        replaces: u32,
        _icon: String,
        title: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        _expires: i32,
    ) -> u32 {
        let mut received = self.received.lock().unwrap();
        received.push(Received { replaces, title, body, actions, hints });
        if replaces > 0 { replaces } else { u32::try_from(received.len()).unwrap() }
    }

    fn close_notification(&self, number: u32) {
        self.closed.lock().unwrap().push(number);
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, key: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn activation_token(
        emitter: &SignalEmitter<'_>,
        id: u32,
        token: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_replied(
        emitter: &SignalEmitter<'_>,
        id: u32,
        text: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(
        emitter: &SignalEmitter<'_>,
        id: u32,
        why: u32,
    ) -> zbus::Result<()>;
}

impl Stub {
    fn that_can(can: &[&'static str]) -> Self {
        Self { can: can.to_vec(), ..Self::default() }
    }

    async fn serve(&self, bus: &Headless) -> zbus::Connection {
        let builder = zbus::connection::Builder::address(bus.bus()).unwrap();
        let builder = builder.serve_at(PATH, self.clone()).unwrap();
        builder.name(NAME).unwrap().build().await.unwrap()
    }

    fn last(&self) -> Received {
        self.received.lock().unwrap().last().unwrap().clone()
    }
}

fn bus() -> (TempDir, Headless) {
    let home = tempfile::tempdir().unwrap();
    let bus = Headless::start(home.path(), Display::Inherited, Keychain::Absent).unwrap();
    (home, bus)
}

fn note() -> Note {
    let conversation = ConversationId::NONE;
    let lead = Lead { conversation, message: MessageId(conversation.0), seq: Seq(1) };
    let (title, body) = ("oak <b>".to_owned(), "1 < 2 & <b>so</b>".to_owned());
    Note {
        account: AccountId::default(),
        title,
        body,
        lead: Some(lead),
        has_sound: true,
        version: 1,
    }
}

fn words() -> Words {
    let text = str::to_owned;
    Words {
        open: text("Open"),
        reply: text("Reply"),
        mark_read: text("Mark as read"),
        mute_hour: text("Mute for 1 hour"),
        ..Words::default()
    }
}

async fn next(daemon: &mut Freedesktop) -> Event {
    tokio::time::timeout(Duration::from_secs(20), daemon.event()).await.expect("an event")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_daemon_can_do_decides_what_it_is_sent() {
    let (_home, bus) = bus();
    let all = Stub::that_can(&["actions", "body", "body-markup", "inline-reply"]);
    let served = all.serve(&bus).await;
    let mut daemon = Freedesktop::at(bus.bus());
    let number = daemon.show(&note(), &words(), None, true).await.unwrap();
    let received = all.last();
    assert_eq!((received.replaces, &*received.title), (0, "oak <b>"), "a title has no markup");
    assert_eq!(received.body, "1 &lt; 2 &amp; &lt;b&gt;so&lt;/b&gt;");
    let names: Vec<_> = received.actions.iter().step_by(2).map(String::as_str).collect();
    assert_eq!(names, ["default", "inline-reply", "mark-read", "mute-hour"]);
    let has = |hint: &str| received.hints.contains_key(hint);
    assert!(has("desktop-entry") && has("category") && has("sound-name"));
    assert_eq!(daemon.show(&note(), &words(), Some(number), false).await, Some(number));
    assert_eq!(all.last().replaces, number);
    assert_eq!(bool::try_from(&all.last().hints["suppress-sound"]), Ok(true), "quietly");
    daemon.close(number).await;
    assert_eq!(*all.closed.lock().unwrap(), [number]);
    drop(served);
    assert_eq!(next(&mut daemon).await, Event::Restarted);
    // One that can do nothing takes its place.
    let none = Stub::default();
    let _served = none.serve(&bus).await;
    assert!(daemon.show(&note(), &words(), None, true).await.is_some());
    let received = none.last();
    assert_eq!(received.actions, [""; 0]);
    assert_eq!((&*received.title, &*received.body), ("oak <b>: 1 < 2 & <b>so</b>", ""));
    let plain = Stub::that_can(&["body"]);
    let _plain = {
        drop(_served);
        assert_eq!(next(&mut daemon).await, Event::Restarted);
        plain.serve(&bus).await
    };
    daemon.show(&note(), &words(), None, true).await.unwrap();
    assert_eq!(
        plain.last().body,
        "1 < 2 & <b>so</b>",
        "nothing is escaped that is not read as markup"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_user_chooses_is_heard() {
    let (_home, bus) = bus();
    let stub = Stub::that_can(&["actions", "body"]);
    let served = stub.serve(&bus).await;
    let mut daemon = Freedesktop::at(bus.bus());
    let number = daemon.show(&note(), &words(), None, true).await.unwrap();
    let names: Vec<_> = stub.last().actions.iter().step_by(2).cloned().collect();
    assert_eq!(names, ["default", "reply", "mark-read", "mute-hour"]);
    let emitter = SignalEmitter::new(&served, PATH).unwrap();
    let open = |token: Option<&str>| {
        Event::Chosen(number, Chosen::Open { activation: token.map(str::to_owned) })
    };
    Stub::activation_token(&emitter, number, "of another").await.unwrap();
    Stub::activation_token(&emitter, number, "token").await.unwrap();
    Stub::action_invoked(&emitter, number, "default").await.unwrap();
    assert_eq!(next(&mut daemon).await, open(Some("token")));
    Stub::action_invoked(&emitter, number, "invented").await.unwrap();
    for (action, chosen) in [("mark-read", Chosen::MarkRead), ("mute-hour", Chosen::MuteHour)] {
        Stub::action_invoked(&emitter, number, action).await.unwrap();
        assert_eq!(next(&mut daemon).await, Event::Chosen(number, chosen));
    }
    Stub::notification_replied(&emitter, number, "so it is").await.unwrap();
    assert_eq!(next(&mut daemon).await, Event::Chosen(number, Chosen::Reply("so it is".into())));
    Stub::notification_closed(&emitter, number, 2).await.unwrap();
    assert_eq!(next(&mut daemon).await, Event::Closed(number));
    // Somebody else on the bus says the same, and is not the daemon.
    let other = zbus::connection::Builder::address(bus.bus()).unwrap().build().await.unwrap();
    let other = SignalEmitter::new(&other, PATH).unwrap();
    Stub::action_invoked(&other, number, "mark-read").await.unwrap();
    Stub::action_invoked(&emitter, number, "mute-hour").await.unwrap();
    assert_eq!(next(&mut daemon).await, Event::Chosen(number, Chosen::MuteHour));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_daemon_or_a_bus_nothing_is_shown_until_there_is_one() {
    let (_home, bus) = bus();
    let mut nowhere = Freedesktop::at("unix:path=/nowhere");
    assert_eq!(nowhere.show(&note(), &words(), None, true).await, None);
    nowhere.close(1).await;
    let mut daemon = Freedesktop::at(bus.bus());
    assert_eq!(daemon.show(&note(), &words(), None, true).await, None);
    let stub = Stub::that_can(&["body"]);
    let _served = stub.serve(&bus).await;
    assert!(daemon.show(&note(), &words(), None, true).await.is_some());
}
