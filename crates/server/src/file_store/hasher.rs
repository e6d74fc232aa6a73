//! The SHA-256 of a file that is received in parts. Its state is stored between parts, so no byte is read a second
//! time.

use parlour_protocol::FileHash;
use sha2::digest::common::hazmat::{SerializableState, SerializedState};
use sha2::{Digest, Sha256};

/// A SHA-256 computation that can be stored and resumed.
#[derive(Default)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Resumes from a stored state; `None` if it is invalid, such as one of another version.
    pub fn resume(state: &[u8]) -> Option<Self> {
        let state = SerializedState::<Sha256>::try_from(state).ok()?;
        Sha256::deserialize(&state).ok().map(Self)
    }

    /// Returns the state to store.
    pub fn state(&self) -> Vec<u8> {
        self.0.serialize().to_vec()
    }

    /// Adds the next bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Returns the hash of all bytes.
    pub fn finish(self) -> FileHash {
        <[u8; 32]>::from(self.0.finalize()).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_does_not_depend_on_how_the_bytes_are_split() {
        let bytes: Vec<u8> = (0..1000_u32).flat_map(u32::to_be_bytes).collect();
        for size in [1, 63, 64, 65, 999, 4000] {
            let mut state = Hasher::default().state();
            for part in bytes.chunks(size) {
                let mut hasher = Hasher::resume(&state).unwrap();
                hasher.add(part);
                state = hasher.state();
            }
            assert_eq!(Hasher::resume(&state).unwrap().finish(), FileHash::of(&bytes), "{size}");
        }
        assert!(Hasher::resume(b"").is_none() && Hasher::resume(&[0xff; 400]).is_none());
    }
}
