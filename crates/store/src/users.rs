//! People, as the mirror knows them.

use crate::search::fold::Folded;
use crate::{Mirror, Result};
use parlour_protocol::{UserId, UserRow};
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use uuid::Uuid;

parlour_sqlite::statements! {
    /// $1 id.
    NUMBER = "SELECT number FROM users WHERE id = $1";
    /// $1 id.
    INSERT = "INSERT INTO users (id) VALUES ($1)";
    /// $1 id, $2 username, $3 role, $4 deactivated, $5 erased, $6 changed_seq.
    APPLY = "INSERT INTO users (id, username, role, deactivated_at, erased_at, changed_seq)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (id) DO UPDATE SET username = excluded.username, role = excluded.role,
            deactivated_at = excluded.deactivated_at, erased_at = excluded.erased_at,
            changed_seq = excluded.changed_seq
        WHERE excluded.changed_seq > users.changed_seq";
    /// $1 id.
    FIND = "SELECT id, username,
            CASE WHEN erased_at IS NOT NULL THEN 'erased'
                WHEN deactivated_at IS NOT NULL THEN 'deactivated' ELSE 'active' END AS state
        FROM users WHERE id = $1";
}

// A row a person, and no more of them with history: an index knows the letter case of ASCII alone.
const EVERYBODY: &str = "SELECT number, id, username,
        deactivated_at IS NULL AND erased_at IS NULL AS is_active
    FROM users WHERE username <> '' ORDER BY username COLLATE NOCASE";

/// Somebody who was looked for by name.
pub(crate) struct Named {
    pub number: i64,
    pub person: Person,
    pub is_active: bool,
}

/// Whether somebody reads what is written to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum PersonState {
    /// They can sign in.
    #[default]
    Active,
    /// They cannot, until an administrator lets them again.
    Deactivated,
    /// Their account is gone, and their name with it.
    Erased,
}

impl PersonState {
    /// By its name in the statements that tell it.
    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "erased" => Self::Erased,
            "deactivated" => Self::Deactivated,
            _ => Self::Active,
        }
    }
}

/// Someone to write to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// As its owner writes it.
    pub username: String,
}

/// A person's number, given to them if they have none yet.
pub(crate) fn number(conn: &Connection, id: UserId) -> Result<i64> {
    let known = conn.prepare_cached(NUMBER)?.query_row([id.0], |row| row.get(0)).optional()?;
    if let Some(number) = known {
        return Ok(number);
    }
    conn.prepare_cached(INSERT)?.execute([id.0])?;
    Ok(conn.last_insert_rowid())
}

/// Writes a row of the directory, if it is newer than the one held.
pub(crate) fn apply(conn: &Connection, row: &UserRow) -> Result<()> {
    let (deactivated, erased) = (row.deactivated_at.map(|at| at.0), row.erased_at.map(|at| at.0));
    let params = (row.id.0, &row.username, row.role.as_str(), deactivated, erased, row.changed_seq);
    conn.prepare_cached(APPLY)?.execute(params)?;
    Ok(())
}

/// Everybody whose name begins so, however either is written (see [`Folded`]), by name.
pub(crate) fn starting(conn: &Connection, beginning: &str) -> Result<Vec<Named>> {
    let beginning = Folded::new(beginning).text;
    let mut statement = conn.prepare_cached(EVERYBODY)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let name = row.get_ref("username")?.as_str().unwrap_or_default();
        if Folded::new(name).text.starts_with(&beginning) {
            let (number, is_active) = (row.get("number")?, row.get("is_active")?);
            found.push(Named { number, person: person(row)?, is_active });
        }
    }
    Ok(found)
}

impl Mirror {
    /// People who can be written to and whose name begins so, however either is written, at most `limit`, by
    /// name.
    pub fn people_starting(&self, prefix: &str, limit: usize) -> Result<Vec<Person>> {
        let found = self.read(|conn| starting(conn, prefix))?;
        let active = found.into_iter().filter(|named| named.is_active);
        Ok(active.map(|named| named.person).take(limit).collect())
    }

    /// A person by id.
    pub fn person(&self, id: UserId) -> Result<Option<Person>> {
        self.read(|conn| Ok(conn.prepare_cached(FIND)?.query_row([id.0], person).optional()?))
    }
}

fn person(row: &rusqlite::Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person { id: UserId(row.get::<_, Uuid>("id")?), username: row.get("username")? })
}

/// What became of a person; whoever is not known may be there.
pub(crate) fn state(conn: &Connection, id: UserId) -> Result<PersonState> {
    let mut statement = conn.prepare_cached(FIND)?;
    let state = statement.query_row([id.0], |row| row.get::<_, String>("state")).optional()?;
    Ok(state.map(|name| PersonState::parse(&name)).unwrap_or_default())
}

/// A person's name; an error if they are not known.
pub(crate) fn name(conn: &Connection, id: UserId) -> Result<String> {
    Ok(conn.prepare_cached(FIND)?.query_row([id.0], |row| row.get("username"))?)
}
