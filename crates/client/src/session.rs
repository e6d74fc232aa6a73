//! One signed-in account: everything that its user reads and does. It works without a network, except
//! where a method says otherwise.

use crate::about;
use crate::account_id::AccountId;
use crate::clock::Clock;
use crate::context::Context;
use crate::context::inputs::Inputs;
use crate::effects;
use crate::error::Result;
use crate::http::client::Http;
use crate::notice::{Notice, Notices};
use crate::notify::{DesktopNotifications, ReceivedItem};
use crate::outbox::{OutboxItem, is_user_action};
use crate::socket::Outgoing;
use crate::status::{AccountInfo, ConnectionState, SyncStatus};
use crate::step::Syncer;
use crate::tls::Tls;
use crate::token::TokenCell;
use crate::unread::Unread;
use parlour_protocol::{
    ClientFrame, ConversationId, Count, EarlierBody, MessageId, Millis, PasswordChange, Seq,
    SessionId, SessionInfo, UserId,
};
use parlour_store::{
    ConversationSummary, HistoryLimit, Key, Member, MessagePosition, OpState, Person, PersonCard,
    Position, SavedItem, Search, SearchContext, SearchPage, Store, TimelineItem, TimelinePage,
};
use parlour_sync::Input;
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::AbortHandle;

/// Maximum number of people that a search for a name returns.
const PEOPLE: usize = 50;
/// Number of hits on a page of a search.
const HITS: usize = 50;
/// Maximum number of messages in one page of a timeline, and of pinned or saved messages.
const MAX_MESSAGES: i64 = 500;

/// One signed-in account, which is online if it has a driver; the driver ends with its session.
pub struct Session {
    pub(crate) id: AccountId,
    pub(crate) context: Context,
    driver: Option<AbortHandle>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.end();
    }
}

impl Session {
    /// Creates a session for an account's files that is not online. Also returns the receiver of the
    /// inputs that it sends to a sync engine.
    ///
    /// # Errors
    /// Fails if a file cannot be read.
    pub fn offline(
        store: Arc<Store>,
        notices: Notices,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, UnboundedReceiver<Input>)> {
        Self::with_tls(Tls::default(), store, notices, clock)
    }

    /// Same as [`Self::offline`], with these rules for the server's certificate.
    pub(crate) fn with_tls(
        tls: Tls,
        store: Arc<Store>,
        notices: Notices,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, UnboundedReceiver<Input>)> {
        let (inputs, received) = Inputs::new();
        let token = TokenCell::default();
        let http = Http::with_tls(tls, &store.account()?.server, token.clone());
        let (shared, pictures, fetches) = (Arc::default(), Arc::default(), Arc::default());
        let context =
            Context { store, http, token, notices, shared, clock, pictures, fetches, inputs };
        Ok((Self { id: context.notices.account(), context, driver: None }, received))
    }

    /// Returns the sync of an account that has no driver, for a caller that takes its steps; `seed` is
    /// for its random numbers. It starts from the files, without the inputs that the session sent before.
    ///
    /// # Errors
    /// Fails if a file cannot be read or written.
    pub fn syncer(&self, seed: u64) -> Result<Syncer> {
        Syncer::open(self.context.local(), seed)
    }

    /// Returns a session of the same account, with a driver that ends when the session is dropped.
    pub(crate) fn with_driver(&self, driver: AbortHandle) -> Self {
        Self { id: self.id.clone(), context: self.context.clone(), driver: Some(driver) }
    }

    /// Returns the id of the account.
    pub fn id(&self) -> &AccountId {
        &self.id
    }

    /// Returns the state of the connection to the server.
    pub fn connection(&self) -> ConnectionState {
        self.context.shared.connection()
    }

    /// Returns the numbers of unread messages in conversations that are neither muted nor left. All unread counts
    /// shown outside the conversation list come from here.
    ///
    /// # Errors
    /// Fails if a file cannot be read.
    pub fn unread(&self) -> Result<Unread> {
        let now = self.now();
        let is_counted = |summary: &ConversationSummary| {
            !summary.left && summary.muted_until.is_none_or(|until| until < now)
        };
        let all = self.conversations(i64::MAX)?;
        Ok(all.iter().filter(|summary| is_counted(summary)).map(Unread::from).sum())
    }

    /// Ends the driver, if there is one.
    pub(crate) fn end(&self) {
        if let Some(driver) = &self.driver {
            driver.abort();
        }
    }

    /// Returns whether the session is online, or tries to be.
    pub fn is_running(&self) -> bool {
        !self.context.inputs.is_closed()
    }

    /// Returns the path of the mirror's file and its key, for measurements.
    pub fn mirror_file(&self) -> (std::path::PathBuf, Option<Key>) {
        (self.context.store.mirror_path(), self.context.store.key())
    }

    /// Returns the user who is signed in, and the server.
    pub fn account(&self) -> Result<AccountInfo> {
        Ok(self.context.store.account()?.into())
    }

    /// Same as [`Self::account`], with the user's display name, and the server's name, welcome text and picture. The picture
    /// is fetched if it is not on this computer; [`parlour_store::Changes::pictures`] announces its arrival.
    pub fn shown_account(&self) -> Result<AccountInfo> {
        let (account, about) = (self.account()?, about::stored(&self.context.store)?);
        let person = self.context.store.mirror.person(account.user_id)?;
        let name = person.map(|person| person.name).filter(|name| !name.is_empty());
        let server_picture = match about.picture {
            Some(id) if !self.context.store.mirror.has_picture(id)? => {
                self.context.pictures.add([id]);
                None
            }
            picture => picture,
        };
        Ok(AccountInfo {
            server_picture,
            server_name: about.name,
            has_presence: !about.presence_off,
            welcome: about.welcome,
            name: name.unwrap_or_else(|| account.username.clone()),
            ..account
        })
    }

    /// Returns the contents of the sync line, which shows the state of the connection.
    pub fn status(&self) -> Result<SyncStatus> {
        let ops = self.context.store.pending_ops()?;
        let actions = ops.iter().filter(|pending| is_user_action(pending));
        let (refused, waiting): (Vec<_>, Vec<_>) =
            actions.partition(|pending| pending.state == OpState::Refused);
        let count = |ops: Vec<_>| Count(i64::try_from(ops.len()).unwrap_or(i64::MAX));
        let state = self.context.shared.state();
        Ok(SyncStatus {
            connection: self.connection(),
            reason: state.reason,
            waiting: count(waiting),
            refused: count(refused),
            history: self.context.store.mirror.progress()?,
            is_full: self.context.store.is_full()?,
            storage_error: state.storage_error,
            resets: Count(i64::try_from(state.resets).unwrap_or(i64::MAX)),
            failing_streams: Count(i64::try_from(state.failing_streams).unwrap_or(i64::MAX)),
            is_comparing: state.is_comparing,
            repaired: Count(self.context.store.mirror.repaired()?),
            salvaged: self.context.store.salvage().map(|salvage| Count(salvage.waiting)),
        })
    }

    /// Returns the user's ops that wait or were refused, in the order in which they were made.
    pub fn outbox(&self) -> Result<Vec<OutboxItem>> {
        let ops = self.context.store.pending_ops()?;
        Ok(ops.into_iter().filter(is_user_action).map(OutboxItem::from).collect())
    }

    /// Returns conversations, ordered by their newest message, the newest first.
    pub fn conversations(&self, limit: i64) -> Result<Vec<ConversationSummary>> {
        Ok(self.context.store.conversations(limit)?)
    }

    /// Returns the conversations with these ids; omits unknown ones.
    pub fn conversations_by_id(&self, ids: &[ConversationId]) -> Result<Vec<ConversationSummary>> {
        Ok(self.context.store.conversations_by_id(ids)?)
    }

    /// Returns a page of a conversation's messages.
    pub fn timeline(
        &self,
        conversation: ConversationId,
        position: Position,
        limit: i64,
    ) -> Result<TimelinePage> {
        Ok(self.context.store.timeline(conversation, position, limit.clamp(1, MAX_MESSAGES))?)
    }

    /// Returns the members of a conversation.
    pub fn members(&self, conversation: ConversationId) -> Result<Vec<Member>> {
        Ok(self.context.store.members(conversation)?)
    }

    /// Returns the number of members of a conversation.
    pub fn member_count(&self, conversation: ConversationId) -> Result<i64> {
        Ok(self.context.store.member_count(conversation)?)
    }

    /// Returns people whose names start with `prefix`.
    pub fn people(&self, prefix: &str) -> Result<Vec<Person>> {
        Ok(self.context.store.mirror.people_starting(prefix, PEOPLE)?)
    }

    /// Returns the contents of a person's card; `None` if the person is not known.
    pub fn card(&self, id: UserId) -> Result<Option<PersonCard>> {
        Ok(self.context.store.card(id)?)
    }

    /// Returns a page of the messages that match, newest or best first.
    pub fn search(&self, search: &Search) -> Result<SearchPage> {
        Ok(self.context.store.search(search, &self.search_context(), HITS)?)
    }

    /// Returns the number of messages that match; `None` if the index cannot count them. This may take long.
    pub fn count_hits(&self, search: &Search) -> Result<Option<Count>> {
        Ok(self.context.store.count_hits(search, &self.search_context())?)
    }

    fn search_context(&self) -> SearchContext {
        SearchContext { zone: jiff::tz::TimeZone::system(), now: self.now().0 }
    }

    /// Returns where a message is; `None` if it is not on this computer.
    pub fn find_message(&self, id: MessageId) -> Result<Option<MessagePosition>> {
        Ok(self.context.store.find_message(id)?)
    }

    /// Returns the first message on this computer that was sent at `time` or later.
    pub fn first_since(&self, conversation: ConversationId, time: Millis) -> Result<Option<Seq>> {
        Ok(self.context.store.first_since(conversation, time)?)
    }

    /// Notifies the other members that the user is typing, if the server is connected. Nothing is stored.
    pub fn typing(&self, conversation_id: ConversationId) {
        self.context.shared.send(Outgoing::Frame(ClientFrame::Typing { conversation_id }));
    }

    /// Returns the messages that are pinned to a conversation, newest first.
    pub fn pinned(&self, conversation: ConversationId) -> Result<Vec<TimelineItem>> {
        Ok(self.context.store.pinned(conversation, MAX_MESSAGES)?)
    }

    /// Returns the messages saved for later, the most recently saved first.
    pub fn saved(&self) -> Result<Vec<SavedItem>> {
        Ok(self.context.store.saved(MAX_MESSAGES)?)
    }

    /// Sets the conversation that the user is looking at, which is fetched before the others.
    pub fn watch(&self, conversation: Option<ConversationId>) {
        self.send(Input::Watching(conversation));
    }

    /// Fetches older messages than are on this computer, even if the mirror has reached its limit.
    pub fn fetch_older(&self, conversation: ConversationId) {
        self.send(Input::Older(conversation));
    }

    /// Returns how much history is fetched automatically.
    pub fn history_limit(&self) -> Result<HistoryLimit> {
        Ok(self.context.store.history_limit()?)
    }

    /// Sets how much history is fetched automatically. Messages that are here already stay.
    pub fn set_history_limit(&self, limit: HistoryLimit) -> Result<()> {
        self.context.store.set_history_limit(limit)?;
        self.send(Input::Limits(effects::limits(&self.context.store)?));
        self.context.notices.send(Notice::Status);
        Ok(())
    }

    /// Checks the connection and retries requests that wait for their backoff: the machine woke up, the network
    /// changed, or the user requested it. A connection that does not respond within three seconds is
    /// dropped.
    pub fn check_connection(&self) {
        self.send(Input::CheckConnection);
    }

    /// Compares everything with the server now, and not only in the background.
    pub fn verify(&self) {
        self.send(Input::VerifyAll);
    }

    /// Returns the account's sessions, one per signed-in device. Needs the network.
    pub async fn sessions(&self) -> Result<Vec<SessionInfo>> {
        Ok(self.context.http.sessions().await?)
    }

    /// Changes the account's password, and signs out the user's other devices unless the change specifies that
    /// they stay signed in. Needs the network.
    ///
    /// # Errors
    /// Fails with [`ErrorCode::WrongCredentials`](parlour_protocol::ErrorCode::WrongCredentials) if the
    /// current password is wrong; also fails if the new password is not accepted, or after too many
    /// attempts.
    pub async fn change_password(&self, change: &PasswordChange) -> Result<()> {
        Ok(self.context.http.change_password(change).await?)
    }

    /// Returns the earlier texts of an edited message, oldest first. Needs the network.
    pub async fn edits(&self, id: MessageId) -> Result<Vec<EarlierBody>> {
        Ok(self.context.http.edits(id).await?)
    }

    /// Ends another device's session: at its next contact, that device closes the account, and with
    /// `wipe` deletes its mirror. Needs the network.
    pub async fn revoke_session(&self, id: SessionId, wipe: bool) -> Result<()> {
        Ok(self.context.http.revoke(id, wipe).await?)
    }

    /// Returns what should be shown on the desktop; [`Notice::DesktopNotifications`] announces its changes.
    pub fn desktop_notifications(&self) -> DesktopNotifications {
        self.context.shared.desktop_notifications()
    }

    /// Sets the conversation that the user has on the screen, in a window with the focus: messages there do
    /// not notify.
    pub fn look_at(&self, conversation: Option<ConversationId>) {
        self.context.shared.set_visible(conversation);
    }

    /// Records that the user closed this version of a conversation's notification. Messages added to the
    /// notification since that version stay.
    pub fn dismiss_notification(&self, conversation: ConversationId, version: u64) {
        self.context.shared.dismiss(conversation, version);
    }

    /// Takes the inputs of a [`Notifier`](crate::Notifier), for a caller that takes the steps of the sync
    /// itself: what was received since the last call, whether another session was active, and, if the
    /// client has just caught up after being offline, whether a summary is shown.
    pub fn take_received(&self) -> (Vec<ReceivedItem>, bool, Option<bool>) {
        self.context.shared.received.take()
    }

    pub(crate) fn now(&self) -> Millis {
        self.context.clock.now()
    }

    pub(crate) fn send(&self, input: Input) {
        self.context.inputs.send(input);
    }
}
