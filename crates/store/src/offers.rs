//! What this device said and the server does not have any more: it may be the last copy. Before the
//! mirror lets go of it, it waits in the outbox again, under the id that it had.

use crate::{
    Arrival, Changes, Result, Standing, Store, Stretch, conversations, drafts, messages, verify,
};
use parlour_protocol::{
    Bootstrap, ConversationId, MessageId, MessageRow, OpId, Row, StreamId, UserId,
};
use rusqlite::Connection;
use std::collections::BTreeSet;

parlour_sqlite::statements! {
    /// $1 id.
    OFFER = "UPDATE ops SET state = 'waiting' WHERE id = $1 AND state = 'sent'";
}

/// $1 key.
const REMOVE: &str = "DELETE FROM messages WHERE key = $1";

impl Store {
    /// Applies what arrived, as [`crate::Mirror::apply`] does. Where a conversation begins anew without
    /// something that this account said there, that waits to be sent again.
    pub fn apply(&self, arrivals: &[Arrival<'_>]) -> Result<Changes> {
        let mut changes = Changes::default();
        for arrival in arrivals {
            let Arrival::Bootstrap(bootstrap) = arrival else { continue };
            let StreamId::Conversation(id) = bootstrap.stream else { continue };
            let lost =
                self.mirror.read(|conn| lost_by(conn, self.mirror.owner(), id, bootstrap))?;
            let offered = self.offer(id, &lost)?;
            let is_offered = !offered.is_empty();
            changes.merge(offered);
            if is_offered {
                let mut waiting = Vec::new();
                for row in lost {
                    if self.open_op(OpId(row.id.0))?.is_some() {
                        waiting.push(row);
                    }
                }
                // A place that is somebody else's now, for all that is known.
                self.mirror.write(|conn| {
                    let number = conversations::number(conn, id)?;
                    for row in &waiting {
                        conn.execute(REMOVE, [messages::key(number, row.seq.0)])?;
                    }
                    Ok(())
                })?;
            }
        }
        changes.merge(self.mirror.apply(arrivals)?);
        Ok(changes)
    }

    /// Makes a stretch what the server has, as [`crate::Mirror::repair`] does. What this account said and
    /// the server does not have waits to be sent again.
    pub fn repair(&self, stretch: &Stretch, epoch: &str, rows: &[Row]) -> Result<(i64, Changes)> {
        let owner = self.mirror.owner();
        let lost = self.mirror.read(|conn| {
            let known = ids(rows);
            let held = verify::held_now(conn, stretch, epoch)?;
            let is_lost = |row: &MessageRow| {
                row.changed_seq <= stretch.cursor && is_own(row, owner) && !known.contains(&row.id)
            };
            Ok(held.into_iter().filter(is_lost).collect::<Vec<_>>())
        })?;
        let mut changes = self.offer(stretch.conversation, &lost)?;
        let (repaired, mended) = self.mirror.repair(stretch, epoch, rows)?;
        changes.merge(mended);
        Ok((repaired, changes))
    }

    /// Makes a stream, but for its messages, what the server has, as [`crate::Mirror::repair_state`] does.
    /// Drafts that the server does not have are written on this device from here on.
    pub fn repair_state(
        &self,
        standing: &Standing,
        epoch: &str,
        rows: &[Row],
    ) -> Result<(i64, Changes)> {
        if matches!(standing.stream, StreamId::Account(_)) {
            let there: BTreeSet<ConversationId> = rows
                .iter()
                .filter_map(|row| {
                    if let Row::Draft(row) = row { Some(row.conversation_id) } else { None }
                })
                .collect();
            let mut lost = self.mirror.read(|conn| drafts::known(conn))?;
            lost.retain(|(id, _)| !there.contains(id));
            self.outbox.with(|conn| drafts::take_over(conn, &lost))?;
        }
        self.mirror.repair_state(standing, epoch, rows)
    }

    /// Lets messages wait to be sent again, in the place that they had. Only what this device is known to have
    /// sent, in the last 30 days: a server that lies must not have anything said in its user's name.
    fn offer(&self, conversation: ConversationId, lost: &[MessageRow]) -> Result<Changes> {
        if lost.is_empty() {
            return Ok(Changes::default());
        }
        let offered = self.outbox.with(|conn| {
            let tx = conn.unchecked_transaction()?;
            let mut offered = 0;
            for row in lost {
                offered += tx.prepare_cached(OFFER)?.execute([row.id.0])?;
            }
            tx.commit()?;
            Ok(offered)
        })?;
        if offered == 0 {
            return Ok(Changes::default());
        }
        tracing::error!(%conversation, offered, "the server lost messages; they are offered again");
        let mut changes = Changes::of(conversation).with_outbox();
        changes.offered.insert(conversation);
        Ok(changes)
    }
}

fn is_own(row: &MessageRow, owner: UserId) -> bool {
    row.sender_id == owner && row.deleted_at.is_none()
}

fn ids(rows: &[Row]) -> BTreeSet<MessageId> {
    rows.iter()
        .filter_map(|row| if let Row::Message(row) = row { Some(row.id) } else { None })
        .collect()
}

/// The owner's messages that are held and that a conversation's beginning shows the server not to have:
/// their place is past its end, or another message's. Where the beginning shows another message at its
/// first place already, what is before that is doubtful too.
fn lost_by(
    conn: &Connection,
    owner: UserId,
    id: ConversationId,
    bootstrap: &Bootstrap,
) -> Result<Vec<MessageRow>> {
    let Some(number) = conversations::find(conn, id)? else { return Ok(Vec::new()) };
    let known = ids(&bootstrap.rows);
    let rows = bootstrap.rows.iter();
    let first = rows
        .filter_map(
            |row| if let Row::Message(row) = row { Some((row.seq.0, row.id)) } else { None },
        )
        .min();
    let low = first.map_or(bootstrap.last_seq.saturating_add(1), |(seq, _)| seq);
    let mut held = verify::held_between(conn, number, (low, i64::MAX))?;
    let differs = |(seq, id): (i64, MessageId)| held.get(&seq).is_some_and(|row| row.id != id);
    if first.is_some_and(differs) {
        held.append(&mut verify::held_between(conn, number, (0, low.saturating_sub(1)))?);
    }
    // What was acknowledged after the beginning was read is not in it, and not lost.
    let is_lost = |row: &MessageRow| {
        row.changed_seq <= bootstrap.head && is_own(row, owner) && !known.contains(&row.id)
    };
    Ok(held.into_values().filter(is_lost).collect())
}
