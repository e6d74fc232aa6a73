//! Detects whether the user is away from the computer, which the client reports to the servers.
//!
//! The page reports when its keyboard and pointer have not been used for a while. On Linux, GNOME is then queried for
//! the idle time of the whole computer, which needs no permission. On other desktops, on Windows and on macOS only the
//! page counts, so a user who works only in other windows is shown as away there.

use parlour_client::Client;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The idle time after which the user is away; the same as in the page (`ui/src/lib/away.ts`).
pub const AWAY: Duration = Duration::from_secs(10 * 60);
/// The time between two queries of the desktop while the user is away.
const POLL_INTERVAL: Duration = Duration::from_secs(15);

/// Whether the page's keyboard or pointer were used recently.
pub struct Usage(pub watch::Sender<bool>);

/// Reports to the client whether the user is away. Runs until the app ends.
pub async fn report_idle(client: Arc<Client>, mut used: watch::Receiver<bool>) {
    loop {
        client.set_idle(false);
        if used.wait_for(|used| !used).await.is_err() {
            return;
        }
        loop {
            let (is_away, next_check) = check_away(idle_time().await);
            client.set_idle(is_away);
            tokio::select! {
                used = used.wait_for(|used| *used) => match used {
                    Ok(_) => break,
                    Err(_) => return,
                },
                () = tokio::time::sleep(next_check.unwrap_or_default()), if next_check.is_some() => {}
            }
        }
    }
}

/// Returns whether the user is away, given the idle time of the computer, if known, and that the page is not in use; and
/// the delay until the next check.
fn check_away(idle: Option<Duration>) -> (bool, Option<Duration>) {
    match idle {
        None => (true, None),
        Some(idle) if idle < AWAY => (false, Some(AWAY.saturating_sub(idle))),
        Some(_) => (true, Some(POLL_INTERVAL)),
    }
}

#[cfg(not(target_os = "linux"))]
async fn idle_time() -> Option<Duration> {
    None
}

#[cfg(target_os = "linux")]
use gnome::idle_time;

#[cfg(target_os = "linux")]
mod gnome {
    use std::time::Duration;
    use zbus::{Connection, proxy};

    /// How long the desktop may take to respond.
    const TIMEOUT: Duration = Duration::from_secs(2);

    #[proxy(
        interface = "org.gnome.Mutter.IdleMonitor",
        default_service = "org.gnome.Mutter.IdleMonitor",
        default_path = "/org/gnome/Mutter/IdleMonitor/Core"
    )]
    trait IdleMonitor {
        /// Returns the time since the last input, in milliseconds.
        fn get_idletime(&self) -> zbus::Result<u64>;
    }

    /// Returns the idle time of the computer; `None` if the desktop does not provide it.
    pub async fn idle_time() -> Option<Duration> {
        let query = async {
            let connection = Connection::session().await?;
            let idle = IdleMonitorProxy::new(&connection).await?.get_idletime().await?;
            Ok::<_, zbus::Error>(Duration::from_millis(idle))
        };
        tokio::time::timeout(TIMEOUT, query).await.ok()?.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn using_another_window_is_not_away_if_the_idle_time_is_known() {
        assert_eq!(check_away(None), (true, None), "only the page counts");
        assert_eq!(check_away(Some(Duration::ZERO)), (false, Some(AWAY)));
        let almost = AWAY.checked_sub(Duration::from_secs(1)).unwrap();
        assert_eq!(check_away(Some(almost)), (false, Some(Duration::from_secs(1))));
        assert_eq!(check_away(Some(AWAY)), (true, Some(POLL_INTERVAL)));
    }
}
