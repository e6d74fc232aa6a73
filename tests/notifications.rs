//! Notifications of the real window, with a stub of the desktop's daemon on its session bus.

use harness::window::{Desktop, Window};
use harness::{PASSWORD, Person, Server, TIMEOUT};
use parlour_headless::{Keychain, StubDaemon};
use parlour_protocol::ConversationId;

const ENTER: &str = "\u{e007}";

/// A stub of the notification daemon.
struct Daemon(StubDaemon);

impl Daemon {
    async fn start(desktop: &Desktop) -> Self {
        let can = ["actions", "body", "body-markup"];
        Self(StubDaemon::start(desktop.bus(), &can).await.unwrap())
    }

    /// Waits until a notification with this title says this; returns its number.
    async fn wait_until(&mut self, title: &str, body: &str) -> u32 {
        let matches =
            |(_, shown_title, text): &&(u32, String, String)| shown_title == title && text == body;
        let waiting = self
            .0
            .requests
            .wait_for(|requests| requests.shown.iter().any(|notification| matches(&notification)));
        let waited = tokio::time::timeout(TIMEOUT, waiting).await.is_ok();
        let shown = self.0.requests.borrow().shown.clone();
        let found =
            shown.iter().find(matches).filter(|_| waited).map(|notification| notification.0);
        found.unwrap_or_else(|| panic!("{title}: {body} is not shown, but {shown:?}"))
    }

    /// Waits until nothing is shown.
    async fn wait_until_empty(&mut self) {
        let waiting = self.0.requests.wait_for(|requests| requests.shown.is_empty());
        let waited = tokio::time::timeout(TIMEOUT, waiting).await.is_ok();
        assert!(waited, "still shown: {:?}", self.0.requests.borrow().shown);
    }

    async fn choose(&self, number: u32, action: &str) {
        self.0.choose(number, action).await.unwrap();
    }

    async fn reply(&self, number: u32, text: &str) {
        self.0.reply(number, text).await.unwrap();
    }
}

/// Opens a window of wren with a visible group; wren has another device.
async fn open_window_of_wren(desktop: &Desktop, server: &Server) -> (Window, Person) {
    let wren = Person::register(server, "wren").await;
    let window = desktop.open().await;
    window.sign_in(&server.url(), "wren", PASSWORD, false).await;
    window.wait_until(".sync-line", "Up to date").await;
    window.control_shift("n").await;
    window.fill("dialog input[name=title]", "workshop").await;
    window.keys(ENTER).await;
    window.wait_until(".conversation h1", "workshop").await;
    (window, wren)
}

/// Returns the direct conversation of somebody with wren.
async fn direct_with_wren(person: &Person) -> ConversationId {
    person.session().create_p2p(person.find_person("wren").await).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_notifies_once_and_its_notification_opens_it() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let mut daemon = Daemon::start(&desktop).await;
    let (window, wren) = open_window_of_wren(&desktop, &server).await;
    let group = direct_with_wren(&oak).await;

    oak.say(group, "is the *cache* <b>in</b>?");
    let number = daemon.wait_until("oak", "is the cache &lt;b&gt;in&lt;/b&gt;?").await;
    let last = oak.say(group, "it is");
    assert_eq!(
        daemon.wait_until("oak", "is the cache &lt;b&gt;in&lt;/b&gt;?\nit is").await,
        number
    );
    oak.session().edit_message(group, last, "it was").unwrap();
    daemon.wait_until("oak", "is the cache &lt;b&gt;in&lt;/b&gt;?\nit was").await;
    oak.session().delete_message(group, last).unwrap();
    daemon.wait_until("oak", "is the cache &lt;b&gt;in&lt;/b&gt;?").await;

    daemon.choose(number, "default").await;
    window.wait_until(".conversation h1", "oak").await;
    window.wait_until(".message.target", "is the cache").await;
    daemon.wait_until_empty().await;

    // A message of another person, which is read on another device.
    let robin = Person::register(&server, "robin").await;
    let other = direct_with_wren(&robin).await;
    robin.say(other, "and the index?");
    daemon.wait_until("robin", "and the index?").await;
    wren.wait_until_bodies(other, &["and the index?"]).await;
    let seq = wren.newest(other).last().unwrap().seq.unwrap();
    wren.session().mark_read(other, seq).unwrap();
    daemon.wait_until_empty().await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_can_be_replied_to_and_marked_as_read_from_its_notification() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let mut daemon = Daemon::start(&desktop).await;
    let (window, wren) = open_window_of_wren(&desktop, &server).await;
    let group = direct_with_wren(&oak).await;

    oak.say(group, "is the cache in?");
    let number = daemon.wait_until("oak", "is the cache in?").await;
    daemon.reply(number, "since the morning").await;
    daemon.wait_until_empty().await;
    oak.wait_until_bodies(group, &["is the cache in?", "since the morning"]).await;

    oak.say(group, "thank you");
    let number = daemon.wait_until("oak", "thank you").await;
    daemon.choose(number, "mark-read").await;
    daemon.wait_until_empty().await;
    wren.wait_until("nothing unread", |session| session.unread().unwrap().all == 0).await;

    oak.say(group, "one more");
    let number = daemon.wait_until("oak", "one more").await;
    daemon.choose(number, "mute-hour").await;
    daemon.wait_until_empty().await;
    wren.wait_until("muted", |session| {
        let rows = session.conversations_by_id(&[group]).unwrap();
        rows.first().is_some_and(|row| row.muted_until.is_some())
    })
    .await;
    oak.say(group, "said while muted");
    window.wait_until(".sidebar", "said while muted").await;
    assert!(daemon.0.requests.borrow().shown.is_empty(), "muted");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_backlog_is_summed_up_once() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let mut daemon = Daemon::start(&desktop).await;
    let (window, _wren) = open_window_of_wren(&desktop, &server).await;
    let group = direct_with_wren(&oak).await;
    oak.say(group, "zero");
    daemon.wait_until("oak", "zero").await;
    window.close().await;
    for body in ["one", "two", "three"] {
        oak.say(group, body);
    }
    oak.wait_until_bodies(group, &["zero", "one", "two", "three"]).await;
    let mut daemon = {
        drop(daemon);
        Daemon::start(&desktop).await
    };
    let window = desktop.open().await;
    daemon.wait_until("While you were away", "3 messages in 1 conversation").await;
    assert_eq!(daemon.0.requests.borrow().received.len(), 1, "nothing else");
    window.close().await;
}
