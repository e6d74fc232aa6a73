//! Removes the people whom an import created.

use crate::db::Tx;
use crate::error::ApiError;
use crate::ops::erase;
use crate::queries::users::NO_PASSWORD;
use crate::queries::{import_runs, members, users};
use parlour_protocol::{Millis, UserId};

/// Whether a person of an import was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonFate {
    /// They were removed.
    Removed,
    /// No import that is undone created them, or they are erased already.
    NotCreated,
    /// They were given a password, or are a user of another kind.
    Claimed,
    /// Another import added something of them.
    InOtherImport,
    /// Somebody added them to a conversation since.
    InOtherConversation,
}

/// Removes a person, like one who is erased, if an import that is undone created them and they have nothing else. The
/// next import of the same export gives them back their name.
pub async fn remove_person(
    tx: &Tx,
    number: i64,
    id: UserId,
    now: Millis,
) -> Result<PersonFate, ApiError> {
    let mut undone = import_runs::undone(tx).await?;
    undone.insert(number);
    let marks = import_runs::of_person(tx, id).await?;
    let is_created = marks.iter().any(|mark| mark.is_new && undone.contains(&mark.run));
    let user = users::find(tx, id).await?.filter(|user| user.row.erased_at.is_none());
    let Some(user) = user.filter(|_| is_created) else { return Ok(PersonFate::NotCreated) };
    if user.password_hash != NO_PASSWORD {
        return Ok(PersonFate::Claimed);
    }
    if marks.iter().any(|mark| !undone.contains(&mark.run)) {
        return Ok(PersonFate::InOtherImport);
    }
    for (conversation, _) in members::conversations_of(tx, id).await? {
        let marks = import_runs::of_conversation(tx, conversation).await?;
        if !marks.iter().any(|mark| undone.contains(&mark.run)) {
            return Ok(PersonFate::InOtherConversation);
        }
    }
    erase(tx, user.row, now).await?;
    import_runs::mark_person(tx, id, true).await?;
    Ok(PersonFate::Removed)
}
