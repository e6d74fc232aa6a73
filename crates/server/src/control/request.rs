//! What can be asked, and what is answered.

use super::status::Status;
use crate::admin::audit::Chain;
use crate::backup::{NewBackup, Seal};
use crate::doctor::Finding;
use crate::import::{Format, Report};
use parlour_protocol::{
    AuditEntry, ConversationId, Invitation, InvitationRequest, Millis, OwnerlessGroup, SessionInfo,
    UserId, UserRole,
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What can be asked. It may hold a password, and is therefore not to be printed.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Request {
    /// How the server is.
    Status,
    /// Whether anything is wrong with it.
    Doctor,
    /// A link by which people get in.
    Invite(InvitationRequest),
    /// Everybody.
    ListPeople,
    /// Adds a person.
    AddPerson {
        /// What they are called.
        username: String,
        /// Their password.
        password: String,
        /// What they may do on the server.
        role: UserRole,
    },
    /// Gives a person a password, and ends their sessions.
    SetPassword {
        /// Who.
        username: String,
        /// Their new password.
        password: String,
    },
    /// Says what a person may do on the server.
    SetRole {
        /// Who.
        username: String,
        /// What they may do.
        role: UserRole,
    },
    /// Keeps a person from signing in, and ends their sessions.
    Deactivate {
        /// Who.
        username: String,
        /// Whether their devices delete what they hold.
        wipe: bool,
    },
    /// Lets a person sign in again.
    Reactivate {
        /// Who.
        username: String,
    },
    /// Takes out a person's name and all that they kept for themselves.
    Erase {
        /// Who.
        username: String,
        /// Whether their devices delete what they hold.
        wipe: bool,
    },
    /// Where a person is signed in.
    ListSessions {
        /// Who.
        username: String,
    },
    /// Every group.
    ListGroups,
    /// Groups that nobody owns who can sign in.
    ListOwnerless,
    /// Gives such a group to a person.
    GiveGroup {
        /// Which.
        id: ConversationId,
        /// To whom.
        username: String,
    },
    /// Imports the history of another chat system, or says what is in an export.
    Import(Box<Import>),
    /// Everything in the audit, and whether it is whole.
    Audit,
    /// Makes a backup.
    Backup {
        /// Where it is to be on the server's computer.
        file: PathBuf,
        /// How it is encrypted; as the server's settings say, if that is not said.
        seal: Option<Seal>,
    },
    /// Looks whether the database is whole.
    Verify,
    /// Makes a new key for the certificate that the server creates itself.
    NewKey,
}

/// How an export is to be imported; its paths are on the server's computer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// What wrote it.
    pub format: Format,
    /// The folder, file or archive.
    pub path: PathBuf,
    /// Whether it is only looked at.
    pub dry_run: bool,
    /// Who becomes a member of every group.
    pub members: Vec<String>,
    /// Whether a name that somebody here has is that person's.
    pub same_people: bool,
    /// The map of people.
    pub people: Option<PathBuf>,
    /// Where what was left out is kept.
    pub report: Option<PathBuf>,
    /// What tells apart servers whose exports have the same keys.
    pub source: String,
    /// The channel's or chat's name, where the export does not have it.
    pub channel: Option<String>,
    /// The time zone of times without one.
    pub time_zone: Option<String>,
    /// The encoding of lines that are not UTF-8.
    pub encoding: Option<String>,
}

/// What comes before the answer, as it is found or done.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Item {
    /// How far it is.
    Progress {
        /// Bytes done.
        done: u64,
        /// Bytes in all.
        total: u64,
    },
    /// What a check found.
    Finding(Finding),
    /// One of the people.
    Person(Person),
    /// One of a person's sessions.
    Session(SessionInfo),
    /// One of the groups.
    Group(Group),
    /// One of the groups that nobody owns.
    Ownerless(OwnerlessGroup),
    /// An entry of the audit.
    Entry {
        /// Itself.
        entry: AuditEntry,
        /// As people read it.
        line: String,
    },
    /// A table of the database.
    Table(Table),
}

/// The answer.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reply {
    /// It is done.
    Done,
    /// There are no more items than those that came.
    Listed,
    /// How the server is.
    Status(Box<Status>),
    /// The invitation that was made.
    Invited(Invited),
    /// The person as they are now.
    Person(Person),
    /// What an import did.
    Imported(Box<Report>),
    /// What became of the audit's chain.
    Audited(Chain),
    /// The backup that was made.
    BackedUp(NewBackup),
    /// What is wrong with the database.
    Checked(VerifyReport),
}

/// An invitation, and how it is given to people.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invited {
    /// Itself.
    pub invitation: Invitation,
    /// Its secret.
    pub secret: String,
    /// The server's address as it knows it, if it does.
    pub address: Option<String>,
    /// The pin of its key, where links have to name it.
    pub pin: Option<String>,
}

/// A table of a database, for comparison with another one's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    /// Its name.
    pub table: String,
    /// How many rows it has.
    pub rows: u64,
    /// SHA-256 digests of all rows, combined: the same wherever these rows are.
    pub digest: String,
}

/// What was found out of a database.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifyReport {
    /// What is wrong in it.
    pub faults: Vec<String>,
    /// What became of the audit's chain.
    pub audit: Chain,
}

/// A person, for who looks after the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// What they are called.
    pub username: String,
    /// What they may do on the server.
    pub role: UserRole,
    /// Whether they can: not who is deactivated or erased, nor who has no password.
    pub signs_in: bool,
    /// When they were last active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Millis>,
    /// Since when they may not sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deactivated_at: Option<Millis>,
    /// Since when their name is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Millis>,
}

/// A group, for who looks after the server.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Which.
    pub id: ConversationId,
    /// What it is called.
    pub title: String,
    /// When it was begun.
    pub created_at: Millis,
    /// Since when nothing more is said in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Millis>,
    /// How many are in it.
    pub member_count: i64,
}
