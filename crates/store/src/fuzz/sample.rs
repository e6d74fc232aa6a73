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
pub(super) const GROUP: ConversationId = ConversationId(Uuid::from_u128(3));
const STREAM: StreamId = StreamId::Conversation(GROUP);

thread_local! {
    static SAMPLE: OnceCell<(Store, Images)> = const { OnceCell::new() };
}

pub(super) fn account() -> Account {
    let session_id = SessionId(Uuid::from_u128(9));
    Account { server: "http://x".into(), user_id: ME, username: "me".into(), session_id }
}

/// Passes an intact store and its images to `body`.
pub(super) fn with_sample<T>(body: impl FnOnce(&(Store, Images)) -> T) -> T {
    SAMPLE.with(|sample| {
        body(sample.get_or_init(|| {
            let store = create().expect("memory");
            let images = store.images().expect("memory");
            (store, images)
        }))
    })
}

/// Passes an intact store to `body`, which must only read it.
pub(super) fn store<T>(body: impl FnOnce(&Store) -> T) -> T {
    with_sample(|(store, _)| body(store))
}

/// Creates a store with a group of three messages, a waiting op, a draft and a setting.
fn create() -> Result<Store> {
    let store = Store::in_memory(&account(), None)?;
    store.begin_epoch("e")?;
    let conversation =
        ConversationRow::new(GROUP, ConversationType::Group, "workshop", ME, Millis(0));
    let mut rows = vec![Row::Conversation(ConversationRow { changed_seq: 1, ..conversation })];
    for (seq, body) in (1_i64..).zip(["a first word", "https://example.org/a", "`code` last"]) {
        let id = MessageId(Uuid::from_u128(1000 + u128::from(seq.unsigned_abs())));
        let row = MessageRow::new(id, ME, body, Millis(seq * 1000));
        rows.push(Row::Message(MessageRow { seq: Seq(seq), changed_seq: seq, ..row }));
    }
    let (epoch, stream) = ("e".into(), STREAM);
    let bootstrap =
        Bootstrap { epoch, stream, term: 1, head: 3, last_seq: 3, members_cursor: None, rows };
    store.mirror.apply(&[ServerUpdate::Bootstrap(&bootstrap)])?;
    let (id, action) = (OpId(Uuid::from_u128(7)), Action::send("waits"));
    store.enqueue(&Op { id, conversation_id: GROUP, action }, Millis(5000))?;
    store.set_draft(GROUP, &Draft::from("being written"), Millis(6000))?;
    store.set_history_limit(store.history_limit()?)?;
    Ok(store)
}
