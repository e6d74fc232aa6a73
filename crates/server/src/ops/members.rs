//! Coming and going, and what members may do.

use super::{Deed, require_reachable};
use crate::db::{Change, DbError, Tx};
use crate::error::ApiError;
use crate::queries::members::{Present, Removed};
use crate::queries::{account, conversations, members, streams};
use parlour_protocol::{
    ConversationId, ConversationType, MemberRole, MemberRow, Millis, OpDone, Removal, Row, Seq,
    StreamId, UserId,
};

impl Deed<'_> {
    /// Reading moves forward only. Up to 100 members see how far the others are, unless it is hidden.
    pub(super) async fn read(&self, seq: Seq, hidden: bool) -> Result<OpDone, ApiError> {
        let place = self.place()?;
        let found = self.found()?;
        let seq = Seq(seq.0.min(found.last_seq));
        let seen = place.member.last_read_seq.unwrap_or(Seq(0));
        let shown = if hidden { seen } else { seen.max(seq) };
        let is_news = seq > place.membership.last_read_seq || shown > seen;
        if !is_news && !place.membership.marked_unread {
            let rows = vec![Row::Membership(place.membership.clone())];
            return Ok(OpDone::new(self.account(), rows));
        }
        let seq = seq.max(place.membership.last_read_seq);
        let is_told = shown > seen && found.shows_reads();
        let changed_seq = if is_told {
            streams::advance(self.tx, self.stream()).await?
        } else {
            place.member.changed_seq
        };
        let account_seq = streams::advance(self.tx, self.account()).await?;
        let at = (changed_seq, account_seq);
        let place =
            members::read(self.tx, self.conversation, self.caller, (seq, shown), at).await?;
        if is_told {
            self.done(self.stream(), changed_seq, vec![Row::Member(place.member)]);
        }
        Ok(self.done(self.account(), account_seq, vec![Row::Membership(place.membership)]))
    }

    pub(super) async fn add_member(&self, user: UserId) -> Result<OpDone, ApiError> {
        let own = self.place_in_group()?;
        require_reachable(self.tx, user).await?;
        if let Some(place) = members::find(self.tx, self.conversation, user).await? {
            if place.member.left_at.is_none() {
                return Ok(OpDone::new(self.stream(), vec![Row::Member(place.member)]));
            }
            if place.removed_by.is_some() && own.member.role == MemberRole::Member {
                let message = "This person was removed from the group. Only its owner and \
                    administrators can add them again.";
                return Err(ApiError::forbidden(message));
            }
        }
        let changed_seq = streams::advance(self.tx, self.stream()).await?;
        let role = MemberRole::Member;
        let row = join(self.tx, self.conversation, user, role, self.now, changed_seq).await?;
        Ok(self.done_in_time(changed_seq, vec![row]))
    }

    pub(super) async fn remove_member(&self, user: UserId) -> Result<OpDone, ApiError> {
        let own = self.place_of_manager()?;
        if user == self.caller {
            return Err(ApiError::invalid("To go yourself, leave the group."));
        }
        let other = self.other(user).await?;
        let may = own.member.role == MemberRole::Owner || other.member.role == MemberRole::Member;
        if !may {
            return Err(ApiError::forbidden("Only the group's owner can remove this person."));
        }
        let purged = self.found()?.row.removal == Removal::Purge;
        let removed = Some(Removed { by: self.caller, purged });
        let (row, _) = go(self.tx, self.conversation, user, (self.now, removed)).await?;
        Ok(OpDone::new(self.stream(), vec![row]))
    }

    pub(super) async fn set_role(
        &self,
        user: UserId,
        role: MemberRole,
    ) -> Result<OpDone, ApiError> {
        self.place_of_owner().await?;
        if user == self.caller || role == MemberRole::Owner {
            return Err(ApiError::invalid("To give the group away, hand it over."));
        }
        self.other(user).await?;
        if role == MemberRole::Administrator {
            require_reachable(self.tx, user).await?;
        }
        let changed_seq = streams::advance(self.tx, self.stream()).await?;
        let row = self.put_role(user, role, changed_seq).await?;
        Ok(self.done_in_time(changed_seq, vec![row]))
    }

    pub(super) async fn transfer(&self, user: UserId) -> Result<OpDone, ApiError> {
        self.place_of_owner().await?;
        self.other(user).await?;
        if user == self.caller {
            return Err(ApiError::invalid("The group is yours already."));
        }
        require_reachable(self.tx, user).await?;
        let changed_seq = streams::advance(self.tx, self.stream()).await?;
        let own = self.put_role(self.caller, MemberRole::Administrator, changed_seq).await?;
        let other = self.put_role(user, MemberRole::Owner, changed_seq).await?;
        Ok(self.done(self.stream(), changed_seq, vec![own, other]))
    }

    pub(super) async fn leave(&self) -> Result<OpDone, ApiError> {
        let place = self.place_in_group()?;
        if place.member.role == MemberRole::Owner {
            // Where nobody else can sign in there is nobody to hand it to.
            let present = members::present(self.tx, self.conversation).await?;
            if present.iter().any(|one| one.signs_in && one.member.user_id != self.caller) {
                let message = "Hand the group over to somebody before you leave it.";
                return Err(ApiError::forbidden(message));
            }
        }
        let (_, row) = leave(self.tx, self.conversation, self.caller, self.now).await?;
        Ok(OpDone::new(self.account(), vec![row]))
    }

    async fn place_of_owner(&self) -> Result<(), ApiError> {
        let place = self.place_in_group()?;
        if place.member.role == MemberRole::Owner {
            return Ok(());
        }
        Err(ApiError::forbidden("Only the group's owner can do this."))
    }

    /// Another member's place.
    async fn other(&self, user: UserId) -> Result<members::Place, ApiError> {
        let place = members::find(self.tx, self.conversation, user).await?;
        let here = place.filter(|place| place.member.left_at.is_none());
        here.ok_or_else(|| ApiError::gone("member"))
    }

    async fn put_role(&self, user: UserId, role: MemberRole, at: i64) -> Result<Row, ApiError> {
        let place = members::set_role(self.tx, self.conversation, user, role, at).await?;
        Ok(Row::Member(place.member))
    }
}

/// Lets a person in and tells their account. The caller tells the conversation.
pub async fn join(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
    role: MemberRole,
    now: Millis,
    changed_seq: i64,
) -> Result<Row, ApiError> {
    let account = StreamId::Account(user);
    let account_seq = streams::advance(tx, account).await?;
    let at = (changed_seq, account_seq);
    let place = members::join(tx, conversation, user, role, now, at).await?;
    let first = Seq(place.membership.visible_from);
    tx.announce(Change::Joined(user, StreamId::Conversation(conversation), first));
    streams::announce(tx, account, account_seq, vec![Row::Membership(place.membership)]);
    Ok(Row::Member(place.member))
}

/// Gives a group that nobody owns who can sign in to the administrator, or else the member, who is longest
/// in it and can. Where nobody can it stays as it is.
pub async fn hand_on(tx: &Tx, conversation: ConversationId) -> Result<(), ApiError> {
    let found = conversations::find(tx, conversation).await?;
    let is_group = found.is_some_and(|found| found.row.kind == ConversationType::Group);
    if !is_group || members::has_owner(tx, conversation).await? {
        return Ok(());
    }
    let present = members::present(tx, conversation).await?;
    match heir(&present) {
        Some(heir) => give(tx, conversation, heir).await,
        None => Ok(()),
    }
}

/// Makes a member the owner of their group, and its owner until now an administrator.
pub async fn give(tx: &Tx, conversation: ConversationId, user: UserId) -> Result<(), ApiError> {
    let stream = StreamId::Conversation(conversation);
    let changed_seq = streams::advance(tx, stream).await?;
    let mut rows = Vec::new();
    for one in members::present(tx, conversation).await? {
        let is_heir = one.member.user_id == user;
        let role = match one.member.role {
            _ if is_heir => MemberRole::Owner,
            MemberRole::Owner => MemberRole::Administrator,
            _ => continue,
        };
        let user = one.member.user_id;
        let place = members::set_role(tx, conversation, user, role, changed_seq).await?;
        rows.push(Row::Member(place.member));
    }
    streams::announce(tx, stream, changed_seq, rows);
    Ok(())
}

/// The administrator, or else the member, who is longest in a group and can sign in.
fn heir(present: &[Present]) -> Option<UserId> {
    let able = present.iter().filter(|one| one.signs_in).map(|one| &one.member);
    let order = |row: &&MemberRow| (row.role == MemberRole::Member, row.joined_at, row.user_id);
    able.min_by_key(order).map(|row| row.user_id)
}

/// Lets a person out and tells both the conversation and their account: the rows of the two. A group whose
/// owner goes is handed to the administrator, or else the member, who is longest in it and can sign in.
pub async fn leave(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
    now: Millis,
) -> Result<(Row, Row), ApiError> {
    go(tx, conversation, user, (now, None)).await
}

/// The same of who may have been removed.
async fn go(
    tx: &Tx,
    conversation: ConversationId,
    user: UserId,
    when: (Millis, Option<Removed>),
) -> Result<(Row, Row), ApiError> {
    let (stream, stream_of_account) =
        (StreamId::Conversation(conversation), StreamId::Account(user));
    let owned = members::find(tx, conversation, user).await?.map(|place| place.member.role);
    let changed_seq = streams::advance(tx, stream).await?;
    let account_seq = streams::advance(tx, stream_of_account).await?;
    let place = members::leave(tx, conversation, user, when, (changed_seq, account_seq)).await?;
    let mut told = Vec::new();
    if place.membership.purged {
        told = account::purge(tx, user, conversation, account_seq).await?;
    }
    let (row, own) = (Row::Member(place.member), Row::Membership(place.membership));
    told.push(own.clone());
    let mut rows = vec![row.clone()];
    let found = conversations::find(tx, conversation).await?.ok_or(DbError::Missing)?;
    if owned == Some(MemberRole::Owner)
        && let Some(heir) = heir(&members::present(tx, conversation).await?)
    {
        let place =
            members::set_role(tx, conversation, heir, MemberRole::Owner, changed_seq).await?;
        rows.push(Row::Member(place.member));
    }
    tx.announce(Change::Left(user, stream));
    let tell = if found.is_large() { streams::announce_later } else { streams::announce };
    tell(tx, stream, changed_seq, rows);
    streams::announce(tx, stream_of_account, account_seq, told);
    Ok((row, own))
}
