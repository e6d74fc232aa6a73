//! Making accounts and giving passwords, for the routes and the command line.

use crate::app::App;
use crate::auth::{check_password, check_username};
use crate::error::ApiError;
use crate::queries::users;
use parlour_protocol::{ErrorCode, UserId};
use uuid::Uuid;

/// Adds an account.
///
/// # Errors
/// A name or password that cannot be used, and a name that is taken.
pub async fn add(app: &App, username: String, password: String) -> Result<UserId, ApiError> {
    check_username(&username)?;
    check_password(&password)?;
    let hash = app.passwords.hash(password).await?;
    let (id, now) = (UserId(Uuid::now_v7()), app.now());
    app.write(move |tx| {
        Box::pin(async move {
            if users::by_username(tx, &username).await?.is_some() {
                let message = format!("The username {username} is taken.");
                return Err(ApiError::new(ErrorCode::UsernameTaken, message));
            }
            users::insert(tx, id, &username, &hash, now).await?;
            Ok(id)
        })
    })
    .await
}

/// Gives an account a password: a forgotten one's, or an imported person's first.
///
/// # Errors
/// A password that cannot be used, and a name that nobody has.
pub async fn set_password(app: &App, username: String, password: String) -> Result<(), ApiError> {
    let hash = app.passwords.hash(password).await?;
    app.write(move |tx| {
        Box::pin(async move {
            let user = users::by_username(tx, &username).await?;
            let user = user.ok_or_else(|| ApiError::gone("person"))?;
            Ok(users::set_password(tx, user.id, &hash).await?)
        })
    })
    .await
}
