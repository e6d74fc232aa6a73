//! What an administrator of the server does. All of it needs the network, but to know whether one is an
//! administrator.

use crate::account_id::AccountId;
use crate::client::Client;
use crate::error::Result;
use crate::qr::QrCode;
use crate::session::Session;
use parlour_protocol::{
    ConversationId, Count, GroupName, InvitationId, InvitationRequest, Millis, OwnerlessGroup,
    PersonInfo, UserId, UserRole, invitation_link,
};
use serde::Serialize;

/// An invitation that was just made.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct NewLink {
    /// Which.
    pub id: InvitationId,
    /// The whole link: the server's address, the secret, and the key by which the server is known. Nobody can
    /// tell it again.
    pub link: String,
    /// When it stops being good.
    pub expires_at: Millis,
    /// How many may come by it.
    pub uses_left: Count,
    /// The link for a camera.
    pub qr: QrCode,
}

/// An invitation that was not made void.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct OpenInvitation {
    /// Which.
    pub id: InvitationId,
    /// What they may do who come by it.
    pub role: UserRole,
    /// How many may still come by it.
    pub uses_left: Count,
    /// When it stops being good.
    pub expires_at: Millis,
    /// When it was made.
    pub created_at: Millis,
    /// Who made it, by name; nothing for the server's own, and while they are not known here.
    pub created_by: Option<String>,
    /// What administrators noted of it.
    pub note: String,
    /// The groups that whoever comes by it joins.
    pub groups: Vec<GroupName>,
}

impl Client {
    /// Makes an invitation; its link is told this once.
    pub async fn invite(&self, account: &AccountId, asked: InvitationRequest) -> Result<NewLink> {
        let session = self.session_of(account)?;
        let server = session.account()?.server;
        let made = session.context.http.invite(&asked).await?;
        let link = invitation_link(&server, &made.secret, self.server_pin(&server));
        Ok(NewLink {
            id: made.invitation.id,
            qr: QrCode::of(&link),
            link,
            expires_at: made.invitation.expires_at,
            uses_left: Count(made.invitation.uses_left),
        })
    }
}

impl Session {
    /// Whether one is an administrator of the server, as far as this device has heard.
    pub fn administers(&self) -> Result<bool> {
        let role = self.context.store.mirror.role(self.account()?.user_id)?;
        Ok(role == UserRole::Administrator)
    }

    /// The invitations by which somebody can still come, newest first.
    pub async fn invitations(&self) -> Result<Vec<OpenInvitation>> {
        let (mut open, now) = (Vec::new(), self.now());
        for invitation in self.context.http.invitations().await? {
            if invitation.uses_left == 0 || invitation.expires_at <= now {
                continue;
            }
            let by = invitation.created_by.map(|by| self.context.store.mirror.person(by));
            open.push(OpenInvitation {
                id: invitation.id,
                role: invitation.role,
                uses_left: Count(invitation.uses_left),
                expires_at: invitation.expires_at,
                created_at: invitation.created_at,
                created_by: by.transpose()?.flatten().map(|person| person.name),
                note: invitation.note,
                groups: invitation.groups,
            });
        }
        Ok(open)
    }

    /// Makes an invitation void.
    pub async fn revoke_invitation(&self, id: InvitationId) -> Result<()> {
        Ok(self.context.http.revoke_invitation(id).await?)
    }

    /// Everybody on the server, as its administrators see them.
    pub async fn everybody(&self) -> Result<Vec<PersonInfo>> {
        Ok(self.context.http.everybody().await?)
    }

    /// Makes a person an administrator of the server, or a member again.
    pub async fn set_server_role(&self, id: UserId, role: UserRole) -> Result<()> {
        Ok(self.context.http.set_server_role(id, role).await?)
    }

    /// Gives a person another password, and ends their sessions.
    pub async fn reset_password(&self, id: UserId, password: String) -> Result<()> {
        Ok(self.context.http.reset_password(id, password).await?)
    }

    /// Signs a person out on all of their devices, which delete what they hold with `wipe`; of one's own, this one
    /// stays signed in.
    pub async fn end_sessions(&self, id: UserId, wipe: bool) -> Result<()> {
        Ok(self.context.http.end_sessions(id, wipe).await?)
    }

    /// Keeps a person from signing in, and signs them out; their devices delete what they hold with `wipe`.
    pub async fn deactivate(&self, id: UserId, wipe: bool) -> Result<()> {
        Ok(self.context.http.deactivate(id, wipe).await?)
    }

    /// Lets a person sign in again.
    pub async fn reactivate(&self, id: UserId) -> Result<()> {
        Ok(self.context.http.reactivate(id).await?)
    }

    /// Takes out a person's name and all that they kept for themselves, for good.
    pub async fn erase(&self, id: UserId, wipe: bool) -> Result<()> {
        Ok(self.context.http.erase(id, wipe).await?)
    }

    /// Groups that nobody owns who can sign in.
    pub async fn ownerless_groups(&self) -> Result<Vec<OwnerlessGroup>> {
        Ok(self.context.http.ownerless_groups().await?)
    }

    /// The groups that every newcomer joins.
    pub async fn default_groups(&self) -> Result<Vec<GroupName>> {
        Ok(self.context.http.default_groups().await?)
    }

    /// Chooses the groups that every newcomer joins.
    pub async fn set_default_groups(&self, groups: Vec<ConversationId>) -> Result<()> {
        Ok(self.context.http.set_default_groups(groups).await?)
    }

    /// Becomes the owner of such a group, and a member of it.
    pub async fn take_over(&self, id: ConversationId) -> Result<()> {
        let me = self.account()?.user_id;
        Ok(self.context.http.take_over(id, me).await?)
    }
}
