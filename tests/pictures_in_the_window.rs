//! Pictures in the real window: pasted, sent, viewed and copied.

use crate::desktop::{ENTER, signed_in};
use harness::window::Desktop;
use harness::{Person, Server};
use parlour_client::Position;
use parlour_headless::Keychain;
use parlour_protocol::FileKind;
use std::process::Stdio;

/// A picture of 60 by 40 pixels.
const PICTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/files/picture.png");

/// Copies a picture to the clipboard of the window's display.
fn copy_picture(desktop: &Desktop) {
    let mut copying = desktop.command("xclip");
    copying.args(["-selection", "clipboard", "-t", "image/png", "-in", PICTURE]);
    let ended = copying.stdout(Stdio::null()).status().expect("xclip runs");
    assert!(ended.success(), "xclip continues in the background");
}

/// Returns the size in pixels of the picture on the clipboard of the window's display.
fn copied_size(desktop: &Desktop) -> Option<(u32, u32)> {
    let mut pasting = desktop.command("xclip");
    pasting.args(["-selection", "clipboard", "-t", "image/png", "-out"]);
    let pasted = pasting.stderr(Stdio::null()).output().expect("xclip runs").stdout;
    // The header of a PNG begins at the same position in every file.
    let number = |at: usize| Some(u32::from_be_bytes(pasted.get(at..at + 4)?.try_into().ok()?));
    Some((number(16)?, number(20)?))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_pasted_sent_viewed_and_copied() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let wren = oak.find_person("wren").await;
    let group = oak.session().create_group("workshop", vec![wren]).unwrap();
    oak.say(group, "paste the picture here");
    window.wait_until(".message", "paste the picture here").await;
    window.click(".composer textarea").await;

    copy_picture(&desktop);
    window.control("v").await;
    window.wait_until(".tray .name", "pasted.png").await;
    window.keys(&format!("look{ENTER}")).await;
    oak.wait_until("the picture", |session| {
        let page = session.timeline(group, Position::Newest, 9).unwrap();
        page.items.last().is_some_and(|item| {
            let kind = item.files.first().map(|file| &file.kind);
            let is_picture = matches!(kind, Some(FileKind::Picture { width: 60, height: 40, .. }));
            item.body == "look" && is_picture && item.seq.is_some()
        })
    })
    .await;

    // What was pasted is removed from the clipboard before the picture is copied from the message.
    let mut clearing = desktop.command("xclip");
    clearing.args(["-selection", "clipboard", "-in", "/dev/null"]).stdout(Stdio::null());
    assert!(clearing.status().expect("xclip runs").success());
    assert_eq!(copied_size(&desktop), None);
    window.click(".message .picture").await;
    window.wait_until("dialog[open] .zoom", "%").await;
    window.control("c").await;
    window.wait_until("dialog[open] .toast", "The picture was copied.").await;
    assert_eq!(copied_size(&desktop), Some((60, 40)));
    window.close().await;
}
