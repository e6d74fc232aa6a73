//! People, as the mirror knows them: the table `users`.

use super::pictures;
use crate::error::Result;
use parlour_protocol::fold::Folded;
use parlour_protocol::looks::looks;
use parlour_protocol::{Millis, PersonStatus, Profile, UserId, UserRole, UserRow};
use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use std::collections::HashSet;

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
    /// $1 id.
    PERSON = concat!("SELECT id, username, display_name, ", shown_name!(), " AS shown
        FROM users WHERE id = $1");
    /// $1 from, $2 below, $3 whether only people who can receive messages, $4 limit.
    BY_USERNAME = concat!("SELECT number, id, username, display_name, ", shown_name!(), " AS shown
        FROM users
        WHERE folded >= $1 AND folded < $2 AND username <> ''
            AND (NOT $3 OR (deactivated_at IS NULL AND erased_at IS NULL))
        ORDER BY folded LIMIT $4");
    /// $1 beginning of a word, $2 whether only people who can receive messages, $3 limit. Reads the display names,
    /// which are in an index of their own.
    BY_DISPLAY_NAME = concat!("SELECT number, id, username, display_name, ", shown_name!(), " AS shown
        FROM users
        WHERE display_folded <> '' AND instr(' ' || display_folded, ' ' || $1) > 0
            AND (NOT $2 OR (deactivated_at IS NULL AND erased_at IS NULL))
        ORDER BY display_folded LIMIT $3");
}

/// A character that sorts last: a prefix followed by it sorts after every text that starts with the prefix.
const LAST_CHAR: char = char::MAX;
/// Maximum number of people found by one name.
const MAX_CANDIDATES: i64 = 25_000;

/// A person who was found by name.
pub(crate) struct NamedPerson {
    pub number: i64,
    pub person: Person,
    /// Empty if they have none.
    pub display_name: String,
}

impl NamedPerson {
    /// Returns the names by which the person can be searched for.
    pub fn names(&self) -> [&str; 2] {
        [&self.person.username, &self.display_name]
    }
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
    pub(crate) fn from_row(row: &UserRow) -> Self {
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

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// The person's id.
    pub id: UserId,
    /// Their username, spelled as they chose.
    pub username: String,
    /// The shown name: the display name, followed by the username if another person's shown name or username looks
    /// the same; the username if there is no display name.
    pub name: String,
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

/// The fields that a row of the directory changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChangedFields {
    /// The person's status.
    pub status: bool,
    /// Anything else.
    pub person: bool,
}

impl ChangedFields {
    fn between(row: &UserRow, before: Option<UserRow>) -> Self {
        let Some(mut before) = before else { return Self { status: true, person: true } };
        let status = before.profile.status != row.profile.status;
        before.profile.status = row.profile.status.clone();
        before.changed_seq = row.changed_seq;
        Self { status, person: before != *row }
    }
}

/// Writes a row of the directory, if it is newer than the stored one. Returns what it changes.
pub(crate) fn apply(conn: &Connection, row: &UserRow) -> Result<ChangedFields> {
    let changed = ChangedFields::between(row, find(conn, row.id)?);
    let (deactivated, erased) = (row.deactivated_at.map(|at| at.0), row.erased_at.map(|at| at.0));
    let (name, role, folded) = (&row.username, row.role.as_str(), Folded::new(&row.username).text);
    let Profile { display_name, about, time_zone, status } = &row.profile;
    let shown = if display_name.is_empty() { name } else { display_name };
    let display_folded = Folded::new(display_name).text;
    pictures::delete_replaced(conn, row)?;
    conn.prepare_cached(APPLY)?.execute(rusqlite::params![
        row.id.0,
        name,
        role,
        deactivated,
        erased,
        row.changed_seq,
        folded,
        display_name,
        about,
        time_zone,
        display_folded,
        looks(shown),
        looks(name),
        row.picture.map(|picture| picture.to_string()),
        status.emoji,
        status.text,
        status.until.map(|until| until.0),
    ])?;
    Ok(changed)
}

/// Returns the people whose folded username, or a word of whose folded display name, starts with the folded
/// `typed` (see [`Folded`]): first those with such a username, then the others, each sorted by name.
pub(crate) fn find_by_prefix(conn: &Connection, typed: &str) -> Result<Vec<NamedPerson>> {
    find_some_by_prefix(conn, typed, false, MAX_CANDIDATES)
}

/// Same as [`find_by_prefix`], but returns at most `limit` people, and with `active` only people who can
/// be written to.
pub(crate) fn find_some_by_prefix(
    conn: &Connection,
    typed: &str,
    active: bool,
    limit: i64,
) -> Result<Vec<NamedPerson>> {
    let prefix = Folded::new(typed).text;
    let params = (&prefix, format!("{prefix}{LAST_CHAR}"), active, limit);
    let mut statement = conn.prepare_cached(BY_USERNAME)?;
    let mut found: Vec<NamedPerson> =
        statement.query_map(params, to_named_person)?.collect::<rusqlite::Result<_>>()?;
    if !prefix.is_empty() {
        let known: HashSet<i64> = found.iter().map(|named| named.number).collect();
        let mut statement = conn.prepare_cached(BY_DISPLAY_NAME)?;
        for other in statement.query_map((&prefix, active, limit), to_named_person)? {
            let other = other?;
            if !known.contains(&other.number) {
                found.push(other);
            }
        }
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    Ok(found)
}

fn to_named_person(row: &rusqlite::Row<'_>) -> rusqlite::Result<NamedPerson> {
    let (number, display_name) = (row.get("number")?, row.get("display_name")?);
    Ok(NamedPerson { number, person: to_person(row)?, display_name })
}

fn to_person(row: &rusqlite::Row<'_>) -> rusqlite::Result<Person> {
    let (username, name) = (row.get("username")?, row.get("shown")?);
    Ok(Person { id: UserId(row.get("id")?), username, name })
}

/// Reads a row of the table.
pub(crate) fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<UserRow> {
    let role: String = row.get("role")?;
    let time = |name| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(name)?.map(Millis));
    Ok(UserRow {
        profile: Profile {
            display_name: row.get("display_name")?,
            about: row.get("about")?,
            time_zone: row.get("time_zone")?,
            status: PersonStatus {
                emoji: row.get("status_emoji")?,
                text: row.get("status_text")?,
                until: time("status_until")?,
            },
        },
        picture: row.get::<_, Option<String>>("picture")?.and_then(|id| id.parse().ok()),
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
    Ok(find(conn, id)?.map(|row| PersonState::from_row(&row)).unwrap_or_default())
}

/// Returns a person, if they are known.
pub(crate) fn person(conn: &Connection, id: UserId) -> Result<Option<Person>> {
    Ok(conn.prepare_cached(PERSON)?.query_row([id.0], to_person).optional()?)
}

/// Same as [`person`], but returns a person without a name if the person is not known.
pub(crate) fn person_or_unnamed(conn: &Connection, id: UserId) -> Person {
    let unnamed = || Person { id, username: String::new(), name: String::new() };
    person(conn, id).ok().flatten().unwrap_or_else(unnamed)
}
