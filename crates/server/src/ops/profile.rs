//! The op that changes the caller's profile.

use super::context::OpContext;
use crate::error::ApiError;
use crate::queries::{profiles, users};
use parlour_protocol::{OpDone, ProfileChange, Row, StreamId};

impl OpContext<'_> {
    /// Changes the caller's profile. Does nothing if it is unchanged.
    pub(super) async fn set_profile(&self, change: &ProfileChange) -> Result<OpDone, ApiError> {
        let before = users::find(self.tx, self.caller).await?.map(|user| user.row);
        // The account may have been erased since the request was admitted.
        let before =
            before.filter(|row| row.erased_at.is_none()).ok_or_else(ApiError::signed_out)?;
        let change = change.normalized();
        change.check()?;
        let mut row = before.clone();
        change.apply_to(&mut row.profile);
        if row.profile != before.profile {
            profiles::set(self.tx, self.caller, &row.profile).await?;
            users::update(self.tx, row).await?;
        }
        self.profile().await
    }

    /// Returns the caller's row in the directory as it is now.
    pub(super) async fn profile(&self) -> Result<OpDone, ApiError> {
        let row = users::find(self.tx, self.caller).await?.map(|user| Row::User(user.row));
        Ok(OpDone::new(StreamId::Directory, row.into_iter().collect()))
    }
}
