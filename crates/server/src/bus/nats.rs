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
pub struct Listening {
    _client: Client,
    notes: Subscriber,
    trouble: UnboundedReceiver<Event>,
}

fn options() -> ConnectOptions {
    ConnectOptions::new().name("parlour-server").connection_timeout(ANSWER)
}

impl Carrier for Nats {
    type Speaker = (Client, String);
    type Listener = Listening;

    async fn speaker(&self) -> Result<Self::Speaker, Failure> {
        Ok((options().connect(&self.url).await?, self.subject.clone()))
    }

    async fn say((client, subject): &Self::Speaker, note: String) -> Result<(), Failure> {
        client.publish(subject.clone(), note.into()).await?;
        timeout(ANSWER, client.flush()).await??;
        Ok(())
    }

    async fn listener(&self) -> Result<Listening, Failure> {
        let (told, trouble) = unbounded_channel();
        let options = options().event_callback(move |event| {
            // The receiver is gone once the subscription is dropped.
            let _ = told.send(event);
            std::future::ready(())
        });
        let client = options.connect(&self.url).await?;
        let notes = client.subscribe(self.subject.clone()).await?;
        timeout(ANSWER, client.flush()).await??;
        Ok(Listening { _client: client, notes, trouble })
    }

    async fn hear(listener: &mut Listening) -> Result<String, Failure> {
        loop {
            tokio::select! {
                note = listener.notes.next() => {
                    let note = note.ok_or("the subscription ended")?;
                    return Ok(String::from_utf8(note.payload.to_vec())?);
                }
                // The library reconnects by itself, but does not report what was missed.
                event = listener.trouble.recv() => match event {
                    Some(Event::Connected) => {}
                    Some(event) => return Err(event.to_string().into()),
                    None => return Err("the connection ended".into()),
                },
            }
        }
    }
}
