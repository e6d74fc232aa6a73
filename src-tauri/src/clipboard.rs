//! Pictures and files on the clipboard. WebKitGTK gives the page no pictures, so the app reads them; on other systems the
//! page does. The app copies pictures on all systems.

use parlour_client::Pixels;
use std::path::PathBuf;
use tauri::AppHandle;

/// The picture or the files on the clipboard.
pub enum ClipboardContent {
    /// A file name for the picture, and its bytes.
    Picture(&'static str, Vec<u8>),
    /// The paths of files.
    Files(Vec<PathBuf>),
}

/// Returns the content of the clipboard; `None` if it is neither a picture nor files.
#[cfg(target_os = "linux")]
pub async fn read(app: &AppHandle) -> Option<ClipboardContent> {
    for (target, name) in [("image/png", "pasted.png"), ("image/jpeg", "pasted.jpg")] {
        let bytes = contents(app, target).await;
        if !bytes.is_empty() {
            return Some(ClipboardContent::Picture(name, bytes));
        }
    }
    let listed = contents(app, "text/uri-list").await;
    let files: Vec<PathBuf> = String::from_utf8_lossy(&listed)
        .lines()
        .filter_map(|line| tauri::Url::parse(line.trim()).ok()?.to_file_path().ok())
        .collect();
    Some(files).filter(|files| !files.is_empty()).map(ClipboardContent::Files)
}

/// Returns the content of the clipboard in one format; empty if there is none.
#[cfg(target_os = "linux")]
async fn contents(app: &AppHandle, target: &'static str) -> Vec<u8> {
    use gtk::gdk::{Atom, SELECTION_CLIPBOARD};
    use tokio::sync::oneshot;
    use tokio::time::timeout;
    /// How long the program that owns the content may take.
    const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(3);

    let (send, received) = oneshot::channel();
    let requested = app.run_on_main_thread(move || {
        let clipboard = gtk::Clipboard::get(&SELECTION_CLIPBOARD);
        clipboard.request_contents(&Atom::intern(target), move |_, selection| {
            let _ = send.send(selection.data());
        });
    });
    match (requested, timeout(TIMEOUT, received).await) {
        (Ok(()), Ok(Ok(bytes))) => bytes,
        _ => Vec::new(),
    }
}

/// Puts a picture on the clipboard. Returns whether that was possible.
#[cfg(target_os = "linux")]
pub async fn write_picture(app: &AppHandle, pixels: Pixels) -> bool {
    use gtk::gdk::SELECTION_CLIPBOARD;
    use gtk::gdk_pixbuf::{Colorspace, Pixbuf};
    use gtk::glib::Bytes;

    let (send, done) = tokio::sync::oneshot::channel();
    let requested = app.run_on_main_thread(move || {
        let Pixels { width, height, rgba } = pixels;
        let size = [width, height, width.saturating_mul(4)].map(i32::try_from);
        let [Ok(width), Ok(height), Ok(row)] = size else { return };
        let (bytes, colours) = (Bytes::from_owned(rgba), Colorspace::Rgb);
        let picture = Pixbuf::from_bytes(&bytes, colours, true, 8, width, height, row);
        gtk::Clipboard::get(&SELECTION_CLIPBOARD).set_image(&picture);
        // The receiver waits for this.
        let _ = send.send(());
    });
    requested.is_ok() && done.await.is_ok()
}

/// Puts a picture on the clipboard. Returns whether that was possible.
#[cfg(not(target_os = "linux"))]
pub async fn write_picture(_: &AppHandle, pixels: Pixels) -> bool {
    let Pixels { width, height, rgba } = pixels;
    let (width, height) = (width as usize, height as usize);
    let picture = arboard::ImageData { width, height, bytes: rgba.into() };
    arboard::Clipboard::new().and_then(|mut clipboard| clipboard.set_image(picture)).is_ok()
}

#[cfg(not(target_os = "linux"))]
pub async fn read(_: &AppHandle) -> Option<ClipboardContent> {
    None
}
