//! Details of a single message that are rarely requested.

use super::extract::Path;
use super::respond::{LargeResponse, respond};
use crate::app::App;
use crate::caller::Caller;
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::{edits, members, messages};
use axum::extract::State;
use parlour_protocol::{EarlierBody, MessageId, UserId, limits};
use uuid::Uuid;

/// The largest number of entries in a list, and the number of bytes after which it ends.
const LIST_LIMIT: i64 = 100;
const BYTES: usize = limits::PAGE_BYTES / 4;

/// Returns the earlier texts of a message, oldest first: the newest 100, or fewer if they are long.
#[utoipa::path(
    get,
    path = "/v1/messages/{id}/edits",
    tag = "sync",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = Vec<EarlierBody>), ApiError),
    security(("token" = [])),
)]
pub async fn edits(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<LargeResponse, ApiError> {
    respond(&app, caller.user_id, move |tx| Box::pin(list(tx, MessageId(id), caller.user_id))).await
}

async fn list(tx: &Tx, id: MessageId, caller: UserId) -> Result<Vec<EarlierBody>, ApiError> {
    let not_found = || ApiError::not_found("message");
    let message = messages::find(tx, id).await?.ok_or_else(not_found)?;
    // A caller who is not in the conversation must not learn whether the message exists.
    let member = members::require(tx, message.conversation_id, caller).await;
    let member = member.map_err(|_| not_found())?;
    if message.row.deleted_at.is_some() || message.row.seq.0 < member.membership.visible_from {
        return Err(not_found());
    }
    Ok(edits::list(tx, id, LIST_LIMIT, BYTES).await?)
}
