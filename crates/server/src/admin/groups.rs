//! Operations of administrators on groups that have no active owner, for the routes and the command line.

use crate::app::App;
use crate::audit::{self, Action, Event};
use crate::caller::Actor;
use crate::db::Tx;
use crate::error::ApiError;
use crate::ops::{join, make_owner, require_active};
use crate::queries::{conversations, members, streams};
use parlour_protocol::{
    ConversationId, ConversationType, MemberRole, OwnerlessGroup, StreamId, UserId,
};

/// The largest number of groups in a list.
const LIST_LIMIT: i64 = 100;

/// Returns groups in which no owner can sign in, 100 at most.
///
/// # Errors
/// Fails if the caller is not an administrator.
pub async fn ownerless(app: &App, actor: Actor) -> Result<Vec<OwnerlessGroup>, ApiError> {
    let tx = app.db.read().await?;
    actor.require_administrator(&tx, app.now()).await?;
    Ok(conversations::ownerless(&tx, LIST_LIMIT).await?)
}

/// Makes user `to` the owner of a group in which no owner can sign in. A user who is not a member yet joins the
/// group first, and then sees as much of its history as any new member.
///
/// # Errors
/// Fails if the group or the user does not exist, if the group has an owner who can sign in, or if the caller
/// is not an administrator.
pub async fn take_over(
    app: &App,
    actor: Actor,
    id: ConversationId,
    to: UserId,
) -> Result<(), ApiError> {
    let now = app.now();
    app.write(move |tx| {
        Box::pin(async move {
            actor.require_administrator(tx, now).await?;
            require_ownerless(tx, id).await?;
            require_active(tx, to).await?;
            let member = members::find(tx, id, to).await?;
            if member.is_none_or(|member| !member.is_present()) {
                let stream = StreamId::Conversation(id);
                let changed_seq = streams::advance(tx, stream).await?;
                let row = join(
                    tx,
                    (id, ConversationType::Group),
                    to,
                    MemberRole::Member,
                    now,
                    changed_seq,
                )
                .await?;
                streams::announce(tx, stream, changed_seq, vec![row]);
            }
            make_owner(tx, id, to).await?;
            let event = Event::by_actor(&actor, Action::GroupTaken).subject(id.0);
            Ok(audit::record(tx, event.details(format!("owner={to}")), now).await?)
        })
    })
    .await
}

async fn require_ownerless(tx: &Tx, id: ConversationId) -> Result<(), ApiError> {
    let found = conversations::find(tx, id).await?;
    if !found.as_ref().is_some_and(|found| found.row.kind == ConversationType::Group) {
        return Err(ApiError::not_found("group"));
    }
    if found.is_some_and(|found| found.member_count == 0) {
        return Err(ApiError::invalid(
            "All members have left this group, so nobody may take it over.",
        ));
    }
    if members::has_owner(tx, id).await? {
        return Err(ApiError::invalid("This group has an owner who can sign in."));
    }
    Ok(())
}
