//! Whether anybody uses this computer, from which the servers learn that the user is away.
//!
//! The page says when its keyboard and pointer have not been used for a while. On Linux, GNOME is then asked how long
//! nobody has used the computer at all, which needs no permission; on other desktops, on Windows and on macOS the page
//! alone counts, so somebody who works in other windows only is away there.

use parlour_client::Client;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The time without use after which the user is away; the page waits as long (`ui/src/lib/away.ts`).
pub const AWAY: Duration = Duration::from_secs(10 * 60);
/// The time between two questions to the desktop while the user is away.
const EVERY: Duration = Duration::from_secs(15);

/// Whether the page's keyboard or pointer were used lately.
pub struct Usage(pub watch::Sender<bool>);

/// Tells the client whether anybody uses the computer, as long as the program runs.
pub async fn follow(client: Arc<Client>, mut used: watch::Receiver<bool>) {
    loop {
        client.set_idle(false);
        if used.wait_for(|used| !used).await.is_err() {
            return;
        }
        loop {
            let (is_away, ask_again) = judge(unused_for().await);
            client.set_idle(is_away);
            let pause = async {
                match ask_again {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                used = used.wait_for(|used| *used) => match used {
                    Ok(_) => break,
                    Err(_) => return,
                },
                () = pause => {}
            }
        }
    }
}

/// Returns whether somebody is away whose window has not been used for a while, given for how long the computer was not
/// used, if that is known; and when to ask again.
fn judge(unused: Option<Duration>) -> (bool, Option<Duration>) {
    match unused {
        None => (true, None),
        Some(unused) if unused < AWAY => (false, Some(AWAY.saturating_sub(unused))),
        Some(_) => (true, Some(EVERY)),
    }
}

#[cfg(not(target_os = "linux"))]
async fn unused_for() -> Option<Duration> {
    None
}

#[cfg(target_os = "linux")]
use gnome::unused_for;

#[cfg(target_os = "linux")]
mod gnome {
    use std::time::Duration;
    use zbus::{Connection, proxy};

    /// The longest that the desktop may take to answer.
    const ANSWER: Duration = Duration::from_secs(2);

    #[proxy(
        interface = "org.gnome.Mutter.IdleMonitor",
        default_service = "org.gnome.Mutter.IdleMonitor",
        default_path = "/org/gnome/Mutter/IdleMonitor/Core"
    )]
    trait IdleMonitor {
        /// Returns for how long there was no input, in milliseconds.
        fn get_idletime(&self) -> zbus::Result<u64>;
    }

    /// Returns for how long nobody used the computer; `None` if the desktop does not tell.
    pub async fn unused_for() -> Option<Duration> {
        let asked = async {
            let connection = Connection::session().await?;
            let unused = IdleMonitorProxy::new(&connection).await?.get_idletime().await?;
            Ok::<_, zbus::Error>(Duration::from_millis(unused))
        };
        tokio::time::timeout(ANSWER, asked).await.ok()?.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_works_in_another_window_is_not_away_where_the_desktop_tells() {
        assert_eq!(judge(None), (true, None), "the page alone counts");
        assert_eq!(judge(Some(Duration::ZERO)), (false, Some(AWAY)));
        let almost = AWAY.checked_sub(Duration::from_secs(1)).unwrap();
        assert_eq!(judge(Some(almost)), (false, Some(Duration::from_secs(1))));
        assert_eq!(judge(Some(AWAY)), (true, Some(EVERY)));
    }
}
