//! Maps the nicks of a log to users.

use super::ids::made_id;
use super::report::Report;
use super::sources::Source;
use crate::db::Tx;
use crate::error::ApiError;
use crate::names::{check_username, username_key};
use crate::queries::users::{self, NO_PASSWORD};
use parlour_protocol::{UserId, UserRole, limits};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::Mutex;

/// The suffix of a nick that is, or looks like, the name of a user who can sign in.
const APART: &str = "_irc";

/// How nicks that match the names of existing users are treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// Such a nick belongs to somebody else, because anybody on IRC may have taken it.
    Apart,
    /// Such a nick belongs to the user with that name.
    Theirs,
}

/// The users found or created so far.
#[derive(Clone)]
pub struct People(pub Arc<Mutex<ImportedUsers>>);

impl People {
    /// Starts with none.
    pub fn new(names: Names) -> Self {
        Self(Arc::new(Mutex::new(ImportedUsers { names, by_key: HashMap::new() })))
    }
}

/// The users found or created so far, by the keys of their usernames.
pub struct ImportedUsers {
    names: Names,
    by_key: HashMap<String, UserId>,
}

impl ImportedUsers {
    /// Returns the user with this nick, who is created without a password if there is none yet.
    pub async fn meet(
        &mut self,
        tx: &Tx,
        nick: &str,
        source: &Source,
        report: &mut Report,
    ) -> Result<UserId, ApiError> {
        let username = usable(nick);
        if username != nick {
            report.note(
                "a nick that cannot be a username, altered",
                format!("{}: {nick:?}", source.name),
            );
        }
        let key = username_key(&username).unwrap_or_else(|| username.clone());
        if let Some(id) = self.by_key.get(&key) {
            return Ok(*id);
        }
        let id = self.find(tx, username, &key, source, report).await?;
        self.by_key.insert(key, id);
        Ok(id)
    }

    async fn find(
        &self,
        tx: &Tx,
        mut username: String,
        key: &str,
        source: &Source,
        report: &mut Report,
    ) -> Result<UserId, ApiError> {
        let id = UserId(made_id("user", key, None));
        // A user who was created by an import keeps their nick, even after they were given a password.
        if users::find(tx, id).await?.is_some() {
            return Ok(id);
        }
        let first = username.clone();
        let mut tried = 0;
        loop {
            match users::by_username(tx, &username).await? {
                Some(user) if self.names == Names::Theirs || user.password_hash == NO_PASSWORD => {
                    return Ok(user.row.id);
                }
                Some(_) => {}
                None if !users::looks_like_one_who_signs_in(tx, &username).await? => break,
                None => {}
            }
            tried += 1;
            username = apart(&first, tried);
        }
        if username != first {
            let why =
                "a nick that is, or looks like, somebody's name here, taken for another person's";
            report.note(why, format!("{}: {first:?} is {username:?}", source.name));
        }
        users::insert(tx, id, &username, NO_PASSWORD, UserRole::Member, source.day).await?;
        Ok(id)
    }
}

/// Returns the `nth` alternative to a username.
fn apart(username: &str, nth: usize) -> String {
    let end = if nth == 1 { APART.to_owned() } else { format!("{APART}{nth}") };
    let name = username.chars().take(limits::USERNAME_CHARS - end.len());
    name.chain(end.chars()).collect()
}

fn usable(nick: &str) -> String {
    if check_username(nick).is_ok() {
        return nick.into();
    }
    let keep = |c: char| if check_username(&c.to_string()).is_ok() { c } else { '_' };
    let name: String = nick.chars().map(keep).take(limits::USERNAME_CHARS).collect();
    if check_username(&name).is_ok() {
        return name;
    }
    // Each character is allowed by itself, but the name as a whole is not.
    std::iter::once('_').chain(name.chars()).take(limits::USERNAME_CHARS).collect()
}
