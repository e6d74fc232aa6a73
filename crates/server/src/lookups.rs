//! Handles hints from other servers. They name users and streams, whose state is then read from the database.
//! So no socket follows a conversation, and no session ends, merely because of a message on the bus.

use crate::db::{Db, Tx};
use crate::error::ApiError;
use crate::hub::{Hub, Lookups};
use crate::queries::members::{self, Member};
use crate::queries::{presence, server_settings, sessions, streams};
use parlour_protocol::{Millis, Seq, StreamId, UserId};
use std::collections::BTreeSet;
use std::time::Duration;

/// The time between two look-ups. Hints that arrive meanwhile are looked up together, so that a flood of them
/// costs the database no more than this.
const PAUSE: Duration = Duration::from_millis(20);
/// The time after a look-up that failed.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// Looks up the users and streams of hints, for as long as the server runs.
pub async fn run(db: &Db, hub: &Hub) {
    loop {
        let lookups = hub.next_lookups().await;
        let people = lookups.people.clone();
        if let Err(error) = process(db, hub, lookups).await {
            tracing::warn!(error = error.message, "cannot look up a hint; retrying soon");
            tokio::time::sleep(RETRY_DELAY).await;
            // The watermark compensates for lost hints about streams, but not for those about lost access.
            hub.request_lookups(people);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

async fn process(db: &Db, hub: &Hub, lookups: Lookups) -> Result<(), ApiError> {
    for user in &lookups.people {
        // If the user joins or leaves a conversation meanwhile, they are looked up again.
        let version = hub.membership_version(*user);
        if !look_up_user(&db.read().await?, hub, *user, version).await? {
            hub.request_lookups([*user]);
        }
    }
    let others = Lookups { people: BTreeSet::new(), ..lookups };
    apply_lookups(&db.read().await?, hub, others).await
}

/// Looks up the users and streams of hints in the database, and applies the results to the hub.
///
/// # Errors
/// Fails if the database does.
pub async fn apply_lookups(tx: &Tx, hub: &Hub, lookups: Lookups) -> Result<(), ApiError> {
    for user in lookups.people {
        look_up_user(tx, hub, user, hub.membership_version(user)).await?;
    }
    for (user, at) in presence::visible(tx, lookups.last_seen).await? {
        if let Some(at) = at {
            hub.show_last_seen(user, at);
        }
    }
    // The directory also moves when an administrator changes the server's settings.
    if lookups.streams.contains(&StreamId::Directory) {
        hub.set_chosen_presence(server_settings::presence(tx).await?);
    }
    for head in streams::heads_of(tx, lookups.streams).await? {
        hub.push_head_if_newer(head);
    }
    for (conversation, user) in lookups.typing {
        let member = members::find(tx, conversation, user).await?;
        if member.as_ref().is_some_and(Member::is_present) {
            hub.show_typing(conversation, user);
        }
    }
    Ok(())
}

/// Looks up the sessions and memberships of a user. Returns false, and changes no memberships, if the user joined or
/// left a conversation since `version` was read.
async fn look_up_user(tx: &Tx, hub: &Hub, user: UserId, version: u64) -> Result<bool, ApiError> {
    for session in hub.sessions_of(user) {
        if let Some(wipe) = sessions::has_ended(tx, session).await? {
            hub.end_session(user, session, wipe);
        }
    }
    let conversations = members::conversations_of(tx, user).await?.into_iter();
    let conversations: Vec<(StreamId, Seq)> =
        conversations.map(|(id, first)| (StreamId::Conversation(id), first)).collect();
    Ok(hub.set_followed(user, &conversations, version))
}

/// How far back [`lost_access`] looks: longer than the differences between servers' clocks, and than the time
/// until the next look-up.
const LOOK_BACK_MS: i64 = 5 * 60 * 1000;

/// Returns the users who recently lost access to something, for servers that may have missed it because another
/// server crashed before it could send a hint.
pub async fn lost_access(tx: &Tx, now: Millis) -> Result<Vec<UserId>, ApiError> {
    let since = Millis(now.0 - LOOK_BACK_MS);
    let mut people = members::left_since(tx, since).await?;
    // A user who joined again may see less than before.
    people.extend(members::joined_since(tx, since).await?);
    people.extend(sessions::revoked_since(tx, since).await?);
    Ok(people)
}
