//! The floor of `cargo xtask bench`: an empty window of the same kind, which says when it was
//! painted. Whatever the app costs is a ratio to this.

use tauri::{WebviewUrl, WebviewWindowBuilder};

/// An empty page that tells through its title, because it has no commands.
const PAGE: &str = "<!doctype html><title>empty</title><script>\
    requestAnimationFrame(() => requestAnimationFrame(() => { document.title = 'painted' }))</script>";

fn main() {
    let ended = tauri::Builder::default()
        .register_uri_scheme_protocol("floor", |_, _| {
            let html = tauri::http::Response::builder().header("content-type", "text/html");
            html.body(PAGE.as_bytes().to_vec()).expect("a header that can be")
        })
        .setup(|app| {
            let page = WebviewUrl::CustomProtocol("floor://localhost/".parse().expect("a URL"));
            WebviewWindowBuilder::new(app, "main", page)
                .inner_size(1280.0, 800.0)
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
