//! Routes for invitations, which are links for registering. For administrators.

use super::extract::{Administrator, Json, Path, Query};
use crate::admin;
use crate::app::App;
use crate::error::ApiError;
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri};
use axum::response::Redirect;
use parlour_protocol::{
    Invitation, InvitationId, InvitationPreview, InvitationRequest, InvitationSecret,
    NewInvitation, leading_fragment, limits,
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// The length in bytes of the longest secret in a damaged link that is repaired.
const SECRET_BYTES: usize = 100;
/// The largest number of folders in a damaged link that is repaired, from that of the page on.
const MAX_DEPTH: usize = 8;

/// Creates an invitation. Only this response contains its secret.
#[utoipa::path(
    post,
    path = "/v1/invitations",
    tag = "people",
    request_body = InvitationRequest,
    responses((status = 200, body = NewInvitation), ApiError),
    security(("token" = [])),
)]
pub async fn create(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Json(request): Json<InvitationRequest>,
) -> Result<Json<NewInvitation>, ApiError> {
    let (invitation, secret) = admin::invitations::create(&app, actor, request).await?;
    Ok(Json(NewInvitation { invitation, secret }))
}

/// Returns what an invitation offers, to anybody who has its secret, without using it.
#[utoipa::path(
    post,
    path = "/v1/invitations/preview",
    tag = "people",
    request_body = InvitationSecret,
    responses((status = 200, body = InvitationPreview), ApiError),
)]
pub async fn preview(
    State(app): State<App>,
    Json(request): Json<InvitationSecret>,
) -> Result<Json<InvitationPreview>, ApiError> {
    Ok(Json(admin::registration::preview(&app, &request.secret).await?))
}

/// The position of a page of the list.
#[derive(Deserialize, IntoParams)]
pub struct ListQuery {
    /// The id of the last invitation of the previous page; without it, the page starts with the newest one.
    #[param(required = false)]
    pub before: Option<Uuid>,
}

/// Returns the invitations that were not revoked, newest first. After a page of 1,000, request the next one with
/// `before`, the id of its last one.
#[utoipa::path(
    get,
    path = "/v1/invitations",
    tag = "people",
    params(ListQuery),
    responses((status = 200, body = Vec<Invitation>), ApiError),
    security(("token" = [])),
)]
pub async fn list(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Query(ListQuery { before }): Query<ListQuery>,
) -> Result<Json<Vec<Invitation>>, ApiError> {
    let before = before.map(InvitationId);
    Ok(Json(admin::invitations::open(&app, actor, before, limits::LIST_ROWS).await?))
}

/// Revokes an invitation.
#[utoipa::path(
    delete,
    path = "/v1/invitations/{id}",
    tag = "people",
    params(("id" = Uuid, Path)),
    responses((status = 204, description = "Done"), ApiError),
    security(("token" = [])),
)]
pub async fn revoke(
    State(app): State<App>,
    Administrator(actor): Administrator,
    Path(id): Path<Uuid>,
) -> Result<StatusCode, ApiError> {
    admin::invitations::revoke(&app, actor, InvitationId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Handles all other addresses. If a program replaced the `#` in the link of an invitation or a message by `%23`,
/// redirects to the original link.
pub async fn fallback(method: Method, uri: Uri) -> Result<Redirect, ApiError> {
    match repaired_link(uri.path()).filter(|_| method.is_safe()) {
        Some(link) => Ok(Redirect::to(&link)),
        None => Err(ApiError::not_found("address")),
    }
}

/// Returns the link of the page for an invitation or a message, relative to the path of a damaged one. What follows the
/// secret or the id, such as the marks of a sentence, is left out.
fn repaired_link(path: &str) -> Option<String> {
    ["join", "message"].into_iter().find_map(|page| repaired_link_to(page, path))
}

fn repaired_link_to(page: &str, path: &str) -> Option<String> {
    let (slashes, after) = path.match_indices(page).find_map(|(at, _)| {
        let rest = &path[at + page.len()..];
        let slashes = usize::from(rest.starts_with('/'));
        let is_folder = path[..at].ends_with('/');
        Some((slashes, rest[slashes..].strip_prefix("%23")?)).filter(|_| is_folder)
    })?;
    let secret = leading_fragment(after);
    let depth = slashes + after.matches('/').count();
    if secret.is_empty() || secret.len() > SECRET_BYTES || depth > MAX_DEPTH {
        return None;
    }
    Some(format!("{}{page}#{secret}", "../".repeat(depth)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_of_a_damaged_link_ends_where_no_secret_continues() {
        for end in ["", ".", ",", ")", "!", ";", ":", "'", "*", "%E3%80%82", "%20", "%22%3E", "%2f"]
        {
            let link = repaired_link(&format!("/join%23c0ffee{end}"));
            assert_eq!(link.as_deref(), Some("join#c0ffee"), "{end}");
            let link = repaired_link(&format!("/join/%23c0ffee.pin-_a{end}"));
            assert_eq!(link.as_deref(), Some("../join#c0ffee.pin-_a"), "{end}");
        }
        // A link is relative to the folder of the path.
        assert_eq!(repaired_link("/join%23c0ffee/").as_deref(), Some("../join#c0ffee"));
        assert_eq!(repaired_link("/chat/join%23c0ffee").as_deref(), Some("join#c0ffee"));
        assert_eq!(repaired_link("/join/join%23c0ffee").as_deref(), Some("join#c0ffee"));
        let id = "01a22fba-5d4e-7726-8cbc-f4b09fa3b868";
        let of_message = repaired_link(&format!("/chat/message%23{id}%29."));
        assert_eq!(of_message, Some(format!("message#{id}")));
        let (deep, long) = ("/".repeat(1000), "c".repeat(1000));
        for other in
            ["/join%23", "/join%23//evil.example", "/joint%23a", "/join", "/%23a", "/join%23%20a"]
        {
            assert_eq!(repaired_link(other), None, "{other}");
        }
        assert_eq!(repaired_link(&format!("/join%23c0ffee{deep}")), None);
        assert_eq!(repaired_link(&format!("/join%23{long}")), None);
    }
}
