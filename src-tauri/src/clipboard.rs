//! What the clipboard has besides text. WebKitGTK gives the page no picture, so the program reads it; elsewhere the page
//! has it.

use std::path::PathBuf;
use tauri::AppHandle;

/// The picture or the files on the clipboard.
pub enum Clip {
    /// The bytes of a picture, and the name with which it is attached.
    Picture(&'static str, Vec<u8>),
    /// The paths of files.
    Files(Vec<PathBuf>),
}

/// Returns what is on the clipboard; `None` if it is neither a picture nor files.
#[cfg(target_os = "linux")]
pub async fn read(app: &AppHandle) -> Option<Clip> {
    for (target, name) in [("image/png", "pasted.png"), ("image/jpeg", "pasted.jpg")] {
        let bytes = contents(app, target).await;
        if !bytes.is_empty() {
            return Some(Clip::Picture(name, bytes));
        }
    }
    let listed = contents(app, "text/uri-list").await;
    let files: Vec<PathBuf> = String::from_utf8_lossy(&listed)
        .lines()
        .filter_map(|line| tauri::Url::parse(line.trim()).ok()?.to_file_path().ok())
        .collect();
    Some(files).filter(|files| !files.is_empty()).map(Clip::Files)
}

/// Returns what the clipboard has of one type; empty if it has none.
#[cfg(target_os = "linux")]
async fn contents(app: &AppHandle, target: &'static str) -> Vec<u8> {
    use gtk::gdk::{Atom, SELECTION_CLIPBOARD};
    use tokio::sync::oneshot;
    use tokio::time::timeout;
    /// How long another program may take to say what it has.
    const WAIT: std::time::Duration = std::time::Duration::from_secs(3);

    let (send, received) = oneshot::channel();
    let asked = app.run_on_main_thread(move || {
        let clipboard = gtk::Clipboard::get(&SELECTION_CLIPBOARD);
        clipboard.request_contents(&Atom::intern(target), move |_, selection| {
            let _ = send.send(selection.data());
        });
    });
    match (asked, timeout(WAIT, received).await) {
        (Ok(()), Ok(Ok(bytes))) => bytes,
        _ => Vec::new(),
    }
}

#[cfg(not(target_os = "linux"))]
pub async fn read(_: &AppHandle) -> Option<Clip> {
    None
}
