//! People, as the mirror knows them: the table `users`.

use crate::error::Result;
use crate::index::fold::Folded;
use parlour_protocol::{Millis, UserId, UserRole, UserRow};
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;

parlour_sqlite::statements! {
    /// $1 id.
    NUMBER = "SELECT number FROM users WHERE id = $1";
    /// $1 id.
    INSERT = "INSERT INTO users (id) VALUES ($1)";
    APPLY = concat!("INSERT INTO users (", users!(list), ") VALUES (", users!(values), ")
        ON CONFLICT (id) DO UPDATE SET ", users!(excluded), "
        WHERE excluded.changed_seq > users.changed_seq");
    /// $1 id.
    FIND = concat!("SELECT ", users!(list), " FROM users WHERE id = $1");
    /// $1 from, $2 below, $3 whether only those who can be written to, $4 limit.
    STARTING = concat!("SELECT number, ", users!(list), " FROM users
        WHERE folded >= $1 AND folded < $2 AND username <> ''
            AND (NOT $3 OR (deactivated_at IS NULL AND erased_at IS NULL))
        ORDER BY folded LIMIT $4");
}

/// A character that sorts last: a prefix followed by it sorts after every text that starts with the prefix.
const ABOVE: char = char::MAX;
/// Maximum number of people found by one name.
const FOUND: i64 = 25_000;

/// A person who was found by name.
pub(crate) struct Named {
    pub number: i64,
    pub person: Person,
}

/// Whether a person can read what is written to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub enum PersonState {
    /// They can sign in.
    #[default]
    Active,
    /// They cannot sign in until an administrator reactivates them.
    Deactivated,
    /// Their account and their name were deleted.
    Erased,
}

impl PersonState {
    /// Returns the state that a person's row describes.
    pub(crate) fn of(row: &UserRow) -> Self {
        match (row.erased_at, row.deactivated_at) {
            (Some(_), _) => Self::Erased,
            (None, Some(_)) => Self::Deactivated,
            (None, None) => Self::Active,
        }
    }

    /// Returns the state of this name, as the statements that join people write it.
    pub(crate) fn parse(name: &str) -> Self {
        match name {
            "erased" => Self::Erased,
            "deactivated" => Self::Deactivated,
            _ => Self::Active,
        }
    }
}

impl From<UserRow> for Person {
    fn from(row: UserRow) -> Self {
        Self { id: row.id, username: row.username }
    }
}

/// A person to write to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// The person's id.
    pub id: UserId,
    /// Their name, spelled as they chose.
    pub username: String,
}

/// Returns a person's number; assigns one if they have none yet.
pub(crate) fn number(conn: &Connection, id: UserId) -> Result<i64> {
    let known = conn.prepare_cached(NUMBER)?.query_row([id.0], |row| row.get(0)).optional()?;
    if let Some(number) = known {
        return Ok(number);
    }
    conn.prepare_cached(INSERT)?.execute([id.0])?;
    Ok(conn.last_insert_rowid())
}

/// Writes a row of the directory, if it is newer than the stored one.
pub(crate) fn apply(conn: &Connection, row: &UserRow) -> Result<()> {
    let (deactivated, erased) = (row.deactivated_at.map(|at| at.0), row.erased_at.map(|at| at.0));
    let (name, role, folded) = (&row.username, row.role.as_str(), Folded::new(&row.username).text);
    let params = (row.id.0, name, role, deactivated, erased, row.changed_seq, folded);
    conn.prepare_cached(APPLY)?.execute(params)?;
    Ok(())
}

/// Returns the people whose folded name starts with the folded `beginning` (see [`Folded`]), sorted
/// by name.
pub(crate) fn starting(conn: &Connection, beginning: &str) -> Result<Vec<Named>> {
    starting_with(conn, beginning, false, FOUND)
}

/// Same as [`starting`], but returns at most `limit` people, and with `active` only those who can
/// be written to.
pub(crate) fn starting_with(
    conn: &Connection,
    beginning: &str,
    active: bool,
    limit: i64,
) -> Result<Vec<Named>> {
    let from = Folded::new(beginning).text;
    let params = (&from, format!("{from}{ABOVE}"), active, limit);
    let mut statement = conn.prepare_cached(STARTING)?;
    let rows = statement.query_map(params, |row| {
        Ok(Named { number: row.get("number")?, person: read(row)?.into() })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Reads a row of the table.
pub(crate) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<UserRow> {
    let role: String = row.get("role")?;
    let time = |name| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(name)?.map(Millis));
    Ok(UserRow {
        deactivated_at: time("deactivated_at")?,
        erased_at: time("erased_at")?,
        ..UserRow::new(
            UserId(row.get("id")?),
            row.get::<_, String>("username")?,
            UserRole::parse(&role).unwrap_or(UserRole::Member),
            row.get("changed_seq")?,
        )
    })
}

// Reads one row per person, once a day.
const DIRECTORY: &str = concat!("SELECT ", users!(list), " FROM users WHERE changed_seq > 0");

/// Returns everybody whom the directory has contained.
pub(crate) fn all(conn: &Connection) -> Result<Vec<UserRow>> {
    let mut statement = conn.prepare_cached(DIRECTORY)?;
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// Returns a person's row, if they are known.
pub(crate) fn find(conn: &Connection, id: UserId) -> Result<Option<UserRow>> {
    Ok(conn.prepare_cached(FIND)?.query_row([id.0], read).optional()?)
}

/// Returns the state of a person; an unknown one counts as active.
pub(crate) fn state(conn: &Connection, id: UserId) -> Result<PersonState> {
    Ok(find(conn, id)?.map(|row| PersonState::of(&row)).unwrap_or_default())
}

/// Returns a person's name; fails if they are not known.
pub(crate) fn name(conn: &Connection, id: UserId) -> Result<String> {
    let found = find(conn, id)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok(found.username)
}
