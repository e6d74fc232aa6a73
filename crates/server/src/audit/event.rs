//! The events that the audit log records.

use crate::caller::Actor;
use crate::limits::Network;
use parlour_protocol::UserId;
use std::net::IpAddr;
use uuid::Uuid;

/// The kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// An account was created.
    Registered,
    /// Somebody took over the account of a user without a password, with an invitation.
    Claimed,
    /// A session was created.
    SignedIn,
    /// A sign-in failed: the password was wrong, or there is no such user.
    SignInFailed,
    /// A session was ended by its own device.
    SignedOut,
    /// A session was ended by another device of the same user.
    SessionEnded,
    /// All other sessions of a user were ended.
    OthersEnded,
    /// A user changed their password.
    PasswordChanged,
    /// An administrator set a user's password.
    PasswordReset,
    /// The role of a user on the server was changed.
    RoleChanged,
    /// A user was renamed.
    Renamed,
    /// An account was deactivated: its user can no longer sign in.
    Deactivated,
    /// An account was reactivated.
    Reactivated,
    /// An account was erased: the user's name and private data were deleted.
    Erased,
    /// An administrator ended a user's sessions.
    SessionsEnded,
    /// An invitation was created.
    Invited,
    /// An invitation was revoked, or all those that a user created; then that user is the subject.
    InvitationVoided,
    /// An administrator gave an owner to a group in which no owner could sign in.
    GroupTaken,
    /// The groups that every new user joins were chosen.
    DefaultGroups,
    /// The server's name, its welcome text, or who may register was changed.
    ServerChanged,
    /// The history of another chat system was imported.
    Imported,
    /// An import was undone.
    ImportUndone,
    /// An export of the whole server was started.
    ExportBegun,
    /// The whole server was exported.
    Exported,
    /// The database was copied to another one.
    DatabaseCopied,
    /// The database was restored from a backup.
    DatabaseRestored,
    /// A backup of the whole server was made.
    BackedUp,
    /// A new epoch was started by a command, after a restore that the server does not detect.
    EpochBegun,
    /// The server's time was set to the system's by a command.
    ClockReset,
    /// A running server applied changed settings.
    SettingsReloaded,
    /// The certificate that the server creates itself got a new key.
    KeyRenewed,
}

impl Action {
    /// Returns the name of this action in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Claimed => "claimed",
            Self::SignedIn => "signed_in",
            Self::SignInFailed => "sign_in_failed",
            Self::SignedOut => "signed_out",
            Self::SessionEnded => "session_ended",
            Self::OthersEnded => "others_ended",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::RoleChanged => "role_changed",
            Self::Renamed => "renamed",
            Self::Deactivated => "deactivated",
            Self::Reactivated => "reactivated",
            Self::Erased => "erased",
            Self::SessionsEnded => "sessions_ended",
            Self::Invited => "invited",
            Self::InvitationVoided => "invitation_voided",
            Self::GroupTaken => "group_taken",
            Self::DefaultGroups => "default_groups",
            Self::ServerChanged => "server_changed",
            Self::Imported => "imported",
            Self::ImportUndone => "import_undone",
            Self::ExportBegun => "export_begun",
            Self::Exported => "exported",
            Self::DatabaseCopied => "database_copied",
            Self::DatabaseRestored => "database_restored",
            Self::BackedUp => "backed_up",
            Self::EpochBegun => "epoch_begun",
            Self::ClockReset => "clock_reset",
            Self::SettingsReloaded => "settings_reloaded",
            Self::KeyRenewed => "key_renewed",
        }
    }
}

/// An event to be added to the audit log.
#[derive(Debug, Clone)]
pub struct Event {
    pub(super) action: Action,
    pub(super) actor: Option<UserId>,
    pub(super) subject: Option<Uuid>,
    pub(super) network: String,
    pub(super) details: String,
}

impl Event {
    /// Creates an event for an action of `actor`.
    pub fn by_actor(actor: &Actor, action: Action) -> Self {
        let network = match actor {
            Actor::CommandLine => "command line".to_owned(),
            Actor::Caller(_, address) => network(*address),
        };
        Self { action, actor: actor.user_id(), subject: None, network, details: String::new() }
    }

    /// Creates an event for an action of somebody who is not signed in, such as a sign-in; `user` is the
    /// account concerned, if there is one.
    pub fn from_address(user: Option<UserId>, address: IpAddr, action: Action) -> Self {
        let (network, details) = (network(address), String::new());
        Self { action, actor: user, subject: None, network, details }
    }

    /// Creates an event for an action of the server itself, by the schedule in its settings.
    pub fn on_schedule(action: Action) -> Self {
        let (network, details) = ("schedule".to_owned(), String::new());
        Self { action, actor: None, subject: None, network, details }
    }

    /// Sets the id of the user, group or other object that was changed.
    pub fn subject(self, subject: Uuid) -> Self {
        Self { subject: Some(subject), ..self }
    }

    /// Sets further details, as words of the form `name=value`.
    pub fn details(self, details: impl Into<String>) -> Self {
        Self { details: details.into(), ..self }
    }
}

/// Returns the network of an address, which does not identify a single device.
pub(super) fn network(address: IpAddr) -> String {
    Network::from(address).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_recorded_as_its_network() {
        let network_of = |address: &str| network(address.parse().unwrap());
        assert_eq!(network_of("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(network_of("::ffff:192.0.2.77"), "192.0.2.0/24");
        assert_eq!(network_of("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
    }
}
