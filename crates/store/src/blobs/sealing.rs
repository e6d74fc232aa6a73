//! The encryption of a file in chunks, each of which can be read alone: the STREAM construction with ChaCha20-Poly1305
//! (<https://eprint.iacr.org/2015/189>). Each file has a key of its own, so its nonces need not be random. A chunk
//! that was moved, left out or cut off is noticed.

use super::secret::Secret;
use chacha20poly1305::aead::generic_array::GenericArray;
use chacha20poly1305::aead::stream::{NewStream, StreamBE32, StreamPrimitive};
use chacha20poly1305::{ChaCha20Poly1305, KeyInit};
use std::io::{Error, ErrorKind, Result};

/// Bytes of a file in one chunk; only the last one has fewer.
pub(super) const CHUNK: usize = 64 * 1024;
/// Bytes on the disk of a full chunk: the tag follows it.
pub(super) const SEALED: usize = CHUNK + 16;

/// Encrypts and decrypts the chunks of one file.
pub(super) struct Sealing(StreamBE32<ChaCha20Poly1305>);

impl Sealing {
    pub fn new(secret: &Secret) -> Self {
        let cipher = ChaCha20Poly1305::new(GenericArray::from_slice(secret.expose()));
        Self(StreamBE32::from_aead(cipher, &GenericArray::default()))
    }

    /// Encrypts a chunk by its position.
    pub fn seal(&self, at: u64, is_last: bool, bytes: &[u8]) -> Result<Vec<u8>> {
        self.0.encrypt(position(at)?, is_last, bytes).map_err(|_| damaged())
    }

    /// Decrypts a chunk.
    ///
    /// # Errors
    /// Fails if these are not the bytes that were written at this position.
    pub fn open(&self, at: u64, is_last: bool, bytes: &[u8]) -> Result<Vec<u8>> {
        self.0.decrypt(position(at)?, is_last, bytes).map_err(|_| damaged())
    }
}

fn position(at: u64) -> Result<u32> {
    u32::try_from(at).map_err(|_| Error::new(ErrorKind::FileTooLarge, "too many chunks"))
}

/// Returns the error for bytes that are not those that were written.
pub(super) fn damaged() -> Error {
    Error::new(ErrorKind::InvalidData, "the file is damaged")
}
