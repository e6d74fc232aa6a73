//! The requests of commands, and the responses.

use super::status::Status;
use crate::admin::audit::Chain;
use crate::backup::{BackupEncryption, NewBackup};
use crate::doctor::Finding;
use crate::export::{ExportFormat, ExportReport};
use crate::import::{Format, ImportRun, Report, UndoReport};
use parlour_protocol::{
    AuditEntry, ConversationId, Invitation, InvitationRequest, Millis, OwnerlessGroup, SessionInfo,
    UserId, UserRole,
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A request. It may contain a password, so it does not implement `Debug`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Request {
    /// The status of the server.
    Status,
    /// A diagnosis of the server.
    Doctor,
    /// Creates an invitation.
    Invite(InvitationRequest),
    /// Creates an invitation with which somebody takes over the account of a user without a password.
    InviteFor {
        /// The username.
        username: String,
        /// The invitation: for one use, without a role and groups.
        request: InvitationRequest,
    },
    /// Lists all people.
    ListPeople,
    /// Adds a person.
    AddPerson {
        /// The username.
        username: String,
        /// The password.
        password: String,
        /// The role on the server.
        role: UserRole,
    },
    /// Sets a person's password, and ends their sessions.
    SetPassword {
        /// The username.
        username: String,
        /// The new password.
        password: String,
    },
    /// Sets a person's role on the server.
    SetRole {
        /// The username.
        username: String,
        /// The role.
        role: UserRole,
    },
    /// Deactivates a person, and ends their sessions.
    Deactivate {
        /// The username.
        username: String,
        /// Whether their devices delete their local data.
        wipe: bool,
    },
    /// Reactivates a person.
    Reactivate {
        /// The username.
        username: String,
    },
    /// Erases a person: their name and all their private data.
    Erase {
        /// The username.
        username: String,
        /// Whether their devices delete their local data.
        wipe: bool,
    },
    /// Lists a person's sessions.
    ListSessions {
        /// The username.
        username: String,
    },
    /// Lists all groups.
    ListGroups,
    /// Lists the groups without an owner who can sign in.
    ListOwnerless,
    /// Makes a user the owner of a group without an owner who can sign in.
    GiveGroup {
        /// The group.
        id: ConversationId,
        /// The username.
        username: String,
    },
    /// Imports the history of another chat system, or examines an export.
    Import(Box<Import>),
    /// Lists the imports.
    ListImports,
    /// Undoes an import.
    UndoImport {
        /// The import's number.
        number: i64,
    },
    /// Exports the whole server.
    Export {
        /// The format.
        format: ExportFormat,
        /// The path of the new folder, on the server's computer.
        to: PathBuf,
        /// Whether the contents of files are left out.
        without_files: bool,
    },
    /// Lists the audit log, and checks its chain.
    Audit,
    /// Makes a backup.
    Backup {
        /// The path on the server's computer.
        file: PathBuf,
        /// The encryption; `None` for that of the server's settings.
        #[serde(rename = "seal")]
        encryption: Option<BackupEncryption>,
        /// Whether the contents of files are left out.
        #[serde(default)]
        without_files: bool,
    },
    /// Checks the database for damage.
    Verify,
    /// Creates a new key for the certificate that the server creates itself.
    NewKey,
}

impl Request {
    /// Returns whether the request makes sense without a database, and begins one if there is none.
    pub(super) fn begins_database(&self) -> bool {
        match self {
            Self::Invite(_) | Self::AddPerson { .. } | Self::NewKey => true,
            Self::Import(import) => !import.dry_run,
            Self::Status
            | Self::Doctor
            | Self::ListPeople
            | Self::SetPassword { .. }
            | Self::SetRole { .. }
            | Self::Deactivate { .. }
            | Self::Reactivate { .. }
            | Self::Erase { .. }
            | Self::ListSessions { .. }
            | Self::ListGroups
            | Self::ListOwnerless
            | Self::GiveGroup { .. }
            | Self::Export { .. }
            | Self::InviteFor { .. }
            | Self::ListImports
            | Self::UndoImport { .. }
            | Self::Audit
            | Self::Backup { .. }
            | Self::Verify => false,
        }
    }
}

/// The options of an import; its paths are on the server's computer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Import {
    /// The format.
    pub format: Format,
    /// The path of the folder, file or archive.
    pub path: PathBuf,
    /// Whether the exported server is made again, with its ids, in an empty database.
    #[serde(default)]
    pub rebuild: bool,
    /// The paths of further exports.
    #[serde(default)]
    pub more: Vec<PathBuf>,
    /// A second folder with the contents of attached files.
    #[serde(default)]
    pub files: Option<PathBuf>,
    /// Whether it is a dry run.
    pub dry_run: bool,
    /// The usernames of users who are added to every group.
    pub members: Vec<String>,
    /// Whether a person in the export is the same as the user of this server with the same name.
    pub same_people: bool,
    /// The path of the map of people.
    pub people: Option<PathBuf>,
    /// The path of the file for records that are not imported.
    pub report: Option<PathBuf>,
    /// Distinguishes servers whose exports use the same keys.
    pub source: String,
    /// The name of the channel or chat, if the export does not contain it.
    pub channel: Option<String>,
    /// The time zone of times without one.
    pub time_zone: Option<String>,
    /// The encoding of lines that are not UTF-8.
    pub encoding: Option<String>,
}

/// An item that is sent before the response.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Item {
    /// The progress.
    Progress {
        /// The number of bytes that are done.
        done: u64,
        /// The number of bytes in total.
        total: u64,
    },
    /// The finding of a check.
    Finding(Finding),
    /// A person.
    Person(Person),
    /// A session of a person.
    Session(SessionInfo),
    /// A group.
    Group(Group),
    /// A group without an owner who can sign in.
    Ownerless(OwnerlessGroup),
    /// An import.
    Import(ImportRun),
    /// An entry of the audit log.
    Entry {
        /// The entry.
        entry: AuditEntry,
        /// The entry as a line of text.
        line: String,
    },
    /// A table of the database.
    Table(Table),
}

/// The response.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reply {
    /// The request was performed.
    Done,
    /// All items were sent.
    Listed,
    /// The status of the server.
    Status(Box<Status>),
    /// The new invitation.
    Invited(Invited),
    /// The details of the person after the change.
    Person(Person),
    /// The result of the import.
    Imported(Box<Report>),
    /// The result of undoing an import.
    Undone(UndoReport),
    /// The result of the export.
    Exported(Box<ExportReport>),
    /// The state of the audit log's chain.
    AuditLog(Chain),
    /// The new backup.
    BackedUp(NewBackup),
    /// The result of the check of the database.
    Checked(VerifyReport),
}

/// A new invitation, with the parts of its link.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invited {
    /// The invitation.
    pub invitation: Invitation,
    /// Its secret.
    pub secret: String,
    /// The server's public address, if it is configured.
    pub address: Option<String>,
    /// The pin of the server's key, if links have to contain it.
    pub pin: Option<String>,
}

/// A table of a database, for comparison with the same table in another one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    /// Its name.
    pub table: String,
    /// Number of rows.
    pub rows: u64,
    /// The combined SHA-256 digests of all rows, which does not depend on their order or the engine.
    pub digest: String,
}

/// The result of a check of a database and of the contents of files.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifyReport {
    /// Descriptions of the damage of the database; empty if there is none.
    pub faults: Vec<String>,
    /// Descriptions of files whose contents are missing or damaged; empty if there are none.
    #[serde(default)]
    pub file_faults: Vec<String>,
    /// The state of the audit log's chain.
    pub audit: Chain,
}

/// The details of a person, for operators.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// The id.
    pub id: UserId,
    /// The username.
    pub username: String,
    /// The role on the server.
    pub role: UserRole,
    /// Whether they can sign in: they are not deactivated or erased, and have a password.
    pub can_sign_in: bool,
    /// The time at which they were last active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<Millis>,
    /// The time at which they were deactivated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deactivated_at: Option<Millis>,
    /// The time at which they were erased.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Millis>,
}

/// The details of a group, for operators.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// The id.
    pub id: ConversationId,
    /// The title.
    pub title: String,
    /// The time at which it was created.
    pub created_at: Millis,
    /// The time at which it was archived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived_at: Option<Millis>,
    /// Number of members.
    pub member_count: i64,
}
