//! Checks that the accessibility checker axe (axe-core, by Deque) finds nothing in the real window,
//! in any view, in either theme.

use crate::desktop::{ESCAPE, signed_in};
use harness::window::{Desktop, Window};
use harness::{Person, Server};
use parlour_headless::Keychain;
use parlour_protocol::Action;
use serde_json::Value;

/// Loads the checker into the page; needed once per page.
pub async fn load(window: &Window) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/node_modules/axe-core/axe.min.js");
    let source = std::fs::read_to_string(path).expect("the UI's packages are installed");
    window.client.execute(&source, vec![]).await.expect("it loads");
}

/// Checks what is shown, and adds everything that is found to `findings`.
pub async fn check(window: &Window, view: &str, findings: &mut Vec<String>) {
    let script = "const done = arguments[0];
        axe.run({ resultTypes: ['violations'] }).then(
            ({ violations }) => done(violations.map((v) =>
                `${v.id}: ${v.help}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(' | ')}`)),
            (error) => done([String(error)]))";
    let found = window.client.execute_async(script, vec![]).await.expect("it runs");
    let Value::Array(found) = found else { panic!("{found}") };
    findings.extend(found.iter().map(|finding| format!("{view}: {finding}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_in_any_view_in_either_theme() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let mut findings = Vec::new();
    let window = desktop.open().await;
    window.wait_until("form button", "Sign in").await;
    load(&window).await;
    check(&window, "sign in", &mut findings).await;
    window.close().await;

    let window = signed_in(&desktop, &server, "wren").await;
    load(&window).await;
    check(&window, "empty", &mut findings).await;
    let group =
        oak.session().create_group("workshop", vec![oak.find_person("wren").await]).unwrap();
    let first = oak.say(group, "is **it** ready? see https://example.org\n\n- [x] a\n- [ ] b");
    oak.say(
        group,
        "| a | b |\n| - | - |\n| 1 | 2 |\n\n```js\nconst x = 'y'; // z\n```\n\n> quoted",
    );
    window.wait_until(".message .hljs-keyword", "const").await;
    oak.session().act(group, Action::react(first, "👍")).unwrap();
    window.wait_until(".message", "👍").await;
    window.say("nearly").await;
    window.wait_until(".sync-line", "Up to date").await;
    for theme in ["light", "dark"] {
        let set = format!("document.documentElement.dataset.theme = '{theme}'");
        window.client.execute(&set, vec![]).await.unwrap();
        let view = |name: &str| format!("{name}, {theme}");
        check(&window, &view("conversation"), &mut findings).await;
        window.click(".message").await;
        check(&window, &view("message"), &mut findings).await;
        window.keys("+").await;
        window.wait_until(".picker", "Smileys").await;
        check(&window, &view("emoji"), &mut findings).await;
        window.keys(ESCAPE).await;
        window.click(".message").await;
        window.keys("x").await;
        window.wait_until(".bar", "1 message selected").await;
        check(&window, &view("selection"), &mut findings).await;
        window.click_button("Cancel").await;
        window.control("f").await;
        window.fill("aside input", "ready has:").await;
        window.wait_until(".chips", "has:link").await;
        check(&window, &view("search"), &mut findings).await;
        window.keys(ESCAPE).await;
        for panel in ["Pinned", "Members"] {
            window.click_button(panel).await;
            window.wait_until("aside", panel).await;
            check(&window, &view(panel), &mut findings).await;
        }
        window.click("[aria-label='Conversation menu']").await;
        check(&window, &view("menu"), &mut findings).await;
        window.keys(ESCAPE).await;
        window.control("k").await;
        window.wait_until("dialog [role=option]", "workshop").await;
        check(&window, &view("jump"), &mut findings).await;
        window.keys(ESCAPE).await;
        for (key, name) in [(",", "settings"), ("n", "new message"), ("/", "shortcuts")] {
            window.control(key).await;
            window.wait_until("dialog h2", "").await;
            check(&window, &view(name), &mut findings).await;
            window.keys(ESCAPE).await;
        }
        window.click(".sync-line").await;
        check(&window, &view("outbox"), &mut findings).await;
        window.keys(ESCAPE).await;
        window.click("[aria-label='Conversation menu']").await;
        window.click_button("Notifications…").await;
        window.wait_until("dialog legend", "Notify about").await;
        check(&window, &view("levels"), &mut findings).await;
        window.keys(ESCAPE).await;
        window.click("[aria-label='Conversation menu']").await;
        window.click_button("Export…").await;
        window.wait_until("dialog h2", "Export messages").await;
        check(&window, &view("export"), &mut findings).await;
        window.keys(ESCAPE).await;
        for (name, title) in [("activity", "Activity"), ("unread", "All unread")] {
            window.click(&format!("[data-view={name}]")).await;
            window.wait_until("main h1", title).await;
            check(&window, &view(name), &mut findings).await;
        }
        window.click(".sidebar .row").await;
        window.wait_until("main h1", "workshop").await;
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    window.close().await;
}
