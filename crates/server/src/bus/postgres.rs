//! Hint batches over PostgreSQL's own LISTEN and NOTIFY. They are never sent inside a transaction that
//! writes: a transaction that notifies holds a lock of the whole database until it is committed.

use super::transport::{Failure, Transport};
use crate::db::{Messages, apply_settings, connect, connect_to_listen};
use futures_util::StreamExt;
use tokio_postgres::{AsyncMessage, Client};

const CHANNEL: &str = "parlour";
const NOTIFY: &str = "SELECT pg_notify('parlour', $1)";

/// Sends hint batches through the database itself to every server connected to it.
pub struct Postgres {
    /// The database's address.
    pub url: String,
}

impl Transport for Postgres {
    type Sender = Client;
    type Receiver = (Client, Messages);

    async fn sender(&self) -> Result<Client, Failure> {
        let (client, connection) = connect(&self.url).await?;
        tokio::spawn(connection);
        apply_settings(&client).await?;
        Ok(client)
    }

    async fn send(client: &Client, batch: String) -> Result<(), Failure> {
        Ok(client.execute(NOTIFY, &[&batch]).await.map(drop)?)
    }

    async fn receiver(&self) -> Result<Self::Receiver, Failure> {
        let (client, mut messages) = connect_to_listen(&self.url).await?;
        {
            let listening = client.batch_execute("LISTEN parlour");
            tokio::pin!(listening);
            loop {
                tokio::select! {
                    done = &mut listening => break done?,
                    // Messages that arrive before LISTEN is done have to be read, and are ignored.
                    message = messages.next() => drop(message.ok_or("the connection ended")??),
                }
            }
        }
        Ok((client, messages))
    }

    async fn receive((_, messages): &mut Self::Receiver) -> Result<String, Failure> {
        loop {
            match messages.next().await.ok_or("the connection ended")?? {
                AsyncMessage::Notification(batch) if batch.channel() == CHANNEL => {
                    return Ok(batch.payload().to_owned());
                }
                _ => {}
            }
        }
    }
}
