//! The icon in the tray of a session bus, played by a stub on a private one.
#![cfg(target_os = "linux")]

use parlour_client::{Pause, Unread};
use parlour_desktop::{Bus, Icon, Look, Picked, Words};
use parlour_headless::{Display, Headless, Keychain, Tray};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::sync::watch;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

/// The icon of an app, and the bus that it is on.
struct App {
    _home: TempDir,
    bus: Headless,
    looks: watch::Sender<Look>,
    hosted: watch::Receiver<bool>,
    picked: UnboundedReceiver<Picked>,
}

impl App {
    fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let bus = Headless::start(home.path(), Display::Inherited, Keychain::Absent).unwrap();
        let (looks, seen) = watch::channel(look((0, 0)));
        let (sender, hosted) = watch::channel(false);
        let (events, picked) = unbounded_channel();
        let icon = Icon { width: 32, height: 32, rgba: [1, 2, 3, 255].repeat(32 * 32) };
        let tray = parlour_desktop::Tray::new(Bus::at(bus.bus()), &icon, seen, sender, events);
        tokio::spawn(tray.run());
        Self { _home: home, bus, looks, hosted, picked }
    }

    async fn tray(&self, has_host: bool) -> Tray {
        Tray::start(self.bus.bus(), has_host).await.unwrap()
    }

    async fn until_hosted(&mut self, is_hosted: bool) {
        let waiting = self.hosted.wait_for(|known| *known == is_hosted);
        timeout(PATIENCE, waiting).await.expect("it is noticed").unwrap();
    }

    async fn next(&mut self) -> Picked {
        timeout(PATIENCE, self.picked.recv()).await.expect("it is heard").unwrap()
    }
}

fn look((all, mentions): (i64, i64)) -> Look {
    let text = str::to_owned;
    let words = Words {
        show: text("Open Parlour"),
        pause: text("Do not disturb"),
        half_hour: text("30 minutes"),
        two_hours: text("2 hours"),
        tomorrow: text("Until tomorrow"),
        resume: text("Resume_now"),
        quit: text("Quit Parlour"),
        unread: vec![text("1 unread"), text("2+ unread")],
        for_you: vec![text("1 for you"), text("2+ for you")],
        ..Words::default()
    };
    Look { unread: Unread { all, mentions }, words: words.into(), ..Look::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_icon_waits_for_a_tray_and_leaves_with_it() {
    let mut app = App::start();
    assert!(!*app.hosted.borrow());
    // A service that knows icons, and nothing that shows them.
    let tray = app.tray(false).await;
    let mut item = tray.item.clone();
    timeout(PATIENCE, item.wait_for(Option::is_some)).await.expect("the icon comes").unwrap();
    assert!(!*app.hosted.borrow());
    tray.set_host(true).await.unwrap();
    app.until_hosted(true).await;
    tray.set_host(false).await.unwrap();
    app.until_hosted(false).await;
    tray.end().await.unwrap();
    let tray = app.tray(true).await;
    app.until_hosted(true).await;
    tray.end().await.unwrap();
    app.until_hosted(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_icon_shows_what_is_unread_and_a_click_toggles_the_window() {
    let mut app = App::start();
    let mut tray = app.tray(true).await;
    app.until_hosted(true).await;
    let plain = tray.picture().await.unwrap();
    assert_eq!(plain.len(), 32 * 32 * 4);
    assert_eq!(tray.tooltip().await.unwrap(), "");
    let mut pictures = vec![plain];
    for (numbers, tip) in [((1, 0), "1 unread"), ((7, 1), "2+ unread, 1 for you")] {
        app.looks.send_replace(look(numbers));
        let shown = tray.number.wait_for(|shown| *shown == Some(numbers.0));
        timeout(PATIENCE, shown).await.expect("the dock shows it").unwrap();
        assert_eq!(tray.tooltip().await.unwrap(), tip);
        pictures.push(tray.picture().await.unwrap());
    }
    assert!(pictures[0] != pictures[1] && pictures[1] != pictures[2]);
    app.looks.send_replace(look((0, 0)));
    timeout(PATIENCE, tray.number.wait_for(Option::is_none)).await.expect("no number").unwrap();
    assert_eq!(tray.picture().await.unwrap(), pictures[0]);
    tray.click("token").await.unwrap();
    assert_eq!(app.next().await, Picked::Toggle(Some("token".into())));
    tray.click(&"x".repeat(10_000)).await.unwrap();
    assert_eq!(app.next().await, Picked::Toggle(None), "a token of that length is none");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_menu_opens_pauses_and_quits() {
    let mut app = App::start();
    let mut tray = app.tray(true).await;
    app.until_hosted(true).await;
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
    for (label, picked) in [
        ("Open Parlour", Picked::Open(None)),
        ("2 hours", Picked::Pause(Pause::TwoHours)),
        ("Quit Parlour", Picked::Quit),
    ] {
        tray.choose(label).await.unwrap();
        assert_eq!(app.next().await, picked);
    }
    // The entry with the menu below it does nothing itself.
    tray.choose("Do not disturb").await.unwrap();
    app.looks.send_replace(Look { paused_until: Some(1), ..look((5, 0)) });
    timeout(PATIENCE, tray.number.wait_for(|shown| *shown == Some(5))).await.unwrap().unwrap();
    assert_eq!(labels(&tray).await, ["Open Parlour", "Resume__now", "Quit Parlour"]);
    tray.choose("Resume__now").await.unwrap();
    assert_eq!(app.next().await, Picked::Resume);
}
