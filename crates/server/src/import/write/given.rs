//! The reactions to messages.

use super::prepare::Prepared;
use crate::db::Tx;
use crate::error::ApiError;
use crate::queries::{conversations, reactions};
use parlour_protocol::Millis;

/// Stores the reactions to a message, besides those that it has.
pub async fn store_reactions(tx: &Tx, message: &mut Prepared) -> Result<(), ApiError> {
    if message.reactions.is_empty() {
        return Ok(());
    }
    let mut at = message.row.sent_at;
    for (emoji, users) in &message.reactions {
        for user in users {
            reactions::set(tx, message.row.id, *user, emoji, Some(at)).await?;
            // Exports do not contain the times of reactions; ascending times keep their order.
            at = Millis(at.0 + 1);
        }
    }
    summarize_reactions(tx, message).await
}

/// Sets the summary of the stored reactions to a message.
pub async fn summarize_reactions(tx: &Tx, message: &mut Prepared) -> Result<(), ApiError> {
    let found = conversations::find(tx, message.conversation).await?;
    let is_large = found.is_some_and(|found| found.is_large());
    message.row.reactions = reactions::summary(tx, message.row.id, !is_large).await?;
    Ok(())
}
