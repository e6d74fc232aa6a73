//! The secret of one file.

use data_encoding::HEXLOWER;
use rand::TryRng;
use rand::rngs::SysRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The secret from which the key and the name on the disk of one file are derived; the name reveals nothing about the
/// contents.
pub struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    /// Returns a new secret, from the system's generator.
    ///
    /// # Panics
    /// Panics if the system has no random bytes.
    pub fn random() -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        SysRng.try_fill_bytes(&mut *bytes).expect("the system has random bytes");
        Self(bytes)
    }

    /// Returns the secret with these bytes; `None` if they are not 32.
    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|bytes| Self(Zeroizing::new(bytes)))
    }

    /// Returns the bytes, to be stored in an encrypted database.
    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// Returns the name of the file on the disk.
    pub(crate) fn name(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(b"parlour: the name of a file");
        digest.update(*self.0);
        HEXLOWER.encode(&digest.finalize()[..16])
    }
}
