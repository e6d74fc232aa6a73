//! Attaches files to messages: their bytes are copied into the account's folder first, encrypted, so that it does not
//! matter what becomes of the originals.

use crate::blobs::{BlobReader, BlobWriter, Secret};
use crate::changes::Changes;
use crate::error::Result;
use crate::lock::lock_of;
use crate::outbox::files::{self, Staged};
use crate::store::Store;
use parlour_protocol::{ConversationId, FileHash, MessageFile};

/// Bytes that were written and have no description yet. If this is dropped, they are removed.
pub struct NewBlob<'a> {
    store: &'a Store,
    secret: Secret,
    /// The hash of the bytes.
    pub hash: FileHash,
    /// Their number.
    pub bytes: i64,
}

impl Drop for NewBlob<'_> {
    fn drop(&mut self) {
        // It has another name once it is kept.
        self.store.blobs.give_up(&self.secret);
    }
}

impl Store {
    /// Begins to write the bytes of a file. What is not given to [`Store::written`] is removed at the next start.
    ///
    /// # Errors
    /// Fails if the file cannot be created.
    pub fn write_blob(&self, secret: &Secret) -> Result<BlobWriter> {
        let _inside = self.outbox.gate.enter()?;
        self.blobs.create(secret)
    }

    /// Removes what was written with [`Store::write_blob`] and is not wanted.
    pub fn give_up_blob(&self, secret: &Secret) {
        self.blobs.give_up(secret);
    }

    /// Returns what was written and finished, to be staged.
    pub fn written(&self, secret: Secret, hash: FileHash, bytes: i64) -> NewBlob<'_> {
        NewBlob { store: self, secret, hash, bytes }
    }

    /// Puts a file into the composer of a conversation, with everything that was written for it. It is on the disk when
    /// this returns.
    ///
    /// # Errors
    /// Fails if a file cannot be written; nothing is staged then.
    pub fn stage(
        &self,
        conversation: ConversationId,
        file: &MessageFile,
        picture: Option<&MessageFile>,
        blobs: &[NewBlob<'_>],
    ) -> Result<(i64, Changes)> {
        let _placing = lock_of(&self.blobs.placing);
        self.outbox.take(|conn| {
            let tx = conn.unchecked_transaction()?;
            for blob in blobs {
                // The same file may have been attached before.
                if files::find(&tx, blob.hash)?.is_none() {
                    self.blobs.place(&blob.secret)?;
                    files::keep(&tx, blob.hash, blob.bytes, &blob.secret)?;
                }
            }
            let id = files::stage(&tx, conversation, file, picture)?;
            tx.commit()?;
            Ok((id, changed()))
        })
    }

    /// Returns the files in the composer of a conversation, in their order.
    pub fn staged(&self, conversation: ConversationId) -> Result<Vec<Staged>> {
        self.outbox.with(|conn| files::staged(conn, conversation))
    }

    /// Returns a file in a composer.
    pub fn staged_one(&self, id: i64) -> Result<Option<Staged>> {
        self.outbox.with(|conn| files::staged_one(conn, id))
    }

    /// Takes a file out of a composer.
    pub fn unstage(&self, id: i64) -> Result<Changes> {
        self.outbox.with(|conn| files::unstage(conn, id))?;
        self.forget_unused_files()?;
        Ok(changed())
    }

    /// Chooses whether a picture in a composer is sent as a file.
    pub fn set_staged_as_file(&self, id: i64, as_file: bool) -> Result<Changes> {
        self.outbox.with(|conn| files::set_as_file(conn, id, as_file))?;
        Ok(changed())
    }

    /// Puts the files of a composer into this order.
    pub fn order_staged(&self, ids: &[i64]) -> Result<Changes> {
        self.outbox.with(|conn| {
            let tx = conn.unchecked_transaction()?;
            for (place, id) in (1..).zip(ids) {
                files::place(&tx, *id, place)?;
            }
            tx.commit()?;
            Ok(changed())
        })
    }

    /// Returns a reader of a file that was attached on this device and may have to be sent.
    ///
    /// # Errors
    /// Fails if the disk fails.
    pub fn own_blob(&self, hash: FileHash) -> Result<Option<BlobReader>> {
        let Some((bytes, secret)) = self.outbox.with(|conn| files::find(conn, hash))? else {
            return Ok(None);
        };
        self.blobs.open(&secret, bytes)
    }

    /// Returns a reader of a file or thumbnail that is on this computer, whoever attached it.
    ///
    /// # Errors
    /// Fails if the disk fails.
    pub fn blob(&self, hash: FileHash) -> Result<Option<BlobReader>> {
        match self.own_blob(hash)? {
            Some(reader) => Ok(Some(reader)),
            None => self.received_blob(hash),
        }
    }
}

/// Returns the changes of a write to the files of a composer.
fn changed() -> Changes {
    Changes { files: true, ..Changes::default() }
}
