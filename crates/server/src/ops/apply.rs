//! Performs one op of any kind, at most once.

use super::context::{OpContext, archived, complete, op_digest};
use super::submission::Submission;
use crate::db::Tx;
use crate::epoch;
use crate::error::ApiError;
use crate::queries::ops;
use parlour_protocol::{Action, Deduplication, Op, OpDone, Seq};

/// Performs an op. If it was performed before, changes nothing and returns the current state.
///
/// # Errors
/// Fails with the reason if the op is refused; then nothing is changed.
pub async fn apply(tx: &Tx, submission: &Submission) -> Result<OpDone, ApiError> {
    let Submission { caller, op, epoch, now } = submission;
    if let Some(epoch) = epoch {
        epoch::check(tx, epoch)?;
    }
    // This check comes first, so that a caller learns nothing about an id that they may not create.
    op.check_ids(*caller)?;
    let (context, earlier_op) = OpContext::load(tx, *caller, op, *now).await?;
    let done = match earlier_op {
        Some(earlier_op) => context.replay(op, &earlier_op).await?,
        None => {
            let done = context.perform(op).await?;
            if op.action.rules().deduplication == Deduplication::Digest {
                ops::insert(tx, *caller, op.id, &op_digest(op), *now).await?;
            }
            done
        }
    };
    complete(tx, *caller, done).await
}

impl OpContext<'_> {
    async fn perform(&self, op: &Op) -> Result<OpDone, ApiError> {
        op.check_texts()?;
        self.check_archived(&op.action)?;
        match &op.action {
            Action::Create { kind, title, members, history } => {
                self.create(*kind, title, members, *history).await
            }
            Action::Send { .. } => self.send(op).await,
            Action::Edit { message_id, body, mentions } => {
                self.edit(*message_id, body, mentions).await
            }
            Action::Delete { message_id } => self.delete(*message_id).await,
            Action::React { message_id, emoji, on } => self.react(*message_id, emoji, *on).await,
            Action::PinMessage { message_id, on } => self.pin(*message_id, *on).await,
            Action::Read { seq, without_receipt } => self.read(*seq, *without_receipt).await,
            Action::AddMember { user_id } => self.add_member(*user_id).await,
            Action::RemoveMember { user_id } => self.remove_member(*user_id).await,
            Action::SetRole { user_id, role } => self.set_role(*user_id, *role).await,
            Action::Transfer { user_id } => self.transfer(*user_id).await,
            Action::Leave => self.leave().await,
            Action::Rename { title } => self.rename(title).await,
            Action::SetTopic { topic } => self.set_topic(topic).await,
            Action::SetHistory { history } => self.update_group(|row| row.history = *history).await,
            Action::SetRemoval { removal } => self.update_group(|row| row.removal = *removal).await,
            Action::Archive { on } => {
                let at = on.then_some(self.now);
                self.update_group(|row| row.archived_at = at.and(row.archived_at).or(at)).await
            }
            Action::Mute { until } => self.update_membership(|row| row.muted_until = *until).await,
            Action::Pin { on } => {
                let at = on.then_some(self.now);
                self.update_membership(|row| row.pinned_at = at).await
            }
            Action::Hide { on } => {
                let at = on.then_some(self.now);
                self.update_membership(|row| row.hidden_at = at).await
            }
            Action::MarkUnread { on, from } => {
                self.update_membership(|row| {
                    row.marked_unread = *on;
                    if let Some(from) = from {
                        let before = from.0.max(row.visible_from) - 1;
                        row.last_read_seq = row.last_read_seq.min(Seq(before));
                    }
                })
                .await
            }
            Action::Draft { body, reply_to, based_on } => {
                self.draft(body, *reply_to, *based_on).await
            }
            Action::Save { message_id, on } => self.save(*message_id, *on).await,
            Action::Setting { name, value } => self.setting(name, value).await,
            Action::SetProfile { profile } => self.set_profile(profile).await,
        }
    }

    /// Refuses an action that is not allowed in an archived group. A caller who is not a member gets the
    /// usual refusal instead, and so does not learn that the group is archived.
    fn check_archived(&self, action: &Action) -> Result<(), ApiError> {
        let is_archived = self.stored.as_ref().is_some_and(|found| found.row.archived_at.is_some());
        if is_archived && self.member().is_ok() && !action.rules().is_for_archived {
            return Err(archived());
        }
        Ok(())
    }
}
