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
    /// Whether it is kept here.
    pub is_here: bool,
}

impl Mirror {
    /// Returns those of these people who have a picture.
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

    /// Returns a picture that is kept here, and notes that it is used.
    pub fn picture(&self, id: PictureId, now: Millis) -> Result<Option<Vec<u8>>> {
        let found = self.read(|conn| pictures::find(conn, id, now))?;
        let Some((bytes, is_to_be_noted)) = found else { return Ok(None) };
        if is_to_be_noted {
            self.write(|conn| pictures::note_use(conn, id, now))?;
        }
        Ok(Some(bytes))
    }

    /// Returns whether a picture is kept here.
    pub fn has_picture(&self, id: PictureId) -> Result<bool> {
        self.read(|conn| pictures::has(conn, id))
    }

    /// Deletes a picture. For a person who has the same one it is fetched again.
    pub fn forget_picture(&self, id: PictureId) -> Result<()> {
        self.write(|conn| pictures::forget(conn, id))
    }

    /// Keeps a picture, under the id that its bytes have. Where there are too many, those go that were not used for
    /// longest.
    pub fn keep_picture(&self, bytes: &[u8], now: Millis) -> Result<Changes> {
        self.write(|conn| pictures::keep(conn, bytes, now))?;
        Ok(Changes { pictures: true, ..Changes::default() })
    }
}
