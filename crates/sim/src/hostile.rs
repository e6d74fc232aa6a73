//! An attacker: a user with an account who requests the data of others and replays their ops; and
//! the conditions that every response must meet, whoever receives it.

use crate::ids::MALLORY;
use crate::rng::Rng;
use crate::world::World;
use parlour_protocol::{
    Action, ConversationId, MessageId, Op, OpDone, OpId, PulledStream, Row, Seq, StreamId, UserId,
    limits,
};
use parlour_protocol::{Pull, PullStream};
use parlour_server::{Cursor, HistoryRange, PageLimits};
use uuid::Uuid;

/// Performs one attack; fails if the attacker obtains data of others.
pub fn attack(world: &mut World) -> Result<(), String> {
    let users = world.servers.users.clone();
    let victim = *world.rng.pick(&users).expect("somebody");
    let victims_conversations = world.servers.core.conversations_of(victim);
    let Some((id, _)) = world.rng.pick(&victims_conversations).copied() else { return Ok(()) };
    match world.rng.below(3) {
        0 => replay(world),
        1 => act(world, victim, id),
        _ => read_all(world, victim, id),
    }
}

/// Replays an op of another user, like a copy from the network.
fn replay(world: &mut World) -> Result<(), String> {
    let (done, now) = (world.servers.done.clone(), world.now);
    let Some((user, op)) = world.rng.pick(&done).cloned() else { return Ok(()) };
    // Sent by another user, the op gives no more rights than before. An op that belongs to no conversation
    // affects its sender.
    let is_own = |row: &Row| matches!(row, Row::User(row) if row.id == MALLORY);
    if let Ok(received) = world.servers.act(MALLORY, op.clone(), now)
        && (received.rows.is_empty() || !received.rows.iter().all(is_own))
    {
        return Err(format!("another user's op was answered with {received:?}"));
    }
    // The op may be unknown after a restore; then it is done.
    match world.servers.act(user, op, now) {
        Ok(received) => check_response(world, user, &received),
        Err(_) => Ok(()),
    }
}

fn act(world: &mut World, victim: UserId, id: ConversationId) -> Result<(), String> {
    let (n, now) = (world.ledger.actions, world.now);
    world.ledger.actions += 1;
    let messages: Vec<MessageId> = world.ledger.order.clone();
    let message_id = world.rng.pick(&messages).copied().unwrap_or(MessageId(Uuid::nil()));
    let draft =
        |body: String| Action::Draft { body, reply_to: Some(message_id), based_on: Some(-1) };
    // Every action in a conversation, about the attacker and about the victim, and some that no correct
    // client sends.
    let mut actions = Action::examples_in_conversation(message_id, MALLORY);
    actions.extend(Action::examples_in_conversation(message_id, victim));
    actions.extend([
        Action::send("x".repeat(limits::BODY_BYTES + 1)),
        Action::Read { seq: Seq(i64::MAX), without_receipt: false },
        Action::MarkUnread { on: true, from: Some(Seq(i64::MIN)) },
        draft("forged".into()),
        draft("x".repeat(limits::BODY_BYTES + 1)),
    ]);
    let action = world.rng.pick(&actions).cloned().expect("some");
    // The op has a new id, or the id of an existing message.
    let id_of_op = match world.rng.permille(300) {
        true => OpId(message_id.0),
        false => OpId(Uuid::from_u64_pair(0x0199_dddd_0000_7000, 0x8000_0000_0000_0000 + n)),
    };
    let op = Op { id: id_of_op, conversation_id: id, action };
    match world.servers.act(MALLORY, op.clone(), now) {
        Ok(received) => Err(format!(
            "{:?} was done in a conversation that they are not in: {received:?}",
            op.action
        )),
        Err(_) => Ok(()),
    }
}

/// Returns a number that is not a valid position in anything.
fn invalid_position(rng: &mut Rng) -> i64 {
    *rng.pick(&[i64::MIN, -1, 0, 1, 2, 1 << 40, i64::MAX - 1, i64::MAX]).expect("some")
}

fn read_all(world: &mut World, victim: UserId, id: ConversationId) -> Result<(), String> {
    let (core, rng) = (&world.servers.core, &mut world.rng);
    let epoch = match rng.permille(800) {
        true => core.epoch().to_owned(),
        false => "forged".into(),
    };
    let (term, since, before) =
        (invalid_position(rng), invalid_position(rng), invalid_position(rng));
    let page_limits =
        PageLimits::requested(invalid_position(rng).clamp(1, limits::PAGE_ROWS), Some(0));
    let range =
        HistoryRange { conversation: id, epoch: epoch.clone(), term, before, limits: page_limits };
    let mut received = Vec::new();
    for stream in [StreamId::Conversation(id), StreamId::Account(victim), StreamId::Directory] {
        let cursor = Cursor { stream, epoch: epoch.clone(), term, since };
        let (asked, started) = (PullStream { stream, term, since: Some(since) }, None);
        let streams = vec![asked, PullStream { since: started, ..asked }];
        let pull = Pull { epoch: epoch.clone(), streams, bytes: Some(0) };
        received.extend(core.changes(MALLORY, &cursor, 10).map(|page| page.rows));
        received.extend(core.state(MALLORY, stream, (&epoch, term)).map(|page| page.rows));
        let _ = core.state_digest(MALLORY, stream, (&epoch, term));
        for response in core.pull(MALLORY, &pull, 10, 10).map(|all| all.answers).unwrap_or_default()
        {
            match response {
                PulledStream::Page(page) => received.push(page.rows),
                PulledStream::Bootstrap(started) => received.push(started.rows),
                PulledStream::Error(_) => {}
            }
        }
    }
    received.extend(core.bootstrap(MALLORY, id, 10).map(|started| started.rows));
    received.extend(core.history(MALLORY, &range).map(|history| history.rows));
    if core.digest(MALLORY, &range, since).is_ok() {
        return Err("a digest of messages that they may not see".into());
    }
    let heads = core.heads(MALLORY, since).map_err(|error| error.message)?;
    if heads.heads.iter().any(|head| matches!(head.stream, StreamId::Conversation(_))) {
        return Err(format!("heads of conversations that they are not in: {heads:?}"));
    }
    match received.into_iter().flatten().find(|row| !matches!(row, Row::User(_))) {
        Some(row) => Err(format!("they got {row:?}")),
        None => Ok(()),
    }
}

/// Checks that the response to an op, first or repeated, contains nothing that its recipient may not
/// see.
pub fn check_response(world: &World, user: UserId, done: &OpDone) -> Result<(), String> {
    let StreamId::Conversation(id) = done.stream else {
        let is_of_people = done.rows.iter().all(|row| matches!(row, Row::User(_)));
        return match done.stream {
            StreamId::Account(account) if account == user => Ok(()),
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
