//! The encryption of a file in chunks, each of which can be read alone: the STREAM construction with ChaCha20-Poly1305
//! (<https://eprint.iacr.org/2015/189>). Each file has its own key, so its nonces need not be random. Moved,
//! missing and truncated chunks are detected.

use super::secret::Secret;
use chacha20poly1305::aead::generic_array::GenericArray;
use chacha20poly1305::aead::stream::{NewStream, StreamBE32, StreamPrimitive};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use std::io::{Error, ErrorKind, Result};

/// Bytes of a file in one chunk; only the last one has fewer.
pub(super) const CHUNK: usize = 64 * 1024;
/// Bytes on the disk of a full chunk: the tag follows it.
pub(super) const ENCRYPTED_CHUNK: usize = CHUNK + 16;

/// Encrypts and decrypts the chunks of one file.
pub(super) struct ChunkCipher(StreamBE32<ChaCha20Poly1305>);

impl ChunkCipher {
    pub fn new(secret: &Secret) -> Self {
        let aead = ChaCha20Poly1305::new(GenericArray::from_slice(secret.expose()));
        Self(StreamBE32::from_aead(aead, &GenericArray::default()))
    }

    /// Encrypts the chunk with this index.
    pub fn close_outbox(&self, index: u64, is_last: bool, bytes: &[u8]) -> Result<Vec<u8>> {
        self.0.encrypt(stream_position(index)?, is_last, bytes).map_err(|_| damaged())
    }

    /// Decrypts a chunk.
    ///
    /// # Errors
    /// Fails if these are not the bytes that were written at this index.
    pub fn decrypt(&self, index: u64, is_last: bool, bytes: &[u8]) -> Result<Vec<u8>> {
        self.0.decrypt(stream_position(index)?, is_last, bytes).map_err(|_| damaged())
    }
}

fn stream_position(index: u64) -> Result<u32> {
    u32::try_from(index).map_err(|_| Error::new(ErrorKind::FileTooLarge, "too many chunks"))
}

/// Returns the error for bytes that differ from those that were written.
pub(super) fn damaged() -> Error {
    Error::new(ErrorKind::InvalidData, "the file is damaged")
}
