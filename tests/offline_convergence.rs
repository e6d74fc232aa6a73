//! The window without a server: every possible action is done offline, survives a restart of the program,
//! and has the same result for everyone afterwards.

use crate::desktop::{ENTER, ESCAPE, TAB};
use harness::window::{Desktop, Window};
use harness::{PASSWORD, Person, Server};
use parlour_client::{Delivery, OutboxItem, Position, Session};
use parlour_headless::Keychain;
use parlour_protocol::{Action, MemberRole};
use serde_json::json;

/// Moves the focus to the message that contains a text.
pub async fn focus_message(window: &Window, text: &str) {
    window.wait_until(".message", text).await;
    let focus = "[...document.querySelectorAll('.message')].find((row) =>
        row.textContent.includes(arguments[0])).focus()";
    window.client.execute(focus, vec![json!(text)]).await.expect("it exists");
}

async fn choose_in_menu(window: &Window, what: &str) {
    window.click("[aria-label='Conversation menu']").await;
    window.click_button(what).await;
}

/// Opens a conversation by its name.
pub async fn open_conversation(window: &Window, name: &str) {
    window.control("k").await;
    window.fill("dialog input", name).await;
    window.wait_until("dialog [role=option]", name).await;
    window.keys(ENTER).await;
    window.wait_until(".conversation h1", name).await;
}

/// Returns everything that a user can see of their conversations, as text.
fn visible_text(session: &Session) -> Vec<String> {
    let mut lines = Vec::new();
    let mut conversations = session.conversations(9).unwrap();
    conversations.sort_by(|a, b| a.title.cmp(&b.title));
    for conversation in conversations {
        let mut members = session.members(conversation.id).unwrap();
        members.sort_by(|a, b| a.username.cmp(&b.username));
        let members = members.iter().map(|member| format!("{} {:?}", member.username, member.role));
        let members: Vec<_> = members.collect();
        lines.push(format!(
            "{} | {} | {}",
            conversation.title,
            conversation.topic,
            members.join(", ")
        ));
        for item in session.timeline(conversation.id, Position::Newest, 50).unwrap().items {
            let quote = item.reply_to.as_ref().map_or("", |quote| quote.body.as_str());
            let reactions = item.reactions.iter().map(|r| format!("{} {}", r.emoji, r.count.0));
            let reactions: Vec<_> = reactions.collect();
            lines.push(format!(
                "{}: {} > {quote} {reactions:?} {} {} {}",
                item.sender, item.body, item.edited, item.deleted, item.pinned
            ));
        }
    }
    lines
}

/// Returns the user's private state, as text.
fn private_text(session: &Session) -> Vec<String> {
    let mut conversations = session.conversations(9).unwrap();
    conversations.sort_by(|a, b| a.title.cmp(&b.title));
    let conversations = conversations.iter().map(|conversation| {
        format!(
            "{} {} {:?} {:?}",
            conversation.title,
            conversation.pinned_at.is_some(),
            conversation.muted_until,
            conversation.draft
        )
    });
    let saved = session.saved().unwrap();
    conversations.chain(saved.iter().map(|item| format!("saved: {}", item.item.body))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_done_offline_have_the_same_result_for_everyone_afterwards() {
    let mut server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let finch = Person::register(&server, "finch").await;
    let wren = Person::register(&server, "wren").await;
    let group =
        wren.session().create_group("workshop", vec![wren.find_person("oak").await]).unwrap();
    wren.find_person("finch").await;
    for body in ["mine with a typo", "mine, to be deleted"] {
        wren.say(group, body);
    }
    oak.wait_until_bodies(group, &["mine with a typo", "mine, to be deleted"]).await;
    let oaks_message = oak.say(group, "is it ready?");
    oak.say(group, "shall we begin?");
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = desktop.open().await;
    window.sign_in(&server.url(), "wren", PASSWORD, false).await;
    window.wait_until(".sync-line", "Up to date").await;
    open_conversation(&window, "workshop").await;
    window.wait_until(".message", "shall we begin?").await;

    server.stop().await;
    window.wait_until(".sync-line", "Offline").await;
    // Meanwhile the other user acts in the same conversation.
    oak.session().edit_message(group, oaks_message, "is it ready now?").unwrap();
    oak.session().act(group, Action::react(oaks_message, "👀")).unwrap();
    oak.say(group, "sent without a server");

    focus_message(&window, "is it ready?").await;
    window.keys("r").await;
    window.wait_until(".composer .reply", "Replying to oak").await;
    window.say("nearly").await;
    focus_message(&window, "is it ready?").await;
    window.keys("+").await;
    window.wait_until(".picker", "👍").await;
    window.keys(ENTER).await;
    window.wait_until(".message [aria-pressed=true]", "👍").await;
    window.keys("p").await;
    window.wait_until(".message .label", "pinned").await;
    window.keys("s").await;
    window.wait_until(".message .label", "saved").await;
    focus_message(&window, "mine with a typo").await;
    window.keys("e").await;
    window.wait_until(".composer", "Editing message").await;
    window.refill(".composer textarea", "mine without one").await;
    window.keys(ENTER).await;
    window.wait_until(".message", "mine without one").await;
    focus_message(&window, "mine, to be deleted").await;
    window.keys("\u{e017}").await;
    window.wait_until(".message", "This message was deleted.").await;

    choose_in_menu(&window, "Pin conversation").await;
    choose_in_menu(&window, "Mute until I unmute").await;
    window.click_button("Members").await;
    window.click_button("Edit name and topic").await;
    window.refill("aside form input", "the shed").await;
    window.fill("aside form textarea", "what we make").await;
    window.click_button("Save").await;
    window.wait_until(".conversation h1", "the shed").await;
    window.click_button("Add people…").await;
    window.fill("aside input[role=combobox]", "fin").await;
    window.wait_until("aside [role=option]", "finch").await;
    window.keys(ENTER).await;
    window.wait_until("aside li", "finch").await;
    let choose = "const select = document.querySelector('aside [aria-label=\"Manage oak\"]');
        select.value = 'administrator';
        select.dispatchEvent(new Event('change', { bubbles: true }))";
    window.client.execute(choose, vec![]).await.unwrap();
    window.wait_until("aside small", "administrator").await;

    window.fill(".composer textarea", "welcome, @fin").await;
    window.wait_until(".composer [role=option]", "finch").await;
    window.keys(TAB).await;
    window.keys(ENTER).await;
    window.wait_until(".message .mention", "@finch").await;

    // A conversation that the server does not know, and a message forwarded to it.
    window.control_shift("n").await;
    window.fill("dialog input[name=title]", "away").await;
    window.fill("dialog input[role=combobox]", "oak").await;
    window.wait_until("dialog [role=option]", "oak").await;
    window.keys(ENTER).await;
    window.click_button("Create").await;
    window.wait_until(".conversation h1", "away").await;
    window.say("created without a server").await;
    open_conversation(&window, "the shed").await;
    focus_message(&window, "shall we begin?").await;
    window.keys("f").await;
    window.fill("dialog input", "away").await;
    window.wait_until("dialog [role=option]", "away").await;
    window.keys(ENTER).await;
    window.wait_until("body", "Forwarded to away.").await;
    open_conversation(&window, "away").await;
    window.wait_until(".message blockquote", "shall we begin?").await;
    window.fill(".composer textarea", "not finished").await;
    window.keys(ESCAPE).await;
    open_conversation(&window, "the shed").await;
    window.wait_until("nav .preview", "not finished").await;
    window.kill().await;

    let window = desktop.open().await;
    window.wait_until(".message", "mine without one").await;
    window.wait_until(".conversation h1", "the shed").await;
    window.wait_until("nav .preview", "not finished").await;
    server.resume().await;
    window.click(".sync-line").await;
    window.wait_until(".sync-line", "Up to date").await;
    for person in [&oak, &finch, &wren] {
        person.session().check_connection();
    }
    // Oak's messages reach finch only if oak confirms, unless they were sent before finch was added.
    let is_refused = |session: &Session| {
        let outbox = session.outbox().unwrap();
        let is_refused = |item: &&OutboxItem| matches!(item.delivery, Delivery::Refused { .. });
        outbox.iter().find(is_refused).map(|item| item.id)
    };
    oak.wait_until("the confirmation", |session| {
        is_refused(session).is_some() || session.outbox().unwrap().is_empty()
    })
    .await;
    if let Some(id) = is_refused(&oak.session()) {
        oak.session().retry(id).unwrap();
    }
    let shown =
        ["mine without one", "This message was deleted.", "is it ready now?", "shall we begin?"];
    for text in shown.into_iter().chain(["sent without a server", "nearly"]) {
        window.wait_until(".message", text).await;
    }
    let has_everything = |session: &Session| {
        let lines = visible_text(session);
        let has = |text: &str| lines.iter().any(|line| line.contains(text));
        has("sent without a server")
            && has("created without a server")
            && has("nearly")
            && has("👍")
            && has("is it ready now?")
            && has("> shall we begin?")
            && has("what we make")
            && !has("mine, to be deleted")
    };
    oak.wait_until("everything", has_everything).await;
    let oaks_text = visible_text(&oak.session());
    wren.wait_until("the same as oak", |session| visible_text(session) == oaks_text).await;
    finch
        .wait_until("the shed", |session| {
            session.conversations(9).unwrap().iter().any(|row| row.title == "the shed")
        })
        .await;
    let is_administrator = |member: &parlour_client::Member| {
        member.username == "oak" && member.role == MemberRole::Administrator
    };
    finch
        .wait_until("the mention", |session| {
            let page = session.timeline(group, Position::Newest, 50).unwrap();
            page.items.iter().any(|item| item.mentions_me && item.body.trim() == "welcome, @finch")
        })
        .await;
    assert!(finch.session().members(group).unwrap().iter().any(is_administrator));
    wren.wait_until("the private state", |session| {
        let private = private_text(session).join("\n");
        private.contains("the shed true Some")
            && private.contains("not finished")
            && private.contains("saved: is it ready now?")
    })
    .await;
    window.close().await;
}
