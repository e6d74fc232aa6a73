//! The identity of a server, which its store of files names.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use std::fmt;

/// The identity of a server. It follows from the key in its database, so all servers on one database have the same, and
/// a database that is copied, moved or restored keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerId(String);

impl ServerId {
    /// Returns the identity of a server with this key; `None` if the database has no key yet.
    pub fn of_secret(secret: &str) -> Option<Self> {
        let digest = Sha256::digest(format!("parlour server\n{secret}"));
        (!secret.is_empty()).then(|| Self(HEXLOWER.encode(&digest[..16])))
    }
}

impl fmt::Display for ServerId {
    /// Writes 32 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_with_different_keys_differ_and_none_reveals_its_key() {
        let [one, other] = ["one key", "other key"].map(|key| ServerId::of_secret(key).unwrap());
        assert_ne!(one, other);
        assert_eq!(ServerId::of_secret("one key"), Some(one.clone()));
        assert_eq!(one.to_string().len(), 32);
        assert!(!one.to_string().contains("key"));
        assert_eq!(ServerId::of_secret(""), None);
    }
}
