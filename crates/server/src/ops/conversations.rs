//! The ops that create a conversation or change its title, topic and settings.

use super::context::{OpContext, conflict};
use super::membership::{join_all, require_addable};
use crate::error::ApiError;
use crate::queries::{conversations, streams};
use parlour_protocol::{
    ConversationRow, ConversationType, HistoryVisibility, MemberRole, OpDone, Row, UserId,
};
use std::collections::BTreeSet;

impl OpContext<'_> {
    pub(super) async fn create(
        &self,
        kind: ConversationType,
        title: &str,
        others: &[UserId],
        history: Option<HistoryVisibility>,
    ) -> Result<OpDone, ApiError> {
        let (id, stream) = (self.conversation, self.stream());
        // Undoing the import of a direct message took both users out of it.
        let withdrawn = self.stored.as_ref().filter(|found| {
            kind == ConversationType::P2p && found.row.kind == kind && found.member_count == 0
        });
        if let (Some(found), None) = (&self.stored, withdrawn) {
            // The other user of the direct message created it first, with the same result.
            if kind == ConversationType::P2p && found.row.kind == kind {
                let member = self.member()?.row.clone();
                let rows = vec![Row::Conversation(found.row.clone()), Row::Member(member)];
                return Ok(OpDone::new(stream, rows));
            }
            return Err(conflict());
        }
        let all_members: BTreeSet<UserId> = others.iter().copied().chain([self.caller]).collect();
        let people: Vec<UserId> = all_members.iter().copied().collect();
        require_addable(self.tx, kind, &people).await?;
        let changed_seq = streams::advance(self.tx, stream).await?;
        let row = match withdrawn {
            Some(found) => ConversationRow { changed_seq, ..found.row.clone() },
            None => ConversationRow {
                history: history.unwrap_or(HistoryVisibility::Beginning),
                changed_seq,
                ..ConversationRow::new(id, kind, title.trim(), self.caller, self.now)
            },
        };
        match withdrawn {
            Some(_) => conversations::update(self.tx, &row).await?,
            None => conversations::insert(self.tx, &row).await?,
        }
        let mut rows = vec![Row::Conversation(row)];
        let roles = people.into_iter().map(|user| {
            let is_owner = kind == ConversationType::Group && user == self.caller;
            (user, if is_owner { MemberRole::Owner } else { MemberRole::Member })
        });
        let roles: Vec<_> = roles.collect();
        rows.extend(join_all(self.tx, (id, kind), &roles, self.now, changed_seq).await?);
        Ok(self.announce(stream, changed_seq, rows))
    }

    pub(super) async fn rename(&self, title: &str) -> Result<OpDone, ApiError> {
        self.update_group(|row| row.title = title.trim().into()).await
    }

    pub(super) async fn set_topic(&self, topic: &str) -> Result<OpDone, ApiError> {
        self.update_group(|row| row.topic = topic.trim().into()).await
    }

    /// Changes a property of the group; refuses callers who do not manage it.
    pub(super) async fn update_group(
        &self,
        change: impl FnOnce(&mut ConversationRow) + Send,
    ) -> Result<OpDone, ApiError> {
        self.group_manager()?;
        let mut row = self.stored()?.row.clone();
        change(&mut row);
        row.changed_seq = streams::advance(self.tx, self.stream()).await?;
        conversations::update(self.tx, &row).await?;
        Ok(self.announce(self.stream(), row.changed_seq, vec![Row::Conversation(row)]))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Submission, apply};
    use crate::db::in_memory;
    use crate::queries::users;
    use parlour_protocol::{
        Action, ConversationId, ErrorCode, Millis, Op, OpId, UserId, UserRole, limits,
    };
    use std::sync::atomic::Ordering;
    use uuid::Uuid;

    fn create_group(members: Vec<UserId>) -> Submission {
        let conversation_id = ConversationId(Uuid::now_v7());
        let action = Action::create_group("workshop", members);
        let op = Op { id: OpId::new(), conversation_id, action };
        Submission { caller: UserId(Uuid::from_u128(1)), op, epoch: None, now: Millis(0) }
    }

    #[tokio::test]
    async fn creating_a_group_takes_few_statements_for_any_number_of_members() {
        let tx = in_memory("e", None).unwrap();
        let ids: Vec<UserId> = (1..=500).map(|n| UserId(Uuid::from_u128(n))).collect();
        for (n, id) in ids.iter().enumerate() {
            users::insert(&tx, *id, &format!("user-{n}"), "!", UserRole::Member, Millis(0))
                .await
                .unwrap();
        }
        let mut statements = Vec::new();
        // The first one in a commit also reads the watermark.
        apply(&tx, &create_group(vec![])).await.unwrap();
        for count in [1, 500] {
            let before = tx.statements.load(Ordering::Relaxed);
            let done = apply(&tx, &create_group(ids[..count].to_vec())).await.unwrap();
            assert_eq!(done.rows.len(), count + 1);
            statements.push(tx.statements.load(Ordering::Relaxed) - before);
        }
        assert_eq!(statements[0], statements[1]);
        assert!(statements[0] < 20, "{statements:?}");
    }

    #[tokio::test]
    async fn a_user_can_be_in_a_limited_number_of_groups_and_direct_messages_do_not_count() {
        let tx = in_memory("e", None).unwrap();
        let [wren, oak] = [1, 2].map(|n| UserId(Uuid::from_u128(n)));
        for (id, name) in [(wren, "wren"), (oak, "oak")] {
            users::insert(&tx, id, name, "!", UserRole::Member, Millis(0)).await.unwrap();
        }
        let group = create_group(vec![oak]);
        apply(&tx, &group).await.unwrap();
        let nearly = format!("UPDATE streams SET group_count = {}", limits::GROUPS - 1);
        tx.execute(&nearly, &[]).await.unwrap();
        apply(&tx, &create_group(vec![])).await.unwrap();
        for full in [create_group(vec![]), create_group(vec![oak])] {
            assert_eq!(apply(&tx, &full).await.unwrap_err().code, ErrorCode::Invalid);
        }
        let perform = |caller, conversation_id, action| {
            let op = Op { id: OpId::new(), conversation_id, action };
            Submission { caller, op, epoch: None, now: Millis(0) }
        };
        let direct = perform(wren, ConversationId::p2p(wren, oak), Action::create_p2p(oak));
        apply(&tx, &direct).await.unwrap();
        // Whoever leaves a group can be in another one.
        apply(&tx, &perform(oak, group.op.conversation_id, Action::Leave)).await.unwrap();
        let create_own =
            perform(oak, ConversationId(Uuid::now_v7()), Action::create_group("own", vec![]));
        let mut last = create_own.op.conversation_id;
        for _ in 0..2 {
            let mut again = create_own.clone();
            last = ConversationId(Uuid::now_v7());
            (again.op.id, again.op.conversation_id) = (OpId::new(), last);
            apply(&tx, &again).await.unwrap();
        }
        assert_eq!(apply(&tx, &create_own).await.unwrap_err().code, ErrorCode::Invalid);
        let add = perform(oak, last, Action::AddMember { user_id: wren });
        assert_eq!(apply(&tx, &add).await.unwrap_err().code, ErrorCode::Invalid);
    }
}
