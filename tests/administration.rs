//! The administrator's pages in the real window: they work by keyboard alone, and axe finds nothing
//! in them.

use crate::accessibility::{check, load};
use crate::desktop::{ENTER, ESCAPE, TAB};
use crate::keyboard::{DOWN, UP, focused, tab_back_to, tab_to};
use harness::window::{Desktop, Window};
use harness::{PASSWORD, Person, Server, TIMEOUT};
use parlour_headless::Keychain;
use parlour_protocol::{ErrorCode, Profile, Registration, ServerInfo, UserRole};

/// Opens a page by its command in the Ctrl+K dialog.
pub async fn jump(window: &Window, command: &str, title: &str) {
    window.control("k").await;
    window.keys(command).await;
    window.wait_until("dialog [role=option]", command).await;
    window.keys(ENTER).await;
    window.wait_until("main h1", title).await;
}

/// Opens the menu of the row that has the focus, and chooses an entry by its first letters.
pub async fn choose(window: &Window, letters: &str, entry: &str) {
    // The buttons that open the menus are disabled while the app is offline.
    window.wait_until("tbody button:enabled", "").await;
    window.keys(ENTER).await;
    window.wait_until("[role=menuitem]", entry).await;
    window.keys(letters).await;
    assert!(focused(window).await.contains(entry), "{}", focused(window).await);
    window.keys(ENTER).await;
}

/// Confirms a question, in which "Cancel" has the focus.
pub async fn confirm(window: &Window, question: &str, yes: &str) {
    window.wait_until("[role=alertdialog]", question).await;
    assert!(focused(window).await.contains("Cancel"), "{}", focused(window).await);
    window.keys(TAB).await;
    assert!(focused(window).await.contains(yes), "{}", focused(window).await);
    window.keys(ENTER).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_invites_and_manages_people_by_keyboard() {
    let server = Server::start_with(Registration::Invitation).await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = desktop.open().await;
    window.sign_in(&server.first_link(), "wren", PASSWORD, true).await;
    window.wait_until(".sync-line", "Up to date").await;

    jump(&window, "Invite people", "Invitations").await;
    tab_to(&window, "Create invitation").await;
    window.keys(ENTER).await;
    window.wait_until("main h2", "The link").await;
    assert!(focused(&window).await.contains("Copy link"));
    let read = "return document.querySelector('input[readonly]').value";
    let link = window.client.execute(read, vec![]).await.unwrap();
    window.wait_until("tbody tr", "Revoke").await;
    let oak = Person::register_at(link.as_str().unwrap(), "oak").await;
    // The link is not shown again.
    window.keys(ESCAPE).await;
    window.wait_until(".sync-line", "Up to date").await;
    jump(&window, "Invite people", "Invitations").await;
    let links = "return document.querySelectorAll('input[readonly]').length";
    assert_eq!(window.client.execute(links, vec![]).await.unwrap(), 0);

    // The user who registered with the link is listed, and is deactivated.
    jump(&window, "Administration", "People").await;
    window.wait_until("tbody tr", "oak").await;
    window.wait_until("tbody tr", "This is the only administrator.").await;
    tab_to(&window, "oak").await;
    choose(&window, "d", "Deactivate").await;
    confirm(&window, "1 device is signed out now", "Deactivate").await;
    window.wait_until("tbody .tag", "Deactivated").await;
    oak.wait_until_closed().await;
    let refused = oak.try_sign_in_at(&server.url()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Forbidden);

    // The user is reactivated.
    assert!(focused(&window).await.contains("oak"), "the focus has not moved");
    choose(&window, "r", "Reactivate").await;
    window.wait_until(".toast", "oak can sign in again.").await;
    oak.try_sign_in_at(&server.url()).await.unwrap();

    // The user becomes an administrator, with immediate effect.
    choose(&window, "m", "Make administrator").await;
    confirm(&window, "Make oak an administrator?", "Make administrator").await;
    window.wait_until(".toast", "The role of oak was changed.").await;
    oak.wait_until("the role", |session| session.administers().unwrap()).await;

    // A user who is not an administrator any more does not see the pages or the commands for them, with
    // immediate effect.
    let wren = oak.find_person("wren").await;
    oak.session().set_server_role(wren, UserRole::Member).await.unwrap();
    window.wait_until(".sync-line", "Up to date").await;
    window.control("k").await;
    window.keys("Administration").await;
    window.wait_until("dialog p", "No matches").await;
    window.keys(ESCAPE).await;
    window.close().await;
}

/// Creates a group, which is then open.
pub async fn create_group(window: &Window, title: &str) {
    window.control_shift("n").await;
    window.wait_until("dialog", "New group").await;
    window.keys(title).await;
    tab_to(window, "Create").await;
    window.keys(ENTER).await;
    window.wait_until(".conversation h1", title).await;
}

/// Waits until the server reports that these people may register.
async fn wait_until_registration(server: &Server, expected: Registration) {
    let registration = async || {
        let response =
            reqwest::get(format!("{}/v1/server", server.url())).await.expect("a response");
        response.json::<ServerInfo>().await.expect("a server").registration
    };
    let waiting = async {
        while registration().await != expected {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(TIMEOUT, waiting).await.expect("they may register");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_names_the_server_and_new_people_are_welcomed_by_keyboard() {
    let server = Server::start().await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = desktop.open().await;
    window.sign_in(&server.first_link(), "wren", PASSWORD, true).await;
    window.wait_until(".sync-line", "Up to date").await;
    let oak = Person::register(&server, "oak").await;
    create_group(&window, "general").await;

    // The pages are one tab stop, in which arrow keys move.
    jump(&window, "Administration", "People").await;
    tab_back_to(&window, "People").await;
    for title in ["Invitations", "Groups", "Server"] {
        window.keys(DOWN).await;
        window.wait_until("main h1", title).await;
    }
    window.wait_until("main li", "The database responds").await;
    window.wait_until("main li", "No backup").await;

    // Typed text is saved once the field loses the focus.
    tab_to(&window, "Name").await;
    window.keys(&format!("Workshop{TAB}")).await;
    window.wait_until(".toast", "Server settings changed.").await;
    assert!(focused(&window).await.contains("Welcome text"), "{}", focused(&window).await);
    window.keys(&format!("Say hello.{TAB}")).await;
    oak.wait_until("the name and the welcome", |session| {
        let account = session.shown_account().unwrap();
        (account.server_name.as_deref(), &*account.welcome) == (Some("Workshop"), "Say hello.")
    })
    .await;
    window.wait_until("nav .host", "Workshop").await;
    tab_to(&window, "Anybody who knows the address").await;
    window.keys(UP).await;
    wait_until_registration(&server, Registration::Invitation).await;
    tab_to(&window, "Add to: Default groups").await;
    window.keys("gen").await;
    window.wait_until("[role=option]", "general").await;
    window.keys(ENTER).await;
    window.wait_until(".chosen", "general").await;
    window.wait_until(".toast", "The default groups were changed.").await;

    // People are found by their display names.
    let profile = Profile { display_name: "Oak Nakamura".into(), ..Profile::default() };
    oak.session().set_profile(profile.into()).unwrap();
    jump(&window, "Administration", "People").await;
    window.keys("NAKA").await;
    window.wait_until("tbody tr", "Oak Nakamura").await;
    window.wait_until("tbody tr", "@oak").await;
    jump(&window, "Invite people", "Invitations").await;
    tab_to(&window, "Create invitation").await;
    window.keys(ENTER).await;
    window.wait_until("main h2", "The link").await;
    let read = "return document.querySelector('input[readonly]').value";
    let link = window.client.execute(read, vec![]).await.unwrap();
    window.keys(ESCAPE).await;
    window.wait_until(".sidebar .host", "Workshop").await;

    // A person with the link sees the server's name and welcome, and joins the group at once.
    let their_desktop = Desktop::new(Keychain::Unlocked);
    let newcomer = their_desktop.open().await;
    newcomer.fill("input[name=server]", link.as_str().unwrap()).await;
    newcomer.keys(TAB).await;
    newcomer.wait_until("form h2", "You are invited to").await;
    for shown in ["Workshop", "Say hello.", "by wren", "127.0.0.1"] {
        newcomer.wait_until("form section", shown).await;
    }
    let mut findings = Vec::new();
    load(&newcomer).await;
    check(&newcomer, "an invitation", &mut findings).await;
    newcomer.fill("input[name=username]", "lark").await;
    newcomer.fill("input[name=password]", &format!("{PASSWORD}{ENTER}")).await;
    newcomer.wait_until(".row", "general").await;
    newcomer.wait_until(".sidebar .host", "Workshop").await;
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    newcomer.close().await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_the_administrators_pages_in_either_theme() {
    let server = Server::start().await;
    let lark = Person::register_at(&server.first_link(), "lark").await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = crate::desktop::signed_in(&desktop, &server, "wren").await;
    let session = lark.session();
    session.set_server_role(lark.find_person("wren").await, UserRole::Administrator).await.unwrap();
    // A group without an active owner.
    oak.session().create_group("workshop", vec![]).unwrap();
    oak.wait_until("it is sent", |session| session.outbox().unwrap().is_empty()).await;
    session.deactivate(lark.find_person("oak").await, false).await.unwrap();
    create_group(&window, "own").await;
    load(&window).await;
    let mut findings = Vec::new();
    jump(&window, "Administration", "People").await;
    for theme in ["light", "dark"] {
        let set = format!("document.documentElement.dataset.theme = '{theme}'");
        window.client.execute(&set, vec![]).await.unwrap();
        let view = |name: &str| format!("{name}, {theme}");
        window.wait_until("tbody .tag", "Deactivated").await;
        check(&window, &view("people"), &mut findings).await;
        tab_to(&window, "lark").await;
        window.keys(ENTER).await;
        window.wait_until("[role=menuitem]", "Erase").await;
        check(&window, &view("a person's menu"), &mut findings).await;
        window.keys(&format!("e{ENTER}")).await;
        window.wait_until("[role=alertdialog]", "sessions").await;
        check(&window, &view("a question"), &mut findings).await;
        window.keys(ESCAPE).await;
        choose(&window, "r", "Reset password").await;
        window.wait_until("dialog", "New password").await;
        check(&window, &view("a new password"), &mut findings).await;
        window.keys(ESCAPE).await;
        jump(&window, "Invite people", "Invitations").await;
        window.click_button("Create invitation").await;
        window.wait_until("main h2", "The link").await;
        window.wait_until("tbody tr", "Revoke").await;
        check(&window, &view("invitations"), &mut findings).await;
        tab_back_to(&window, "Add to: Groups to join").await;
        window.keys(DOWN).await;
        window.wait_until("[role=option]", "own").await;
        check(&window, &view("a list of groups"), &mut findings).await;
        window.keys(ESCAPE).await;
        window.click_button("Server").await;
        window.wait_until("main h2", "Health").await;
        window.wait_until("main h2", "Default groups").await;
        check(&window, &view("the server"), &mut findings).await;
        window.click_button("Groups").await;
        window.wait_until("tbody tr", "workshop").await;
        check(&window, &view("groups"), &mut findings).await;
        window.click_button("People").await;
        window.wait_until("main h1", "People").await;
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    // The group is taken over by keyboard.
    window.click_button("Groups").await;
    window.wait_until("tbody tr", "workshop").await;
    tab_to(&window, "workshop").await;
    window.keys(ENTER).await;
    confirm(&window, "Take over workshop?", "Take over").await;
    window.wait_until("main", "Every group has an owner.").await;
    window.keys(ESCAPE).await;
    window.wait_until(".row", "workshop").await;
    window.close().await;
}
