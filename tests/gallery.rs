//! Screenshots of every view for inspection: in both themes and three sizes, and with text that is 50 %
//! larger. `gallery LOGS OUT`, where LOGS contains channel logs.

use harness::window::{Desktop, Window, program};
use harness::{PASSWORD, Person, Server};
use parlour_client::OutgoingMessage;
use parlour_headless::Keychain;
use parlour_protocol::{Action, MessageId};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const ESCAPE: &str = "\u{e00c}";
const SIZES: [(u32, u32); 3] = [(1440, 860), (900, 640), (600, 640)];

struct Gallery {
    desktop: Desktop,
    window: Window,
    out: PathBuf,
}

impl Gallery {
    async fn picture(&self, name: &str) {
        // Two frames, so that what was just changed is painted.
        let frames = "requestAnimationFrame(() => requestAnimationFrame(arguments[0]))";
        self.window.client.execute_async(frames, vec![]).await.expect("frames");
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.desktop.screenshot(&self.out.join(format!("{name}.png")));
    }

    async fn theme(&self, theme: &str) {
        self.window.control(",").await;
        self.window.click(&format!("dialog input[value={theme}]")).await;
        self.window.keys(ESCAPE).await;
    }

    async fn size(&self, (width, height): (u32, u32)) {
        self.window.client.set_window_rect(0, 0, width, height).await.expect("resized");
    }
}

#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [logs, out] = &args[..] else { panic!("gallery LOGS OUT") };
    std::fs::create_dir_all(out).expect("a folder");
    let mut server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let wren = Person::register(&server, "wren").await;
    let desktop = Desktop::with_size(Keychain::Unlocked, 1440, 860);
    let window = desktop.open().await;
    let gallery = Gallery { desktop, window, out: out.into() };
    gallery.size(SIZES[0]).await;
    gallery.picture("1-first-run").await;
    gallery.window.sign_in(&server.first_link(), "marlow", PASSWORD, true).await;
    gallery.window.wait_until(".sync-line", "Up to date").await;
    gallery.picture("2-empty").await;
    server.stop().await;
    import(server.data.path(), logs);
    server.resume().await;
    for person in [&oak, &wren] {
        person.session().check_connection();
    }
    gallery.window.click(".sync-line").await;
    gallery.window.keys(ESCAPE).await;
    send_messages(&oak, &wren, &gallery.window).await;
    gallery.window.wait_until(".sync-line", "Up to date").await;
    for theme in ["light", "dark"] {
        gallery.size(SIZES[0]).await;
        gallery.theme(theme).await;
        views(&gallery, theme).await;
        for (width, height) in &SIZES[1..] {
            gallery.size((*width, *height)).await;
            gallery.picture(&format!("{theme}-{width}")).await;
            open_people(&gallery.window).await;
            gallery.picture(&format!("{theme}-{width}-people")).await;
            gallery.window.keys(ESCAPE).await;
        }
    }
    gallery.theme("light").await;
    gallery.size(SIZES[0]).await;
    for _ in 0..3 {
        gallery.window.control("+").await;
    }
    views(&gallery, "large").await;
    for (width, height) in &SIZES[1..] {
        gallery.size((*width, *height)).await;
        gallery.picture(&format!("large-{width}")).await;
    }
    gallery.window.control("0").await;
    gallery.theme("dark").await;
    gallery.size(SIZES[0]).await;
    server.stop().await;
    gallery.window.wait_until(".sync-line", "Offline").await;
    gallery.window.say("Confirmed here. I will write it up for the weekly.").await;
    gallery.window.click(".sync-line").await;
    gallery.picture("offline").await;
    gallery.window.keys(ESCAPE).await;
    // The server checks the password.
    server.resume().await;
    gallery.window.click("[aria-label=Settings]").await;
    gallery.window.fill("dialog input[name=secret]", PASSWORD).await;
    gallery.window.fill("dialog input[name=passphrase]", "a passphrase").await;
    gallery.window.click_button("Set passphrase").await;
    gallery.window.wait_until("dialog", "The passphrase is set").await;
    gallery.picture("lock-settings").await;
    gallery.window.keys(ESCAPE).await;
    gallery.window.control("l").await;
    gallery.window.wait_until(".card h1", "Locked").await;
    gallery.picture("locked").await;
    gallery.window.close().await;
}

fn import(data: &Path, logs: &str) {
    let mut command = Command::new(program("parlour-server"));
    command
        .args(["import", "irc", logs, "--member", "marlow", "--same-people", "--data"])
        .arg(data);
    assert!(command.stdout(Stdio::null()).status().expect("it runs").success());
}

async fn send_messages(oak: &Person, wren: &Person, window: &Window) {
    let marlow = oak.find_person("marlow").await;
    wren.find_person("marlow").await;
    let direct = wren.session().create_p2p(marlow).expect("a conversation");
    let compiler = oak
        .session()
        .create_group("compiler", vec![marlow, oak.find_person("wren").await])
        .expect("a group");
    for body in [
        "The dispatcher now keeps one inline cache per call site. Numbers from this morning:",
        "```raku\nsay now - INIT now; # before: 1.93, after: 1.41\nfor ^1_000_000 { \"x\".chars }\n```",
        "Lovely. Does it survive a `--profile` run? See https://raku.org/community",
    ] {
        oak.say(compiler, body);
    }
    let notes = "## Before the release\n\n- [x] spesh log read\n- [ ] *blog* post\n\n> A measurement \
        is worth ten opinions.\n\n| build | before | after |\n| --- | ---: | ---: |\n| moar | 1.93 \
        | **1.41** |\n| jvm | 2.60 | ~~2.58~~ 2.31 |\n\n```js\nconst median = (xs) => xs.sort()[xs.length >> 1]; \
        // of five runs\n```";
    let numbers = oak.newest(compiler)[0].id;
    wren.wait_until("the numbers", |session| {
        session.find_message(numbers).expect("found or not").is_some()
    })
    .await;
    let body =
        "1.93 to 1.41 is more than I hoped for. @marlow, can you confirm it on yours?".into();
    let message = OutgoingMessage { body, reply_to: Some(numbers), files: Vec::new() };
    let id = MessageId(uuid::Uuid::now_v7());
    wren.session().send_message(compiler, id, message).expect("stored");
    for emoji in ["🎉", "🚀"] {
        wren.session().act(compiler, Action::react(numbers, emoji)).expect("stored");
    }
    oak.session().act(compiler, Action::react(numbers, "🎉")).expect("stored");
    oak.say(compiler, notes);
    let pin = Action::PinMessage { message_id: numbers, on: true };
    oak.session().act(compiler, pin).expect("stored");
    let topic = "How fast it is, and why".into();
    oak.session().act(compiler, Action::SetTopic { topic }).expect("stored");
    wren.say(direct, "can you look at the dispatch log?");
    wren.say(direct, "今日の変更はとても速いです 🎉 and مرحبا بالعالم");
    window.wait_until(".row", "compiler").await;
    window.wait_until(".row", "wren").await;
}

async fn views(gallery: &Gallery, theme: &str) {
    let window = &gallery.window;
    let picture = async |name: &str| gallery.picture(&format!("{theme}-{name}")).await;
    window.control("k").await;
    window.fill("dialog input", "raku").await;
    window.wait_until("[role=option]", "raku").await;
    picture("jump").await;
    window.keys("\u{e007}").await;
    window.wait_until("h1", "raku").await;
    picture("history").await;
    window.control("f").await;
    window.fill("aside input", "grammar has:").await;
    window.wait_until(".chips", "has:link").await;
    window.wait_until(".hit", "grammar").await;
    picture("search").await;
    window.keys("\u{e007}").await;
    picture("jumped").await;
    window.keys(ESCAPE).await;
    window.control("k").await;
    window.fill("dialog input", "compiler").await;
    window.keys("\u{e007}").await;
    window.wait_until("h1", "compiler").await;
    window.wait_until(".message", "confirm it on yours").await;
    window.wait_until(".message", "ten opinions").await;
    picture("code").await;
    window.keys(ESCAPE).await;
    window.click("[aria-label=Emoji]").await;
    window.wait_until(".picker", "Smileys").await;
    picture("emoji").await;
    window.keys(ESCAPE).await;
    let focus = "[...document.querySelectorAll('.message')].at(-2).focus()";
    window.client.execute(focus, vec![]).await.expect("a message");
    window.keys("x").await;
    window.wait_until(".bar", "1 message selected").await;
    picture("selecting").await;
    window.keys("f").await;
    window.wait_until("dialog", "Forward").await;
    picture("forward").await;
    window.keys(ESCAPE).await;
    window.click_button("Cancel").await;
    window.click_button("Members").await;
    window.wait_until("aside", "owner").await;
    picture("members").await;
    window.click_button("Pinned").await;
    window.wait_until("aside", "inline cache").await;
    window.click("[aria-label='Conversation menu']").await;
    picture("pinned-menu").await;
    window.click_button("Export…").await;
    window.wait_until("dialog h2", "Export messages").await;
    picture("export").await;
    window.keys(ESCAPE).await;
    window.keys(ESCAPE).await;
    window.control(",").await;
    window.wait_until("dialog", "this device").await;
    picture("settings").await;
    window.keys(ESCAPE).await;
    window.control_shift("n").await;
    picture("new-group").await;
    window.keys(ESCAPE).await;
    for (name, title) in [("activity", "Activity"), ("unread", "All unread")] {
        window.click(&format!("[data-view={name}]")).await;
        window.wait_until("main h1", title).await;
        picture(name).await;
    }
    window.click(".sidebar .row").await;
    administration(gallery, theme).await;
}

async fn open_people(window: &Window) {
    window.control("k").await;
    window.fill("dialog input", "Administration").await;
    window.wait_until("[role=option]", "Administration").await;
    window.keys("\u{e007}").await;
    window.wait_until("main [role=status]", "Checked").await;
}

async fn administration(gallery: &Gallery, theme: &str) {
    let window = &gallery.window;
    let picture = async |name: &str| gallery.picture(&format!("{theme}-{name}")).await;
    open_people(window).await;
    picture("people").await;
    window.fill("main input", "oak").await;
    window.click("tbody tr [aria-haspopup]").await;
    window.wait_until("[role=menuitem]", "Deactivate").await;
    picture("people-menu").await;
    window.keys("d\u{e007}").await;
    window.wait_until("[role=alertdialog]", "Deactivate oak?").await;
    picture("confirm").await;
    window.keys(ESCAPE).await;
    window.click_button("Invite people").await;
    window.click_button("Create invitation").await;
    window.wait_until("main h2", "The link").await;
    window.wait_until("tbody tr", "Revoke").await;
    picture("invitations").await;
    window.click_button("Groups").await;
    window.wait_until("main h1", "Groups").await;
    window.wait_until("main [role=status]", "Checked").await;
    picture("groups").await;
    window.click_button("Server").await;
    window.wait_until("main h2", "Default groups").await;
    picture("server").await;
    window.keys(ESCAPE).await;
}
