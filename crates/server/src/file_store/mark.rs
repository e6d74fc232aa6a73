//! The mark of a store: a small object that names the server to which it belongs. A server removes objects that its
//! database does not know, so with a wrong folder or bucket it would remove the files of another server.

use crate::db::ServerId;
use std::io::{Error, ErrorKind};

/// The name of the object.
pub const MARK: &str = "server-id";
/// The largest size of a mark that is read, in bytes.
pub const MAX_MARK_BYTES: u64 = 128;

/// The server to which a store belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// This one.
    Itself,
    /// Another one.
    Another,
    /// None: no server has written anything into it, or somebody removed its mark.
    Nobody,
}

impl Owner {
    /// Returns the owner of a store with this mark, as this server sees it.
    pub fn of(mark: Option<&[u8]>, server: &ServerId) -> Self {
        match mark {
            None => Self::Nobody,
            Some(mark) if mark.trim_ascii() == server.to_string().as_bytes() => Self::Itself,
            Some(_) => Self::Another,
        }
    }
}

/// Returns the mark of a server's store.
pub fn mark_of(server: &ServerId) -> Vec<u8> {
    format!("{server}\n").into_bytes()
}

/// Returns the error that a store belongs to another server.
pub fn belongs_to_another(store: &impl std::fmt::Display) -> Error {
    let text = format!(
        "{store} belongs to another server: check `files`, or remove its object {MARK} if that is wrong"
    );
    Error::new(ErrorKind::PermissionDenied, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_mark_makes_a_store_that_of_a_server() {
        let [own, other] = ["own", "other"].map(|key| ServerId::of_secret(key).unwrap());
        assert_eq!(Owner::of(Some(&mark_of(&own)), &own), Owner::Itself);
        assert_eq!(Owner::of(None, &own), Owner::Nobody);
        for mark in [&mark_of(&other)[..], b"", &[0xff; 128]] {
            assert_eq!(Owner::of(Some(mark), &own), Owner::Another);
        }
    }
}
