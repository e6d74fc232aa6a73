//! The model of what alerts: a second implementation of the tested rule, based on what the window shows and
//! on the texts of the settings.

use parlour_client::{ConversationSummary, Session, SettingKey};
use parlour_protocol::{Action, ConversationId, ConversationType, Millis};
use parlour_store::{MessageDetails, NewItem, OpState, PendingOp, Store};

/// The keyword that people of the simulation choose.
pub const KEYWORD: &str = "spesh";

/// The settings of the causes, in the order of a conversation's levels.
pub const CAUSES: [SettingKey; 7] = [
    SettingKey::NotifyDirect,
    SettingKey::NotifyMention,
    SettingKey::NotifyAll,
    SettingKey::NotifyReply,
    SettingKey::NotifyReaction,
    SettingKey::NotifyKeyword,
    SettingKey::NotifyOther,
];

/// A device's files and clock.
pub struct DeviceView<'a> {
    /// The files.
    pub store: &'a Store,
    /// The session, through which the window reads.
    pub session: &'a Session,
    /// The true time.
    pub now: i64,
    /// The time on the device's clock.
    pub wall: Millis,
}

impl<'a> DeviceView<'a> {
    /// Creates a view of a device.
    pub fn new(store: &'a Store, session: &'a Session, now: i64, wall: Millis) -> Self {
        Self { store, session, now, wall }
    }
}

/// Returns whether a message or reaction is stored and unread, and the user is in its conversation.
pub fn is_unread(item: &NewItem, view: &DeviceView<'_>) -> bool {
    find(item, view).is_some()
}

/// Returns when a message was sent; 0 if it is not stored.
pub fn sent_at(item: &NewItem, view: &DeviceView<'_>) -> i64 {
    let details = view.store.message_details(item.message).expect("files in memory");
    details.map_or(0, |details| details.sent_at.0)
}

/// Returns whether a message or reaction must alert now.
pub fn must_alert(item: &NewItem, view: &DeviceView<'_>, visible: Option<ConversationId>) -> bool {
    let Some((details, summary)) = find(item, view) else { return false };
    let is_muted = summary.muted_until.is_some_and(|until| until > view.wall);
    if is_muted || visible == Some(item.conversation) {
        return false;
    }
    let setting =
        |key, conversation| view.session.setting(key, conversation).expect("files in memory");
    let is_direct = summary.kind == ConversationType::P2p;
    let has_keyword = details.authored_text.split_whitespace().any(|word| word == KEYWORD);
    let is_reaction = item.reaction.is_some();
    // In the order of the causes.
    let applies = [
        is_direct,
        details.mentions_me,
        details.mentions_all,
        details.replies_to_me,
        false,
        has_keyword && !setting(SettingKey::Keywords, None).is_empty(),
        !is_direct,
    ]
    .map(|applies| applies && !is_reaction);
    let chosen = setting(SettingKey::NotifyIn, Some(item.conversation));
    let mut words = chosen.split(' ');
    let choice = words.next().unwrap_or_default();
    let levels: Vec<&str> = words.collect();
    CAUSES.into_iter().enumerate().any(|(index, cause)| {
        if !(applies[index] || (is_reaction && cause == SettingKey::NotifyReaction)) {
            return false;
        }
        let is_ordinary = matches!(cause, SettingKey::NotifyDirect | SettingKey::NotifyOther);
        match choice {
            "nothing" => false,
            "mentions" if is_ordinary => false,
            "all" if !is_reaction => true,
            "custom" => levels[index] == "alert",
            _ => setting(cause, None) == "alert",
        }
    })
}

fn find(item: &NewItem, view: &DeviceView<'_>) -> Option<(MessageDetails, ConversationSummary)> {
    let details = view.store.message_details(item.message).expect("files in memory")?;
    // Nothing is decided before the read position is known.
    view.store.conversation_state(item.conversation).expect("files in memory")?;
    let listed = view.session.conversations_by_id(&[item.conversation]);
    let summary = listed.expect("files in memory").pop().filter(|summary| !summary.left)?;
    let is_unread_message = match &item.reaction {
        None => !details.is_own && details.seq > summary.last_read_seq,
        Some(reaction) => {
            let its_reaction = (reaction.by, reaction.emoji.clone());
            details.is_own && details.reactions.contains(&its_reaction)
        }
    };
    let pending = view.store.pending_ops().expect("files in memory");
    let deletes = |pending: &PendingOp| {
        matches!(pending.op.action, Action::Delete { message_id } if message_id == item.message)
            && pending.state == OpState::Waiting
    };
    let is_deleted_locally = details.is_deleted || pending.iter().any(deletes);
    (is_unread_message && !is_deleted_locally).then_some((details, summary))
}
