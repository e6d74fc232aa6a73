//! Checks every connection when the network changes, if the system reports it: GIO receives the change from
//! NetworkManager, from the portal of a sandbox or from the kernel. On other systems the client detects it.

use parlour_client::Client;
use std::sync::{Arc, OnceLock};
use tauri::AppHandle;
use webkit2gtk::gio::NetworkMonitor;
use webkit2gtk::gio::prelude::NetworkMonitorExt;

/// Watches the network, once it is started.
#[derive(Default)]
pub struct NetworkWatch(OnceLock<()>);

impl NetworkWatch {
    /// Starts watching the network. GIO reports changes on the window's thread. It first examines the network there, so
    /// this must be called after the first paint (docs/decisions/0026). Later calls do nothing.
    pub fn start(&self, app: &AppHandle, client: Arc<Client>) {
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
