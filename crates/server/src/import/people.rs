//! Maps the people of an export to users here: existing ones, or placeholders without a password.

use super::csv;
use super::ids::Source;
use super::records::Person;
use crate::db::Tx;
use crate::error::ApiError;
use crate::names::check_username;
use crate::queries::users::{self, NO_PASSWORD};
use crate::queries::{import_runs, profiles};
use parlour_protocol::clean_display_name;
use parlour_protocol::{Millis, Profile, ProfileChange, UserId, UserRole, UserRow, limits};
use std::collections::{BTreeMap, HashMap};

/// The columns of the map of people.
const COLUMNS: [&str; 5] = ["key", "username", "name", "email", "parlour"];

/// How to treat people in the export who have the name of somebody here, if the map does not mention them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// They are different people, because anybody may have used that name in the other system.
    OtherPeople,
    /// They are the same people.
    SamePeople,
}

/// The map of people: from keys in the export to usernames here.
pub type Map = HashMap<String, String>;

/// Reads a map of people.
///
/// # Errors
/// Returns what is wrong with the map.
pub fn read_map(text: &str) -> Result<Map, String> {
    let rows = csv::rows(text);
    let Some((head, rows)) = rows.split_first() else { return Err("it is empty".into()) };
    let column = |name: &str| head.iter().position(|item| item.trim().eq_ignore_ascii_case(name));
    let (Some(key), Some(parlour)) = (column("key"), column("parlour")) else {
        return Err("its first line must name the columns key and parlour".into());
    };
    let mut map = Map::new();
    for row in rows {
        let (key, name) = (row.get(key), row.get(parlour).map(|name| name.trim()));
        if let (Some(key), Some(name)) = (key, name.filter(|name| !name.is_empty())) {
            map.insert(key.clone(), name.to_owned());
        }
    }
    Ok(map)
}

/// Returns a map of people, with proposals of who each of them may be here.
pub async fn write_map(
    tx: &Tx,
    people: &BTreeMap<String, Person>,
) -> Result<(String, u64), ApiError> {
    let (mut text, mut matched) = (csv::line(&COLUMNS), 0);
    for person in people.values() {
        let proposal = propose_user(tx, person).await?.unwrap_or_default();
        matched += u64::from(!proposal.is_empty());
        text.push_str(&csv::line(&[
            &person.key,
            &person.username,
            &person.name,
            &person.email,
            &proposal,
        ]));
    }
    Ok((text, matched))
}

/// Returns the username of the user who a person may be: with the same username, or with that of their email address.
async fn propose_user(tx: &Tx, person: &Person) -> Result<Option<String>, ApiError> {
    let local = person.email.split('@').next().unwrap_or_default();
    for name in [person.username.as_str(), local] {
        if name.is_empty() || person.is_bot {
            continue;
        }
        let user = users::by_username(tx, name).await?;
        let with_password =
            user.filter(|user| user.password_hash != NO_PASSWORD && user.row.erased_at.is_none());
        if let Some(user) = with_password {
            return Ok(Some(user.row.username));
        }
    }
    Ok(None)
}

/// The people of an export, and the users here to whom they were mapped.
pub struct People {
    source: Source,
    names: Names,
    map: Map,
    /// The number of the import.
    run: i64,
    exported: HashMap<String, Person>,
    users: HashMap<String, (UserId, String)>,
    /// The names that were altered: the reason, and the name.
    pub odd: Vec<(&'static str, String)>,
}

impl People {
    /// Creates it without people, for the import with this number.
    pub fn new(source: Source, names: Names, map: Map, run: i64) -> Self {
        let (exported, users, odd) = (HashMap::new(), HashMap::new(), Vec::new());
        Self { source, names, map, run, exported, users, odd }
    }

    /// Adds the description of a person in the export.
    pub fn add(&mut self, person: Person) {
        if !self.users.contains_key(&person.key) {
            self.exported.insert(person.key.clone(), person);
        }
    }

    /// Returns the user for a key of the export, if they were found or created before.
    pub fn known(&self, key: &str) -> Option<UserId> {
        self.users.get(key).map(|(user, _)| *user)
    }

    /// Returns the user for a key of the export, and their username. Creates the user if there is none yet.
    pub async fn find_or_create(
        &mut self,
        tx: &Tx,
        key: &str,
        now: Millis,
    ) -> Result<(UserId, String), ApiError> {
        if let Some(known) = self.users.get(key) {
            return Ok(known.clone());
        }
        let person = self.exported.remove(key);
        let person = person.unwrap_or_else(|| Person { key: key.to_owned(), ..Person::default() });
        let found = self.find(tx, &person, now).await?;
        self.users.insert(key.to_owned(), found.clone());
        Ok(found)
    }

    async fn find(
        &mut self,
        tx: &Tx,
        person: &Person,
        now: Millis,
    ) -> Result<(UserId, String), ApiError> {
        if let Some(name) = self.map.get(&person.key) {
            let user = users::by_username(tx, name).await?;
            let user = user.ok_or_else(|| ApiError::not_found(&format!("person as {name}")))?;
            return Ok((user.row.id, user.row.username));
        }
        let id = self.source.user(&person.key);
        // A user who was created by an import stays the author of their messages, even after they were given a
        // password.
        let removed = match users::find(tx, id).await? {
            Some(user) if user.row.erased_at.is_none() => return Ok((id, user.row.username)),
            Some(user) => {
                let marks = import_runs::of_person(tx, id).await?;
                if !marks.iter().any(|mark| mark.is_removed) {
                    return Ok((id, user.row.username));
                }
                Some(user.row)
            }
            None => None,
        };
        let exported = [&person.username, &person.name, &person.key];
        let preferred = exported
            .into_iter()
            .find(|name| !name.trim().is_empty())
            .map_or("unknown", String::as_str);
        let first = to_username(preferred);
        if first != preferred && preferred == person.username {
            self.odd.push((
                "a name that is not a valid username, altered",
                format!("{preferred:?} is {first:?}"),
            ));
        }
        let mut username = first.clone();
        for attempt in 1.. {
            let existing = users::by_username(tx, &username).await?;
            match existing {
                Some(user)
                    if self.names == Names::SamePeople
                        && attempt == 1
                        && user.password_hash != NO_PASSWORD =>
                {
                    return Ok((user.row.id, user.row.username));
                }
                Some(_) => {}
                None if !users::looks_like_user_with_password(tx, &username).await? => break,
                None => {}
            }
            username = self.with_suffix(&first, attempt);
        }
        if username != first {
            let reason = "a name that is the same as or looks like that of a user here, imported as another person";
            self.odd.push((reason, format!("{first:?} is {username:?}")));
        }
        match removed {
            None => users::insert(tx, id, &username, NO_PASSWORD, UserRole::Member, now).await?,
            // Undoing an import removed them.
            Some(row) => {
                let (username, deactivated_at, erased_at) = (username.clone(), None, None);
                let row = UserRow { username, deactivated_at, erased_at, ..row };
                users::update(tx, row).await?;
                import_runs::mark_person(tx, id, false).await?;
            }
        }
        import_runs::add_person(tx, self.run, id, true).await?;
        if !set_profile(tx, id, &username, person).await? {
            let reason = "a name that is not a valid display name, left out";
            self.odd.push((reason, format!("{:?} of {username:?}", person.name)));
        }
        Ok((id, username))
    }

    /// Returns the `nth` alternative to a username.
    fn with_suffix(&self, username: &str, nth: usize) -> String {
        let word = self.source.format.as_str();
        let end = if nth == 1 { format!("_{word}") } else { format!("_{word}{nth}") };
        let name = username.chars().take(limits::USERNAME_CHARS - end.len());
        name.chain(end.chars()).collect()
    }
}

/// Sets a person's display name, if it says more than their username, and what is known about them. Returns false if
/// the name cannot be one; other invalid texts are left out.
async fn set_profile(
    tx: &Tx,
    id: UserId,
    username: &str,
    person: &Person,
) -> Result<bool, ApiError> {
    let shown = clean_display_name(&person.name);
    let name = ProfileChange { display_name: Some(shown), ..ProfileChange::default() };
    let about = ProfileChange { about: Some(person.about.clone()), ..ProfileChange::default() };
    let zone =
        ProfileChange { time_zone: Some(person.time_zone.clone()), ..ProfileChange::default() };
    let mut profile = Profile::default();
    let name = name.normalized();
    name.apply_to(&mut profile);
    let says_more = !profile.display_name.is_empty() && profile.display_name != username;
    let is_valid = !says_more || name.check().is_ok();
    if !says_more || !is_valid {
        profile.display_name = String::new();
    }
    for change in [about.normalized(), zone.normalized()] {
        if change.check().is_ok() {
            change.apply_to(&mut profile);
        }
    }
    if profile.is_empty() {
        return Ok(is_valid);
    }
    profiles::set(tx, id, &profile).await?;
    if let Some(user) = users::find(tx, id).await? {
        users::update(tx, UserRow { profile, ..user.row }).await?;
    }
    Ok(is_valid)
}

/// Returns a valid username for the name.
fn to_username(name: &str) -> String {
    let name = name.trim();
    if check_username(name).is_ok() {
        return name.into();
    }
    let replace = |c: char| if check_username(&c.to_string()).is_ok() { c } else { '_' };
    let name: String = name.chars().map(replace).take(limits::USERNAME_CHARS).collect();
    if check_username(&name).is_ok() {
        return name;
    }
    // Each character is allowed by itself, but the name as a whole is not.
    let prefixed: String =
        std::iter::once('_').chain(name.chars()).take(limits::USERNAME_CHARS).collect();
    if check_username(&prefixed).is_ok() {
        return prefixed;
    }
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if check_username(&plain).is_ok() { plain } else { "unknown".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_of_people_is_read_and_invalid_ones_are_refused() {
        let map = read_map("key,name,parlour\nU1,Ada,ada\nU2,Bo,\n\"U,3\",C, cy \n").unwrap();
        assert_eq!(map, HashMap::from([("U1".into(), "ada".into()), ("U,3".into(), "cy".into())]));
        assert!(read_map("").is_err() && read_map("a,b\n1,2\n").is_err());
    }

    #[test]
    fn every_name_becomes_a_username() {
        for name in [
            "Ada Lovelace",
            "a|b",
            "",
            "wr\u{435}n",
            "\u{202e}x",
            "all",
            "田中 Ito",
            &"x".repeat(99),
        ] {
            assert!(check_username(&to_username(name)).is_ok(), "{name:?}");
        }
    }
}
