//! What becomes of hints: they name people and streams, and the database is asked about those. So nobody
//! follows a conversation, and no session ends, because somebody said so on the bus.

use crate::db::{Db, Tx};
use crate::error::ApiError;
use crate::hub::{Hub, Recheck};
use crate::queries::members::{self, Member};
use crate::queries::{sessions, streams};
use parlour_protocol::{Millis, Seq, StreamId, UserId};
use std::collections::BTreeSet;
use std::time::Duration;

/// Between two looks: what is hinted at meanwhile is looked up together, and a flood of hints costs the
/// database no more than this.
const BETWEEN: Duration = Duration::from_millis(20);
/// After a look that failed.
const AGAIN: Duration = Duration::from_secs(1);

/// Looks up what was hinted at, as long as the server runs.
pub async fn run(db: &Db, hub: &Hub) {
    loop {
        let recheck = hub.next_recheck().await;
        let people = recheck.people.clone();
        if let Err(error) = look_up(db, hub, recheck).await {
            tracing::warn!(error = error.message, "a hint could not be looked up; again soon");
            tokio::time::sleep(AGAIN).await;
            // What moved is made up for by the watermark. What was lost is not.
            hub.recheck(people);
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

async fn look_up(db: &Db, hub: &Hub, recheck: Recheck) -> Result<(), ApiError> {
    for user in &recheck.people {
        // One who joins or leaves meanwhile is looked up again.
        let version = hub.membership_version(*user);
        if !settle_person(&db.read().await?, hub, *user, version).await? {
            hub.recheck([*user]);
        }
    }
    let others = Recheck { people: BTreeSet::new(), ..recheck };
    settle(&db.read().await?, hub, others).await
}

/// Does to the hub what the database says of what was hinted at.
///
/// # Errors
/// The database's.
pub async fn settle(tx: &Tx, hub: &Hub, recheck: Recheck) -> Result<(), ApiError> {
    for user in recheck.people {
        settle_person(tx, hub, user, hub.membership_version(user)).await?;
    }
    for head in streams::heads_of(tx, recheck.streams).await? {
        hub.tell_head(head);
    }
    for (conversation, user) in recheck.typing {
        let member = members::find(tx, conversation, user).await?;
        if member.as_ref().is_some_and(Member::is_present) {
            hub.show_typing(conversation, user);
        }
    }
    Ok(())
}

/// Whether it could be done: a snapshot from before a join or leaving does not count.
async fn settle_person(tx: &Tx, hub: &Hub, user: UserId, version: u64) -> Result<bool, ApiError> {
    for session in hub.sessions_of(user) {
        if let Some(wipe) = sessions::has_ended(tx, session).await? {
            hub.end_session(user, session, wipe);
        }
    }
    let own = members::conversations_of(tx, user).await?.into_iter();
    let own: Vec<(StreamId, Seq)> =
        own.map(|(id, first)| (StreamId::Conversation(id), first)).collect();
    Ok(hub.follow_only(user, &own, version))
}

/// How far back [`lost_access`] looks: longer than servers' clocks are apart, and than it takes
/// until the next look.
const LOOK_BACK_MS: i64 = 5 * 60 * 1000;

/// Who lately lost the right to hear something, for servers that may have missed it when another one died
/// before it could tell.
pub async fn lost_access(tx: &Tx, now: Millis) -> Result<Vec<UserId>, ApiError> {
    let since = Millis(now.0 - LOOK_BACK_MS);
    let mut people = members::left_since(tx, since).await?;
    // Who joined again may see less than before.
    people.extend(members::joined_since(tx, since).await?);
    people.extend(sessions::revoked_since(tx, since).await?);
    Ok(people)
}
