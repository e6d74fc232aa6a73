//! The authors of messages and reactions.

use crate::import::input::json::Fields;
use crate::import::records::{Person, Reaction, Sink, StopReason};
use crate::import::text::emoji;
use serde_json::Value;

/// Passes on an author, and returns their key.
pub fn sender(sink: &mut Sink<'_>, author: &Value) -> Result<String, StopReason> {
    let username = author.text("name").unwrap_or_default().to_owned();
    let nickname = author.text("nickname").unwrap_or(&username).to_owned();
    let is_bot = author.is("isBot");
    let is_webhook = is_bot && author.text("discriminator") == Some("0000");
    let key = match author.key("id") {
        // A webhook has one id, but may use any name.
        Some(id) if is_webhook => format!("{id} {username}"),
        Some(id) => id,
        None => format!("name {username}"),
    };
    sink.person(Person {
        key: key.clone(),
        username,
        name: nickname,
        is_bot,
        ..Person::default()
    })?;
    Ok(key)
}

pub fn reactions(sink: &mut Sink<'_>, list: &[Value]) -> Result<Vec<Reaction>, StopReason> {
    let mut reactions = Vec::new();
    for item in list {
        let emoji_value = item.get("emoji").unwrap_or(&Value::Null);
        let Some(name) = emoji_value.text("name").or_else(|| emoji_value.text("code")) else {
            continue;
        };
        let mut people = Vec::new();
        for user in item.list("users") {
            people.push(sender(sink, user)?);
        }
        let emoji = emoji::emoji(name).map_or_else(|| format!(":{name}:"), str::to_owned);
        let count = item.int("count").and_then(|count| u64::try_from(count).ok()).unwrap_or(1);
        reactions.push(Reaction { emoji, count: count.max(people.len() as u64), people });
    }
    Ok(reactions)
}
