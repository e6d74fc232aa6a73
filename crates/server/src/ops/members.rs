//! The ops on the members of a conversation, and on their roles.

use super::context::OpContext;
use super::membership::{ban, join, leave, remove, require_active, require_addable};
use crate::error::ApiError;
use crate::queries::members::{Member, Removed};
use crate::queries::{members, streams};
use parlour_protocol::{ConversationType, MemberRole, OpDone, Refusal, Removal, Row, Seq, UserId};

impl OpContext<'_> {
    /// Moves the caller's read position forward, never back. In conversations of up to 100 members it is
    /// announced to the others, unless `without_receipt` is set.
    pub(super) async fn read(&self, seq: Seq, without_receipt: bool) -> Result<OpDone, ApiError> {
        let member = self.member()?;
        let conversation = self.stored()?;
        let seq = Seq(seq.0.min(conversation.last_seq));
        let previously_shown = member.row.last_read_seq.unwrap_or(Seq(0));
        let shown = if without_receipt { previously_shown } else { previously_shown.max(seq) };
        let is_new = seq > member.membership.last_read_seq || shown > previously_shown;
        if !is_new && !member.membership.marked_unread {
            let rows = vec![Row::Membership(member.membership.clone())];
            return Ok(OpDone::new(self.account(), rows));
        }
        let seq = seq.max(member.membership.last_read_seq);
        let is_announced = shown > previously_shown && conversation.shows_reads();
        let changed_seq = if is_announced {
            streams::advance(self.tx, self.stream()).await?
        } else {
            member.row.changed_seq
        };
        let account_seq = streams::advance(self.tx, self.account()).await?;
        let seqs = (changed_seq, account_seq);
        let member =
            members::read(self.tx, self.conversation, self.caller, (seq, shown), seqs).await?;
        if is_announced {
            self.announce(self.stream(), changed_seq, vec![Row::Member(member.row)]);
        }
        Ok(self.announce(self.account(), account_seq, vec![Row::Membership(member.membership)]))
    }

    pub(super) async fn add_member(&self, user: UserId) -> Result<OpDone, ApiError> {
        let member = self.group_member()?;
        require_active(self.tx, user).await?;
        let kind = ConversationType::Group;
        if let Some(known) = members::find(self.tx, self.conversation, user).await? {
            if known.is_present() {
                return Ok(OpDone::new(self.stream(), vec![Row::Member(known.row)]));
            }
            if known.removed_by.is_some() && member.row.role == MemberRole::Member {
                return Err(Refusal::RemovedBefore.into());
            }
        }
        require_addable(self.tx, kind, &[user]).await?;
        let changed_seq = streams::advance(self.tx, self.stream()).await?;
        let (group, role) = ((self.conversation, kind), MemberRole::Member);
        let row = join(self.tx, group, user, role, self.now, changed_seq).await?;
        Ok(self.announce_coalesced(changed_seq, vec![row]))
    }

    pub(super) async fn remove_member(&self, user: UserId) -> Result<OpDone, ApiError> {
        let member = self.group_manager()?;
        if user == self.caller {
            return Err(ApiError::invalid("To remove yourself, leave the group."));
        }
        let target = members::find(self.tx, self.conversation, user).await?;
        let target = target.ok_or_else(|| ApiError::not_found("member"))?;
        let is_allowed =
            member.row.role == MemberRole::Owner || target.row.role == MemberRole::Member;
        if !is_allowed {
            return Err(Refusal::OwnerRemoves.into());
        }
        let purged = self.stored()?.row.removal == Removal::Purge;
        let removed = Removed { remover: Some(self.caller), purged };
        if !target.is_present() {
            let row = Row::Member(target.row);
            if target.removed_by.is_none() {
                // A user who leaves before being removed is kept out as well.
                ban(self.tx, self.conversation, user, removed).await?;
            }
            return Ok(OpDone::new(self.stream(), vec![row]));
        }
        let (row, _) = remove(self.tx, self.conversation, user, (self.now, Some(removed))).await?;
        Ok(OpDone::new(self.stream(), vec![row]))
    }

    pub(super) async fn set_role(
        &self,
        user: UserId,
        role: MemberRole,
    ) -> Result<OpDone, ApiError> {
        self.group_owner().await?;
        if user == self.caller {
            return Err(ApiError::invalid("Transfer the group to give it another owner."));
        }
        self.current_member(user).await?;
        if role == MemberRole::Administrator {
            require_active(self.tx, user).await?;
        }
        let changed_seq = streams::advance(self.tx, self.stream()).await?;
        let row = self.put_role(user, role, changed_seq).await?;
        Ok(self.announce_coalesced(changed_seq, vec![row]))
    }

    pub(super) async fn transfer(&self, user: UserId) -> Result<OpDone, ApiError> {
        self.group_owner().await?;
        self.current_member(user).await?;
        if user == self.caller {
            return Err(ApiError::invalid("You already own this group."));
        }
        require_active(self.tx, user).await?;
        let changed_seq = streams::advance(self.tx, self.stream()).await?;
        let caller = self.put_role(self.caller, MemberRole::Administrator, changed_seq).await?;
        let target = self.put_role(user, MemberRole::Owner, changed_seq).await?;
        Ok(self.announce(self.stream(), changed_seq, vec![caller, target]))
    }

    pub(super) async fn leave(&self) -> Result<OpDone, ApiError> {
        let member = self.group_member()?;
        if member.row.role == MemberRole::Owner {
            // If no other member can sign in, there is nobody to transfer the group to, and the owner may leave.
            let present = members::present(self.tx, self.conversation).await?;
            if present.iter().any(|member| member.can_sign_in && member.row.user_id != self.caller)
            {
                return Err(Refusal::HandOverFirst.into());
            }
        }
        let (_, row) = leave(self.tx, self.conversation, self.caller, self.now).await?;
        Ok(OpDone::new(self.account(), vec![row]))
    }

    /// Checks that the caller is the group's owner.
    async fn group_owner(&self) -> Result<(), ApiError> {
        let member = self.group_member()?;
        if member.row.role == MemberRole::Owner {
            return Ok(());
        }
        Err(Refusal::OwnerOnly.into())
    }

    /// Returns a current member, or refuses if there is none.
    async fn current_member(&self, user: UserId) -> Result<Member, ApiError> {
        let target = members::find(self.tx, self.conversation, user).await?;
        let current = target.filter(Member::is_present);
        current.ok_or_else(|| ApiError::not_found("member"))
    }

    async fn put_role(
        &self,
        user: UserId,
        role: MemberRole,
        changed_seq: i64,
    ) -> Result<Row, ApiError> {
        let member = members::set_role(self.tx, self.conversation, user, role, changed_seq).await?;
        Ok(Row::Member(member.row))
    }
}
