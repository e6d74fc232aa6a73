//! The icon in the tray, on a private session bus with a stub tray.
#![cfg(target_os = "linux")]

use parlour_client::{Pause, Unread};
use parlour_desktop::{Bus, DesktopTexts, Icon, TrayAction, TrayState};
use parlour_headless::{Display, Headless, Keychain, Tray};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;
use tokio::time::timeout;

const TIMEOUT: Duration = Duration::from_secs(20);

/// The icon of an app and its bus.
struct App {
    _home: TempDir,
    bus: Headless,
    states: watch::Sender<TrayState>,
    has_host: watch::Receiver<bool>,
    actions: UnboundedReceiver<TrayAction>,
}

impl App {
    fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let bus = Headless::start(home.path(), Display::Inherited, Keychain::Absent).unwrap();
        let (states, receiver) = watch::channel(state((0, 0)));
        let (sender, has_host) = watch::channel(false);
        let (events, actions) = unbounded_channel();
        let icon = Icon { width: 32, height: 32, rgba: [1, 2, 3, 255].repeat(32 * 32) };
        let tray = parlour_desktop::Tray::new(
            Bus::with_address(bus.bus()),
            &icon,
            receiver,
            sender,
            events,
        );
        tokio::spawn(tray.run());
        Self { _home: home, bus, states, has_host, actions }
    }

    async fn tray(&self, has_host: bool) -> Tray {
        Tray::start(self.bus.bus(), has_host).await.unwrap()
    }

    async fn wait_for_host(&mut self, expected: bool) {
        let waiting = self.has_host.wait_for(|known| *known == expected);
        timeout(TIMEOUT, waiting).await.expect("the host is noticed").unwrap();
    }

    async fn next(&mut self) -> TrayAction {
        timeout(TIMEOUT, self.actions.recv()).await.expect("an action arrives").unwrap()
    }
}

fn state((all, mentions): (i64, i64)) -> TrayState {
    let text = str::to_owned;
    let texts = DesktopTexts {
        show: text("Open Parlour"),
        pause: text("Do not disturb"),
        half_hour: text("30 minutes"),
        two_hours: text("2 hours"),
        tomorrow: text("Until tomorrow"),
        resume: text("Resume_now"),
        quit: text("Quit Parlour"),
        unread: vec![text("1 unread"), text("2+ unread")],
        mentions: vec![text("1 for you"), text("2+ for you")],
        ..DesktopTexts::default()
    };
    TrayState { unread: Unread { all, mentions }, texts: texts.into(), ..TrayState::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_icon_is_shown_while_there_is_a_tray() {
    let mut app = App::start();
    assert!(!*app.has_host.borrow());
    // A service that registers icons, without a tray that shows them.
    let tray = app.tray(false).await;
    let mut item = tray.item.clone();
    timeout(TIMEOUT, item.wait_for(Option::is_some))
        .await
        .expect("the icon is registered")
        .unwrap();
    assert!(!*app.has_host.borrow());
    tray.set_host(true).await.unwrap();
    app.wait_for_host(true).await;
    tray.set_host(false).await.unwrap();
    app.wait_for_host(false).await;
    tray.end().await.unwrap();
    let tray = app.tray(true).await;
    app.wait_for_host(true).await;
    tray.end().await.unwrap();
    app.wait_for_host(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_icon_shows_unread_counts_and_a_click_toggles_the_window() {
    let mut app = App::start();
    let mut tray = app.tray(true).await;
    app.wait_for_host(true).await;
    let plain = tray.picture().await.unwrap();
    assert_eq!(plain.len(), 32 * 32 * 4);
    assert_eq!(tray.tooltip().await.unwrap(), "");
    let mut pictures = vec![plain];
    for (numbers, tip) in [((1, 0), "1 unread"), ((7, 1), "2+ unread, 1 for you")] {
        app.states.send_replace(state(numbers));
        let shown = tray.number.wait_for(|shown| *shown == Some(numbers.0));
        timeout(TIMEOUT, shown).await.expect("the dock shows the number").unwrap();
        assert_eq!(tray.tooltip().await.unwrap(), tip);
        pictures.push(tray.picture().await.unwrap());
    }
    assert!(pictures[0] != pictures[1] && pictures[1] != pictures[2]);
    app.states.send_replace(state((0, 0)));
    timeout(TIMEOUT, tray.number.wait_for(Option::is_none)).await.expect("no number").unwrap();
    assert_eq!(tray.picture().await.unwrap(), pictures[0]);
    tray.click("token").await.unwrap();
    assert_eq!(app.next().await, TrayAction::Toggle(Some("token".into())));
    tray.click(&"x".repeat(10_000)).await.unwrap();
    assert_eq!(app.next().await, TrayAction::Toggle(None), "a token that is too long is dropped");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_opens_pauses_and_quits() {
    let mut app = App::start();
    let mut tray = app.tray(true).await;
    app.wait_for_host(true).await;
    let labels = async |tray: &Tray| -> Vec<String> {
        tray.entries().await.unwrap().into_iter().map(|(_, label)| label).collect()
    };
    let all = [
        "Open Parlour",
        "Do not disturb",
        "30 minutes",
        "2 hours",
        "Until tomorrow",
        "Quit Parlour",
    ];
    assert_eq!(labels(&tray).await, all);
    for (label, action) in [
        ("Open Parlour", TrayAction::Open(None)),
        ("2 hours", TrayAction::Pause(Pause::TwoHours)),
        ("Quit Parlour", TrayAction::Quit),
    ] {
        tray.choose(label).await.unwrap();
        assert_eq!(app.next().await, action);
    }
    // The entry with a submenu has no action.
    tray.choose("Do not disturb").await.unwrap();
    app.states.send_replace(TrayState { paused_until: Some(1), ..state((5, 0)) });
    timeout(TIMEOUT, tray.number.wait_for(|shown| *shown == Some(5))).await.unwrap().unwrap();
    assert_eq!(labels(&tray).await, ["Open Parlour", "Resume__now", "Quit Parlour"]);
    tray.choose("Resume__now").await.unwrap();
    assert_eq!(app.next().await, TrayAction::Resume);
}
