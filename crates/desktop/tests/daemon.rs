//! Notifications on a private session bus with a stub daemon.
#![cfg(target_os = "linux")]

use parlour_client::AccountId;
use parlour_desktop::{
    Bus, Daemon, DesktopTexts, Event, Freedesktop, MessageTarget, NotificationAction,
    NotificationContent,
};
use parlour_headless::{Display, Headless, Keychain, StubDaemon};
use parlour_protocol::{ConversationId, MessageId, Seq};
use std::time::Duration;
use tempfile::TempDir;

fn bus() -> (TempDir, Headless) {
    let home = tempfile::tempdir().unwrap();
    let bus = Headless::start(home.path(), Display::Inherited, Keychain::Absent).unwrap();
    (home, bus)
}

fn content() -> NotificationContent {
    let conversation = ConversationId::NONE;
    let target = MessageTarget { conversation, message: MessageId(conversation.0), seq: Seq(1) };
    let (title, body) = ("oak <b>".to_owned(), "1 < 2 & <b>so</b>".to_owned());
    NotificationContent {
        account: AccountId::default(),
        title,
        body,
        target: Some(target),
        has_sound: true,
        version: 1,
    }
}

fn texts() -> DesktopTexts {
    let text = str::to_owned;
    DesktopTexts {
        open: text("Open"),
        reply: text("Reply"),
        mark_read: text("Mark as read"),
        mute_hour: text("Mute for 1 hour"),
        ..DesktopTexts::default()
    }
}

async fn next(daemon: &mut Freedesktop) -> Event {
    tokio::time::timeout(Duration::from_secs(20), daemon.event()).await.expect("an event")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_uses_only_the_capabilities_of_the_daemon() {
    let (_home, bus) = bus();
    let capabilities = ["actions", "body", "body-markup", "inline-reply"];
    let all = StubDaemon::start(bus.bus(), &capabilities).await.unwrap();
    let mut daemon = Freedesktop::new(Bus::with_address(bus.bus()));
    let id = daemon.show(&content(), &texts(), None, true).await.unwrap();
    let received = all.last();
    assert_eq!((received.replaces, &*received.title), (0, "oak <b>"), "a title has no markup");
    assert_eq!(received.body, "1 &lt; 2 &amp; &lt;b&gt;so&lt;/b&gt;");
    let names: Vec<_> = received.actions.iter().step_by(2).map(String::as_str).collect();
    assert_eq!(names, ["default", "inline-reply", "mark-read", "mute-hour"]);
    let has = |hint: &str| received.hints.contains_key(hint);
    assert!(has("desktop-entry") && has("category") && has("sound-name"));
    assert_eq!(daemon.show(&content(), &texts(), Some(id), false).await, Some(id));
    assert_eq!(all.last().replaces, id);
    assert_eq!(bool::try_from(&all.last().hints["suppress-sound"]), Ok(true), "silently");
    daemon.close(id).await;
    assert_eq!(all.requests.borrow().closed, [id]);
    drop(all);
    assert_eq!(next(&mut daemon).await, Event::Restarted);
    // A daemon without capabilities replaces it.
    let none = StubDaemon::start(bus.bus(), &[]).await.unwrap();
    assert!(daemon.show(&content(), &texts(), None, true).await.is_some());
    let received = none.last();
    assert_eq!(received.actions, [""; 0]);
    assert_eq!((&*received.title, &*received.body), ("oak <b>: 1 < 2 & <b>so</b>", ""));
    drop(none);
    assert_eq!(next(&mut daemon).await, Event::Restarted);
    let plain = StubDaemon::start(bus.bus(), &["body"]).await.unwrap();
    daemon.show(&content(), &texts(), None, true).await.unwrap();
    assert_eq!(plain.last().body, "1 < 2 & <b>so</b>", "plain text is not escaped");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_action_that_the_user_chooses_is_received() {
    let (_home, bus) = bus();
    let stub = StubDaemon::start(bus.bus(), &["actions", "body"]).await.unwrap();
    let mut daemon = Freedesktop::new(Bus::with_address(bus.bus()));
    let id = daemon.show(&content(), &texts(), None, true).await.unwrap();
    let names: Vec<_> = stub.last().actions.iter().step_by(2).cloned().collect();
    assert_eq!(names, ["default", "reply", "mark-read", "mute-hour"]);
    let open = |token: Option<&str>| {
        Event::ActionChosen(id, NotificationAction::Open { activation: token.map(str::to_owned) })
    };
    stub.give_token(id, "of an earlier click").await.unwrap();
    stub.give_token(id, "token").await.unwrap();
    stub.choose(id, "default").await.unwrap();
    assert_eq!(next(&mut daemon).await, open(Some("token")));
    stub.choose(id, "invented").await.unwrap();
    for (name, action) in
        [("mark-read", NotificationAction::MarkRead), ("mute-hour", NotificationAction::MuteHour)]
    {
        stub.choose(id, name).await.unwrap();
        assert_eq!(next(&mut daemon).await, Event::ActionChosen(id, action));
    }
    stub.reply(id, "so it is").await.unwrap();
    assert_eq!(
        next(&mut daemon).await,
        Event::ActionChosen(id, NotificationAction::Reply("so it is".into()))
    );
    stub.close(id).await.unwrap();
    assert_eq!(next(&mut daemon).await, Event::Closed(id));
    // Signals of another program on the bus are ignored.
    let other = StubDaemon::without_name(bus.bus(), &[]).await.unwrap();
    other.choose(id, "mark-read").await.unwrap();
    stub.choose(id, "mute-hour").await.unwrap();
    assert_eq!(next(&mut daemon).await, Event::ActionChosen(id, NotificationAction::MuteHour));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_daemon_or_a_bus_nothing_is_shown_until_there_is_one() {
    let (_home, bus) = bus();
    let mut nowhere = Freedesktop::new(Bus::with_address("unix:path=/nowhere"));
    assert_eq!(nowhere.show(&content(), &texts(), None, true).await, None);
    nowhere.close(1).await;
    let mut daemon = Freedesktop::new(Bus::with_address(bus.bus()));
    assert_eq!(daemon.show(&content(), &texts(), None, true).await, None);
    let _stub = StubDaemon::start(bus.bus(), &["body"]).await.unwrap();
    assert!(daemon.show(&content(), &texts(), None, true).await.is_some());
}
