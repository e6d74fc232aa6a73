//! Hint batches over NATS core, for many servers: this costs the database nothing.

use super::transport::{Failure, Transport};
use async_nats::{Client, ConnectOptions, Event, Subscriber};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

/// How long NATS may take to respond.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A NATS server, and the subject for this Parlour's hint batches.
pub struct Nats {
    /// The address: `nats://HOST:PORT`, or `tls://` for another machine. It may contain a password.
    pub url: String,
    /// The subject, which differs from those of other Parlours on the same NATS server.
    pub subject: String,
}

/// A subscription, and the events of its connection. Any event except `Connected` means that hint batches may have been
/// missed.
pub struct Subscription {
    _client: Client,
    batches: Subscriber,
    events: UnboundedReceiver<Event>,
}

fn options() -> ConnectOptions {
    ConnectOptions::new().name("parlour-server").connection_timeout(TIMEOUT)
}

impl Transport for Nats {
    type Sender = (Client, String);
    type Receiver = Subscription;

    async fn sender(&self) -> Result<Self::Sender, Failure> {
        Ok((options().connect(&self.url).await?, self.subject.clone()))
    }

    async fn send((client, subject): &Self::Sender, batch: String) -> Result<(), Failure> {
        client.publish(subject.clone(), batch.into()).await?;
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
        let batches = client.subscribe(self.subject.clone()).await?;
        timeout(TIMEOUT, client.flush()).await??;
        Ok(Subscription { _client: client, batches, events })
    }

    async fn receive(receiver: &mut Subscription) -> Result<String, Failure> {
        loop {
            tokio::select! {
                batch = receiver.batches.next() => {
                    let batch = batch.ok_or("the subscription ended")?;
                    // Text that is not UTF-8 is not one of our batches, and will be ignored.
                    return Ok(String::from_utf8_lossy(&batch.payload).into_owned());
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
