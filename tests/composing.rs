//! Writing and reading in the real window: markup, emoji, commands, forwarding, links, search
//! operators.

use crate::desktop::{ENTER, TAB, signed_in};
use harness::window::Desktop;
use harness::{Person, Server};
use parlour_client::Position;
use parlour_headless::Keychain;
use parlour_protocol::ConversationId;
use std::io::Write;
use std::process::Stdio;

async fn create_group(oak: &Person, name: &str) -> ConversationId {
    let wren = oak.find_person("wren").await;
    oak.session().create_group(name, vec![wren]).unwrap()
}

async fn wait_until_last(person: &Person, conversation: ConversationId, body: &str) {
    person
        .wait_until(body, |session| {
            let page = session.timeline(conversation, Position::Newest, 9).unwrap();
            page.items.last().is_some_and(|item| item.body == body && item.seq.is_some())
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn emoji_and_commands_work_and_typing_and_reading_are_shown() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let group = create_group(&oak, "workshop").await;
    oak.say(
        group,
        "**bold** and `code`\n\n| a | b |\n| - | - |\n| 1 | 2 |\n\n```js\nconst x = 1;\n```",
    );
    window.wait_until(".message strong", "bold").await;
    window.wait_until(".message td", "2").await;
    window.wait_until(".message .hljs-keyword", "const").await;

    // A shortcode is offered while it is typed, and becomes its emoji once it is typed in full.
    window.fill(".composer textarea", "done :tad").await;
    window.wait_until(".composer [role=option]", ":tada:").await;
    window.keys(TAB).await;
    window.fill(".composer textarea", &format!("and :rocket:{ENTER}")).await;
    wait_until_last(&oak, group, "done 🎉 and 🚀").await;
    window.click("[aria-label=Emoji]").await;
    window.fill(".picker input", "coffee").await;
    window.wait_until(".picker .grid", "☕").await;
    window.keys(ENTER).await;
    window.keys(ENTER).await;
    wait_until_last(&oak, group, "☕").await;

    window.fill(".composer textarea", &format!("/shrug who knows{ENTER}")).await;
    window.wait_until(".message", "who knows ¯\\_(ツ)_/¯").await;
    window.fill(".composer textarea", &format!("/usr/bin is text{ENTER}")).await;
    wait_until_last(&oak, group, "/usr/bin is text").await;

    oak.session().typing(group);
    window.wait_until(".presence", "oak is typing").await;
    let newest = oak.newest(group).last().unwrap().seq.unwrap();
    oak.session().mark_read(group, newest).unwrap();
    window.wait_until(".presence", "Read").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paste_of_megabytes_leaves_the_composer_unchanged() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let group = create_group(&oak, "workshop").await;
    oak.say(group, "paste the log here");
    window.wait_until(".message", "paste the log here").await;
    window.fill(".composer textarea", "a short").await;

    copy(&desktop, &"é line of a log\n".repeat(350_000));
    window.control("v").await;
    window.wait_until(".toast", "5,600,000 more characters").await;
    copy(&desktop, " line of it");
    window.control("v").await;
    window.keys(ENTER).await;
    wait_until_last(&oak, group, "a short line of it").await;
    window.close().await;
}

/// Copies a text to the clipboard of the window's display.
fn copy(desktop: &Desktop, text: &str) {
    let mut copying = desktop.command("xclip");
    copying.args(["-selection", "clipboard", "-in"]).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut copying = copying.spawn().expect("xclip runs");
    copying.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(copying.wait().expect("xclip continues in the background").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_selected_forwarded_and_linked_to() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let group = create_group(&oak, "workshop").await;
    let first = oak.say(group, "the first of them");
    oak.say(group, "the second of them");
    window.wait_until(".message", "the second of them").await;
    window.click(".message").await;
    window.keys("x").await;
    window.wait_until(".bar", "1 message selected").await;
    window.click(".message:last-of-type .choice").await;
    window.wait_until(".bar", "2 messages selected").await;
    window.click_button("Forward…").await;
    window.fill("dialog input", "worksh").await;
    window.wait_until("dialog [role=option]", "workshop").await;
    window.keys(ENTER).await;
    window.wait_until(".message blockquote", "the first of them").await;
    window.wait_until(".message blockquote", "the second of them").await;
    oak.wait_until("the forwarded messages", |session| {
        let page = session.timeline(group, Position::Newest, 9).unwrap();
        page.items.last().is_some_and(|item| item.body.contains("> the second of them"))
    })
    .await;

    // A link to a message opens the message here, and not in a browser.
    for n in 0..120 {
        oak.say(group, &format!("line {n}"));
    }
    oak.say(group, &format!("see {}/message#{first}", server.url()));
    window.wait_until(".message a", "/message#").await;
    window.click(".message a").await;
    window.wait_until(".message.target", "the first of them").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_search_completes_operators_and_works_without_a_server() {
    let mut server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let group = create_group(&oak, "workshop").await;
    oak.say(group, "plans at https://example.org/plans.pdf");
    oak.say(group, "plans by word of mouth");
    window.wait_until(".message", "by word of mouth").await;
    window.say("my plans").await;
    window.wait_until(".sync-line", "Up to date").await;
    server.stop().await;
    window.wait_until(".sync-line", "Offline").await;
    window.control("f").await;
    window.fill("aside input[type=search]", "plans fr").await;
    window.wait_until(".chips", "from:").await;
    window.keys(TAB).await;
    window.fill("aside input[type=search]", "oa").await;
    window.wait_until(".chips", "from:oak").await;
    window.keys(TAB).await;
    window.wait_until(".summary", "2 messages").await;
    window.fill("aside input[type=search]", "has:file").await;
    window.wait_until(".summary", "1 message").await;
    window.wait_until(".hit", "plans.pdf").await;
    window.refill("aside input[type=search]", "plans -from:oak").await;
    window.wait_until(".hit", "my plans").await;
    window.wait_until(".summary", "1 message").await;
    window.close().await;
}
