//! The administrator's pages in the real window: they work by keyboard alone, and axe finds nothing
//! in them.

use crate::accessibility::{check, load};
use crate::desktop::{ENTER, ESCAPE, TAB};
use crate::keyboard::{focused, tab_to};
use harness::window::{Desk, Window};
use harness::{PASSWORD, Person, Server};
use parlour_headless::Keychain;
use parlour_protocol::{ErrorCode, Registration, UserRole};

/// Opens a page by its command in the Ctrl+K dialog.
async fn jump(window: &Window, command: &str, title: &str) {
    window.control("k").await;
    window.keys(command).await;
    window.until("dialog [role=option]", command).await;
    window.keys(ENTER).await;
    window.until("main h1", title).await;
}

/// Opens the menu of the row that has the focus, and chooses an entry by its first letters.
async fn choose(window: &Window, letters: &str, entry: &str) {
    window.keys(ENTER).await;
    window.until("[role=menuitem]", entry).await;
    window.keys(letters).await;
    assert!(focused(window).await.contains(entry), "{}", focused(window).await);
    window.keys(ENTER).await;
}

/// Confirms a question, in which "Cancel" has the focus.
async fn confirm(window: &Window, question: &str, yes: &str) {
    window.until("[role=alertdialog]", question).await;
    assert!(focused(window).await.contains("Cancel"), "{}", focused(window).await);
    window.keys(TAB).await;
    assert!(focused(window).await.contains(yes), "{}", focused(window).await);
    window.keys(ENTER).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_invites_people_and_looks_after_them_by_keyboard() {
    let server = Server::start_with(Registration::Invitation).await;
    let desk = Desk::new(Keychain::Unlocked);
    let window = desk.open().await;
    window.sign_in(&server.first_link(), "wren", PASSWORD, true).await;
    window.until(".sync-line", "Up to date").await;

    jump(&window, "Invite people", "Invitations").await;
    tab_to(&window, "Create invitation").await;
    window.keys(ENTER).await;
    window.until("main h2", "The link").await;
    assert!(focused(&window).await.contains("Copy link"));
    let read = "return document.querySelector('input[readonly]').value";
    let link = window.client.execute(read, vec![]).await.unwrap();
    window.until("tbody tr", "Revoke").await;
    let oak = Person::register_at(link.as_str().unwrap(), "oak").await;
    // The link is not shown again.
    window.keys(ESCAPE).await;
    window.until(".sync-line", "Up to date").await;
    jump(&window, "Invite people", "Invitations").await;
    let links = "return document.querySelectorAll('input[readonly]').length";
    assert_eq!(window.client.execute(links, vec![]).await.unwrap(), 0);

    // The user who registered with the link is listed, and is deactivated.
    jump(&window, "Administration", "People").await;
    window.until("tbody tr", "oak").await;
    window.until("tbody tr", "This is the only administrator.").await;
    tab_to(&window, "oak").await;
    choose(&window, "d", "Deactivate").await;
    confirm(&window, "1 device is signed out now", "Deactivate").await;
    window.until("tbody .tag", "Deactivated").await;
    oak.until_closed().await;
    let refused = oak.try_sign_in_at(&server.url()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Forbidden);

    // The user is reactivated.
    assert!(focused(&window).await.contains("oak"), "the focus is where it was");
    choose(&window, "r", "Reactivate").await;
    window.until(".toast", "oak can sign in again.").await;
    oak.try_sign_in_at(&server.url()).await.unwrap();

    // The user becomes an administrator, with immediate effect.
    choose(&window, "m", "Make administrator").await;
    confirm(&window, "Make oak an administrator?", "Make administrator").await;
    window.until(".toast", "The role of oak was changed.").await;
    oak.until("the role", |session| session.administers().unwrap()).await;

    // A user who is not an administrator any more no longer sees the pages, with immediate effect,
    // and is not offered them.
    let wren = oak.meet("wren").await;
    oak.session().set_server_role(wren, UserRole::Member).await.unwrap();
    window.until(".sync-line", "Up to date").await;
    window.control("k").await;
    window.keys("Administration").await;
    window.until("dialog p", "No matches").await;
    window.keys(ESCAPE).await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_the_administrators_pages_in_either_theme() {
    let server = Server::start().await;
    let lark = Person::register_at(&server.first_link(), "lark").await;
    let oak = Person::register(&server, "oak").await;
    let desk = Desk::new(Keychain::Unlocked);
    let window = crate::desktop::signed_in(&desk, &server, "wren").await;
    let session = lark.session();
    session.set_server_role(lark.meet("wren").await, UserRole::Administrator).await.unwrap();
    // A group without an active owner.
    oak.session().create_group("workshop", vec![]).unwrap();
    oak.until("it is sent", |session| session.outbox().unwrap().is_empty()).await;
    session.deactivate(lark.meet("oak").await, false).await.unwrap();
    load(&window).await;
    let mut wrong = Vec::new();
    jump(&window, "Administration", "People").await;
    for theme in ["light", "dark"] {
        let set = format!("document.documentElement.dataset.theme = '{theme}'");
        window.client.execute(&set, vec![]).await.unwrap();
        let view = |name: &str| format!("{name}, {theme}");
        window.until("tbody .tag", "Deactivated").await;
        check(&window, &view("people"), &mut wrong).await;
        tab_to(&window, "lark").await;
        window.keys(ENTER).await;
        window.until("[role=menuitem]", "Erase").await;
        check(&window, &view("a person's menu"), &mut wrong).await;
        window.keys(&format!("e{ENTER}")).await;
        window.until("[role=alertdialog]", "sessions").await;
        check(&window, &view("a question"), &mut wrong).await;
        window.keys(ESCAPE).await;
        choose(&window, "r", "Reset password").await;
        window.until("dialog", "New password").await;
        check(&window, &view("a new password"), &mut wrong).await;
        window.keys(ESCAPE).await;
        jump(&window, "Invite people", "Invitations").await;
        window.click_button("Create invitation").await;
        window.until("main h2", "The link").await;
        window.until("tbody tr", "Revoke").await;
        check(&window, &view("invitations"), &mut wrong).await;
        window.click_button("Groups").await;
        window.until("tbody tr", "workshop").await;
        check(&window, &view("groups"), &mut wrong).await;
        window.click_button("People").await;
        window.until("main h1", "People").await;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The group is taken over by keyboard.
    window.click_button("Groups").await;
    window.until("tbody tr", "workshop").await;
    tab_to(&window, "workshop").await;
    window.keys(ENTER).await;
    confirm(&window, "Take over workshop?", "Take over").await;
    window.until("main", "Every group has an owner.").await;
    window.keys(ESCAPE).await;
    window.until(".row", "workshop").await;
    window.close().await;
}
