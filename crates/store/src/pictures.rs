//! Pictures of people and of the server.

use crate::changes::Changes;
use crate::error::Result;
use crate::mirror::{Mirror, pictures};
use parlour_protocol::{Millis, PictureId, UserId};
use serde::Serialize;

/// A person who has a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Pictured {
    /// The person.
    pub person: UserId,
    /// Their picture.
    #[cfg_attr(feature = "ipc", specta(type = String))]
    pub picture: PictureId,
    /// Whether it is on this computer.
    pub is_here: bool,
}

impl Mirror {
    /// Returns the pictures of these people.
    pub fn pictured(&self, people: &[UserId]) -> Result<Vec<Pictured>> {
        self.read(|conn| {
            let mut found = Vec::new();
            for person in people {
                if let Some((picture, is_here)) = pictures::of(conn, *person)? {
                    found.push(Pictured { person: *person, picture, is_here });
                }
            }
            Ok(found)
        })
    }

    /// Returns a picture, if it is on this computer, and updates the time of its last use.
    pub fn picture(&self, id: PictureId, now: Millis) -> Result<Option<Vec<u8>>> {
        let found = self.read(|conn| pictures::find(conn, id, now))?;
        let Some((bytes, is_use_outdated)) = found else { return Ok(None) };
        if is_use_outdated {
            self.write(|conn| pictures::set_used(conn, id, now))?;
        }
        Ok(Some(bytes))
    }

    /// Returns whether a picture is on this computer.
    pub fn has_picture(&self, id: PictureId) -> Result<bool> {
        self.read(|conn| pictures::has(conn, id))
    }

    /// Deletes a picture. If a person has it, it is fetched again.
    pub fn delete_picture(&self, id: PictureId) -> Result<()> {
        self.write(|conn| pictures::delete(conn, id))
    }

    /// Stores a picture under the id of its bytes; evicts the least recently used ones if there are too many.
    pub fn put_picture(&self, bytes: &[u8], now: Millis) -> Result<Changes> {
        self.write(|conn| pictures::put(conn, bytes, now))?;
        Ok(Changes { pictures: true, ..Changes::default() })
    }
}
