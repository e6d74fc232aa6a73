//! Names that Mattermost accepts, of which each is given once.

use std::collections::HashSet;

/// Longest name of a user, in characters.
const USERNAME_CHARS: usize = 64;
/// Longest name of a channel or team without its number, in characters.
const SLUG_CHARS: usize = 50;
/// Usernames with a meaning in Mattermost.
const RESERVED_USERNAMES: [&str; 6] = ["all", "channel", "here", "matterbot", "system", "boards"];
/// Channels that every team has.
const RESERVED_CHANNELS: [&str; 2] = ["town-square", "off-topic"];
/// What the name of a team must not begin with.
const RESERVED_TEAM_PREFIXES: [&str; 16] = [
    "admin",
    "api",
    "boards",
    "channel",
    "claim",
    "error",
    "files",
    "help",
    "landing",
    "login",
    "mfa",
    "oauth",
    "playbooks",
    "plug",
    "post",
    "signup",
];

/// Names that were given.
pub struct Names {
    taken: HashSet<String>,
}

impl Names {
    /// Creates names of users.
    pub fn of_users() -> Self {
        Self { taken: RESERVED_USERNAMES.map(str::to_owned).into() }
    }

    /// Creates names of channels.
    pub fn of_channels() -> Self {
        Self { taken: RESERVED_CHANNELS.map(str::to_owned).into() }
    }

    /// Returns the name of a user: lower-case letters of ASCII, digits, dots, hyphens and underscores. It begins with a
    /// letter.
    pub fn user(&mut self, username: &str) -> String {
        let to_allowed = |c: char| match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9' | '.' | '-' | '_') => c,
            _ => '_',
        };
        let name: String = username.chars().map(to_allowed).collect();
        let name = match name.starts_with(|c: char| c.is_ascii_lowercase()) {
            true => name,
            false => format!("u{name}"),
        };
        // Room for a number.
        self.unique(name.chars().take(USERNAME_CHARS - 10).collect())
    }

    /// Returns the name of a channel; see [`slug`].
    pub fn channel(&mut self, title: &str) -> String {
        self.unique(slug(title, "channel"))
    }

    fn unique(&mut self, name: String) -> String {
        let mut candidate = name.clone();
        let mut number = 1_u64;
        while !self.taken.insert(candidate.clone()) {
            number += 1;
            candidate = format!("{name}-{number}");
        }
        candidate
    }
}

/// Returns the name of a team.
pub fn team(server_name: &str) -> String {
    let name = slug(server_name, "parlour");
    let is_reserved = RESERVED_TEAM_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.len() > 1;
    if is_reserved || !starts_well { format!("team-{name}") } else { name }
}

/// Returns lower-case letters of ASCII and digits, with single hyphens in between; the fallback if there are none.
fn slug(text: &str, fallback: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        let c = c.to_ascii_lowercase();
        if c.is_ascii_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= SLUG_CHARS {
            break;
        }
    }
    match slug.trim_end_matches('-') {
        "" => fallback.to_owned(),
        slug => slug.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_valid_and_given_once() {
        let mut users = Names::of_users();
        let given = ["Wren", "wren", "zoë", "7up", "all", ""].map(|name| users.user(name));
        assert_eq!(given, ["wren", "wren-2", "zo_", "u7up", "all-2", "u"]);
        let mut channels = Names::of_channels();
        let given =
            ["Town Square", "a  / b!", "日本", "", "A_B"].map(|name| channels.channel(name));
        assert_eq!(given, ["town-square-2", "a-b", "channel", "channel-2", "a-b-2"]);
        assert_eq!(
            ["The Wren House", "Admins", "9"].map(team),
            ["the-wren-house", "team-admins", "team-9"]
        );
    }
}
