//! Locks before the computer sleeps and checks every connection when it wakes, if the system announces
//! that (logind's `PrepareForSleep`, freedesktop.org). Elsewhere the window and the client notice after
//! waking that time has passed (`ui/src/lib/away.ts`, `client/waking.rs`).

use futures_util::StreamExt;
use parlour_client::{APP_NAME, Client};
use std::sync::Arc;
use zbus::zvariant::OwnedFd;
use zbus::{Connection, proxy};

#[proxy(
    interface = "org.freedesktop.login1.Manager",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1"
)]
trait Manager {
    /// Delays sleep until the returned file descriptor is closed.
    fn inhibit(&self, what: &str, who: &str, why: &str, mode: &str) -> zbus::Result<OwnedFd>;

    /// Sent before sleep (`true`) and after it (`false`).
    #[zbus(signal)]
    fn prepare_for_sleep(&self, start: bool) -> zbus::Result<()>;
}

/// Locks whenever the computer is about to sleep, if the user wants to lock after a time away; checks
/// every connection when it has woken.
pub async fn lock_before_sleep(client: Arc<Client>) {
    if let Err(error) = watch(&client).await {
        tracing::info!(%error, "sleep is not announced");
    }
}

async fn watch(client: &Client) -> zbus::Result<()> {
    let connection = Connection::system().await?;
    let manager = ManagerProxy::new(&connection).await?;
    let mut signals = manager.receive_prepare_for_sleep().await?;
    let mut held = hold(&manager).await;
    while let Some(signal) = signals.next().await {
        if !signal.args()?.start {
            client.check_connection();
            held = hold(&manager).await;
            continue;
        }
        if wants_lock(client)
            && let Err(error) = client.lock().await
        {
            tracing::error!(%error, "not locked before sleep");
        }
        // Allows the computer to sleep.
        drop(held.take());
    }
    Ok(())
}

/// Delays sleep. If this fails, the lock may come only after waking.
async fn hold(manager: &ManagerProxy<'_>) -> Option<OwnedFd> {
    let held = manager.inhibit("sleep", APP_NAME, "Locks before sleep", "delay").await;
    held.inspect_err(|error| tracing::debug!(%error, "sleep is not held up")).ok()
}

fn wants_lock(client: &Client) -> bool {
    client.sessions().values().any(|session| session.locks_when_away())
}
