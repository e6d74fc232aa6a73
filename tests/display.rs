//! Correct display: small screens, right-to-left text, stacked marks, deactivated users, and links whose
//! text names another host.

use crate::desktop::{ESCAPE, signed_in};
use harness::window::{Desktop, Window, program};
use harness::{Person, Server};
use parlour_headless::Keychain;
use serde_json::Value;
use std::process::Command;

async fn numbers(window: &Window, script: &str) -> Vec<f64> {
    let found = window.client.execute(script, vec![]).await.expect("it runs");
    let Value::Array(found) = found else { panic!("{found}") };
    found.iter().map(|number| number.as_f64().expect("a number")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_fits_small_screens() {
    let server = Server::start().await;
    for (width, height) in [(1366, 768), (1024, 600)] {
        let desktop = Desktop::with_size(Keychain::Unlocked, width, height);
        let name = format!("wren{width}");
        let oak = Person::register(&server, &format!("oak{width}")).await;
        let window = signed_in(&desktop, &server, &name).await;
        let group = oak.session().create_p2p(oak.find_person(&name).await).unwrap();
        oak.say(group, "is it all there?");
        window.wait_until(".message", "is it all there?").await;
        let script =
            "const end = document.querySelector('.composer .primary').getBoundingClientRect();
            return [innerWidth, innerHeight, end.right, end.bottom]";
        let [width_shown, height_shown, right, bottom] = numbers(&window, script).await[..] else {
            panic!()
        };
        // The system's title bar is above that.
        assert!(
            width_shown <= f64::from(width) && height_shown <= f64::from(height - 40),
            "{width_shown} × {height_shown}"
        );
        assert!(
            right <= width_shown && bottom <= height_shown,
            "the send button ends at {right}, {bottom}"
        );
        window.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_to_left_preview_is_cut_at_its_end_and_its_bars_are_on_the_right() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let group =
        oak.session().create_group("workshop", vec![oak.find_person("wren").await]).unwrap();
    oak.say(group, &format!("> {0}\n\n- {0}", "שלום עולם ".repeat(20)));
    window.wait_until(".message blockquote", "שלום").await;
    oak.say(group, &"שלום עולם ".repeat(20));
    window.wait_until("nav .preview", "שלום").await;
    let script = "const box = (element) => element.getBoundingClientRect();
        const preview = document.querySelector('nav .preview');
        const letter = document.createRange();
        letter.setStart(preview.lastChild, 0);
        letter.setEnd(preview.lastChild, 1);
        const quote = getComputedStyle(document.querySelector('.message blockquote'));
        const item = getComputedStyle(document.querySelector('.message li'));
        return [box(letter).right - box(preview).right, parseFloat(quote.borderRightWidth),
            parseFloat(quote.borderLeftWidth), parseFloat(item.marginRight)]";
    let [beyond, right, left, bullet] = numbers(&window, script).await[..] else { panic!() };
    assert!(beyond <= 1.0, "the first letter is {beyond} pixels out of sight");
    assert!(right > 0.0 && left == 0.0, "the bar is on the right: {right}, {left}");
    assert!(bullet > 0.0, "and so is the bullet");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stacked_marks_are_painted_in_their_own_row() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let group = oak.session().create_p2p(oak.find_person("wren").await).unwrap();
    oak.say(group, "a row above, and nothing over it");
    window.wait_until(".message", "a row above").await;
    let row = window.client.find(fantoccini::Locator::Css(".message .body")).await.unwrap();
    let before = row.screenshot().await.unwrap();
    oak.say(group, &format!("Z{}", "\u{301}\u{1ab0}".repeat(150)));
    window.wait_until(".message .body.contained", "Z").await;
    // Not every font stacks these marks or has them at all. Otherwise each has the width of a letter.
    let script = "const scroller = document.querySelector('.scroller');
        document.querySelector('.message .body.contained').style.textShadow = '0 -24px #000';
        return [scroller.scrollWidth, scroller.clientWidth]";
    let [width_shown, group] = numbers(&window, script).await[..] else { panic!() };
    assert!(width_shown <= group, "{width_shown} of {group} pixels");
    let after = row.screenshot().await.unwrap();
    assert!(before == after, "the row above is unchanged");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deactivated_users_are_marked_and_not_offered() {
    let mut server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let group = oak.session().create_p2p(oak.find_person("wren").await).unwrap();
    oak.say(group, "I am off, then");
    window.wait_until(".message", "I am off, then").await;
    assert!(window.texts("[role=note]").await.is_empty());
    server.stop().await;
    let mut deactivate = Command::new(program("parlour-server"));
    deactivate.args(["user", "deactivate", "oak", "--data"]).arg(server.data.path());
    assert!(deactivate.status().unwrap().success());
    server.resume().await;
    window.wait_until("[role=note]", "Nobody will read what you write here").await;
    window.wait_until("nav .title", "deactivated").await;
    window.control("n").await;
    window.fill("dialog input[role=combobox]", "oa").await;
    window.wait_until("dialog p", "Nobody found").await;
    window.keys(ESCAPE).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_whose_text_names_another_host_needs_confirmation() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let group = oak.session().create_p2p(oak.find_person("wren").await).unwrap();
    oak.say(group, "see [https://bank.example](https://evil.example) today");
    window.wait_until(".message", "(evil.example)").await;
    window.click(".message a").await;
    window.wait_until("dialog", "Open evil.example?").await;
    window.keys(ESCAPE).await;
    oak.say(group, "or https://bank.example@evil.example/login");
    window.wait_until(".message:last-of-type", "(evil.example)").await;
    window.close().await;
}
