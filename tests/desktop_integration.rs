//! The window as a part of its desktop: one program per data folder, links of the scheme `parlour:`, the tray, the
//! start at login, and the position of the window.

use crate::desktop::signed_in;
use harness::window::{Desktop, Window, program};
use harness::{PASSWORD, Person, Server, TIMEOUT};
use parlour_client::Unread;
use parlour_headless::{Keychain, Tray};
use parlour_protocol::Registration;
use std::process::ExitStatus;
use tokio::time::timeout;

/// Starts the app a second time, with these arguments; returns how it ended.
fn start_again(desktop: &Desktop, args: &[&str]) -> ExitStatus {
    let mut second = desktop.command(program("parlour"));
    second.args(args).env("PARLOUR_DATA", desktop.data()).env("DESKTOP_STARTUP_ID", "x_TIME7");
    tokio::task::block_in_place(|| second.status()).expect("it starts")
}

/// Returns the address of a server in a link.
fn address(server: &Server) -> String {
    server.url().replacen("http://", "parlour://", 1)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_passes_its_link_to_the_first_window() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let wren = oak.find_person("wren").await;
    let workshop = oak.session().create_group("workshop", vec![wren]).unwrap();
    let kitchen = oak.session().create_group("kitchen", vec![wren]).unwrap();
    let message = oak.say(workshop, "the cache is in");
    oak.say(kitchen, "tea is ready");
    window.wait_until(".preview", "the cache is in").await;
    window.wait_until(".preview", "tea is ready").await;

    let base = address(&server);
    let link = format!("{base}/message#{message}");
    assert_eq!(start_again(&desktop, &[&link]).code(), Some(0));
    window.wait_until(".conversation h1", "workshop").await;
    window.wait_until(".message.target", "the cache is in").await;
    let link = format!("{base}/conversation#{kitchen}");
    assert_eq!(start_again(&desktop, &[&link]).code(), Some(0));
    window.wait_until(".conversation h1", "kitchen").await;
    assert_eq!(
        start_again(&desktop, &[]).code(),
        Some(0),
        "the window is raised, and nothing else"
    );

    // An invalid link is reported, and nothing is opened.
    let unknown = uuid::Uuid::now_v7();
    let long = format!("parlour://{}/message#{message}", "x".repeat(100_000));
    for (link, expected) in [
        (format!("parlour://chat.example.org/message#{message}"), "is on chat.example.org"),
        (format!("{base}/message#{unknown}"), "This is not on this computer"),
        (format!("{base}/message#{message}0"), "does not lead to a message"),
        (long, "does not lead to a message"),
    ] {
        assert_eq!(start_again(&desktop, &[&link]).code(), Some(0));
        window.wait_until("[role=status], [role=alert]", expected).await;
        assert_eq!(window.texts(".conversation h1").await, ["# kitchen"], "{expected}");
    }
    assert_eq!(start_again(&desktop, &["https://chat.example.org"]).code(), Some(2));

    // An invitation is shown, and not used yet.
    let link = format!("{base}/join#c0ffee");
    assert_eq!(start_again(&desktop, &[&link]).code(), Some(0));
    window.wait_until("dialog h2", "Add an account").await;
    window.wait_until("dialog [role=alert]", "no longer valid").await;
    assert_eq!(desktop.sessions_in_keychain(), 1);
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_link_starts_the_app_on_its_first_screen() {
    let server = Server::start_with(Registration::Invitation).await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = desktop.open().await;
    let link = server.first_link().replacen("http://", "parlour://", 1);
    assert_eq!(start_again(&desktop, &[&link]).code(), Some(0));
    window.wait_until("form button", "Create account").await;
    let host = server.url().trim_start_matches("http://").to_owned();
    window.wait_until("main form", &host).await;
    window.fill("input[name=username]", "wren").await;
    window.fill("input[name=password]", &format!("{PASSWORD}\u{e007}")).await;
    window.wait_until(".sync-line", "Up to date").await;
    window.close().await;
}

/// Returns whether a window of the app is on the screen.
fn is_shown(desktop: &Desktop) -> bool {
    let look = ["search", "--onlyvisible", "--name", "Parlour$"];
    let found = desktop.command("xdotool").args(look).output().expect("xdotool runs");
    found.status.success()
}

async fn wait_until_shown(desktop: &Desktop, expected: bool) {
    let waiting = async {
        while is_shown(desktop) != expected {
            tokio::task::yield_now().await;
        }
    };
    timeout(TIMEOUT, waiting).await.expect("the window is shown or hidden");
}

/// Asks a window to close, as a window manager does when its button is clicked; there is none on the display.
const CLOSE: &str = "
import ctypes, sys
x = ctypes.CDLL('libX11.so.6')
x.XOpenDisplay.restype = ctypes.c_void_p
x.XInternAtom.restype = ctypes.c_ulong
x.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
class Message(ctypes.Structure):
    _fields_ = [('type', ctypes.c_int), ('serial', ctypes.c_ulong), ('sent', ctypes.c_int),
                ('display', ctypes.c_void_p), ('window', ctypes.c_ulong), ('kind', ctypes.c_ulong),
                ('format', ctypes.c_int), ('data', ctypes.c_long * 5), ('rest', ctypes.c_long * 12)]
display = x.XOpenDisplay(None)
atom = lambda name: x.XInternAtom(display, name, 0)
window = int(sys.argv[1])
message = Message(33, 0, 1, display, window, atom(b'WM_PROTOCOLS'), 32)
message.data[0] = atom(b'WM_DELETE_WINDOW')
x.XSendEvent.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_long, ctypes.c_void_p]
x.XSendEvent(display, window, 0, 0, ctypes.byref(message))
x.XSync(ctypes.c_void_p(display), 0)";

/// Asks the window to close.
fn request_close(desktop: &Desktop) {
    let search = ["search", "--onlyvisible", "--name", "Parlour$"];
    let found = desktop.command("xdotool").args(search).output().expect("xdotool runs");
    let id = String::from_utf8_lossy(&found.stdout).lines().next().expect("a window").to_owned();
    let closed = desktop.command("python3").args(["-c", CLOSE, &id]).status();
    assert!(closed.expect("python3 runs").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tray_shows_the_app_and_closing_asks_once() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let mut tray = Tray::start(desktop.bus(), true).await.unwrap();
    let window = signed_in(&desktop, &server, "wren").await;
    timeout(TIMEOUT, tray.item.wait_for(Option::is_some)).await.unwrap().unwrap();
    let wren = oak.find_person("wren").await;
    // Another conversation is open, so that the messages stay unread.
    oak.session().create_group("kitchen", vec![wren]).unwrap();
    window.wait_until(".conversation h1", "kitchen").await;
    let group = oak.session().create_group("workshop", vec![wren]).unwrap();
    oak.say(group, "is it ready?");
    oak.say(group, "@wren, is it?");
    timeout(TIMEOUT, tray.number.wait_for(|shown| *shown == Some(2))).await.unwrap().unwrap();
    let tip = async {
        while tray.tooltip().await.unwrap() != "2 unread messages, 1 for you" {
            tokio::task::yield_now().await;
        }
    };
    timeout(TIMEOUT, tip).await.expect("the tip shows it");
    window.wait_until(".sidebar .pill.for-user", "1").await;
    let titled = ["search", "--name", "^\\(2\\) Parlour$"];
    assert!(desktop.command("xdotool").args(titled).status().unwrap().success(), "the title");

    // The first time it asks; it remembers the answer.
    let shown = async {
        while !is_shown(&desktop) {
            tokio::task::yield_now().await;
        }
    };
    timeout(TIMEOUT, shown).await.expect("the window is on the screen");
    request_close(&desktop);
    window.wait_until("dialog h2", "Keep Parlour running?").await;
    // The click hides the window, whose page may not respond then.
    let click = "const all = [...document.querySelectorAll('dialog button')];
        const button = all.find((one) => one.textContent.trim() === 'Keep running');
        setTimeout(() => button.click());";
    window.client.execute(click, vec![]).await.unwrap();
    wait_until_shown(&desktop, false).await;
    tray.click("").await.unwrap();
    wait_until_shown(&desktop, true).await;
    request_close(&desktop);
    // It does not ask again. The page is not checked: a hidden one may not respond.
    wait_until_shown(&desktop, false).await;
    // Notifications are paused from the menu, on all devices.
    tray.choose("30 minutes").await.unwrap();
    let paused = async {
        while !tray.entries().await.unwrap().iter().any(|entry| entry.1 == "Resume notifications") {
            tokio::task::yield_now().await;
        }
    };
    timeout(TIMEOUT, paused).await.expect("the pause is noticed");
    // A second start shows the hidden window; quitting ends it.
    assert_eq!(start_again(&desktop, &[]).code(), Some(0));
    wait_until_shown(&desktop, true).await;
    tray.choose("Quit Parlour").await.unwrap();
    wait_until_shown(&desktop, false).await;
    assert_eq!(oak.session().unread().unwrap(), Unread::default());
}

/// Opens the settings, and waits until those of the computer are there.
async fn open_settings(window: &Window) {
    window.click("[aria-label=Settings]").await;
    window.wait_until("dialog", "Start Parlour when you log in").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_starts_at_login_if_that_is_chosen_and_creates_a_problem_report() {
    let server = Server::start().await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    open_settings(&window).await;
    let tick = "const box = [...document.querySelectorAll('dialog label')]
        .find((label) => label.textContent.includes(arguments[0])).querySelector('input');
        box.click()";
    window.client.execute(tick, vec!["Start Parlour when".into()]).await.unwrap();
    let files = async || {
        while desktop.files_with("--minimised").is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let enabled = "const box = [...document.querySelectorAll('dialog label')]
        .find((label) => label.textContent.includes('minimised')).querySelector('input');
        return !box.disabled";
    while window.client.execute(enabled, vec![]).await.unwrap() != true {
        tokio::task::yield_now().await;
    }
    window.client.execute(tick, vec!["minimised".into()]).await.unwrap();
    timeout(TIMEOUT, files()).await.expect("the start at login is written");
    window.click_button("Report a problem…").await;
    window.wait_until("dialog [role=status]", "parlour-report-").await;
    let reports = desktop.files_with("webview: ");
    assert_eq!(reports.len(), 1, "{reports:?}");
    let report = std::fs::read_to_string(&reports[0]).unwrap();
    assert!(
        !report.contains("wren") && !report.contains(&server.address().to_string()),
        "{report}"
    );
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_on_a_small_screen_shows_the_composer() {
    let server = Server::start().await;
    let desktop = Desktop::with_size(Keychain::Unlocked, 1024, 600);
    // The area on a screen that is disconnected, and on this one before it became smaller.
    std::fs::create_dir_all(desktop.data()).unwrap();
    let area = r#"{"x":3000,"y":2000,"width":2000,"height":1500}"#;
    let stored_areas = [
        ("1024x560+0+0", area),
        ("1024x560+0+0", r#"{"x":500,"y":400,"width":1280,"height":800}"#),
    ];
    for (screens, area) in stored_areas {
        let stored =
            format!(r#"{{"places":[["{screens}",{{"area":{area},"isMaximised":false}}]]}}"#);
        std::fs::write(desktop.data().join("window.json"), stored).unwrap();
        let window = if desktop.sessions_in_keychain() == 0 {
            let window = signed_in(&desktop, &server, "wren").await;
            window.control_shift("n").await;
            window.fill("dialog input[name=title]", "workshop\u{e007}").await;
            window
        } else {
            desktop.open().await
        };
        window.wait_until(".conversation h1", "workshop").await;
        let fits = "const { bottom } = document.querySelector('.composer').getBoundingClientRect();
            return [bottom <= innerHeight, screenX + innerWidth <= 1024, screenY + innerHeight <= 600]";
        let found = window.client.execute(fits, vec![]).await.unwrap();
        assert_eq!(found, serde_json::json!([true, true, true]), "{area}");
        window.close().await;
    }
}
