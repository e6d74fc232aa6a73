//! Checks who may read a stream, and from which message on.

use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::members::{self, Member};
use parlour_protocol::{ConversationId, ErrorCode, StreamId, UserId};

/// Refuses a stream that the caller may not read, and a term that is not current. Returns the position of the
/// first message that the caller may see.
pub async fn check_access(
    tx: &Tx,
    caller: UserId,
    stream: StreamId,
    term: i64,
) -> Result<i64, ApiError> {
    match stream {
        StreamId::Directory => Ok(0),
        StreamId::Account(owner) if owner == caller => Ok(0),
        StreamId::Account(_) => Err(ApiError::not_found("stream")),
        StreamId::Conversation(id) => {
            Ok(check_term(tx, caller, id, term).await?.membership.visible_from)
        }
    }
}

/// Refuses a caller who is not in the conversation, and a term that is not current.
pub async fn check_term(
    tx: &Tx,
    caller: UserId,
    conversation: ConversationId,
    term: i64,
) -> Result<Member, ApiError> {
    let member = members::require(tx, conversation, caller).await?;
    if member.membership.term == term {
        return Ok(member);
    }
    Err(ApiError::new(
        ErrorCode::Term,
        "You joined this conversation again; fetch it from the beginning.",
    ))
}
