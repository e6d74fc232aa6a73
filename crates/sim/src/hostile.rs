//! An attacker: a user with an account who requests the data of others and replays their ops; and
//! the conditions that every answer must meet, whoever receives it.

use crate::dice::Dice;
use crate::ids::MALLORY;
use crate::world::World;
use parlour_protocol::{
    Action, ConversationId, MessageId, Op, OpDone, OpId, PulledStream, Row, Seq, StreamId, UserId,
    limits,
};
use parlour_protocol::{Pull, PullStream};
use parlour_server::{Cursor, HistoryRange, PageLimits};
use uuid::Uuid;

/// Lets the attacker try one thing; fails if they obtain data of others.
pub fn attack(world: &mut World) -> Result<(), String> {
    let users = world.servers.users.clone();
    let victim = *world.dice.pick(&users).expect("somebody");
    let theirs = world.servers.core.conversations_of(victim);
    let Some((id, _)) = world.dice.pick(&theirs).copied() else { return Ok(()) };
    match world.dice.below(3) {
        0 => replay(world),
        1 => act(world, victim, id),
        _ => read_all(world, victim, id),
    }
}

/// Replays an op of another user, like a copy from the network.
fn replay(world: &mut World) -> Result<(), String> {
    let (done, now) = (world.servers.done.clone(), world.now);
    let Some((user, op)) = world.dice.pick(&done).cloned() else { return Ok(()) };
    // Sent by another user, the op gives no more rights than before. An op that belongs to no conversation
    // affects its sender.
    let is_own = |row: &Row| matches!(row, Row::User(row) if row.id == MALLORY);
    if let Ok(got) = world.servers.act(MALLORY, op.clone(), now)
        && (got.rows.is_empty() || !got.rows.iter().all(is_own))
    {
        return Err(format!("another user's op was answered with {got:?}"));
    }
    // The op may be unknown after a restore; then it is done.
    match world.servers.act(user, op, now) {
        Ok(got) => answered(world, user, &got),
        Err(_) => Ok(()),
    }
}

fn act(world: &mut World, victim: UserId, id: ConversationId) -> Result<(), String> {
    let (n, now) = (world.ledger.actions, world.now);
    world.ledger.actions += 1;
    let messages: Vec<MessageId> = world.ledger.order.clone();
    let message_id = world.dice.pick(&messages).copied().unwrap_or(MessageId(Uuid::nil()));
    let draft =
        |body: String| Action::Draft { body, reply_to: Some(message_id), based_on: Some(-1) };
    // Every action in a conversation, about the attacker and about the victim, and some that no honest client
    // sends.
    let mut actions = Action::examples_in_conversation(message_id, MALLORY);
    actions.extend(Action::examples_in_conversation(message_id, victim));
    actions.extend([
        Action::send("x".repeat(limits::BODY_BYTES + 1)),
        Action::Read { seq: Seq(i64::MAX), hidden: false },
        Action::MarkUnread { on: true, from: Some(Seq(i64::MIN)) },
        draft("forged".into()),
        draft("x".repeat(limits::BODY_BYTES + 1)),
    ]);
    let action = world.dice.pick(&actions).cloned().expect("some");
    // The op has a new id, or the id of an existing message.
    let id_of_op = match world.dice.permille(300) {
        true => OpId(message_id.0),
        false => OpId(Uuid::from_u64_pair(0x0199_dddd_0000_7000, 0x8000_0000_0000_0000 + n)),
    };
    let op = Op { id: id_of_op, conversation_id: id, action };
    match world.servers.act(MALLORY, op.clone(), now) {
        Ok(got) => {
            Err(format!("{:?} was done in a conversation that they are not in: {got:?}", op.action))
        }
        Err(_) => Ok(()),
    }
}

/// Returns a number that is not a valid position in anything.
fn odd(dice: &mut Dice) -> i64 {
    *dice.pick(&[i64::MIN, -1, 0, 1, 2, 1 << 40, i64::MAX - 1, i64::MAX]).expect("some")
}

fn read_all(world: &mut World, victim: UserId, id: ConversationId) -> Result<(), String> {
    let (core, dice) = (&world.servers.core, &mut world.dice);
    let epoch = match dice.permille(800) {
        true => core.epoch().to_owned(),
        false => "forged".into(),
    };
    let (term, since, before) = (odd(dice), odd(dice), odd(dice));
    let page_limits = PageLimits::requested(odd(dice).clamp(1, limits::PAGE_ROWS), Some(0));
    let range =
        HistoryRange { conversation: id, epoch: epoch.clone(), term, before, limits: page_limits };
    let mut got = Vec::new();
    for stream in [StreamId::Conversation(id), StreamId::Account(victim), StreamId::Directory] {
        let cursor = Cursor { stream, epoch: epoch.clone(), term, since };
        let (asked, begun) = (PullStream { stream, term, since: Some(since) }, None);
        let streams = vec![asked, PullStream { since: begun, ..asked }];
        let pull = Pull { epoch: epoch.clone(), streams, bytes: Some(0) };
        got.extend(core.changes(MALLORY, &cursor, 10).map(|page| page.rows));
        got.extend(core.state(MALLORY, stream, (&epoch, term)).map(|page| page.rows));
        let _ = core.state_digest(MALLORY, stream, (&epoch, term));
        for answer in core.pull(MALLORY, &pull, 10, 10).map(|all| all.answers).unwrap_or_default() {
            match answer {
                PulledStream::Page(page) => got.push(page.rows),
                PulledStream::Bootstrap(begun) => got.push(begun.rows),
                PulledStream::Error(_) => {}
            }
        }
    }
    got.extend(core.bootstrap(MALLORY, id, 10).map(|begun| begun.rows));
    got.extend(core.history(MALLORY, &range).map(|history| history.rows));
    if core.digest(MALLORY, &range, since).is_ok() {
        return Err("a digest of messages that they may not see".into());
    }
    let heads = core.heads(MALLORY, since).map_err(|error| error.message)?;
    if heads.heads.iter().any(|head| matches!(head.stream, StreamId::Conversation(_))) {
        return Err(format!("heads of conversations that they are not in: {heads:?}"));
    }
    match got.into_iter().flatten().find(|row| !matches!(row, Row::User(_))) {
        Some(row) => Err(format!("they got {row:?}")),
        None => Ok(()),
    }
}

/// Checks that the answer to an op, first or repeated, contains nothing that its recipient may not
/// see.
pub fn answered(world: &World, user: UserId, done: &OpDone) -> Result<(), String> {
    let StreamId::Conversation(id) = done.stream else {
        let is_of_people = done.rows.iter().all(|row| matches!(row, Row::User(_)));
        return match done.stream {
            StreamId::Account(own) if own == user => Ok(()),
            // Everybody may see these rows.
            StreamId::Directory if is_of_people => Ok(()),
            other => Err(format!("{user} is answered with {other:?}")),
        };
    };
    let core = &world.servers.core;
    let Some((member, membership)) = core.member(user, id) else {
        return Err(format!("{user} is answered about a conversation that they were never in"));
    };
    // A user who leaves in the same commit was a member when the op was done.
    if member.left_at.is_some_and(|left_at| left_at.0 < world.now) && !done.rows.is_empty() {
        return Err(format!("{user}, who has left, is answered with {:?}", done.rows));
    }
    for row in &done.rows {
        let Row::Message(row) = row else { continue };
        if row.seq.0 < membership.visible_from && member.joined_at.0 < world.now {
            return Err(format!(
                "{user} is answered with what was said before they joined: {row:?}"
            ));
        }
        let deleted = core.number(&format!(
            "SELECT count(*) AS number FROM messages WHERE id = '{}' AND deleted_at < {}",
            row.id, world.now
        ));
        if deleted > 0 && !row.body.is_empty() {
            return Err(format!("{user} is answered with what was deleted: {:?}", row.body));
        }
    }
    Ok(())
}
