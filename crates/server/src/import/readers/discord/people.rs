//! Who wrote and who reacted.

use crate::import::form::{Person, Reaction, Sink, Stop};
use crate::import::input::json::Parts;
use crate::import::text::emoji;
use serde_json::Value;

/// The key of an author, who is handed over.
pub fn sender(sink: &mut Sink<'_>, author: &Value) -> Result<String, Stop> {
    let username = author.text("name").unwrap_or_default().to_owned();
    let nickname = author.text("nickname").unwrap_or(&username).to_owned();
    let is_bot = author.is("isBot");
    let is_hook = is_bot && author.text("discriminator") == Some("0000");
    let key = match author.key("id") {
        // Webhooks write under any name with one id.
        Some(id) if is_hook => format!("{id} {username}"),
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

pub fn reactions(sink: &mut Sink<'_>, list: &[Value]) -> Result<Vec<Reaction>, Stop> {
    let mut reactions = Vec::new();
    for one in list {
        let sign = one.get("emoji").unwrap_or(&Value::Null);
        let Some(name) = sign.text("name").or_else(|| sign.text("code")) else { continue };
        let mut people = Vec::new();
        for user in one.list("users") {
            people.push(sender(sink, user)?);
        }
        let emoji = emoji::emoji(name).map_or_else(|| format!(":{name}:"), str::to_owned);
        let count = one.int("count").and_then(|count| u64::try_from(count).ok()).unwrap_or(1);
        reactions.push(Reaction { emoji, count: count.max(people.len() as u64), people });
    }
    Ok(reactions)
}
