//! Checks every connection when the network changes, if the system reports that: GIO receives it from
//! NetworkManager, from the portal of a sandbox or from the kernel. Elsewhere the client detects it by
//! itself (`client/waking.rs`).

use parlour_client::Client;
use std::sync::{Arc, OnceLock};
use tauri::AppHandle;
use webkit2gtk::gio::NetworkMonitor;
use webkit2gtk::gio::prelude::NetworkMonitorExt;

/// Set once the network is being watched.
#[derive(Default)]
pub struct NetworkWatch(OnceLock<()>);

impl NetworkWatch {
    /// Starts to watch the network. GIO reports changes on the window's thread, where it first examines
    /// the network, for which the first paint must not wait (docs/decisions/0026). Does nothing the
    /// second time.
    pub fn begin(&self, app: &AppHandle, client: Arc<Client>) {
        self.0.get_or_init(|| {
            let listening = app.run_on_main_thread(move || {
                NetworkMonitor::default()
                    .connect_network_changed(move |_, _| client.check_connection());
            });
            if let Err(error) = listening {
                tracing::info!(%error, "changes of the network are not reported");
            }
        });
    }
}
