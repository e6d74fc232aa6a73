//! A store with some rows of each kind.

use crate::apply::ServerUpdate;
use crate::draft::Draft;
use crate::error::Result;
use crate::outbox::account::Account;
use crate::store::{Images, Store};
use parlour_protocol::{
    Action, Bootstrap, ConversationId, ConversationRow, ConversationType, MessageId, MessageRow,
    Millis, Op, OpId, Row, Seq, SessionId, StreamId, UserId,
};
use std::cell::OnceCell;
use uuid::Uuid;

const ME: UserId = UserId(Uuid::from_u128(1));
pub(super) const ROOM: ConversationId = ConversationId(Uuid::from_u128(3));
const STREAM: StreamId = StreamId::Conversation(ROOM);

thread_local! {
    static WHOLE: OnceCell<(Store, Images)> = const { OnceCell::new() };
}

pub(super) fn account() -> Account {
    let session_id = SessionId(Uuid::from_u128(9));
    Account { server: "http://x".into(), user_id: ME, username: "me".into(), session_id }
}

/// Passes an intact store and its images to `use_it`.
pub(super) fn whole<T>(use_it: impl FnOnce(&(Store, Images)) -> T) -> T {
    WHOLE.with(|whole| {
        use_it(whole.get_or_init(|| {
            let store = begin().expect("memory");
            let images = store.images().expect("memory");
            (store, images)
        }))
    })
}

/// Passes an intact store to `use_it`, which must only read it.
pub(super) fn store<T>(use_it: impl FnOnce(&Store) -> T) -> T {
    whole(|(store, _)| use_it(store))
}

/// Creates a store with a room of three messages, a waiting op, a draft and a setting.
fn begin() -> Result<Store> {
    let store = Store::in_memory(&account(), None)?;
    store.begin_epoch("e")?;
    let conversation = ConversationRow::new(ROOM, ConversationType::Group, "room", ME, Millis(0));
    let mut rows = vec![Row::Conversation(ConversationRow { changed_seq: 1, ..conversation })];
    for (seq, body) in (1_i64..).zip(["a first word", "https://example.org/a", "`code` last"]) {
        let id = MessageId(Uuid::from_u128(1000 + u128::from(seq.unsigned_abs())));
        let row = MessageRow::new(id, ME, body, Millis(seq * 1000));
        rows.push(Row::Message(MessageRow { seq: Seq(seq), changed_seq: seq, ..row }));
    }
    let (epoch, stream) = ("e".into(), STREAM);
    let bootstrap =
        Bootstrap { epoch, stream, term: 1, head: 3, last_seq: 3, members_to: None, rows };
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap)])?;
    let (id, action) = (OpId(Uuid::from_u128(7)), Action::send("waits"));
    store.enqueue(&Op { id, conversation_id: ROOM, action }, Millis(5000))?;
    store.set_draft(ROOM, &Draft::from("being written"), Millis(6000))?;
    store.set_history_limit(store.history_limit()?)?;
    Ok(store)
}
