//! Requests of a server's administrators.

use super::client::Http;
use super::response::ServerResult;
use parlour_protocol::{
    ConversationId, DefaultGroup, DefaultGroups, GroupOwner, Invitation, InvitationId,
    InvitationRequest, NewInvitation, OwnerlessGroup, PasswordReset, PersonInfo, RoleChange,
    ServerAbout, ServerChange, ServerState, UserId, UserRole, limits,
};
use reqwest::Method;
use serde::de::DeserializeOwned;
use uuid::Uuid;

/// Maximum number of pages that are requested, even if the server has more.
const PAGES: usize = 1000;

impl Http {
    /// Creates an invitation.
    pub async fn invite(&self, request: &InvitationRequest) -> ServerResult<NewInvitation> {
        self.call(self.request(Method::POST, "invitations")?.json(request)).await
    }

    /// Returns the invitations that were not revoked, newest first.
    pub async fn invitations(&self) -> ServerResult<Vec<Invitation>> {
        self.pages("invitations", "before", |invitation: &Invitation| invitation.id.0).await
    }

    /// Revokes an invitation, so that its link no longer works.
    pub async fn revoke_invitation(&self, id: InvitationId) -> ServerResult<()> {
        self.call_empty(self.request(Method::DELETE, &format!("invitations/{id}"))?).await
    }

    /// Returns everybody on the server.
    pub async fn everybody(&self) -> ServerResult<Vec<PersonInfo>> {
        self.pages("users", "after", |person: &PersonInfo| person.id.0).await
    }

    /// Sets what a person may do on the server.
    pub async fn set_server_role(&self, id: UserId, role: UserRole) -> ServerResult<()> {
        let request = self.request(Method::PUT, &format!("users/{id}/role"))?;
        self.call_empty(request.json(&RoleChange { role })).await
    }

    /// Sets a new password for a person.
    pub async fn reset_password(&self, id: UserId, password: String) -> ServerResult<()> {
        let request = self.request(Method::PUT, &format!("users/{id}/password"))?;
        self.call_empty(request.json(&PasswordReset { password })).await
    }

    /// Ends a person's sessions; with `wipe` their devices delete their mirrors.
    pub async fn end_sessions(&self, id: UserId, wipe: bool) -> ServerResult<()> {
        let request = self.request(Method::DELETE, &format!("users/{id}/sessions"))?;
        self.call_empty(request.query(&[("wipe", wipe)])).await
    }

    /// Prevents a person from signing in, and ends their sessions as [`Self::end_sessions`] does.
    pub async fn deactivate(&self, id: UserId, wipe: bool) -> ServerResult<()> {
        self.end_account(id, "deactivate", wipe).await
    }

    /// Allows a deactivated person to sign in again.
    pub async fn reactivate(&self, id: UserId) -> ServerResult<()> {
        self.call_empty(self.request(Method::POST, &format!("users/{id}/reactivate"))?).await
    }

    /// Removes a person's name, and ends their sessions as [`Self::end_sessions`] does.
    pub async fn erase(&self, id: UserId, wipe: bool) -> ServerResult<()> {
        self.end_account(id, "erase", wipe).await
    }

    async fn end_account(&self, id: UserId, action: &str, wipe: bool) -> ServerResult<()> {
        let request = self.request(Method::POST, &format!("users/{id}/{action}"))?;
        self.call_empty(request.query(&[("wipe", wipe)])).await
    }

    /// Returns the groups without an owner who can sign in.
    pub async fn ownerless_groups(&self) -> ServerResult<Vec<OwnerlessGroup>> {
        self.get("groups/ownerless", &()).await
    }

    /// Returns the state of the server.
    pub async fn server_state(&self) -> ServerResult<ServerState> {
        self.get("administration/server", &()).await
    }

    /// Changes the server's name, its welcome text, or who may register. Returns the new name and welcome text.
    pub async fn change_server(&self, change: &ServerChange) -> ServerResult<ServerAbout> {
        let request = self.request(Method::PATCH, "administration/server")?;
        self.call(request.json(change)).await
    }

    /// Returns the groups that every new person joins.
    pub async fn default_groups(&self) -> ServerResult<Vec<DefaultGroup>> {
        self.get("groups/default", &()).await
    }

    /// Sets the groups that every new person joins.
    pub async fn set_default_groups(&self, groups: Vec<ConversationId>) -> ServerResult<()> {
        let request = self.request(Method::PUT, "groups/default")?;
        self.call_empty(request.json(&DefaultGroups { groups })).await
    }

    /// Makes a person the owner of a group without an owner who can sign in.
    pub async fn take_over(&self, id: ConversationId, user_id: UserId) -> ServerResult<()> {
        let request = self.request(Method::PUT, &format!("groups/{id}/owner"))?;
        self.call_empty(request.json(&GroupOwner { user_id })).await
    }

    /// Returns all pages of a list. Each page starts where the previous one ended.
    async fn pages<T: DeserializeOwned>(
        &self,
        path: &str,
        from: &str,
        id: impl Fn(&T) -> Uuid,
    ) -> ServerResult<Vec<T>> {
        let mut all: Vec<T> = Vec::new();
        for _ in 0..PAGES {
            let last = all.last().map(|last| (from, id(last)));
            let page: Vec<T> = self.get(path, &last.as_slice()).await?;
            let is_last = page.len() < limits::LIST_ROWS as usize;
            all.extend(page);
            if is_last {
                break;
            }
        }
        Ok(all)
    }
}
