//! Looking people up.

use crate::error::Result;
use crate::mirror::Mirror;
use crate::mirror::users::{self, Person};
use parlour_protocol::{UserId, UserRole};

impl Mirror {
    /// Returns people who can be written to and whose name starts with `prefix`, both folded, at most
    /// `limit`, sorted by name.
    pub fn people_starting(&self, prefix: &str, limit: usize) -> Result<Vec<Person>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = self.read(|conn| users::starting_with(conn, prefix, true, limit))?;
        Ok(found.into_iter().map(|named| named.person).collect())
    }

    /// Returns the person with this id.
    pub fn person(&self, id: UserId) -> Result<Option<Person>> {
        self.read(|conn| Ok(users::find(conn, id)?.map(Person::from)))
    }

    /// Returns a person's role on the server; an unknown person counts as a member.
    pub fn role(&self, id: UserId) -> Result<UserRole> {
        self.read(|conn| Ok(users::find(conn, id)?.map_or(UserRole::Member, |row| row.role)))
    }
}
