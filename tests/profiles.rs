//! Profiles in the real window: they are changed by keyboard alone and seen by others, and axe finds
//! nothing in them.

use crate::accessibility::{check, load};
use crate::desktop::{ENTER, ESCAPE, TAB, signed_in};
use crate::keyboard::focused;
use fantoccini::Locator;
use harness::window::{Desktop, Window};
use harness::{Person, Server, TIMEOUT};
use parlour_headless::Keychain;
use parlour_protocol::example_picture::png;
use parlour_protocol::{PictureFormat, Profile};

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_is_changed_by_keyboard_and_seen_by_others_and_on_a_card() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let group =
        oak.session().create_group("workshop", vec![oak.find_person("wren").await]).unwrap();
    oak.say(group, "hello");
    window.wait_until(".message", "hello").await;
    let mut findings = Vec::new();
    load(&window).await;

    // Typed text is saved once the field loses the focus.
    window.control(",").await;
    window.fill("dialog [name=displayName]:enabled", "Wren Okafor").await;
    window.keys(TAB).await;
    window.wait_until("dialog [role=status]", "Your profile was changed.").await;
    check(&window, "profile", &mut findings).await;
    window.keys(ESCAPE).await;
    oak.wait_until("the name", |session| {
        session.people("okaf").unwrap().iter().any(|person| person.name == "Wren Okafor")
    })
    .await;

    // The profile of another person reaches the window, and their card opens with Enter on a message.
    let profile = Profile {
        display_name: "Oak Nakamura".into(),
        about: "Runtime and dispatch".into(),
        time_zone: "Pacific/Kiritimati".into(),
        ..Profile::default()
    };
    oak.session().set_profile(profile.into()).unwrap();
    window.wait_until(".message .sender", "Oak Nakamura").await;
    let focus = "[...document.querySelectorAll('.message')].at(-1).focus()";
    window.client.execute(focus, vec![]).await.expect("a message");
    window.keys(ENTER).await;
    for shown in ["Oak Nakamura", "@oak", "Runtime and dispatch", "local time"] {
        window.wait_until(".card", shown).await;
    }
    assert!(focused(&window).await.contains("Message"), "{}", focused(&window).await);
    check(&window, "card", &mut findings).await;
    window.keys(ESCAPE).await;
    assert_eq!(window.texts(".card").await.len(), 0);
    // The focus is where it was, and Message opens a conversation.
    window.keys(ENTER).await;
    window.wait_until(".card h2", "Oak Nakamura").await;
    window.wait_until(".card button:focus", "Message").await;
    window.keys(ENTER).await;
    window.wait_until(".conversation h1", "Oak Nakamura").await;
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    window.close().await;
}

const RIGHT: &str = "\u{e014}";

/// Chooses a file as the user's picture, in the open settings: a wide PNG, red on the left and blue on the right.
pub async fn choose_picture(window: &Window) {
    let script = "const done = arguments[0];
        const canvas = document.createElement('canvas');
        [canvas.width, canvas.height] = [400, 200];
        const context = canvas.getContext('2d');
        for (const [at, colour] of ['#c00', '#00c'].entries()) {
            context.fillStyle = colour;
            context.fillRect(200 * at, 0, 200, 200);
        }
        canvas.toBlob((blob) => {
            const files = new DataTransfer();
            files.items.add(new File([blob], 'me.png', { type: 'image/png' }));
            const input = document.querySelector('[name=picture]');
            input.files = files.files;
            input.dispatchEvent(new Event('change', { bubbles: true }));
            done(true);
        })";
    window.client.execute_async(script, vec![]).await.expect("a file is chosen");
}

/// Waits until a loaded picture is shown inside the elements that match `selector`.
pub async fn wait_until_picture(window: &Window, selector: &str) {
    let shown = format!("{selector} .avatar img:not([hidden])");
    let waiting = window.client.wait().at_most(TIMEOUT).for_element(Locator::Css(&shown)).await;
    waiting.expect("a picture");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_is_chosen_and_cropped_and_seen_by_others_also_offline() {
    let mut server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let wren = oak.find_person("wren").await;
    let group = oak.session().create_group("workshop", vec![wren]).unwrap();
    oak.say(group, "hello");
    window.wait_until(".message", "hello").await;
    let mut findings = Vec::new();
    load(&window).await;

    window.control(",").await;
    window.wait_until("dialog button", "Change…").await;
    choose_picture(&window).await;
    window.wait_until(".cropper button", "Save picture").await;
    check(&window, "crop", &mut findings).await;
    // The picture has the focus: it is moved and enlarged by keys until only its left side is visible.
    window.keys("+++").await;
    window.keys(&RIGHT.repeat(20)).await;
    window.click_button("Save picture").await;
    window.wait_until("dialog [role=status]", "Your picture was changed.").await;
    wait_until_picture(&window, "dialog").await;
    check(&window, "picture", &mut findings).await;

    // Another person receives the picture.
    oak.wait_until(
        "the picture",
        |session| matches!(session.pictures(&[wren]).unwrap()[..], [one] if one.is_here),
    )
    .await;
    let id = oak.session().pictures(&[wren]).unwrap()[0].picture;
    let bytes = oak.session().picture(id).unwrap().expect("it is here");
    assert_eq!(PictureFormat::of(&bytes), Ok(PictureFormat::Jpeg));

    // It can be removed again.
    window.click_button("Remove").await;
    window.wait_until("dialog [role=status]", "Your picture was removed.").await;
    oak.wait_until("no picture", |session| session.pictures(&[wren]).unwrap().is_empty()).await;
    window.keys(ESCAPE).await;

    // Another person's picture is shown beside their message, also without a network.
    oak.session().set_picture(png(8, 8, 128)).await.unwrap();
    wait_until_picture(&window, ".message").await;
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    window.close().await;
    server.stop().await;
    let window = desktop.open().await;
    window.wait_until(".message", "hello").await;
    wait_until_picture(&window, ".message").await;
    window.close().await;
}
