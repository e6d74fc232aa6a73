//! In the page: frames while scrolling through history, key presses while messages arrive, and calls of
//! commands.

use crate::table::Measure;
use harness::PASSWORD;
use harness::window::Window;
use parlour_headless::Headless;
use parlour_protocol::{Action, ConversationId, Credentials, Op, OpId, SignedIn};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// Pixels per frame of a hard fling: 12,000 pixels a second.
const PIXELS: i64 = 200;
/// Number of frames that are measured, and as many of a page at rest. About 10,000 messages pass.
const FRAMES: usize = 2400;
/// Calls per sample. There are several because the page's clock counts in milliseconds.
const CALLS: usize = 20;
const SAMPLES: usize = 50;
/// Number of keys pressed, and the milliseconds between them.
const KEYS: usize = 60;
const KEY_MS: u64 = 80;
/// Time between two messages that arrive meanwhile: 100 per second.
const MESSAGE_INTERVAL: Duration = Duration::from_millis(10);

/// Scrolls up by a number of pixels per frame. Returns how long each frame took.
const SCROLL: &str = "
    const [pixels, frames, done] = arguments;
    const scroller = document.querySelector('.scroller');
    const took = [];
    let last = null;
    const step = (now) => {
        if (last !== null) took.push(now - last);
        last = now;
        scroller.scrollTop -= pixels;
        took.length < frames ? requestAnimationFrame(step) : done(took);
    };
    requestAnimationFrame(step);";
/// Calls the command for a page of messages, or one that does not exist. Returns how long a call
/// took, per sample.
const CALL: &str = "
    const [samples, asked, page, done] = arguments;
    const invoke = window.__TAURI_INTERNALS__.invoke;
    const run = async () => {
        const { shown } = await invoke('bootstrap', { account: null });
        const position = { at: 'newest' };
        const args = { account: shown.id, conversationId: shown.open, position, limit: 50 };
        const ask = page ? () => invoke('timeline', args) : () => invoke('nothing').catch(() => {});
        const took = [];
        for (let sample = 0; sample < samples; sample++) {
            const began = performance.now();
            for (let count = 0; count < asked; count++) await ask();
            took.push((performance.now() - began) / asked);
        }
        return took;
    };
    void run().then(done);";

/// Types letters into a field, again and again, and empties it; an empty letter is the Backspace key. Returns how long
/// each key took until it was painted.
const TYPE: &str = "
    const [selector, letters, keys, pause, done] = arguments;
    const field = document.querySelector(selector);
    // A timer that a frame's callback sets comes right after its paint.
    const painted = () => new Promise((seen) => requestAnimationFrame(() => setTimeout(seen)));
    const run = async () => {
        const took = [];
        field.focus();
        for (let key = 0; key < keys; key++) {
            await new Promise((later) => setTimeout(later, pause));
            const letter = letters[key % letters.length];
            const began = performance.now();
            if (letter) document.execCommand('insertText', false, letter);
            else document.execCommand('delete');
            await painted();
            took.push(performance.now() - began);
        }
        field.select();
        document.execCommand('delete');
        return took;
    };
    void run().then(done);";
/// The key that WebDriver calls Enter.
const ENTER: &str = "\u{e007}";
/// Returns the open conversation.
const OPEN: &str = "
    const [done] = arguments;
    void window.__TAURI_INTERNALS__.invoke('bootstrap', { account: null })
        .then(({ shown }) => done(shown.open));";

/// Sends 100 messages a second until the task is aborted.
async fn send_messages(url: String, conversation_id: ConversationId) {
    let http = reqwest::Client::new();
    let (username, password) = ("marlow".into(), PASSWORD.into());
    let credentials = Credentials { username, password, device: "talker".into(), invitation: None };
    let signed_in = http.post(format!("{url}/v1/sessions")).json(&credentials).send().await;
    let signed_in: SignedIn = signed_in.expect("a response").json().await.expect("a session");
    let mut ticks = interval(MESSAGE_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let action = Action::send("a sentence of the length that people write, more or less");
        let op = Op { id: OpId(uuid::Uuid::now_v7()), conversation_id, action };
        let sent = http.post(format!("{url}/v1/ops")).bearer_auth(&signed_in.token).json(&op);
        let response = sent.send().await.expect("a response");
        assert!(response.status().is_success(), "{}", response.status());
    }
}

/// Measures the page in the window of an account that the keychain opens.
pub async fn measure(headless: &Headless, data: &Path, url: &str, measures: &mut Vec<Measure>) {
    eprintln!("scrolling, and calling commands");
    let window = Window::open(headless, data).await;
    window.wait_until(".message", "").await;
    let run = async |script: &str, args: Vec<Value>| -> Vec<f64> {
        let took = window.client.execute_async(script, args).await.expect("a result from the page");
        serde_json::from_value(took).expect("milliseconds")
    };
    let keys = |field: &str, letters: &[&str]| {
        vec![json!(field), json!(letters), json!(KEYS), json!(KEY_MS)]
    };
    let in_composer = || keys(".composer textarea", &["a"]);
    let alone = run(TYPE, in_composer()).await;
    let open = window.client.execute_async(OPEN, vec![]).await.expect("a result from the page");
    let open = serde_json::from_value(open).expect("a conversation is open");
    let talking = tokio::spawn(send_messages(url.to_owned(), open));
    let meanwhile = run(TYPE, in_composer()).await;
    assert!(!talking.is_finished(), "messages are sent to the end");
    talking.abort();
    for (name, ours, floor) in [
        ("a key pressed while 100 messages a second come, against none", meanwhile, alone.clone()),
        (
            "a frame while one scrolls, against one at rest",
            run(SCROLL, vec![json!(PIXELS), json!(FRAMES)]).await,
            run(SCROLL, vec![json!(0), json!(FRAMES)]).await,
        ),
        (
            "a page of 50 asked by the page, against an empty round trip",
            run(CALL, vec![json!(SAMPLES), json!(CALLS), json!(true)]).await,
            run(CALL, vec![json!(SAMPLES), json!(CALLS), json!(false)]).await,
        ),
    ] {
        measures.push(Measure { name: name.into(), unit: "ms", ours, floor });
    }
    // Everybody who wrote in the logs is a user.
    window.control("k").await;
    window.keys("Administration").await;
    window.wait_until("dialog [role=option]", "Administration").await;
    window.keys(ENTER).await;
    window.wait_until("main tbody tr", "").await;
    let people =
        "return Number(document.querySelector('main table').getAttribute('aria-rowcount'))";
    let people = window.client.execute(people, vec![]).await.expect("a result from the page");
    let name = format!("a key pressed in the search of {people} people, against one in a text");
    let ours = run(TYPE, keys("main input[type=search]", &["a", "n", "", ""])).await;
    measures.push(Measure { name, unit: "ms", ours, floor: alone });
    window.close().await;
}
