//! Scrolling: the message that is being read stays in place.

use fantoccini::error::CmdError;
use harness::window::{Desktop, Window};
use harness::{Person, Server};
use parlour_headless::Keychain;
use parlour_protocol::Seq;
use serde_json::{Value, json};

use crate::desktop::signed_in;
use crate::offline_convergence::{focus_message, open_conversation};

/// Opens a window in the middle of a long history whose lines wrap in a narrow window.
async fn open_in_the_middle(
    server: &Server,
    desktop: &Desktop,
) -> (Person, parlour_protocol::ConversationId, Window) {
    let oak = Person::register(server, "oak").await;
    let window = signed_in(desktop, server, "wren").await;
    let group = oak.session().create_group("long", vec![oak.find_person("wren").await]).unwrap();
    for number in 1..=60 {
        let long = "what is said here fills more than a line ".repeat(number % 7 + 1);
        oak.say(group, &format!("line {number} of 60: {long}"));
    }
    window.wait_until(".message", "line 60 of 60").await;
    window.wait_until(".message", "line 1 of 60").await;
    script(
        &window,
        "const s = document.querySelector('.scroller'); s.scrollTop = s.scrollHeight / 2 + 7;",
    )
    .await;
    (oak, group, window)
}

/// Runs a script in the page, waits until its effect has been painted, and returns its result.
async fn script(window: &Window, script: &str) -> Value {
    let painted = format!(
        "const done = arguments[arguments.length - 1]; const answer = (() => {{ {script} }})();
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(answer ?? null))))"
    );
    let result: Result<Value, CmdError> = window.client.execute_async(&painted, vec![]).await;
    result.expect("a result from the page")
}

/// Returns the message at the upper edge, and how much of it lies above the edge.
async fn top_message(window: &Window) -> (String, f64) {
    let top = script(
        window,
        "const edge = document.querySelector('.scroller').getBoundingClientRect().top;
        const row = [...document.querySelectorAll('.message')]
            .find((row) => row.getBoundingClientRect().bottom > edge);
        const { top, height } = row.getBoundingClientRect();
        return [row.id, (edge - top) / height]",
    )
    .await;
    (top[0].as_str().expect("an id").to_owned(), top[1].as_f64().expect("a share"))
}

/// Returns the height of the history below the visible part, in pixels.
async fn below(window: &Window) -> f64 {
    let script_text =
        "const { scrollHeight, scrollTop, clientHeight } = document.querySelector('.scroller');
        return scrollHeight - scrollTop - clientHeight";
    script(window, script_text).await.as_f64().expect("a number")
}

/// Resizes the window and waits until the page is painted at the new size.
async fn resize(window: &Window, width: u32, height: u32) {
    window.client.set_window_size(width, height).await.expect("the window is resized");
    let wait_for_size = "const [width, done] = arguments;
        const look = () => innerWidth === width
            ? requestAnimationFrame(() => requestAnimationFrame(() => done(true)))
            : requestAnimationFrame(look);
        look()";
    window
        .client
        .execute_async(wait_for_size, vec![json!(width)])
        .await
        .expect("the page is resized");
    // What follows from the resize happens in steps of one frame at most.
    for _ in 0..5 {
        script(window, "").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fonts_of_other_scripts_are_loaded_in_advance() {
    let server = Server::start().await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    // A font that loads late lays out the whole page again, and a frame is missed.
    let loaded = "const [done] = arguments;
        const look = () => [...document.fonts].every(({ status }) => status === 'loaded')
            ? done(document.fonts.size) : requestAnimationFrame(look);
        look();";
    let fonts = window.client.execute_async(loaded, vec![]).await.expect("all are loaded");
    assert!(fonts.as_u64() > Some(2), "{fonts}: more than the two initial ones");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_makes_a_conversation_wider_than_its_area() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let group = oak.session().create_group("hall", vec![oak.find_person("wren").await]).unwrap();
    oak.say(group, &"what is answered may be as long as it likes ".repeat(9));
    window.wait_until(".message", "as it likes").await;
    window.click(".message").await;
    window.keys("r").await;
    window.say(&"nearly".repeat(99)).await;
    window.wait_until(".message .quote", "what is answered").await;
    for (width, height) in [(1200, 800), (700, 700)] {
        resize(&window, width, height).await;
        for selector in ["main", ".scroller"] {
            let overflow = format!(
                "const {{ scrollWidth, clientWidth }} = document.querySelector('{selector}');
                return scrollWidth - clientWidth"
            );
            assert_eq!(script(&window, &overflow).await, 0, "{selector} {width} by {height}");
        }
    }
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_message_being_read_stays_in_place_when_the_window_or_its_text_changes_size() {
    let server = Server::start().await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let (_oak, _group, window) = open_in_the_middle(&server, &desktop).await;
    resize(&window, 1200, 800).await;
    let (id, share) = top_message(&window).await;
    for (width, height) in [(800, 800), (1200, 800), (1200, 500), (700, 700), (1200, 800)] {
        resize(&window, width, height).await;
        let (now, share_now) = top_message(&window).await;
        assert_eq!(now, id, "{width} by {height}");
        assert!((share_now - share).abs() < 0.1, "{width} by {height}: {share_now}, not {share}");
    }
    for key in ["+", "+", "+", "-", "0"] {
        window.control(key).await;
        assert_eq!(top_message(&window).await.0, id, "after Ctrl {key}");
    }

    // A reader at the newest message stays there, and a user who sends a message sees it.
    window.say("written from the middle").await;
    for (width, height) in [(800, 800), (1200, 500), (700, 700), (1200, 800)] {
        resize(&window, width, height).await;
        assert!(below(&window).await < 1.0, "{width} by {height}");
    }
    window.control_shift("f").await;
    window.wait_until("aside", "Search").await;
    assert!(below(&window).await < 1.0, "beside a panel");
    window.control("+").await;
    assert!(below(&window).await < 1.0, "in larger text");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_message_being_read_stays_in_place_whatever_is_written_or_edited_around_it() {
    let server = Server::start().await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let (oak, group, window) = open_in_the_middle(&server, &desktop).await;
    let before = top_message(&window).await;
    let above =
        oak.session().timeline(group, parlour_client::Position::Newest, 60).unwrap().items[3].id;
    oak.session()
        .edit_message(group, above, "edited\n\n\n```\nmany\nlines\nmany\nlines\n```")
        .unwrap();
    window.wait_until(".message", "many").await;
    assert_eq!(top_message(&window).await, before, "edited above");
    oak.say(group, "something new");
    window.wait_until(".message", "something new").await;
    window.wait_until(".newest", "new message").await;
    assert_eq!(top_message(&window).await, before, "written below");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_marked_as_unread_stay_unread_until_the_user_returns() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let wren = oak.find_person("wren").await;
    let [group, other] =
        ["workshop", "garden"].map(|title| oak.session().create_group(title, vec![wren]).unwrap());
    oak.say(other, "elsewhere");
    for number in 1..=5 {
        oak.say(group, &format!("line {number}"));
    }
    open_conversation(&window, "workshop").await;
    let has_read = |seq| {
        move |session: &parlour_client::Session| {
            let mut members = session.members(group).unwrap().into_iter();
            members.any(|member| member.id == wren && member.last_read_seq == Some(Seq(seq)))
        }
    };
    oak.wait_until("wren has read all", has_read(5)).await;
    focus_message(&window, "line 3").await;
    window.keys("u").await;
    window.wait_until("nav .badge", "3").await;
    let divider = "return document.querySelector('.divider.unread').nextElementSibling.textContent";
    let below = script(&window, divider).await;
    assert!(below.as_str().unwrap().contains("line 3"), "{below}");
    // A new message does not remove the user's own mark as unread. What others see of the read
    // position stays.
    oak.say(group, "line 6");
    window.wait_until("nav .badge", "4").await;
    open_conversation(&window, "garden").await;
    open_conversation(&window, "workshop").await;
    oak.wait_until("wren has read the last one too", has_read(6)).await;
    window.wait_until("nav:not(:has(.badge))", "workshop").await;
    window.close().await;
}
