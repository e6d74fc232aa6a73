//! The ops on the members of a conversation, and on their roles.

use super::context::OpContext;
use super::membership::{ban, join, leave, remove, require_addable, require_reachable};
use crate::error::ApiError;
use crate::queries::members::{Member, Removed};
use crate::queries::{members, streams};
use parlour_protocol::{ConversationType, MemberRole, OpDone, Refusal, Removal, Row, Seq, UserId};

impl OpContext<'_> {
    /// Moves the caller's read position forward, never back. In conversations of up to 100 members it is
    /// announced to the others, unless `hidden` is set.
    pub(super) async fn read(&self, seq: Seq, hidden: bool) -> Result<OpDone, ApiError> {
        let own = self.member()?;
        let found = self.stored()?;
        let seq = Seq(seq.0.min(found.last_seq));
        let seen = own.row.last_read_seq.unwrap_or(Seq(0));
        let shown = if hidden { seen } else { seen.max(seq) };
        let is_new = seq > own.membership.last_read_seq || shown > seen;
        if !is_new && !own.membership.marked_unread {
            let rows = vec![Row::Membership(own.membership.clone())];
            return Ok(OpDone::new(self.account(), rows));
        }
        let seq = seq.max(own.membership.last_read_seq);
        let is_told = shown > seen && found.shows_reads();
        let changed_seq = if is_told {
            streams::advance(self.tx, self.stream()).await?
        } else {
            own.row.changed_seq
        };
        let account_seq = streams::advance(self.tx, self.account()).await?;
        let at = (changed_seq, account_seq);
        let own = members::read(self.tx, self.conversation, self.caller, (seq, shown), at).await?;
        if is_told {
            self.announce(self.stream(), changed_seq, vec![Row::Member(own.row)]);
        }
        Ok(self.announce(self.account(), account_seq, vec![Row::Membership(own.membership)]))
    }

    pub(super) async fn add_member(&self, user: UserId) -> Result<OpDone, ApiError> {
        let own = self.group_member()?;
        require_reachable(self.tx, user).await?;
        let kind = ConversationType::Group;
        if let Some(known) = members::find(self.tx, self.conversation, user).await? {
            if known.is_present() {
                return Ok(OpDone::new(self.stream(), vec![Row::Member(known.row)]));
            }
            if known.removed_by.is_some() && own.row.role == MemberRole::Member {
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
        let own = self.group_manager()?;
        if user == self.caller {
            return Err(ApiError::invalid("To remove yourself, leave the group."));
        }
        let other = members::find(self.tx, self.conversation, user).await?;
        let other = other.ok_or_else(|| ApiError::not_found("member"))?;
        let may = own.row.role == MemberRole::Owner || other.row.role == MemberRole::Member;
        if !may {
            return Err(Refusal::OwnerRemoves.into());
        }
        let purged = self.stored()?.row.removal == Removal::Purge;
        let removed = Removed { remover: self.caller, purged };
        if !other.is_present() {
            let row = Row::Member(other.row);
            if other.removed_by.is_none() {
                // Whoever leaves first is kept out all the same.
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
        self.other_member(user).await?;
        if role == MemberRole::Administrator {
            require_reachable(self.tx, user).await?;
        }
        let changed_seq = streams::advance(self.tx, self.stream()).await?;
        let row = self.put_role(user, role, changed_seq).await?;
        Ok(self.announce_coalesced(changed_seq, vec![row]))
    }

    pub(super) async fn transfer(&self, user: UserId) -> Result<OpDone, ApiError> {
        self.group_owner().await?;
        self.other_member(user).await?;
        if user == self.caller {
            return Err(ApiError::invalid("You already own this group."));
        }
        require_reachable(self.tx, user).await?;
        let changed_seq = streams::advance(self.tx, self.stream()).await?;
        let own = self.put_role(self.caller, MemberRole::Administrator, changed_seq).await?;
        let other = self.put_role(user, MemberRole::Owner, changed_seq).await?;
        Ok(self.announce(self.stream(), changed_seq, vec![own, other]))
    }

    pub(super) async fn leave(&self) -> Result<OpDone, ApiError> {
        let own = self.group_member()?;
        if own.row.role == MemberRole::Owner {
            // If nobody else can sign in, there is nobody to transfer the group to, and the owner may
            // leave.
            let present = members::present(self.tx, self.conversation).await?;
            if present.iter().any(|one| one.signs_in && one.row.user_id != self.caller) {
                return Err(Refusal::HandOverFirst.into());
            }
        }
        let (_, row) = leave(self.tx, self.conversation, self.caller, self.now).await?;
        Ok(OpDone::new(self.account(), vec![row]))
    }

    /// Checks that the caller is the group's owner.
    async fn group_owner(&self) -> Result<(), ApiError> {
        let own = self.group_member()?;
        if own.row.role == MemberRole::Owner {
            return Ok(());
        }
        Err(Refusal::OwnerOnly.into())
    }

    /// Returns a current member, or refuses if there is none.
    async fn other_member(&self, user: UserId) -> Result<Member, ApiError> {
        let other = members::find(self.tx, self.conversation, user).await?;
        let present = other.filter(Member::is_present);
        present.ok_or_else(|| ApiError::not_found("member"))
    }

    async fn put_role(&self, user: UserId, role: MemberRole, at: i64) -> Result<Row, ApiError> {
        let member = members::set_role(self.tx, self.conversation, user, role, at).await?;
        Ok(Row::Member(member.row))
    }
}
