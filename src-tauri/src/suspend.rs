//! Locks before the computer sleeps and checks every connection when it wakes, if the system announces
//! that (logind's `PrepareForSleep`, freedesktop.org). On other systems the window and the client detect after waking that
//! time has passed (`ui/src/lib/away.ts`).

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

/// Locks the accounts before the computer sleeps, if the user enabled locking when away; checks every connection after
/// it wakes.
pub async fn lock_before_sleep(client: Arc<Client>) {
    if let Err(error) = watch(&client).await {
        tracing::info!(%error, "sleep is not announced");
    }
}

async fn watch(client: &Client) -> zbus::Result<()> {
    let connection = Connection::system().await?;
    let manager = ManagerProxy::new(&connection).await?;
    let mut signals = manager.receive_prepare_for_sleep().await?;
    let mut delay = delay_sleep(&manager).await;
    while let Some(signal) = signals.next().await {
        if !signal.args()?.start {
            client.check_connection();
            delay = delay_sleep(&manager).await;
            continue;
        }
        if wants_lock(client)
            && let Err(error) = client.lock().await
        {
            tracing::error!(%error, "not locked before sleep");
        }
        // Allows the computer to sleep.
        drop(delay.take());
    }
    Ok(())
}

/// Delays sleep. If this fails, the accounts may be locked only after waking.
async fn delay_sleep(manager: &ManagerProxy<'_>) -> Option<OwnedFd> {
    let delay = manager.inhibit("sleep", APP_NAME, "Locks before sleep", "delay").await;
    delay.inspect_err(|error| tracing::debug!(%error, "sleep could not be delayed")).ok()
}

fn wants_lock(client: &Client) -> bool {
    client.sessions().values().any(|session| session.locks_when_away())
}
