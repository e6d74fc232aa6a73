//! Looking people up.

use crate::error::Result;
use crate::mirror::Mirror;
use crate::mirror::users::{self, Person};
use parlour_protocol::{UserId, UserRole};

impl Mirror {
    /// People who can be written to and whose name begins so, however either is written, at most `limit`, by
    /// name.
    pub fn people_starting(&self, prefix: &str, limit: usize) -> Result<Vec<Person>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = self.read(|conn| users::starting_with(conn, prefix, true, limit))?;
        Ok(found.into_iter().map(|named| named.person).collect())
    }

    /// A person by id.
    pub fn person(&self, id: UserId) -> Result<Option<Person>> {
        self.read(|conn| Ok(users::find(conn, id)?.map(Person::from)))
    }

    /// What a person may do on the server; who is not known is a member.
    pub fn role(&self, id: UserId) -> Result<UserRole> {
        self.read(|conn| Ok(users::find(conn, id)?.map_or(UserRole::Member, |row| row.role)))
    }
}
