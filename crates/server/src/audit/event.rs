//! What the audit tells of.

use crate::caller::By;
use parlour_protocol::UserId;
use std::net::{IpAddr, Ipv6Addr};
use uuid::Uuid;

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// An account was made.
    Registered,
    /// A session was opened.
    SignedIn,
    /// A password was wrong, or nobody's.
    SignInFailed,
    /// A session was ended by its own device.
    SignedOut,
    /// A session was ended by another device of its owner's.
    SessionEnded,
    /// All of a person's other sessions were ended.
    OthersEnded,
    /// A person changed their password.
    PasswordChanged,
    /// An administrator gave a person a password.
    PasswordReset,
    /// A person may do something else on the server.
    RoleChanged,
    /// A person has another name.
    Renamed,
    /// A person may not sign in any more.
    Deactivated,
    /// A person may sign in again.
    Reactivated,
    /// A person's name was taken out.
    Erased,
    /// An administrator ended a person's sessions.
    SessionsEnded,
    /// An invitation was made.
    Invited,
    /// An invitation was made void.
    InvitationVoided,
    /// An administrator gave a group that nobody could run an owner.
    GroupTaken,
    /// The groups that every newcomer joins were chosen.
    DefaultGroups,
    /// Logs were imported.
    Imported,
    /// Everything was copied to another database.
    DatabaseCopied,
    /// Everything was restored from a backup.
    DatabaseRestored,
}

impl Action {
    /// The word in the database and on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
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
            Self::Imported => "imported",
            Self::DatabaseCopied => "database_copied",
            Self::DatabaseRestored => "database_restored",
        }
    }
}

/// Something to be noted.
#[derive(Debug)]
pub struct Event {
    pub(super) action: Action,
    pub(super) actor: Option<UserId>,
    pub(super) subject: Option<Uuid>,
    pub(super) network: String,
    pub(super) details: String,
}

impl Event {
    /// What somebody did.
    pub fn by(by: &By, action: Action) -> Self {
        let network = match by {
            By::Command => "command line".to_owned(),
            By::Caller(_, address) => network(*address),
        };
        Self { action, actor: by.user_id(), subject: None, network, details: String::new() }
    }

    /// What somebody did who was nobody to the server before.
    pub fn of(user: Option<UserId>, address: IpAddr, action: Action) -> Self {
        let (network, details) = (network(address), String::new());
        Self { action, actor: user, subject: None, network, details }
    }

    /// To whom or what.
    pub fn to(self, subject: Uuid) -> Self {
        Self { subject: Some(subject), ..self }
    }

    /// What else there is to know: words of the form `name=value`.
    pub fn with(self, details: impl Into<String>) -> Self {
        Self { details: details.into(), ..self }
    }
}

/// The network of an address, which tells a place and no household's device: IPv4 /24, IPv6 /64.
pub(super) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_as_its_network() {
        let of = |address: &str| network(address.parse().unwrap());
        assert_eq!(of("192.0.2.77"), "192.0.2.0/24");
        assert_eq!(of("::ffff:192.0.2.77"), "192.0.2.0/24");
        assert_eq!(of("2001:db8:1:2:3::4"), "2001:db8:1:2::/64");
    }
}
