//! Notes over NATS core, for many servers: this costs the database nothing.

use super::carrier::{Carrier, Failure};
use async_nats::{Client, ConnectOptions, Event, Subscriber};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

/// How long NATS may take to respond.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A NATS server, and the subject of this Parlour's notes on it.
pub struct Nats {
    /// The address: `nats://HOST:PORT`, or `tls://` for another machine. It may contain a password.
    pub url: String,
    /// The notes' subject, which differs from those of other Parlours on the same NATS server.
    pub subject: String,
}

/// A subscription, and the events of its connection: after most of them, notes may have been missed.
pub struct Subscription {
    _client: Client,
    notes: Subscriber,
    events: UnboundedReceiver<Event>,
}

fn options() -> ConnectOptions {
    ConnectOptions::new().name("parlour-server").connection_timeout(TIMEOUT)
}

impl Carrier for Nats {
    type Sender = (Client, String);
    type Receiver = Subscription;

    async fn sender(&self) -> Result<Self::Sender, Failure> {
        Ok((options().connect(&self.url).await?, self.subject.clone()))
    }

    async fn send((client, subject): &Self::Sender, note: String) -> Result<(), Failure> {
        client.publish(subject.clone(), note.into()).await?;
        timeout(TIMEOUT, client.flush()).await??;
        Ok(())
    }

    async fn receiver(&self) -> Result<Subscription, Failure> {
        let (sender, events) = unbounded_channel();
        let options = options().event_callback(move |event| {
            // The receiver is closed once the subscription is dropped.
            let _ = sender.send(event);
            std::future::ready(())
        });
        let client = options.connect(&self.url).await?;
        let notes = client.subscribe(self.subject.clone()).await?;
        timeout(TIMEOUT, client.flush()).await??;
        Ok(Subscription { _client: client, notes, events })
    }

    async fn receive(receiver: &mut Subscription) -> Result<String, Failure> {
        loop {
            tokio::select! {
                note = receiver.notes.next() => {
                    let note = note.ok_or("the subscription ended")?;
                    // Text that is not UTF-8 is not one of our notes, and will be ignored.
                    return Ok(String::from_utf8_lossy(&note.payload).into_owned());
                }
                // The library reconnects by itself, but does not report what was missed.
                event = receiver.events.recv() => match event {
                    Some(Event::Connected) => {}
                    Some(event) => return Err(event.to_string().into()),
                    None => return Err("the connection ended".into()),
                },
            }
        }
    }
}
