//! How the page is drawn.

use std::path::Path;
use tauri::WebviewWindow;
use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};

/// Where there is no graphics card (a virtual machine, a remote desktop), WebKit's way over one is emulated by
/// the processor, and the first paint comes 80 ms later. There it draws without that.
pub fn without_a_card(window: &WebviewWindow) {
    if has_card() {
        return;
    }
    let _ = window.with_webview(|view| {
        if let Some(settings) = view.inner().settings() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    });
}

/// Whether the kernel offers a device to draw with.
fn has_card() -> bool {
    let devices = Path::new("/dev/dri").read_dir().into_iter().flatten().flatten();
    devices.into_iter().any(|device| device.file_name().to_string_lossy().starts_with("renderD"))
        || Path::new("/dev/nvidia0").exists()
}
