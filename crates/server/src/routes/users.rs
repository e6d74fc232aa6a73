//! Registration.

use super::{Json, sessions};
use crate::accounts;
use crate::app::App;
use crate::error::ApiError;
use parlour_protocol::{Credentials, SignedIn};

/// `POST /v1/users`: makes an account and signs it in.
pub async fn register(
    axum::extract::State(app): axum::extract::State<App>,
    Json(new): Json<Credentials>,
) -> Result<Json<SignedIn>, ApiError> {
    let user_id = accounts::add(&app, new.username.clone(), new.password).await?;
    sessions::open(&app, user_id, new.username, new.device).await.map(Json)
}
