//! Actions of a server's administrators. All of them need the network, except [`Session::administers`].

use crate::about;
use crate::account_id::AccountId;
use crate::client::Client;
use crate::error::Result;
use crate::qr::QrCode;
use crate::session::Session;
use parlour_protocol::{
    ConversationId, Count, DefaultGroup, ErrorBody, GroupName, InvitationId, InvitationRequest,
    Millis, OwnerlessGroup, PersonInfo, PictureFormat, ServerChange, ServerState, UserId, UserRole,
    invitation_link,
};
use parlour_store::Person;
use serde::Serialize;
use tokio::task::block_in_place;

/// An invitation that was just created.
#[derive(Clone, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct NewLink {
    /// The id of the invitation.
    pub id: InvitationId,
    /// The complete link: the server's address, the secret, and the server's key. It cannot be retrieved
    /// again.
    pub link: String,
    /// The time at which it expires.
    pub expires_at: Millis,
    /// Number of times that it can be used.
    pub uses_left: Count,
    /// The link as a QR code.
    pub qr: QrCode,
}

/// An invitation that was not revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct OpenInvitation {
    /// The id of the invitation.
    pub id: InvitationId,
    /// The role that people who join with it get.
    pub role: UserRole,
    /// Number of times that it can still be used.
    pub uses_left: Count,
    /// The time at which it expires.
    pub expires_at: Millis,
    /// The time at which it was created.
    pub created_at: Millis,
    /// Its creator; `None` if the server created it, or if the creator is not known here.
    pub created_by: Option<Person>,
    /// The administrators' note about it.
    pub note: String,
    /// The groups that a person who registers with it joins.
    pub groups: Vec<GroupName>,
}

impl Client {
    /// Creates an invitation. Its link is returned only this once.
    pub async fn invite(&self, account: &AccountId, request: InvitationRequest) -> Result<NewLink> {
        let session = self.session_of(account)?;
        let server = session.account()?.server;
        let created = session.context.http.invite(&request).await?;
        let link = invitation_link(&server, &created.secret, self.server_pin(&server));
        Ok(NewLink {
            id: created.invitation.id,
            qr: QrCode::encode(&link),
            link,
            expires_at: created.invitation.expires_at,
            uses_left: Count(created.invitation.uses_left),
        })
    }
}

impl Session {
    /// Returns whether the user is an administrator of the server, as far as this device knows.
    pub fn administers(&self) -> Result<bool> {
        let role = self.context.store.mirror.role(self.account()?.user_id)?;
        Ok(role == UserRole::Administrator)
    }

    /// Returns the invitations that can still be used, newest first.
    pub async fn invitations(&self) -> Result<Vec<OpenInvitation>> {
        let (mut open, now) = (Vec::new(), self.now());
        for invitation in self.context.http.invitations().await? {
            if invitation.uses_left == 0 || invitation.expires_at <= now {
                continue;
            }
            let creator = invitation.created_by.map(|id| self.context.store.mirror.person(id));
            open.push(OpenInvitation {
                id: invitation.id,
                role: invitation.role,
                uses_left: Count(invitation.uses_left),
                expires_at: invitation.expires_at,
                created_at: invitation.created_at,
                created_by: creator.transpose()?.flatten(),
                note: invitation.note,
                groups: invitation.groups,
            });
        }
        Ok(open)
    }

    /// Revokes an invitation, so that its link no longer works.
    pub async fn revoke_invitation(&self, id: InvitationId) -> Result<()> {
        Ok(self.context.http.revoke_invitation(id).await?)
    }

    /// Returns everybody on the server, as its administrators see them.
    pub async fn everybody(&self) -> Result<Vec<PersonInfo>> {
        Ok(self.context.http.everybody().await?)
    }

    /// Makes a person an administrator of the server, or a member again.
    pub async fn set_server_role(&self, id: UserId, role: UserRole) -> Result<()> {
        Ok(self.context.http.set_server_role(id, role).await?)
    }

    /// Sets a new password for a person, and ends their sessions.
    pub async fn reset_password(&self, id: UserId, password: String) -> Result<()> {
        Ok(self.context.http.reset_password(id, password).await?)
    }

    /// Signs a person out on all of their devices, which delete their local data with `wipe`. If the
    /// person is the user, this device stays signed in.
    pub async fn end_sessions(&self, id: UserId, wipe: bool) -> Result<()> {
        Ok(self.context.http.end_sessions(id, wipe).await?)
    }

    /// Prevents a person from signing in, and signs them out; their devices delete their local data with
    /// `wipe`.
    pub async fn deactivate(&self, id: UserId, wipe: bool) -> Result<()> {
        Ok(self.context.http.deactivate(id, wipe).await?)
    }

    /// Allows a deactivated person to sign in again.
    pub async fn reactivate(&self, id: UserId) -> Result<()> {
        Ok(self.context.http.reactivate(id).await?)
    }

    /// Removes a person's name and all of their private data, permanently.
    pub async fn erase(&self, id: UserId, wipe: bool) -> Result<()> {
        Ok(self.context.http.erase(id, wipe).await?)
    }

    /// Returns the groups without an owner who can sign in.
    pub async fn ownerless_groups(&self) -> Result<Vec<OwnerlessGroup>> {
        Ok(self.context.http.ownerless_groups().await?)
    }

    /// Returns the state of the server.
    pub async fn server_state(&self) -> Result<ServerState> {
        Ok(self.context.http.server_state().await?)
    }

    /// Changes the server's name, its welcome text, or who may register.
    pub async fn change_server(&self, change: &ServerChange) -> Result<()> {
        let change = change.normalized();
        change.check()?;
        let about = self.context.http.change_server(&change).await?;
        about::store_about(&self.context.local(), &about)
    }

    /// Sets the server's picture, which everybody sees.
    ///
    /// # Errors
    /// Fails if the bytes are not an acceptable picture.
    pub async fn set_server_picture(&self, bytes: Vec<u8>) -> Result<()> {
        PictureFormat::of(&bytes).map_err(ErrorBody::from)?;
        let about = self.context.http.set_server_picture(bytes.clone()).await?;
        let local = self.context.local();
        let changes = block_in_place(|| local.store.mirror.put_picture(&bytes, self.now()))?;
        about::store_about(&local, &about)?;
        local.notices.changed(changes);
        Ok(())
    }

    /// Removes the server's picture.
    pub async fn remove_server_picture(&self) -> Result<()> {
        let about = self.context.http.remove_server_picture().await?;
        about::store_about(&self.context.local(), &about)
    }

    /// Returns the groups that every new person joins.
    pub async fn default_groups(&self) -> Result<Vec<DefaultGroup>> {
        Ok(self.context.http.default_groups().await?)
    }

    /// Sets the groups that every new person joins.
    pub async fn set_default_groups(&self, groups: Vec<ConversationId>) -> Result<()> {
        Ok(self.context.http.set_default_groups(groups).await?)
    }

    /// Makes the user the owner, and a member, of a group without an owner who can sign in.
    pub async fn take_over(&self, id: ConversationId) -> Result<()> {
        let me = self.account()?.user_id;
        Ok(self.context.http.take_over(id, me).await?)
    }
}
