//! The page, beyond what it shows.

use tauri::WebviewWindow;

/// Begins the page anew, and nothing of what it showed is left: where that can be asked for, the process
/// that showed it ends, and its memory with it. A driver would lose sight of the page; it gets the same one.
pub fn begin_anew(window: &WebviewWindow) -> tauri::Result<()> {
    #[cfg(target_os = "linux")]
    window.with_webview(|view| {
        use webkit2gtk::WebViewExt;
        let view = view.inner();
        if !view.is_controlled_by_automation() {
            view.terminate_web_process();
        }
        view.reload();
        parlour_client::give_back_free_memory();
    })?;
    #[cfg(not(target_os = "linux"))]
    window.reload()?;
    Ok(())
}

/// What GTK and WebKit are told by the environment. They ask it once, when they begin: this comes before, and
/// before any thread. What is set already stays.
///
/// - Where there is no graphics card (a virtual machine, a remote desktop), the way over one is emulated by the
///   processor: it takes longer, and memory. There GTK draws without.
///   `WEBKIT_DISABLE_DMABUF_RENDERER`, which is often advised, is not set: with it some starts wait half a
///   second for a first frame (WebKitGTK 2.50, 16 of 40 starts).
/// - WebKit weighs the page's process every 30 seconds, on the thread that the page runs on, by reading all of
///   its `/proc/self/smaps`: a frame of 23 to 38 ms (2.50, at rest too). It would empty its caches when memory is
///   scarce; those of a page that holds so few messages are not worth a frame.
#[cfg(target_os = "linux")]
pub fn set_environment() {
    // It fails for a name that is none.
    let set = |name: &str, value: &str| drop(webkit2gtk::glib::setenv(name, value, false));
    set("WEBKIT_DISABLE_MEMORY_PRESSURE_MONITOR", "1");
    if !has_card() {
        set("GDK_GL", "disable");
    }
}

/// Where there is no graphics card WebKit draws without, too: it is told once there is a window.
#[cfg(target_os = "linux")]
pub fn draw_window_without_a_card(window: &WebviewWindow) {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};
    if !has_card() {
        let _ = window.with_webview(|view| {
            if let Some(settings) = view.inner().settings() {
                settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
            }
        });
    }
}

/// Whether the kernel offers a device to draw with.
#[cfg(target_os = "linux")]
fn has_card() -> bool {
    use std::path::Path;
    let devices = Path::new("/dev/dri").read_dir().into_iter().flatten().flatten();
    devices.into_iter().any(|device| device.file_name().to_string_lossy().starts_with("renderD"))
        || Path::new("/dev/nvidia0").exists()
}
