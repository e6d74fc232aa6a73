//! The table that says what alerts, written down a second time and in another way than the rule that is tested: from
//! what the window shows, and from the words of the settings.

use parlour_client::{ConversationSummary, Session, SettingKey};
use parlour_protocol::{Action, ConversationId, ConversationType, Millis};
use parlour_store::{MessageDetails, News, OpState, OpenOp, Store};

/// The keyword that people of the simulation choose.
pub const KEYWORD: &str = "spesh";

/// The settings of the causes, in the order in which a conversation's own levels have them.
pub const CAUSES: [SettingKey; 7] = [
    SettingKey::NotifyDirect,
    SettingKey::NotifyMention,
    SettingKey::NotifyAll,
    SettingKey::NotifyReply,
    SettingKey::NotifyReaction,
    SettingKey::NotifyKeyword,
    SettingKey::NotifyOther,
];

/// A device's files, and the time there.
pub struct Place<'a> {
    /// The files.
    pub store: &'a Store,
    /// The session, through which the window reads.
    pub session: &'a Session,
    /// The true time.
    pub now: i64,
    /// The time on the device's clock.
    pub wall: Millis,
}

impl<'a> Place<'a> {
    /// Returns a device's files and the time there.
    pub fn new(store: &'a Store, session: &'a Session, now: i64, wall: Millis) -> Self {
        Self { store, session, now, wall }
    }
}

/// Returns whether something is there and the user has not read it, and is in its conversation.
pub fn is_unread(news: &News, place: &Place<'_>) -> bool {
    found(news, place).is_some()
}

/// Returns when a message was sent; 0 if it is not there.
pub fn sent_at(news: &News, place: &Place<'_>) -> i64 {
    let notable = place.store.message_details(news.message).expect("files in memory");
    notable.map_or(0, |notable| notable.sent_at.0)
}

/// Returns whether something alerts now.
pub fn alerts(news: &News, place: &Place<'_>, seen: Option<ConversationId>) -> bool {
    let Some((notable, summary)) = found(news, place) else { return false };
    let is_muted = summary.muted_until.is_some_and(|until| until > place.wall);
    if is_muted || seen == Some(news.conversation) {
        return false;
    }
    let setting = |key, of| place.session.setting(key, of).expect("files in memory");
    let is_direct = summary.kind == ConversationType::P2p;
    let has_keyword = notable.spoken.split_whitespace().any(|word| word == KEYWORD);
    let is_reaction = news.reaction.is_some();
    // In the order of the causes.
    let is_for = [
        is_direct,
        notable.mentions_me,
        notable.mentions_all,
        notable.replies_to_me,
        false,
        has_keyword && !setting(SettingKey::Keywords, None).is_empty(),
        !is_direct,
    ]
    .map(|is_for| is_for && !is_reaction);
    let chosen = setting(SettingKey::NotifyIn, Some(news.conversation));
    let mut words = chosen.split(' ');
    let choice = words.next().unwrap_or_default();
    let own: Vec<&str> = words.collect();
    CAUSES.into_iter().enumerate().any(|(at, cause)| {
        if !(is_for[at] || (is_reaction && cause == SettingKey::NotifyReaction)) {
            return false;
        }
        let is_plain = matches!(cause, SettingKey::NotifyDirect | SettingKey::NotifyOther);
        match choice {
            "nothing" => false,
            "mentions" if is_plain => false,
            "all" if !is_reaction => true,
            "custom" => own[at] == "alert",
            _ => setting(cause, None) == "alert",
        }
    })
}

fn found(news: &News, place: &Place<'_>) -> Option<(MessageDetails, ConversationSummary)> {
    let notable = place.store.message_details(news.message).expect("files in memory")?;
    // Before the server has told how far the user has read, nothing is decided.
    place.store.conversation_state(news.conversation).expect("files in memory")?;
    let listed = place.session.conversations_by_id(&[news.conversation]);
    let summary = listed.expect("files in memory").pop().filter(|summary| !summary.left)?;
    let is_there = match &news.reaction {
        None => !notable.is_own && notable.seq > summary.last_read_seq,
        Some(reaction) => {
            let given = (reaction.by, reaction.emoji.clone());
            notable.is_own && notable.reactions.contains(&given)
        }
    };
    let open = place.store.open_ops().expect("files in memory");
    let deletes = |open: &OpenOp| {
        matches!(open.op.action, Action::Delete { message_id } if message_id == news.message)
            && open.state == OpState::Waiting
    };
    let is_gone = notable.is_deleted || open.iter().any(deletes);
    (is_there && !is_gone).then_some((notable, summary))
}
