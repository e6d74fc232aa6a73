//! Notes over NATS core, for many servers: this costs the database nothing.

use super::carrier::{Carrier, Failure};
use async_nats::{Client, ConnectOptions, Event, Subscriber};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

/// How long NATS may take to respond.
const ANSWER: Duration = Duration::from_secs(5);

/// A NATS server, and the subject of this Parlour's notes on it.
pub struct Nats {
    /// The address: `nats://HOST:PORT`, or `tls://` for another machine. It may contain a password.
    pub url: String,
    /// The notes' subject, which differs from those of other Parlours on the same NATS server.
    pub subject: String,
}

/// A subscription, and the events that mean that it may have missed something.
pub struct Subscription {
    _client: Client,
    notes: Subscriber,
    trouble: UnboundedReceiver<Event>,
}

fn options() -> ConnectOptions {
    ConnectOptions::new().name("parlour-server").connection_timeout(ANSWER)
}

impl Carrier for Nats {
    type Sender = (Client, String);
    type Receiver = Subscription;

    async fn sender(&self) -> Result<Self::Sender, Failure> {
        Ok((options().connect(&self.url).await?, self.subject.clone()))
    }

    async fn send((client, subject): &Self::Sender, note: String) -> Result<(), Failure> {
        client.publish(subject.clone(), note.into()).await?;
        timeout(ANSWER, client.flush()).await??;
        Ok(())
    }

    async fn receiver(&self) -> Result<Subscription, Failure> {
        let (events, trouble) = unbounded_channel();
        let options = options().event_callback(move |event| {
            // The receiver is gone once the subscription is dropped.
            let _ = events.send(event);
            std::future::ready(())
        });
        let client = options.connect(&self.url).await?;
        let notes = client.subscribe(self.subject.clone()).await?;
        timeout(ANSWER, client.flush()).await??;
        Ok(Subscription { _client: client, notes, trouble })
    }

    async fn receive(receiver: &mut Subscription) -> Result<String, Failure> {
        loop {
            tokio::select! {
                note = receiver.notes.next() => {
                    let note = note.ok_or("the subscription ended")?;
                    // What is not UTF-8 is no note of ours, and means nothing.
                    return Ok(String::from_utf8_lossy(&note.payload).into_owned());
                }
                // The library reconnects by itself, but does not report what was missed.
                event = receiver.trouble.recv() => match event {
                    Some(Event::Connected) => {}
                    Some(event) => return Err(event.to_string().into()),
                    None => return Err("the connection ended".into()),
                },
            }
        }
    }
}
