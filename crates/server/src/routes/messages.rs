//! Details of a single message that are rarely requested.

use super::extract::Path;
use super::respond::{LargeResponse, respond};
use crate::app::App;
use crate::caller::Caller;
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::members::{self, Member};
use crate::queries::{edits, messages};
use axum::extract::State;
use parlour_protocol::{EarlierBody, MessageId, MessageRow, UserId, limits};
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
    visible(tx, id, caller).await?.ok_or_else(not_found)?;
    Ok(edits::list(tx, id, LIST_LIMIT, BYTES).await?)
}

/// Returns a message that was not deleted, if the caller may see it. Nobody outside its conversation may learn
/// whether it exists.
pub(super) async fn visible(
    tx: &Tx,
    id: MessageId,
    caller: UserId,
) -> Result<Option<MessageRow>, ApiError> {
    let Some(message) = messages::find(tx, id).await? else { return Ok(None) };
    let member = members::find(tx, message.conversation_id, caller).await?;
    let Some(member) = member.filter(Member::is_present) else { return Ok(None) };
    let is_visible =
        message.row.deleted_at.is_none() && message.row.seq.0 >= member.membership.visible_from;
    Ok(is_visible.then_some(message.row))
}
