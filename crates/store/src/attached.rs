//! Attaches files to messages: their bytes are first copied into the account's folder, encrypted, so that changes of the
//! originals do not matter.

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
    /// Number of bytes.
    pub bytes: i64,
}

impl Drop for NewBlob<'_> {
    fn drop(&mut self) {
        // After the commit it has another name, and this does nothing.
        self.store.blobs.abandon(&self.secret);
    }
}

impl Store {
    /// Creates a file for encrypted bytes. It is removed at the next start unless it is passed to [`Store::new_blob`].
    ///
    /// # Errors
    /// Fails if the file cannot be created.
    pub fn write_blob(&self, secret: &Secret) -> Result<BlobWriter> {
        let _guard = self.outbox.gate.enter()?;
        self.blobs.create(secret)
    }

    /// Removes a file that was created with [`Store::write_blob`].
    pub fn abandon_blob(&self, secret: &Secret) {
        self.blobs.abandon(secret);
    }

    /// Returns a finished file, to be staged.
    pub fn new_blob(&self, secret: Secret, hash: FileHash, size: i64) -> NewBlob<'_> {
        NewBlob { store: self, secret, hash, bytes: size }
    }

    /// Puts a file into the composer of a conversation, with its blobs. They are on the disk when this
    /// returns.
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
        let _lock = lock_of(&self.blobs.commit_lock);
        self.outbox.write_new(|conn| {
            let tx = conn.unchecked_transaction()?;
            for blob in blobs {
                // The same file may have been attached before.
                if files::find(&tx, blob.hash)?.is_none() {
                    self.blobs.commit(&blob.secret)?;
                    files::insert(&tx, blob.hash, blob.bytes, &blob.secret)?;
                }
            }
            let id = files::stage(&tx, conversation, file, picture)?;
            tx.commit()?;
            Ok((id, files_changed()))
        })
    }

    /// Returns the files in the composer of a conversation, in their order.
    pub fn staged(&self, conversation: ConversationId) -> Result<Vec<Staged>> {
        self.outbox.with_conn(|conn| files::staged(conn, conversation))
    }

    /// Returns a file in a composer.
    pub fn find_staged(&self, id: i64) -> Result<Option<Staged>> {
        self.outbox.with_conn(|conn| files::find_staged(conn, id))
    }

    /// Removes a file from a composer.
    pub fn unstage(&self, id: i64) -> Result<Changes> {
        self.outbox.with_conn(|conn| files::unstage(conn, id))?;
        self.delete_unused_files()?;
        Ok(files_changed())
    }

    /// Sets whether a picture in a composer is sent as a file.
    pub fn set_staged_as_file(&self, id: i64, as_file: bool) -> Result<Changes> {
        self.outbox.with_conn(|conn| files::set_as_file(conn, id, as_file))?;
        Ok(files_changed())
    }

    /// Puts the files of a composer into this order.
    pub fn order_staged(&self, ids: &[i64]) -> Result<Changes> {
        self.outbox.with_conn(|conn| {
            let tx = conn.unchecked_transaction()?;
            for (position, id) in (1..).zip(ids) {
                files::set_position(&tx, *id, position)?;
            }
            tx.commit()?;
            Ok(files_changed())
        })
    }

    /// Returns a reader of a file that was attached on this device and may still have to be uploaded.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn own_blob(&self, hash: FileHash) -> Result<Option<BlobReader>> {
        let Some((bytes, secret)) = self.outbox.with_conn(|conn| files::find(conn, hash))? else {
            return Ok(None);
        };
        self.blobs.open(&secret, bytes)
    }

    /// Returns a reader of a file or thumbnail that is on this computer.
    ///
    /// # Errors
    /// Fails on an I/O error.
    pub fn blob(&self, hash: FileHash) -> Result<Option<BlobReader>> {
        match self.own_blob(hash)? {
            Some(reader) => Ok(Some(reader)),
            None => self.received_blob(hash),
        }
    }
}

/// Returns the changes of a write to the files of a composer.
fn files_changed() -> Changes {
    Changes { files: true, ..Changes::default() }
}
