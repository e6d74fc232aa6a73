//! Damages a device's files.

use super::Client;
use crate::dice::Dice;

impl Client {
    /// Damages something in its mirror that no check of the file itself would find.
    pub fn rot(&mut self, dice: &mut Dice) {
        let nth = dice.below(20);
        let one = |what: &str| format!("(SELECT {what} LIMIT 1 OFFSET {nth})");
        let a_key = one("key FROM messages ORDER BY key DESC");
        let a_number = one("number FROM conversations ORDER BY number");
        let a_user = one("user FROM members ORDER BY conversation, user");
        let kinds = [
            format!("UPDATE messages SET body = 'rot' WHERE key = {a_key}"),
            format!("DELETE FROM messages WHERE key = {a_key}"),
            format!("UPDATE conversations SET title = 'rot' WHERE number = {a_number}"),
            format!("UPDATE conversations SET last_read_seq = 0 WHERE number = {a_number}"),
            format!("UPDATE conversations SET pinned_at = 1 WHERE number = {a_number}"),
            format!("DELETE FROM members WHERE user = {a_user}"),
            format!("UPDATE members SET role = 'owner' WHERE user = {a_user}"),
            format!("UPDATE users SET username = 'rot' WHERE number = {a_user}"),
            "DELETE FROM saved".to_owned(),
            "DELETE FROM drafts".to_owned(),
        ];
        let sql = dice.pick(&kinds).expect("a kind");
        self.has_rotted |= self.store.mirror.damage(sql).expect("a statement") > 0;
    }
}
