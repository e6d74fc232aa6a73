//! What belongs to one message and is seldom asked for.

use super::{Json, Path};
use crate::app::App;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::queries::{edits, members, messages};
use axum::extract::State;
use parlour_protocol::{EarlierBody, MessageId};
use uuid::Uuid;

/// Most that a list shows.
const LISTED: i64 = 100;

/// What a message said before it was edited, oldest first.
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
) -> Result<Json<Vec<EarlierBody>>, ApiError> {
    let tx = app.db.read().await?;
    let gone = || ApiError::gone("message");
    let message = messages::find(&tx, MessageId(id)).await?.ok_or_else(gone)?;
    // Whether there is such a message is nothing to tell who is not in its conversation.
    let place = members::require(&tx, message.conversation_id, caller.user_id).await;
    let place = place.map_err(|_| gone())?;
    if message.row.deleted_at.is_some() || message.row.seq.0 < place.membership.visible_from {
        return Err(gone());
    }
    Ok(Json(edits::list(&tx, MessageId(id), LISTED).await?))
}
