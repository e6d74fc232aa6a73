//! In the page: frames while one scrolls through history, and questions to the program.

use crate::Measure;
use harness::window::Window;
use parlour_headless::Headless;
use serde_json::{Value, json};
use std::path::Path;

/// A hard fling: 12,000 pixels a second.
const PIXELS: i64 = 200;
/// Frames that are watched; about 10,000 messages pass.
const FRAMES: usize = 2400;
/// Frames of a page that stands still.
const STILL: usize = 300;
/// Questions in a sample, because the page's clock counts in milliseconds.
const ASKED: usize = 20;
const SAMPLES: usize = 50;

/// Scrolls up by so many pixels a frame; answers how long each frame took.
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
/// Asks for a page of messages, or for nothing that there is; answers how long a question took, by samples.
const ASK: &str = "
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

/// Measures it, in the window of an account that the keychain opens.
pub async fn measure(place: &Headless, data: &Path, measures: &mut Vec<Measure>) {
    eprintln!("scrolling, and asking");
    let window = Window::open(place, data).await;
    window.until(".message", "").await;
    let run = async |script: &str, args: Vec<Value>| -> Vec<f64> {
        let took = window.client.execute_async(script, args).await.expect("the page answers");
        serde_json::from_value(took).expect("milliseconds")
    };
    for (name, ours, floor) in [
        (
            "a frame while one scrolls, against one at rest",
            run(SCROLL, vec![json!(PIXELS), json!(FRAMES)]).await,
            run(SCROLL, vec![json!(0), json!(STILL)]).await,
        ),
        (
            "a page of 50 asked by the page, against an empty round trip",
            run(ASK, vec![json!(SAMPLES), json!(ASKED), json!(true)]).await,
            run(ASK, vec![json!(SAMPLES), json!(ASKED), json!(false)]).await,
        ),
    ] {
        let mut longest = ours.clone();
        longest.sort_by(f64::total_cmp);
        let share = |share: f64| longest[((longest.len() - 1) as f64 * share) as usize];
        eprintln!("{name}: p99 {:.1} ms, longest {:.1} ms", share(0.99), share(1.0));
        measures.push(Measure { name: name.into(), unit: "ms", ours, floor });
    }
    window.close().await;
}
