//! The content of one notification on the desktop.

use crate::sanitize::{BODY, LINE, TITLE, sanitized};
use crate::texts::DesktopTexts;
use parlour_client::{AccountId, Notification, NotificationDetail, Summary, Text};
use parlour_protocol::{ConversationId, MessageId, Seq};

/// The message that a click opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageTarget {
    /// The conversation.
    pub conversation: ConversationId,
    /// The message.
    pub message: MessageId,
    /// Its sequence number.
    pub seq: Seq,
}

/// The content of a notification, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationContent {
    /// The account's id.
    pub account: AccountId,
    /// The title, without markup.
    pub title: String,
    /// The text, without markup.
    pub body: String,
    /// The target of a click; `None` for the account's window.
    pub target: Option<MessageTarget>,
    /// Whether it makes a sound.
    pub has_sound: bool,
    /// A larger version than before alerts the user; 0 never alerts.
    pub version: u64,
}

impl NotificationContent {
    /// Returns the content for a conversation.
    pub fn of_conversation(
        account: &AccountId,
        notification: &Notification,
        (detail, has_sound): (NotificationDetail, bool),
        texts: &DesktopTexts,
    ) -> Self {
        let text = Text::of(notification, detail);
        let sender = text.sender.as_deref().map(|sender| sanitized(sender, TITLE));
        let group = text.group.as_deref().map(|group| sanitized(group, TITLE));
        let mut title = match (sender, group) {
            (Some(sender), Some(group)) => {
                // Other people's texts are inserted last, so that placeholders in them are not replaced.
                let parts =
                    texts.in_group.split("{place}").map(|part| part.replace("{who}", &sender));
                parts.collect::<Vec<_>>().join(&group)
            }
            (Some(sender), None) => sender,
            (None, _) => texts.new_message.clone(),
        };
        if text.count > text.lines.len().max(1) {
            title = format!("{title} ({})", text.count);
        }
        let mut remaining = BODY;
        let lines = text.lines.iter().rev().map_while(|line| {
            let line = sanitized(line, LINE.min(remaining));
            let is_shown = remaining > 0;
            remaining = remaining.saturating_sub(line.chars().count());
            is_shown.then_some(line)
        });
        let mut lines: Vec<String> = lines.collect();
        lines.reverse();
        let target = notification.newest().map(|newest| MessageTarget {
            conversation: notification.conversation,
            message: newest.message,
            seq: newest.seq,
        });
        let (account, version) = (account.clone(), notification.version);
        Self { account, title, body: lines.join("\n"), target, has_sound, version }
    }

    /// Returns the content for the notification that sums up what arrived while notifications were paused.
    pub fn missed(account: &AccountId, summary: Summary, texts: &DesktopTexts) -> Self {
        let messages = DesktopTexts::counted(&texts.messages, summary.messages.0);
        let conversations = DesktopTexts::counted(&texts.conversations, summary.conversations.0);
        let body = texts.missed_text.replace("{messages}", messages);
        Self {
            account: account.clone(),
            title: texts.missed.clone(),
            body: body.replace("{conversations}", conversations),
            target: None,
            has_sound: false,
            version: u64::try_from(summary.at.0).unwrap_or(0),
        }
    }

    /// Returns the content for a locked account, which reveals nothing.
    pub fn locked(account: &AccountId, texts: &DesktopTexts) -> Self {
        let (title, body) = (texts.new_message.clone(), String::new());
        Self { account: account.clone(), title, body, target: None, has_sound: false, version: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlour_client::Line;
    use parlour_protocol::{Count, Millis};

    fn texts() -> DesktopTexts {
        let text = str::to_owned;
        DesktopTexts {
            new_message: text("New message"),
            in_group: text("{who} in {place}"),
            missed: text("Away"),
            missed_text: text("{messages} in {conversations}"),
            messages: vec![text("1 message"), text("2+ messages")],
            conversations: vec![text("1 conversation"), text("2+ conversations")],
            ..DesktopTexts::default()
        }
    }

    fn notification(is_direct: bool, lines: &[(&str, &str)]) -> Notification {
        let line = |(author, text): &(&str, &str)| Line {
            message: MessageId(ConversationId::NONE.0),
            seq: Seq(7),
            author: (*author).into(),
            text: (*text).into(),
            reaction: None,
        };
        let (title, conversation) = ("{who} <i>".to_owned(), ConversationId::NONE);
        let lines = lines.iter().map(line).collect();
        Notification { conversation, title, is_direct, lines, older: 0, version: 3 }
    }

    fn shown(
        is_direct: bool,
        lines: &[(&str, &str)],
        detail: NotificationDetail,
    ) -> (String, String) {
        let notification = notification(is_direct, lines);
        let content = NotificationContent::of_conversation(
            &AccountId::default(),
            &notification,
            (detail, true),
            &texts(),
        );
        let plain = |text: String| text.replace(['\u{2068}', '\u{2069}'], "");
        (plain(content.title), plain(content.body))
    }

    #[test]
    fn a_notification_reveals_only_what_the_setting_allows() {
        let text = |title: &str, body: &str| (title.to_owned(), body.to_owned());
        let single = [("oak", "so it is")];
        assert_eq!(shown(true, &single, NotificationDetail::Message), text("oak", "so it is"));
        assert_eq!(
            shown(false, &single, NotificationDetail::Message),
            text("oak in {who} <i>", "so it is")
        );
        assert_eq!(shown(false, &single, NotificationDetail::Name), text("oak in {who} <i>", ""));
        assert_eq!(shown(false, &single, NotificationDetail::Nothing), text("New message", ""));
        let two = [("oak", "one"), ("robin", "two")];
        assert_eq!(shown(false, &two, NotificationDetail::Message).1, "oak: one\nrobin: two");
        assert_eq!(shown(true, &two, NotificationDetail::Name).0, "robin (2)");
        let long = "x".repeat(10 << 10);
        let lines: Vec<(&str, &str)> = (0..9).map(|_| ("oak", &*long)).collect();
        let (title, body) = shown(true, &lines, NotificationDetail::Message);
        assert_eq!(title, "oak (9)");
        assert!(body.chars().count() < 1000, "{}", body.chars().count());
    }

    #[test]
    fn the_summary_counts_messages_and_conversations() {
        let summary = Summary { at: Millis(1), messages: Count(37), conversations: Count(1) };
        let content = NotificationContent::missed(&AccountId::default(), summary, &texts());
        assert_eq!(content.body, "2+ messages in 1 conversation");
    }
}
