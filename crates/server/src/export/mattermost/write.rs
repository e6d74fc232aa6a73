//! Writes the lines in the order that Mattermost expects: each may name only what an earlier one made.

use super::super::error::ExportError;
use super::super::file_copies::FileCopies;
use super::super::output::{Output, OutputFile};
use super::super::report::ExportReport;
use super::super::source::Source;
use super::content::{Contents, People};
use super::names::{self, Names};
use super::posts::{self, Channel};
use super::records::{self, DirectChannel, Membership, Record, Team, User};
use crate::queries::conversations::StoredConversation;
use parlour_protocol::{ConversationId, ConversationType, MemberRole, UserRole, UserRow};
use std::collections::HashMap;

/// The name of the file of all lines.
const NAME: &str = "import.jsonl";
/// The team's name if the server has none.
const DEFAULT_NAME: &str = "Parlour";
/// The domain of addresses that receive nothing (RFC 6761), because users have no addresses here.
const NO_DOMAIN: &str = "parlour.invalid";
/// Longest name of a team or channel, and of a person, for people, in characters.
const TITLE_CHARS: usize = 64;
/// Longest purpose of a channel in characters; a longer one is its header.
const PURPOSE_CHARS: usize = 250;

/// The names of groups that are exported.
type Channels = HashMap<ConversationId, String>;

/// Writes an export.
///
/// # Errors
/// Fails if the database or the file store cannot be read, if a file cannot be written, or if it is cancelled.
pub fn write(
    source: &Source<'_>,
    output: &mut Output<'_>,
    files: &mut FileCopies,
    report: &mut ExportReport,
) -> Result<(), ExportError> {
    let mut file = output.create(&output.folder.join(NAME))?;
    output.line(&mut file, &Record::Version { version: records::VERSION })?;
    let server_name = match source.origin.name.trim() {
        "" => DEFAULT_NAME,
        name => name,
    };
    let team = names::team(server_name);
    let display_name = &shortened(server_name, TITLE_CHARS);
    let line = Team { name: &team, display_name, kind: "I", allow_open_invite: false };
    output.line(&mut file, &Record::Team { team: line })?;
    let channels = write_channels(source, &team, output, &mut file, report)?;
    let people = write_people(source, (&team, &channels), output, &mut file)?;
    let mut contents = Contents { snapshot: source.snapshot, people: &people, output, files };
    source.snapshot.conversations(source.scope, |conversation| {
        let Some(channel) = channels.get(&conversation.row.id) else { return Ok(()) };
        let channel = Channel::Team { team: &team, channel };
        report.messages += posts::write(&mut contents, &conversation, &channel, &mut file)?;
        Ok(())
    })?;
    write_direct(source, &mut contents, &mut file, report)?;
    contents.output.finish(file)
}

/// Writes the groups; returns their names.
fn write_channels(
    source: &Source<'_>,
    team: &str,
    output: &mut Output<'_>,
    file: &mut OutputFile,
    report: &mut ExportReport,
) -> Result<Channels, ExportError> {
    let (mut names, mut channels) = (Names::of_channels(), Channels::new());
    report.left_out = source.snapshot.conversations(source.scope, |conversation| {
        report.conversations += 1;
        let row = &conversation.row;
        if row.kind != ConversationType::Group {
            return Ok(());
        }
        let name = names.channel(&row.title);
        let title = match row.title.trim() {
            "" => name.clone(),
            title => shortened(title, TITLE_CHARS),
        };
        let is_short = row.topic.chars().count() <= PURPOSE_CHARS;
        let (purpose, header) =
            if is_short { (row.topic.as_str(), "") } else { ("", row.topic.as_str()) };
        let channel = records::Channel {
            team,
            name: &name,
            display_name: &title,
            kind: if source.scope.is_open(row.id) { "O" } else { "P" },
            purpose,
            header,
            deleted_at: row.archived_at,
        };
        output.line(file, &Record::Channel { channel })?;
        channels.insert(row.id, name);
        Ok(())
    })?;
    Ok(channels)
}

/// Writes all users; returns their names.
fn write_people(
    source: &Source<'_>,
    (team, channels): (&str, &Channels),
    output: &mut Output<'_>,
    file: &mut OutputFile,
) -> Result<People, ExportError> {
    let (mut names, mut people) = (Names::of_users(), People::default());
    source.snapshot.users(|row| {
        let name = names.user(&row.username);
        let mut joined = Vec::new();
        for (id, role) in source.snapshot.roles(row.id)? {
            if let Some(channel) = channels.get(&id) {
                let roles = match role {
                    MemberRole::Owner | MemberRole::Administrator => "channel_admin channel_user",
                    MemberRole::Member => "channel_user",
                };
                joined.push(Membership { name: channel, roles, channels: None });
            }
        }
        let (roles, team_roles) = match row.role {
            UserRole::Administrator => ("system_admin system_user", "team_admin team_user"),
            UserRole::Member => ("system_user", "team_user"),
        };
        let user = User {
            username: &name,
            email: format!("{name}@{NO_DOMAIN}"),
            auth_service: "",
            nickname: nickname(&row, &name),
            roles,
            delete_at: row.erased_at.or(row.deactivated_at),
            teams: [Membership { name: team, roles: team_roles, channels: Some(joined) }],
        };
        output.line(file, &Record::User { user })?;
        people.add(row.id, row.username, name);
        Ok(())
    })?;
    Ok(people)
}

/// Returns a person's display name; without one, the username if it is another one in Mattermost.
fn nickname(row: &UserRow, name: &str) -> String {
    match row.profile.display_name.as_str() {
        "" if row.username == name => String::new(),
        "" => shortened(&row.username, TITLE_CHARS),
        display_name => shortened(display_name, TITLE_CHARS),
    }
}

/// Writes the chats of two people, and then their messages.
fn write_direct(
    source: &Source<'_>,
    contents: &mut Contents<'_, '_>,
    file: &mut OutputFile,
    report: &mut ExportReport,
) -> Result<(), ExportError> {
    source.snapshot.conversations(source.scope, |conversation| {
        if let Some(members) = direct_members(source, contents.people, &conversation)? {
            let direct_channel = DirectChannel { members: &members };
            contents.output.line(file, &Record::DirectChannel { direct_channel })?;
        }
        Ok(())
    })?;
    source.snapshot.conversations(source.scope, |conversation| {
        if let Some(members) = direct_members(source, contents.people, &conversation)? {
            let channel = Channel::Direct(&members);
            report.messages += posts::write(contents, &conversation, &channel, file)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Returns the names of both people, twice the same one for a chat with oneself; `None` for a group.
fn direct_members(
    source: &Source<'_>,
    people: &People,
    conversation: &StoredConversation,
) -> Result<Option<Vec<String>>, ExportError> {
    if conversation.row.kind == ConversationType::Group {
        return Ok(None);
    }
    let members = source.snapshot.members(conversation.row.id)?;
    let mut names: Vec<String> =
        members.iter().map(|member| people.name(member.user_id).to_owned()).collect();
    let only = names.first().filter(|_| names.len() == 1).cloned();
    names.extend(only);
    Ok(Some(names).filter(|names| !names.is_empty()))
}

/// Returns the first characters of a text.
fn shortened(text: &str, max_chars: usize) -> String {
    text.chars().take(max_chars).collect()
}
