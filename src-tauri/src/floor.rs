//! The floor of `cargo xtask bench`: an empty window of the same kind, which says when it was
//! painted. Whatever the app costs is a ratio to this.

use tauri::{WebviewUrl, WebviewWindowBuilder};

/// Tells through the title, because an empty page has no commands.
const PAINTED: &str = "addEventListener('DOMContentLoaded', () => requestAnimationFrame(() => \
    requestAnimationFrame(() => { document.title = 'painted' })))";

fn main() {
    let ended = tauri::Builder::default()
        .setup(|app| {
            let blank = WebviewUrl::External("about:blank".parse().expect("a URL"));
            WebviewWindowBuilder::new(app, "main", blank)
                .inner_size(1280.0, 800.0)
                .initialization_script(PAINTED)
                .on_document_title_changed(|_, title| {
                    if title == "painted" {
                        println!("trace first-paint 0");
                    }
                })
                .build()?;
            Ok(())
        })
        .run(tauri::generate_context!());
    ended.expect("an empty window opens");
}
