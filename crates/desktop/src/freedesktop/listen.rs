//! Listens to the daemon's signals. The bus delivers only signals from the current owner of the daemon's name.

use super::actions::parse_action;
use super::proxy::NotificationsProxy;
use crate::daemon::{Event, NotificationAction};
use crate::sanitize::TOKEN_BYTES;
use futures_util::StreamExt;
use std::collections::VecDeque;
use tokio::sync::mpsc::UnboundedSender;

/// Maximum number of activation tokens that are stored until their actions arrive.
const TOKENS: usize = 8;

/// Listens until the connection ends, or the receiver is dropped.
pub async fn listen(
    proxy: &NotificationsProxy<'static>,
    events: UnboundedSender<Event>,
) -> zbus::Result<()> {
    let mut actions = proxy.receive_action_invoked().await?;
    let mut tokens = proxy.receive_activation_token().await?;
    let mut replies = proxy.receive_notification_replied().await?;
    let mut closed = proxy.receive_notification_closed().await?;
    let mut owners = proxy.inner().receive_owner_changed().await?;
    let bus = zbus::fdo::DBusProxy::new(proxy.inner().connection()).await?;
    let name = proxy.inner().destination().to_owned();
    let mut owner = bus.get_name_owner(name).await.ok().map(|owner| owner.to_string());
    tokio::spawn(async move {
        let mut pending = Tokens::default();
        loop {
            let event = tokio::select! {
                biased;
                Some(signal) = tokens.next() => {
                    if let Ok(args) = signal.args() {
                        pending.add(args.id, args.token);
                    }
                    continue;
                }
                Some(signal) = replies.next() => {
                    let Ok(args) = signal.args() else { continue };
                    Event::ActionChosen(args.id, NotificationAction::Reply(args.text))
                }
                Some(signal) = actions.next() => {
                    let Ok(args) = signal.args() else { continue };
                    let Some(action) = parse_action(&args.action, || pending.take(args.id)) else {
                        continue;
                    };
                    Event::ActionChosen(args.id, action)
                }
                Some(signal) = closed.next() => {
                    let Ok(args) = signal.args() else { continue };
                    Event::Closed(args.id)
                }
                next = owners.next() => {
                    let Some(next) = next else { return };
                    let next = next.map(|next| next.to_string());
                    let before = std::mem::replace(&mut owner, next);
                    // A daemon that just started has not shown anything yet.
                    if before.is_none() || before == owner {
                        continue;
                    }
                    Event::Restarted
                }
            };
            if events.send(event).is_err() {
                return;
            }
        }
    });
    Ok(())
}

/// The activation tokens that arrived before their actions.
#[derive(Default)]
struct Tokens(VecDeque<(u32, String)>);

impl Tokens {
    fn add(&mut self, id: u32, token: String) {
        if token.len() > TOKEN_BYTES {
            return;
        }
        self.0.push_back((id, token));
        if self.0.len() > TOKENS {
            self.0.pop_front();
        }
    }

    fn take(&mut self, id: u32) -> Option<String> {
        let index = self.0.iter().rposition(|(known, _)| *known == id)?;
        self.0.remove(index).map(|(_, token)| token)
    }
}
