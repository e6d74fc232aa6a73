//! Damages a device's files.

use super::Client;
use crate::rng::Rng;

impl Client {
    /// Damages rows of its mirror in a way that no check of the file itself finds.
    pub fn damage(&mut self, rng: &mut Rng) {
        let nth = rng.below(20);
        let any = |what: &str| format!("(SELECT {what} LIMIT 1 OFFSET {nth})");
        let message_key = any("key FROM messages ORDER BY key DESC");
        let conversation_number = any("number FROM conversations ORDER BY number");
        let member_user = any("user FROM members ORDER BY conversation, user");
        let kinds = [
            format!("UPDATE messages SET body = 'damaged' WHERE key = {message_key}"),
            format!("DELETE FROM messages WHERE key = {message_key}"),
            format!(
                "UPDATE conversations SET title = 'damaged' WHERE number = {conversation_number}"
            ),
            format!(
                "UPDATE conversations SET last_read_seq = 0 WHERE number = {conversation_number}"
            ),
            format!("UPDATE conversations SET pinned_at = 1 WHERE number = {conversation_number}"),
            format!("DELETE FROM members WHERE user = {member_user}"),
            format!("UPDATE members SET role = 'owner' WHERE user = {member_user}"),
            format!("UPDATE users SET username = 'damaged' WHERE number = {member_user}"),
            "DELETE FROM saved".to_owned(),
            "DELETE FROM drafts".to_owned(),
        ];
        let sql = rng.pick(&kinds).expect("a kind");
        self.was_damaged |= self.store.mirror.damage(sql).expect("a statement") > 0;
    }
}
