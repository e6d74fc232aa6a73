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

impl Nats {
    /// Returns options with which only the address itself is connected to: what a NATS server says of others is not
    /// authenticated, and a connection to one of those might be without TLS.
    fn options(&self) -> ConnectOptions {
        ConnectOptions::new()
            .name("parlour-server")
            .connection_timeout(TIMEOUT)
            .ignore_discovered_servers()
            .require_tls(self.url.starts_with("tls://"))
    }
}

impl Transport for Nats {
    type Sender = (Client, String);
    type Receiver = Subscription;

    async fn sender(&self) -> Result<Self::Sender, Failure> {
        Ok((self.options().connect(&self.url).await?, self.subject.clone()))
    }

    async fn send((client, subject): &Self::Sender, batch: String) -> Result<(), Failure> {
        client.publish(subject.clone(), batch.into()).await?;
        timeout(TIMEOUT, client.flush()).await??;
        Ok(())
    }

    async fn receiver(&self) -> Result<Subscription, Failure> {
        let (sender, events) = unbounded_channel();
        let options = self.options().event_callback(move |event| {
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

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
    use tokio::net::{TcpListener, TcpStream};

    /// Accepts a connection as a NATS server that announces another one, and returns it once there is a subscription.
    async fn accept_subscription(
        listener: &TcpListener,
        other: &TcpListener,
    ) -> BufReader<TcpStream> {
        let mut stream = BufReader::new(listener.accept().await.unwrap().0);
        let other = other.local_addr().unwrap();
        let info = format!("INFO {{\"max_payload\":1048576,\"connect_urls\":[\"{other}\"]}}\r\n");
        stream.write_all(info.as_bytes()).await.unwrap();
        let mut line = String::new();
        while !line.starts_with("SUB ") {
            if line.starts_with("PING") {
                stream.write_all(b"PONG\r\n").await.unwrap();
            }
            line.clear();
            assert!(stream.read_line(&mut line).await.unwrap() > 0, "the client disconnected");
        }
        stream
    }

    #[tokio::test]
    async fn a_server_that_is_only_announced_is_never_connected_to() {
        let named = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let announced = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("nats://{}", named.local_addr().unwrap());
        let nats = Nats { url, subject: "parlour".into() };
        let (subscription, stream) =
            tokio::join!(nats.receiver(), accept_subscription(&named, &announced));
        let subscription = subscription.unwrap();
        drop(stream);
        // The library tries every server that it knows before it tries one again.
        for _ in 0..3 {
            tokio::select! {
                again = named.accept() => drop(again.unwrap()),
                _ = announced.accept() => panic!("the announced server got a connection"),
            }
        }
        drop(subscription);
    }

    #[tokio::test]
    async fn nothing_is_sent_without_tls_to_an_address_that_requires_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("tls://{}", listener.local_addr().unwrap());
        let nats = Nats { url, subject: "parlour".into() };
        // This server, or somebody in between, says nothing of TLS.
        let server = async {
            let mut stream = listener.accept().await.unwrap().0;
            stream.write_all(b"INFO {\"max_payload\":1048576}\r\n").await.unwrap();
            let mut first = [0];
            let length = stream.read(&mut first).await.unwrap();
            first[..length].to_vec()
        };
        let (refused, first) = tokio::join!(nats.receiver(), server);
        assert!(refused.is_err());
        // The first byte of a TLS handshake; nothing if the client has no certificates to trust.
        assert!(first.is_empty() || first == [0x16], "{first:?}");
    }
}
