//! The baseline of `cargo xtask bench`: an empty window of the same kind, which reports when it was painted. The costs
//! of the app are measured relative to this window.

use tauri::{WebviewUrl, WebviewWindowBuilder};

/// An empty page that reports through its title, because it has no commands.
const PAGE: &str = "<!doctype html><title>empty</title><script>\
    requestAnimationFrame(() => requestAnimationFrame(() => { document.title = 'painted' }))</script>";

fn main() {
    let result = tauri::Builder::default()
        .register_uri_scheme_protocol("floor", |_, _| {
            let html = tauri::http::Response::builder().header("content-type", "text/html");
            html.body(PAGE.as_bytes().to_vec()).expect("a valid header")
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
    result.expect("an empty window opens");
}
