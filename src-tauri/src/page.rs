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

/// Where there is no graphics card (a virtual machine, a remote desktop), WebKit's way over one is emulated by
/// the processor, and the first paint comes 80 ms later. There it draws without that.
#[cfg_attr(
    not(target_os = "linux"),
    expect(unused_variables, reason = "only Linux lets one choose")
)]
pub fn draw_without_a_card(window: &WebviewWindow) {
    #[cfg(target_os = "linux")]
    if !has_card() {
        use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};
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
