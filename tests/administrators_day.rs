//! An administrator sets up a team and manages it, in the real window and by keyboard alone.

use crate::accessibility::{check, load};
use crate::administration::{choose, confirm, create_group, jump};
use crate::desktop::{ENTER, ESCAPE, TAB};
use crate::keyboard::{DOWN, focused, tab_back_to, tab_to};
use crate::profiles::{choose_picture, wait_until_picture};
use harness::window::{Desktop, Window};
use harness::{PASSWORD, Person, Server, TIMEOUT};
use parlour_headless::Keychain;
use parlour_protocol::{ErrorCode, Registration, UserRole};

const SPACE: &str = "\u{e00d}";
const THEMES: [&str; 2] = ["dark", "light"];

/// Pastes a link into the first screen, enters a name, and registers.
async fn join(window: &Window, link: &str, name: &str, username: &str) {
    window.wait_until("form", "Server address").await;
    window.keys(&format!("{link}{TAB}")).await;
    window.wait_until("form h2", "You are invited to").await;
    window.wait_until("form", "Your name").await;
    assert!(focused(window).await.contains("Your name"), "{}", focused(window).await);
    window.keys(&format!("{name}{TAB}")).await;
    // The username is proposed.
    let read = "return document.activeElement.value";
    assert_eq!(window.client.execute(read, vec![]).await.unwrap(), username);
    window.keys(&format!("{TAB}{PASSWORD}{ENTER}")).await;
    window.wait_until(".sync-line", "Up to date").await;
    window.wait_until(".sidebar .name", name).await;
}

/// Chooses a picture on the open page, by keyboard except for the system's own dialog.
async fn add_picture(window: &Window, done: &str) {
    choose_picture(window).await;
    window.wait_until(".cropper button", "Save picture").await;
    window.keys("+").await;
    tab_to(window, "Save picture").await;
    window.keys(ENTER).await;
    window.wait_until("[role=status]", done).await;
}

/// Checks what is shown in both themes.
async fn check_both(window: &Window, view: &str, findings: &mut Vec<String>) {
    for theme in THEMES {
        let set = format!("document.documentElement.dataset.theme = '{theme}'");
        window.client.execute(&set, vec![]).await.unwrap();
        check(window, &format!("{view}, {theme}"), findings).await;
    }
}

/// Shows the people, and moves the focus to the row of the person that this text finds.
async fn find(window: &Window, text: &str, row: &str) {
    // An open page keeps its filter.
    window.keys(ESCAPE).await;
    window.wait_until(".sync-line", "Up to date").await;
    jump(window, "Administration", "People").await;
    window.keys(text).await;
    window.wait_until("tbody tr", row).await;
    tab_to(window, row).await;
}

/// Creates an invitation for several people, who join a group with it, and returns its link.
async fn invite(window: &Window) -> String {
    jump(window, "Invite people", "Invitations").await;
    tab_to(window, "May be used").await;
    window.keys("25").await;
    tab_to(window, "within").await;
    window.keys("30").await;
    tab_to(window, "Add to: Groups to join").await;
    window.keys("gen").await;
    window.wait_until("[role=option]", "general").await;
    window.keys(ENTER).await;
    window.wait_until(".chosen", "general").await;
    tab_to(window, "Note").await;
    window.keys("The parsers team").await;
    tab_to(window, "Create invitation").await;
    window.keys(ENTER).await;
    window.wait_until("main h2", "The link").await;
    window.wait_until("tbody tr", "The parsers team").await;
    window.wait_until("tbody tr", "25").await;
    let read = "return document.querySelector('input[readonly]').value";
    window.client.execute(read, vec![]).await.unwrap().as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_sets_up_a_team_and_manages_it_by_keyboard() {
    let server = Server::start_with(Registration::Invitation).await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = desktop.open().await;
    load(&window).await;
    let mut findings = Vec::new();

    // The first steps: a link, a name, a picture.
    join(&window, &server.first_link(), "Wren Okafor", "wren").await;
    window.wait_until(".steps", "Welcome to").await;
    check_both(&window, "the first steps", &mut findings).await;
    tab_to(&window, "Add your picture").await;
    window.keys(ENTER).await;
    window.wait_until("dialog button", "Change").await;
    add_picture(&window, "Your picture was changed.").await;
    wait_until_picture(&window, "dialog").await;
    window.keys(ESCAPE).await;
    create_group(&window, "general").await;

    // The server has a name, a picture and a welcome.
    jump(&window, "Administration", "People").await;
    tab_back_to(&window, "People").await;
    for title in ["Invitations", "Groups", "Server"] {
        window.keys(DOWN).await;
        window.wait_until("main h1", title).await;
    }
    window.wait_until("main h2", "About this server").await;
    tab_to(&window, "Change").await;
    add_picture(&window, "The server’s picture was changed.").await;
    wait_until_picture(&window, "main").await;
    tab_to(&window, "Name").await;
    window.keys(&format!("Workshop{TAB}Say hello.{TAB}")).await;
    window.wait_until(".toast", "Server settings changed.").await;
    check_both(&window, "the server with a picture", &mut findings).await;

    // Three people register with one link, which names its group; one of them in another window.
    let link = invite(&window).await;
    check_both(&window, "an invitation that was made", &mut findings).await;
    let oak = Person::register_at(&link, "oak").await;
    let lark = Person::register_at(&link, "lark").await;
    let their_desktop = Desktop::new(Keychain::Unlocked);
    let newcomer = their_desktop.open().await;
    load(&newcomer).await;
    newcomer.wait_until("form", "Server address").await;
    newcomer.keys(&format!("{link}{TAB}")).await;
    newcomer.wait_until("form section", "Workshop").await;
    wait_until_picture(&newcomer, "form section").await;
    check_both(&newcomer, "an invitation with a picture", &mut findings).await;
    newcomer.keys(&format!("Elm{TAB}{TAB}{PASSWORD}{ENTER}")).await;
    newcomer.wait_until(".steps", "Welcome to").await;
    newcomer.wait_until(".steps", "general").await;
    newcomer.close().await;

    // A role is given and removed.
    find(&window, "lark", "lark").await;
    choose(&window, "m", "Make administrator").await;
    confirm(&window, "Make lark an administrator?", "Make administrator").await;
    window.wait_until(".toast", "The role of lark was changed.").await;
    lark.wait_until("the role", |session| session.administers().unwrap()).await;
    let wren = lark.find_person("wren").await;
    let people = lark.session().everybody().await.unwrap();
    let is_first = |role| people.iter().any(|person| person.id == wren && person.role == role);
    assert!(is_first(UserRole::Administrator));
    choose(&window, "rr", "Remove administrator role").await;
    confirm(&window, "Remove the administrator role of lark?", "Remove role").await;
    lark.wait_until("the role", |session| !session.administers().unwrap()).await;

    // Sessions are ended, and a password is reset: the one before does not work any more.
    choose(&window, "e", "End sessions").await;
    confirm(&window, "End all sessions of lark?", "End sessions").await;
    window.wait_until(".toast", "lark was signed out everywhere.").await;
    lark.wait_until_closed().await;
    choose(&window, "r", "Reset password").await;
    window.wait_until("dialog", "New password").await;
    let read = "return document.querySelector('[name=newPassword]').value";
    let password = window.client.execute(read, vec![]).await.unwrap();
    assert!(password.as_str().unwrap().len() >= 12, "one is suggested");
    tab_to(&window, "Reset password").await;
    window.keys(ENTER).await;
    window.wait_until(".toast", "The password of lark was reset.").await;
    let refused = lark.try_sign_in_at(&server.url()).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::WrongCredentials);

    // An account is deactivated, and its copies are wiped.
    let mirror = oak.account_folder().join("mirror.db");
    find(&window, "oak", "oak").await;
    choose(&window, "d", "Deactivate").await;
    window.wait_until("[role=alertdialog]", "Deactivate oak?").await;
    tab_back_to(&window, "Also wipe each copy").await;
    window.keys(SPACE).await;
    check_both(&window, "a question with a choice", &mut findings).await;
    tab_to(&window, "Deactivate").await;
    window.keys(ENTER).await;
    window.wait_until("tbody .tag", "Deactivated").await;
    oak.wait_until_closed().await;
    let wiped = async {
        while mirror.exists() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(TIMEOUT, wiped).await.expect("the copy is deleted");
    choose(&window, "r", "Reactivate").await;
    window.wait_until(".toast", "oak can sign in again.").await;

    // An erased person is not found any more.
    choose(&window, "e", "Erase").await;
    confirm(&window, "Erase oak?", "Erase").await;
    window.wait_until("main", "Nobody found").await;
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    window.close().await;
}
