//! What people tell of themselves, in the real window: by keyboard alone, seen by others, and with what axe finds
//! in it, which is nothing.

use crate::accessibility::{check, load};
use crate::desktop::{ENTER, ESCAPE, TAB, signed_in};
use crate::keyboard::focused;
use harness::window::Desk;
use harness::{Person, Server};
use parlour_headless::Keychain;
use parlour_protocol::Profile;

#[tokio::test(flavor = "multi_thread")]
async fn what_one_tells_of_oneself_is_seen_by_others_and_on_a_card_by_keyboard() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desk = Desk::new(Keychain::Unlocked);
    let window = signed_in(&desk, &server, "wren").await;
    let room = oak.session().create_group("workshop", vec![oak.meet("wren").await]).unwrap();
    oak.say(room, "hello");
    window.until(".message", "hello").await;
    let mut wrong = Vec::new();
    load(&window).await;

    // What is typed is kept once the field is left.
    window.control(",").await;
    window.fill("dialog [name=displayName]:enabled", "Wren Okafor").await;
    window.keys(TAB).await;
    window.until("dialog [role=status]", "Your profile was changed.").await;
    check(&window, "profile", &mut wrong).await;
    window.keys(ESCAPE).await;
    oak.until("the name", |session| {
        session.people("okaf").unwrap().iter().any(|person| person.name == "Wren Okafor")
    })
    .await;

    // What another one tells comes to the window, and their card opens with Enter on a message.
    let told = Profile {
        display_name: "Oak Nakamura".into(),
        about: "Runtime and dispatch".into(),
        time_zone: "Pacific/Kiritimati".into(),
    };
    oak.session().set_profile(told.into()).unwrap();
    window.until(".message .sender", "Oak Nakamura").await;
    let focus = "[...document.querySelectorAll('.message')].at(-1).focus()";
    window.client.execute(focus, vec![]).await.expect("a message");
    window.keys(ENTER).await;
    for shown in ["Oak Nakamura", "@oak", "Runtime and dispatch", "local time"] {
        window.until(".card", shown).await;
    }
    assert!(focused(&window).await.contains("Message"), "{}", focused(&window).await);
    check(&window, "card", &mut wrong).await;
    window.keys(ESCAPE).await;
    assert_eq!(window.texts(".card").await.len(), 0);
    // It is where it was, and Message leads to a conversation.
    window.keys(ENTER).await;
    window.until(".card h2", "Oak Nakamura").await;
    window.until(".card button:focus", "Message").await;
    window.keys(ENTER).await;
    window.until(".conversation h1", "Oak Nakamura").await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    window.close().await;
}
