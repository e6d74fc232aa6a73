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
    /// $1 id, $2 username, $3 role, $4 deactivated, $5 erased, $6 changed_seq, $7 folded.
    APPLY = "INSERT INTO users (id, username, role, deactivated_at, erased_at, changed_seq, folded)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (id) DO UPDATE SET username = excluded.username, role = excluded.role,
            deactivated_at = excluded.deactivated_at, erased_at = excluded.erased_at,
            changed_seq = excluded.changed_seq, folded = excluded.folded
        WHERE excluded.changed_seq > users.changed_seq";
    /// $1 id.
    FIND = "SELECT id, username,
            CASE WHEN erased_at IS NOT NULL THEN 'erased'
                WHEN deactivated_at IS NOT NULL THEN 'deactivated' ELSE 'active' END AS state
        FROM users WHERE id = $1";
    /// $1 from, $2 below, $3 whether only those who can be written to, $4 limit.
    STARTING = "SELECT number, id, username FROM users
        WHERE folded >= $1 AND folded < $2 AND username <> ''
            AND (NOT $3 OR (deactivated_at IS NULL AND erased_at IS NULL))
        ORDER BY folded LIMIT $4";
    /// Names that an earlier version did not fold.
    NOT_FOLDED = "SELECT number, username FROM users WHERE folded = '' AND username <> ''";
    /// $1 folded, $2 number.
    FOLD = "UPDATE users SET folded = $1 WHERE number = $2";
}

/// Above every text that begins with what stands before it.
const ABOVE: char = char::MAX;
/// Most people who are found by one name.
const FOUND: i64 = 25_000;

/// Somebody who was looked for by name.
pub(crate) struct Named {
    pub number: i64,
    pub person: Person,
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
    let (name, role, folded) = (&row.username, row.role.as_str(), Folded::new(&row.username).text);
    let params = (row.id.0, name, role, deactivated, erased, row.changed_seq, folded);
    conn.prepare_cached(APPLY)?.execute(params)?;
    Ok(())
}

/// Folds the names that an earlier version did not.
pub(crate) fn fold(conn: &Connection) -> rusqlite::Result<()> {
    let mut statement = conn.prepare(NOT_FOLDED)?;
    let names = statement.query_map([], |row| Ok((row.get("number")?, row.get("username")?)))?;
    let names: Vec<(i64, String)> = names.collect::<rusqlite::Result<_>>()?;
    if names.is_empty() {
        return Ok(());
    }
    let tx = conn.unchecked_transaction()?;
    for (number, name) in names {
        tx.prepare_cached(FOLD)?.execute((Folded::new(&name).text, number))?;
    }
    tx.commit()
}

/// Whose name begins so, however either is written (see [`Folded`]), by name.
pub(crate) fn starting(conn: &Connection, beginning: &str) -> Result<Vec<Named>> {
    found(conn, beginning, false, FOUND)
}

fn found(conn: &Connection, beginning: &str, active: bool, limit: i64) -> Result<Vec<Named>> {
    let from = Folded::new(beginning).text;
    let params = (&from, format!("{from}{ABOVE}"), active, limit);
    let mut statement = conn.prepare_cached(STARTING)?;
    let rows = statement
        .query_map(params, |row| Ok(Named { number: row.get("number")?, person: person(row)? }))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

impl Mirror {
    /// People who can be written to and whose name begins so, however either is written, at most `limit`, by
    /// name.
    pub fn people_starting(&self, prefix: &str, limit: usize) -> Result<Vec<Person>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = self.read(|conn| found(conn, prefix, true, limit))?;
        Ok(found.into_iter().map(|named| named.person).collect())
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
