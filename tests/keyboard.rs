//! Use of the window by keyboard alone: these tests do not click.

use crate::desktop::{ENTER, ESCAPE, TAB, signed_in};
use harness::window::{Desktop, Window};
use harness::{PASSWORD, Person, Server};
use parlour_client::Position;
use parlour_headless::Keychain;

const SHIFT: &str = "\u{e008}";
const ALT: &str = "\u{e00a}";
const RELEASE: &str = "\u{e000}";
pub const UP: &str = "\u{e013}";
pub const DOWN: &str = "\u{e015}";
const SPACE: &str = "\u{e00d}";
const DELETE: &str = "\u{e017}";

/// Presses Tab until the element with this name has the focus.
pub async fn tab_to(window: &Window, name: &str) {
    press_until_focused(window, TAB, name).await;
}

/// Same as [`tab_to`], backwards.
pub async fn tab_back_to(window: &Window, name: &str) {
    press_until_focused(window, &format!("{SHIFT}{TAB}{RELEASE}"), name).await;
}

async fn press_until_focused(window: &Window, key: &str, name: &str) {
    let mut seen = Vec::new();
    for _ in 0..60 {
        window.keys(key).await;
        let focused = focused(window).await;
        if focused.contains(name) {
            return;
        }
        seen.push(focused);
    }
    panic!("the focus never reached {name:?}, but {seen:?}");
}

/// Returns the name of the element that has the focus: its label, or its text.
pub async fn focused(window: &Window) -> String {
    const READ: &str = "const e = document.activeElement;
        const labels = [...(e.labels ?? [])].map((label) => label.innerText).join(' ');
        return e.ariaLabel || labels || e.placeholder || e.innerText || e.tagName";
    let name = window.client.execute(READ, vec![]).await.expect("a result from the page");
    name.as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_can_be_done_without_a_pointer() {
    let mut server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    Person::register(&server, "lark").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = desktop.open().await;

    // The first screen: the server's field has the focus.
    window.wait_until("form", "Server address").await;
    tab_to(&window, "No account yet").await;
    window.keys(ENTER).await;
    tab_back_to(&window, "Server address").await;
    window.keys(&format!("{}{TAB}{TAB}wren{TAB}{PASSWORD}{ENTER}", server.url())).await;
    window.wait_until(".sync-line", "Up to date").await;

    // A group and a message.
    window.control_shift("n").await;
    window.wait_until("dialog", "New group").await;
    window.keys("workshop").await;
    tab_to(&window, "People").await;
    window.keys("oak").await;
    window.wait_until("dialog [role=option]", "oak").await;
    window.keys(ENTER).await;
    tab_to(&window, "Create").await;
    window.keys(ENTER).await;
    window.wait_until(".conversation h1", "workshop").await;
    window.keys(&format!("is the cache in?{ENTER}")).await;
    window.wait_until(".message", "is the cache in?").await;
    oak.wait_until("the group", |session| session.conversations(9).unwrap().len() == 1).await;
    let group = oak.session().conversations(9).unwrap()[0].id;
    oak.say(group, "it is, since the morning");
    window.wait_until(".message", "since the morning").await;

    // The user's last message is edited from the empty composer.
    window.keys(UP).await;
    window.wait_until(".composer", "Editing").await;
    window.keys(" And warm?").await;
    // A key does not discard the changes.
    window.keys(ESCAPE).await;
    window.wait_until("dialog", "Discard your changes?").await;
    window.keys(ESCAPE).await;
    window.wait_until(".composer", "Editing").await;
    window.keys(ENTER).await;
    window.wait_until(".message", "is the cache in? And warm?").await;

    // Messages are reached and acted on.
    tab_back_to(&window, "since the morning").await;
    window.keys("+").await;
    window.wait_until(".picker", "").await;
    window.keys("tada").await;
    window.wait_until(".picker .grid", "🎉").await;
    window.keys(ENTER).await;
    window.wait_until(".message", "🎉").await;
    assert!(focused(&window).await.contains("since the morning"), "the focus has not moved");
    window.keys("p").await;
    oak.wait_until("a pinned message", |session| session.pinned(group).unwrap().len() == 1).await;
    window.keys("r").await;
    window.wait_until(".composer", "Replying to oak").await;
    window.keys(&format!("thank you{ENTER}")).await;
    // If it had not reached the server yet, undoing its deletion would send it as a new message, in
    // another row.
    let sent = ".message[aria-label*='thank you']:not([aria-label*='waiting'])";
    window.wait_until(sent, "thank you").await;
    tab_back_to(&window, "thank you").await;
    window.keys(UP).await;
    window.keys(UP).await;
    assert!(focused(&window).await.contains("And warm?"));
    window.keys(&format!("{DOWN}{DOWN}{DELETE}")).await;
    window.wait_until(".message", "This message was deleted").await;
    // The deletion is undone, and then done again.
    window.wait_until(".undo", "Message deleted").await;
    window.control("z").await;
    window.wait_until(".message", "thank you").await;
    assert!(focused(&window).await.contains("thank you"), "the focus has not moved");
    window.keys(DELETE).await;
    window.wait_until(".message", "This message was deleted").await;

    // From one conversation to another, and back.
    window.control("k").await;
    window.keys("lark").await;
    window.wait_until("dialog [role=option]", "lark").await;
    window.keys(ENTER).await;
    window.wait_until(".conversation h1", "lark").await;
    window.keys(&format!("lunch at noon?{ENTER}")).await;
    window.wait_until(".message", "lunch at noon?").await;
    window.keys(&format!("{ALT}{DOWN}{RELEASE}")).await;
    window.wait_until(".conversation h1", "workshop").await;

    // Search, by an operator that is completed.
    window.control_shift("f").await;
    window.keys("fro").await;
    window.wait_until("aside", "from:").await;
    window.keys(&format!("{TAB}oak morning")).await;
    window.wait_until(".hit mark", "morning").await;
    window.keys(ENTER).await;
    window.wait_until(".message.target", "since the morning").await;
    window.keys(ESCAPE).await;

    // The deletion is sent only once it can no longer be undone.
    oak.wait_until("the deletion", |session| {
        let page = session.timeline(group, Position::Newest, 9).unwrap();
        page.items.last().is_some_and(|item| item.deleted)
    })
    .await;

    // The server goes away: a message waits, and is discarded.
    server.stop().await;
    window.wait_until(".sync-line", "Offline").await;
    tab_to(&window, "Message workshop").await;
    window.keys(&format!("written offline{ENTER}")).await;
    window.wait_until(".message", "waiting to send").await;
    tab_to(&window, "Offline").await;
    window.keys(ENTER).await;
    window.wait_until("aside", "written offline").await;
    tab_to(&window, "Discard").await;
    window.keys(SPACE).await;
    // This cannot be undone, so the user is asked, and the safe answer has the focus.
    window.wait_until("dialog", "Discard this message?").await;
    assert!(focused(&window).await.contains("Cancel"));
    window.keys(&format!("{TAB}{SPACE}")).await;
    window.wait_until("aside", "Nothing is waiting").await;
    window.keys(ESCAPE).await;
    server.resume().await;
    window.wait_until(".sync-line", "Up to date").await;

    // Settings, and signing out.
    window.control(",").await;
    window.wait_until("dialog", "Settings").await;
    tab_to(&window, "Send read receipts").await;
    window.keys(SPACE).await;
    window.keys(ESCAPE).await;
    window.control("+").await;
    window.control("/").await;
    window.wait_until("dialog", "Keyboard shortcuts").await;
    window.keys(ESCAPE).await;
    oak.wait_until("everything that was done", |session| {
        let page = session.timeline(group, Position::Newest, 9).unwrap();
        let bodies: Vec<_> = page.items.iter().map(|item| item.body.as_str()).collect();
        bodies == ["is the cache in? And warm?", "it is, since the morning", ""]
            && page.items[1].reactions.iter().any(|it| it.emoji == "🎉")
    })
    .await;
    window.control(",").await;
    tab_to(&window, "Sign out").await;
    window.keys(ENTER).await;
    window.wait_until("main", "Team chat that its people own").await;
    window.close().await;
}

/// Of thousands of conversations, the page contains only the visible rows; the keyboard reaches all
/// of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_navigated_although_only_the_visible_rows_are_rendered() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let wren = oak.find_person("wren").await;
    for n in 0..300 {
        oak.session().create_group(&format!("room {n}"), vec![wren]).unwrap();
    }
    oak.wait_until("everything sent", |session| session.outbox().unwrap().is_empty()).await;
    // The list's height shows that all of them have arrived.
    let tall = "const [done] = arguments; const all = () => parseFloat(document.querySelector('nav .all').style.height);
        const look = () => all() > 300 * 3.375 ? done(true) : requestAnimationFrame(look); look();";
    window.client.execute_async(tall, vec![]).await.unwrap();
    assert!(window.texts("nav .row").await.len() < 60);
    let focus_first = "return document.querySelector('nav .row').focus()";
    window.client.execute(focus_first, vec![]).await.unwrap();
    let first = focused(&window).await;
    window.keys(&DOWN.repeat(150)).await;
    window.wait_until("nav li:focus-within", "room").await;
    let position = "return document.activeElement.closest('li').ariaPosInSet";
    assert_eq!(window.client.execute(position, vec![]).await.unwrap(), "151");
    assert!(window.texts("nav .row").await.len() < 60);
    window.keys(&UP.repeat(150)).await;
    assert_eq!(focused(&window).await, first);
    window.close().await;
}
