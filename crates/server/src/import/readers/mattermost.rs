//! Mattermost's bulk export: a line for each thing.

use super::super::form::body::{person, without_marks};
use super::super::form::{Conversation, Kind, Message, Person, Reaction, Sink, Stop};
use super::super::input::json::{Parts, parse};
use super::super::input::{Entry, Files, Lines};
use super::super::text::emoji;
use super::super::text::markdown::outside_code;
use super::time::{Clock, millis};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What is known before the messages.
#[derive(Default)]
struct Known {
    channels: Vec<Conversation>,
    members: HashMap<String, Vec<String>>,
    told: HashSet<String>,
    clock: Clock,
}

/// Reads an export.
pub fn read(files: &Files, sink: &mut Sink<'_>) -> Result<(), Stop> {
    let mut known = Known::default();
    let mut is_found = false;
    for entry in &files.entries {
        match entry.ending().as_str() {
            "jsonl" | "ndjson" | "json" => {
                is_found = true;
                lines(entry, sink, &mut known)?;
            }
            _ => sink.left("a file's content, left out", entry.name.clone())?,
        }
    }
    tell_channels(sink, &mut known)?;
    if is_found { Ok(()) } else { Err(Stop::Wrong("there is no .jsonl file".into())) }
}

fn lines(entry: &Entry, sink: &mut Sink<'_>, known: &mut Known) -> Result<(), Stop> {
    let mut lines = Lines::of(entry)?;
    while let Some(line) = lines.next()? {
        sink.read(line.length)?;
        if line.bytes.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let place = format!("{}:{}", entry.name, line.number);
        let value = parse(&line.bytes).unwrap_or_default();
        let kind = value.text("type").unwrap_or_default().to_owned();
        let understood = match value.get(&kind) {
            Some(one) => thing(sink, &kind, one, &place, known)?,
            None => false,
        };
        if !understood {
            let why = if value.is_null() { "not JSON" } else { "a line that is not understood" };
            sink.broken(place, why, &line.bytes)?;
        }
    }
    Ok(())
}

/// Reads a line; returns whether it was understood.
fn thing(
    sink: &mut Sink<'_>,
    kind: &str,
    one: &Value,
    place: &str,
    known: &mut Known,
) -> Result<bool, Stop> {
    match kind {
        "version" | "team" | "role" | "scheme" | "preference" => {}
        "emoji" => sink.left("a picture of the server's own emoji, left out", place)?,
        "channel" => return Ok(channel(one, known)),
        "user" => return user(sink, one, known),
        "bot" => {
            let Some(key) = one.key("username") else { return Ok(false) };
            let name = one.text("display_name").unwrap_or_default().into();
            let username = key.clone();
            sink.person(Person {
                key,
                username,
                name,
                is_bot: true,
                is_listed: true,
                ..Person::default()
            })?;
        }
        "direct_channel" => {
            tell_channels(sink, known)?;
            let members = names(one.list("members").iter().chain(one.list("participants")));
            if members.is_empty() {
                return Ok(false);
            }
            direct(sink, members, one.text("header").unwrap_or_default(), known)?;
        }
        "post" => {
            tell_channels(sink, known)?;
            let Some((team, channel)) = one.key("team").zip(one.key("channel")) else {
                return Ok(false);
            };
            let key = format!("{team}/{channel}");
            if known.told.insert(key.clone()) {
                sink.left("a channel that is not listed, taken as public", place)?;
                let (key, title) = (key.clone(), channel);
                sink.conversation(Conversation { key, title, ..Conversation::default() })?;
            }
            return post(sink, one, &key, place, known);
        }
        "direct_post" => {
            tell_channels(sink, known)?;
            let members = names(one.list("channel_members").iter());
            if members.is_empty() {
                return Ok(false);
            }
            let key = direct(sink, members, "", known)?;
            return post(sink, one, &key, place, known);
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn names<'a>(list: impl Iterator<Item = &'a Value>) -> BTreeSet<String> {
    list.filter_map(|one| one.as_str().map(str::to_owned).or_else(|| one.key("username"))).collect()
}

fn channel(one: &Value, known: &mut Known) -> bool {
    let Some((team, name)) = one.key("team").zip(one.key("name")) else { return false };
    let about = one.text("purpose").or_else(|| one.text("header"));
    known.channels.push(Conversation {
        key: format!("{team}/{name}"),
        title: one.text("display_name").unwrap_or(&name).into(),
        topic: about.unwrap_or_default().into(),
        kind: if one.text("type") == Some("P") { Kind::Private } else { Kind::Public },
        is_archived: one.int("deleted_at").is_some_and(|at| at > 0),
        ..Conversation::default()
    });
    true
}

fn user(sink: &mut Sink<'_>, one: &Value, known: &mut Known) -> Result<bool, Stop> {
    let Some(key) = one.key("username") else { return Ok(false) };
    for team in one.list("teams") {
        let name = team.key("name").unwrap_or_default();
        for channel in team.list("channels") {
            let channel = format!("{name}/{}", channel.key("name").unwrap_or_default());
            known.members.entry(channel).or_default().push(key.clone());
        }
    }
    let full =
        [one.text("first_name"), one.text("last_name")].into_iter().flatten().collect::<Vec<_>>();
    let name = one.text("nickname").map_or_else(|| full.join(" "), str::to_owned);
    let email = one.text("email").unwrap_or_default().into();
    let username = key.clone();
    sink.person(Person { key, username, name, email, is_bot: false, is_listed: true })?;
    Ok(true)
}

/// Hands the channels over, once their members are known.
fn tell_channels(sink: &mut Sink<'_>, known: &mut Known) -> Result<(), Stop> {
    for mut channel in std::mem::take(&mut known.channels) {
        if known.told.insert(channel.key.clone()) {
            channel.members = known.members.remove(&channel.key).unwrap_or_default();
            sink.conversation(channel)?;
        }
    }
    Ok(())
}

fn direct(
    sink: &mut Sink<'_>,
    members: BTreeSet<String>,
    topic: &str,
    known: &mut Known,
) -> Result<String, Stop> {
    let members: Vec<String> = members.into_iter().collect();
    let key = format!("direct {}", members.join(","));
    if known.told.insert(key.clone()) {
        for member in &members {
            stranger(sink, member)?;
        }
        let kind = if members.len() <= 2 { Kind::Direct } else { Kind::Group };
        let (title, topic) = (members.join(", "), topic.into());
        sink.conversation(Conversation {
            key: key.clone(),
            title,
            topic,
            kind,
            members,
            ..Conversation::default()
        })?;
    }
    Ok(key)
}

/// Hands over somebody who is not listed.
fn stranger(sink: &mut Sink<'_>, username: &str) -> Result<(), Stop> {
    if sink.has_met(username) {
        return Ok(());
    }
    sink.person(Person { key: username.into(), username: username.into(), ..Person::default() })
}

fn post(
    sink: &mut Sink<'_>,
    one: &Value,
    conversation: &str,
    place: &str,
    known: &mut Known,
) -> Result<bool, Stop> {
    let root = message_text(sink, one, conversation, None, place, known)?;
    let mut replies: Vec<&Value> = one.list("replies").iter().collect();
    replies.sort_by_key(|reply| reply.int("create_at"));
    for reply in replies {
        if message_text(sink, reply, conversation, root.as_deref(), place, known)?.is_none() {
            sink.broken(place, "an answer that is not understood", reply.to_string().as_bytes())?;
        }
    }
    Ok(root.is_some())
}

/// Hands over a post or an answer; returns its key, if it was understood.
fn message_text(
    sink: &mut Sink<'_>,
    one: &Value,
    conversation: &str,
    root: Option<&str>,
    place: &str,
    known: &mut Known,
) -> Result<Option<String>, Stop> {
    let (Some(sender), true) = (one.key("user"), one.get("message").is_some_and(Value::is_string))
    else {
        return Ok(None);
    };
    let created = one.int("create_at");
    let key = format!("{} {sender}", created.unwrap_or(0));
    if one.text("type").is_some_and(|kind| kind.starts_with("system_")) {
        sink.notice()?;
        return Ok(Some(key));
    }
    stranger(sink, &sender)?;
    let at = known.clock.at(created.and_then(millis), sink, || place.to_owned())?;
    let text = one.text("message").map(str::to_owned).unwrap_or_else(|| card(one));
    let reactions = reactions(sink, one.list("reactions"))?;
    let path = |file: &Value| {
        let path = file.text("path")?;
        Some(path.rsplit('/').next().unwrap_or(path).to_owned())
    };
    let (body, calls_all) = markdown(&text, &|name| sink.has_met(name));
    sink.message(Message {
        conversation: conversation.into(),
        key: key.clone(),
        sender,
        at,
        body,
        reply_to: root.map(str::to_owned),
        thread: root.map(str::to_owned),
        edited_at: one.int("edit_at").filter(|at| *at > 0).and_then(millis),
        is_pinned: one.is("is_pinned"),
        calls_all,
        reactions,
        files: one.list("attachments").iter().filter_map(path).collect(),
        ..Message::default()
    })?;
    Ok(Some(key))
}

/// What a bot's card says that has no text.
fn card(one: &Value) -> String {
    let props = match one.get("props") {
        Some(Value::String(props)) => parse(props.as_bytes()).unwrap_or_default(),
        props => props.cloned().unwrap_or_default(),
    };
    let text = |card: &Value| {
        ["text", "fallback", "title"].iter().find_map(|key| card.text(key).map(str::to_owned))
    };
    props.list("attachments").iter().filter_map(text).collect::<Vec<_>>().join("\n\n")
}

fn reactions(sink: &mut Sink<'_>, list: &[Value]) -> Result<Vec<Reaction>, Stop> {
    let mut reactions: Vec<Reaction> = Vec::new();
    for one in list {
        let Some(name) = one.text("emoji_name") else { continue };
        let emoji = emoji::emoji(name).map_or_else(|| format!(":{name}:"), str::to_owned);
        let at = reactions.iter().position(|reaction| reaction.emoji == emoji);
        let at = at.unwrap_or_else(|| {
            reactions.push(Reaction { emoji, ..Reaction::default() });
            reactions.len() - 1
        });
        reactions[at].count += 1;
        if let Some(user) = one.key("user") {
            stranger(sink, &user)?;
            reactions[at].people.push(user);
        }
    }
    Ok(reactions)
}

/// Returns a text with its people marked, and whether it calls everybody.
fn markdown(text: &str, is_known: &dyn Fn(&str) -> bool) -> (String, bool) {
    let calls_all = std::cell::Cell::new(false);
    let change = |part: &str| {
        let mut out = String::new();
        let mut rest = part;
        while let Some(at) = rest.find('@') {
            let before = rest[..at].chars().next_back();
            out.push_str(&emoji::in_text(&rest[..at]));
            let after = &rest[at + 1..];
            let end = after
                .find(|c: char| !c.is_alphanumeric() && !"._-".contains(c))
                .unwrap_or(after.len());
            let full = &after[..end];
            let name = if is_known(full) { full } else { full.trim_end_matches(['.', '-', '_']) };
            let is_apart = !before.is_some_and(char::is_alphanumeric);
            match name {
                "all" | "channel" | "here" if is_apart => {
                    calls_all.set(true);
                    out.push_str(if name == "here" { "@here" } else { "@all" });
                }
                name if is_apart && !name.is_empty() && is_known(name) => {
                    out.push_str(&person(name))
                }
                name => {
                    out.push('@');
                    out.push_str(name);
                }
            }
            rest = &after[name.len()..];
        }
        out + &emoji::in_text(rest)
    };
    (outside_code(&without_marks(text), &change), calls_all.get())
}
