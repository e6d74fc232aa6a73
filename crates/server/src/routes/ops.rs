//! The route for ops: everything that a user does in conversations.

use super::extract::{Json, Query};
use crate::app::App;
use crate::caller::Caller;
use crate::error::ApiError;
use crate::ops::Submission;
use axum::extract::State;
use parlour_protocol::{Action, Op, OpDone, Refusal};
use serde::Deserialize;
use utoipa::IntoParams;

/// The epoch that an op is meant for.
#[derive(Deserialize, IntoParams)]
pub struct OpQuery {
    /// The op is refused in any other epoch; without this, it is performed in any.
    #[param(required = false)]
    epoch: Option<String>,
}

/// Performs an op exactly once, however often it is sent.
#[utoipa::path(
    post,
    path = "/v1/ops",
    tag = "sync",
    params(OpQuery),
    request_body = Op,
    responses((status = 200, body = OpDone), ApiError),
    security(("token" = [])),
)]
pub async fn apply(
    State(app): State<App>,
    caller: Caller,
    Query(OpQuery { epoch }): Query<OpQuery>,
    Json(op): Json<Op>,
) -> Result<Json<OpDone>, ApiError> {
    let now = app.now();
    app.sign_in.sessions.require_valid(&caller, &app.db, now).await?;
    if let Action::SetProfile { profile } = &op.action {
        app.limits.rates.profile(caller.user_id)?;
        let sets_status = profile.status.as_ref().is_some_and(|status| !status.is_empty());
        if sets_status && !app.hub.has_presence() {
            return Err(Refusal::StatusOff.into());
        }
    }
    app.files.check_types(&op)?;
    app.limits.quota.charge(caller.user_id, &op)?;
    app.limits.rates.members(caller.user_id, joining(&op.action))?;
    let is_message = matches!(op.action, Action::Send { .. });
    let resends_message = op.action.rules().resends_message();
    let submission = Submission { caller: caller.user_id, op, epoch, now };
    let done = app.ops.submit(&app.db, submission).await?;
    if resends_message {
        app.limits.quota.charge_resent_message(caller.user_id, &done);
    }
    if is_message {
        app.runtime.metrics.accepted.inc();
    }
    Ok(Json(done))
}

/// Returns how many people an action may add to a conversation, including the caller themselves.
fn joining(action: &Action) -> usize {
    match action {
        Action::Create { members, .. } => members.len() + 1,
        Action::AddMember { .. } => 1,
        _ => 0,
    }
}
