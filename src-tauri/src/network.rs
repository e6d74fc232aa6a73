//! Tries every connection when the network changes, where the system says so: GIO hears it from
//! NetworkManager, from the portal of a sandbox or from the kernel. Elsewhere the client looks by itself
//! (`client/waking.rs`).

use parlour_client::Client;
use std::sync::Arc;
use tauri::AppHandle;
use webkit2gtk::gio::NetworkMonitor;
use webkit2gtk::gio::prelude::NetworkMonitorExt;

/// Begins to listen, once the window is there; GIO tells it on the thread of the window.
pub fn mind_network(app: AppHandle, client: Arc<Client>) {
    tauri::async_runtime::spawn(async move {
        let listening = app.run_on_main_thread(move || {
            NetworkMonitor::default()
                .connect_network_changed(move |_, _| client.check_connection());
        });
        if let Err(error) = listening {
            tracing::info!(%error, "nobody tells when the network changes");
        }
    });
}
