//! What becomes of hints: they name people and streams, and the database is asked about those. So nobody
//! follows a conversation, and no session ends, because somebody said so on the bus.

use crate::app::App;
use crate::db::Tx;
use crate::error::ApiError;
use crate::hub::{Doubts, Hub};
use crate::queries::{members, sessions, streams};
use parlour_protocol::{Seq, StreamId, UserId};
use std::time::Duration;

/// Between two looks: what is hinted at meanwhile is looked up together, and a flood of hints costs the
/// database no more than this.
const BETWEEN: Duration = Duration::from_millis(20);
/// After a look that failed.
const AGAIN: Duration = Duration::from_secs(1);

/// Looks up what is doubted, as long as the server runs.
pub(crate) async fn run(app: &App) {
    loop {
        let doubts = app.hub.doubts().await;
        let people = doubts.people.clone();
        if let Err(error) = look(app, doubts).await {
            tracing::warn!(error = error.message, "a hint could not be looked up; again soon");
            tokio::time::sleep(AGAIN).await;
            // What moved is made up for by the watermark. What was lost is not.
            app.hub.doubt(people);
        }
        tokio::time::sleep(BETWEEN).await;
    }
}

async fn look(app: &App, doubts: Doubts) -> Result<(), ApiError> {
    for user in &doubts.people {
        // One who joins or leaves meanwhile is looked up again.
        let leavings = app.hub.leavings(*user);
        if !settle_person(&app.db.read().await?, &app.hub, *user, leavings).await? {
            app.hub.doubt([*user]);
        }
    }
    let of_streams = Doubts { people: Default::default(), ..doubts };
    settle(&app.db.read().await?, &app.hub, of_streams).await
}

/// Does to the hub what the database says of what is doubted.
///
/// # Errors
/// The database's.
pub async fn settle(tx: &Tx, hub: &Hub, doubts: Doubts) -> Result<(), ApiError> {
    for user in doubts.people {
        settle_person(tx, hub, user, hub.leavings(user)).await?;
    }
    for head in streams::heads_of(tx, doubts.streams).await? {
        hub.tell_head(head);
    }
    for (conversation, user) in doubts.typing {
        let place = members::find(tx, conversation, user).await?;
        if place.is_some_and(|place| place.member.left_at.is_none()) {
            hub.writes(conversation, user);
        }
    }
    Ok(())
}

/// Whether it could be done: a snapshot from before a join or leaving does not count.
async fn settle_person(tx: &Tx, hub: &Hub, user: UserId, leavings: u64) -> Result<bool, ApiError> {
    for session in hub.sessions_of(user) {
        if let Some(wipe) = sessions::has_ended(tx, session).await? {
            hub.end(user, session, wipe);
        }
    }
    let own = members::conversations_of(tx, user).await?.into_iter();
    let own: Vec<(StreamId, Seq)> =
        own.map(|(id, first)| (StreamId::Conversation(id), first)).collect();
    Ok(hub.follow_only(user, &own, leavings))
}
