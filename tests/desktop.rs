//! The real window, with a real server, a real keychain, and a process that is really killed.

use harness::window::{Desktop, Window, program};
use harness::{PASSWORD, Person, Server};
use parlour_client::Position;
use parlour_headless::Keychain;
use parlour_protocol::Registration;
use std::process::Stdio;

pub const ENTER: &str = "\u{e007}";
pub const ESCAPE: &str = "\u{e00c}";
pub const TAB: &str = "\u{e004}";

/// Opens a window and registers a user there.
pub async fn signed_in(desktop: &Desktop, server: &Server, name: &str) -> Window {
    let window = desktop.open().await;
    window.sign_in(&server.url(), name, PASSWORD, true).await;
    window.wait_until(".sync-line", "Up to date").await;
    window
}

/// Starts a conversation with the user `name` by keyboard.
async fn start_conversation_with(window: &Window, name: &str) {
    window.control("n").await;
    window.fill("dialog input[role=combobox]", name).await;
    window.wait_until("dialog [role=option]", name).await;
    window.keys(ENTER).await;
    window.wait_until(".conversation h1", name).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_survive_an_unreachable_server_and_a_killed_app() {
    let mut server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    assert_eq!(desktop.sessions_in_keychain(), 1);

    start_conversation_with(&window, "oak").await;
    window.say("is the cache in?").await;
    let group = oak.session().create_p2p(oak.find_person("wren").await).unwrap();
    oak.wait_until_bodies(group, &["is the cache in?"]).await;
    oak.say(group, "it is, since the morning");
    window.wait_until(".message", "it is, since the morning").await;

    window.control_shift("f").await;
    window.fill("aside input[type=search]", "morn").await;
    window.wait_until(".hit mark", "morning").await;
    window.keys(ENTER).await;
    window.wait_until(".message.target", "since the morning").await;

    server.stop().await;
    window.wait_until(".sync-line", "Offline").await;
    window.say("written offline").await;
    window.say("and one more").await;
    window.wait_until(".message", "waiting to send").await;
    window.wait_until(".sync-line", "2 waiting to send").await;
    assert_eq!(window.texts(".hit").await.len(), 1, "search needs no server");
    window.kill().await;

    let window = desktop.open().await;
    window.wait_until(".message", "and one more").await;
    let all = ["is the cache in?", "it is, since the morning", "written offline", "and one more"];
    assert_eq!(window.messages().await, all);
    window.wait_until(".sync-line", "Offline").await;
    server.resume().await;
    window.click(".sync-line").await;
    window.wait_until(".sync-line", "Up to date").await;
    oak.session().check_connection();
    oak.wait_until_bodies(group, &all).await;
    assert_eq!(window.messages().await, all);

    window.click("[aria-label=Settings]").await;
    window.wait_until("dialog", "this device").await;
    window.click(".sign-out").await;
    window.wait_until("main", "Team chat that its people own").await;
    assert_eq!(desktop.sessions_in_keychain(), 0);
    assert_eq!(std::fs::read_dir(desktop.data().join("accounts")).unwrap().count(), 0);
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_the_app_asks_before_it_signs_in_for_this_run_only() {
    let server = Server::start().await;
    let desktop = Desktop::new(Keychain::Absent);
    let window = desktop.open().await;
    window.sign_in(&server.url(), "wren", PASSWORD, true).await;
    window.wait_until("form", "No system keychain was found").await;
    window.click_button("Sign in for this session only").await;
    window.wait_until(".sync-line", "Up to date").await;
    window.close().await;
    let window = desktop.open().await;
    window.wait_until(".card", "is gone from this computer").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_explained() {
    let server = Server::start().await;
    Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = desktop.open().await;
    window.sign_in("http://chat.example.org", "oak", PASSWORD, false).await;
    window.wait_until("form [role=alert]", "This address is not encrypted").await;
    let retype = "const [s, v] = arguments; const e = document.querySelector(s); e.value = v; \
                  e.dispatchEvent(new Event('input', { bubbles: true }))";
    let set = async |selector: &str, value: &str| {
        let values = vec![selector.into(), value.into()];
        window.client.execute(retype, values).await.unwrap();
    };
    set("input[name=server]", &server.url()).await;
    set("input[name=password]", "wrong horse").await;
    window.keys(ENTER).await;
    window.wait_until("form [role=alert]", "The username or the password is wrong").await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_link_registers_a_user_and_a_bad_one_shows_an_error() {
    let server = Server::start_with(Registration::Invitation).await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = desktop.open().await;
    window.sign_in(&server.url(), "wren", PASSWORD, true).await;
    window.wait_until("[role=alert]", "need an invitation").await;
    let link = server.first_link();
    let bad = format!("{link}0");
    window.enter(&bad, "wren", PASSWORD).await;
    window.wait_until("[role=alert]", "no longer valid").await;
    window.enter(&link, "wren", PASSWORD).await;
    window.wait_until(".sync-line", "Up to date").await;
    window.close().await;

    // Pasting the link into the sign-in form switches to registration.
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = desktop.open().await;
    window.fill("input[name=server]", &link).await;
    window.wait_until("form button", "Create account").await;
    window.close().await;
}

/// The message that was found stays marked and in view while the messages around it are loaded.
#[tokio::test(flavor = "multi_thread")]
async fn a_search_hit_far_back_opens_at_its_position() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let group = oak.session().create_group("long", vec![oak.find_person("wren").await]).unwrap();
    for number in 1..=400 {
        oak.say(group, &format!("line {number}"));
    }
    window.wait_until(".preview", "line 400").await;
    window.control("f").await;
    window.fill("aside input[type=search]", "\"line 123\"").await;
    window.wait_until(".hit mark", "123").await;
    window.keys(ENTER).await;
    window.wait_until(".message.target", "line 123").await;
    // The messages above and below are loaded without moving it.
    window.wait_until(".message", "line 90").await;
    window.wait_until(".message", "line 160").await;
    let in_view =
        "const { top, bottom } = document.querySelector('.message.target').getBoundingClientRect();
        return top > 40 && bottom < innerHeight - 80";
    assert_eq!(window.client.execute(in_view, vec![]).await.unwrap(), true);
    window.click(".newest").await;
    window.wait_until(".message", "line 400").await;
    window.close().await;
}

/// A message is text: nothing in it acts as markup or a script, or breaks out of its line.
#[tokio::test(flavor = "multi_thread")]
async fn text_of_others_is_shown_and_never_executed() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let group = oak.session().create_group("traps", vec![oak.find_person("wren").await]).unwrap();
    let traps = [
        "<img src=x onerror=\"document.title='owned'\"> & <b>bold</b>",
        "<script>document.title = 'owned'</script>",
        "a link (javascript:document.title='owned')",
        "\u{202e}desrever\u{202c} \u{200b}hidden",
        "```\n<i>code</i>\n```",
    ];
    for trap in traps {
        oak.say(group, trap);
    }
    window.wait_until(".message pre", "<i>code</i>").await;
    let texts = window.messages().await;
    assert_eq!(texts[..3], traps[..3]);
    let inside = window.texts(".message img, .message script, .message b, .message i, .message a");
    assert!(inside.await.is_empty());
    assert_eq!(window.client.title().await.unwrap(), "Parlour");
    window.close().await;
}

/// Replying, reacting, pinning and saving work by keyboard. The others see the result, also after a
/// time offline.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_replied_to_and_marked_by_keyboard_online_and_offline() {
    let mut server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let group =
        oak.session().create_group("workshop", vec![oak.find_person("wren").await]).unwrap();
    let first = oak.say(group, "is it ready, @wren?");
    window.wait_until(".message .mention.own", "@wren").await;
    window.click(".message").await;
    window.keys("r").await;
    window.wait_until(".composer .reply", "Replying to oak").await;
    window.say("nearly").await;
    window.wait_until(".message .quote", "is it ready").await;
    oak.wait_until("the answer", |session| {
        let page = session.timeline(group, Position::Newest, 9).unwrap();
        page.items.last().is_some_and(|item| {
            item.reply_to.as_ref().is_some_and(|quote| quote.id == first && quote.sender == "oak")
        })
    })
    .await;

    // A name is completed by keyboard.
    window.fill(".composer textarea", "@oa").await;
    window.wait_until(".composer [role=option]", "oak").await;
    window.keys(TAB).await;
    window.say("look").await;
    window.wait_until(".message .mention", "@oak").await;
    oak.wait_until("the mention", |session| {
        let page = session.timeline(group, Position::Newest, 9).unwrap();
        page.items.last().is_some_and(|item| item.mentions_me && item.body == "@oak look")
    })
    .await;

    server.stop().await;
    window.wait_until(".sync-line", "Offline").await;
    window.click(".message").await;
    window.keys("+").await;
    window.wait_until(".picker", "👍").await;
    window.keys(ENTER).await;
    window.wait_until(".message [aria-pressed=true]", "👍").await;
    window.keys("p").await;
    window.wait_until(".message .label", "pinned").await;
    window.keys("s").await;
    window.wait_until(".message", "saved").await;
    window.click("[aria-label='Conversation menu']").await;
    window.click_button("Mute until I unmute").await;
    window.click("[aria-label='Conversation menu']").await;
    window.click_button("Pin conversation").await;
    window.wait_until(".sidebar h2", "Pinned").await;
    window.wait_until(".sync-line", "5 waiting to send").await;

    server.resume().await;
    window.click(".sync-line").await;
    window.wait_until(".sync-line", "Up to date").await;
    oak.session().check_connection();
    oak.wait_until("the actions done offline", |session| {
        let page = session.timeline(group, Position::Newest, 9).unwrap();
        let item = &page.items[0];
        item.pinned && item.reactions.iter().any(|r| r.emoji == "👍" && r.names == ["wren"])
    })
    .await;
    window.click_button("Pinned").await;
    window.wait_until("aside li", "is it ready").await;
    window.close().await;
}

/// The owner of a group sets its title and its topic, and gives roles.
#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_managed_by_its_owner() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    window.control_shift("n").await;
    window.fill("dialog input[name=title]", "workshop").await;
    window.fill("dialog input[role=combobox]", "oak").await;
    window.wait_until("dialog [role=option]", "oak").await;
    window.keys(ENTER).await;
    window.click_button("Create").await;
    window.wait_until(".conversation h1", "workshop").await;
    window.click_button("Members").await;
    window.wait_until("aside", "owner").await;
    window.click_button("Edit name and topic").await;
    window.refill("aside form input", "the shed").await;
    window.fill("aside form textarea", "what we make").await;
    window.click_button("Save").await;
    window.wait_until(".conversation h1", "the shed").await;
    let choose = "const select = document.querySelector('aside li select');
        select.value = 'administrator';
        select.dispatchEvent(new Event('change', { bubbles: true }))";
    window.client.execute(choose, vec![]).await.unwrap();
    window.wait_until("aside small", "administrator").await;
    oak.wait_until("the new title, topic and role", |session| {
        let list = session.conversations(9).unwrap();
        list.iter().any(|summary| {
            summary.title == "the shed"
                && summary.topic == "what we make"
                && summary.role == parlour_protocol::MemberRole::Administrator
        })
    })
    .await;
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_does_not_move_under_the_pointer() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let wren = oak.find_person("wren").await;
    let [kitchen, workshop] =
        ["kitchen", "workshop"].map(|title| oak.session().create_group(title, vec![wren]).unwrap());
    oak.say(kitchen, "first");
    window.wait_until("nav .preview", "first").await;
    oak.say(workshop, "second");
    window.wait_until("nav .preview", "second").await;
    assert_eq!(window.texts("nav .title").await, ["workshop", "kitchen"]);
    let moves = "const move = () => document.querySelector('nav').dispatchEvent(new PointerEvent('pointermove', { bubbles: true }));
        move(); window.moving = setInterval(move, 100)";
    window.client.execute(moves, vec![]).await.unwrap();
    oak.say(kitchen, "third");
    window.wait_until("nav .preview", "third").await;
    assert_eq!(window.texts("nav .title").await, ["workshop", "kitchen"]);
    let leaves = "clearInterval(window.moving);
        document.querySelector('nav').dispatchEvent(new PointerEvent('pointerleave'))";
    window.client.execute(leaves, vec![]).await.unwrap();
    window.wait_until("nav li:first-child .title", "kitchen").await;
    window.close().await;
}

#[test]
fn an_unread_trace_does_not_end_the_app() {
    let desktop = Desktop::new(Keychain::Unlocked);
    let mut app = desktop.command(program("parlour"));
    app.env("PARLOUR_DATA", desktop.data()).env("PARLOUR_TRACE", "1").stdout(Stdio::piped());
    let mut app = app.spawn().unwrap();
    drop(app.stdout.take());
    let look = ["60", "xdotool", "search", "--sync", "--onlyvisible", "--name", "^Parlour$"];
    let found = desktop.command("timeout").args(look).stdout(Stdio::null()).status().unwrap();
    assert!(found.success() && app.try_wait().unwrap().is_none(), "the app ended");
    app.kill().unwrap();
    app.wait().unwrap();
}
