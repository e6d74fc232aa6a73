//! Properties that hold for every order in which pages can arrive.

use parlour_protocol::{Frame, Page, PulledStream, StreamId, UserId};
use parlour_sync::{Effect, Engine, Fetch, FetchKind, Input, Limits, Start};
use proptest::prelude::*;
use uuid::Uuid;

const STREAM: StreamId = StreamId::Account(UserId(Uuid::from_u128(1)));

fn page(from: i64, to: i64) -> Page {
    Page { epoch: "e".into(), stream: STREAM, term: 0, from, to, head: 64, rows: vec![] }
}

fn engine() -> Engine {
    let user_id = UserId(Uuid::from_u128(1));
    let mut engine = Engine::new(Start {
        user_id,
        epoch: "e".into(),
        watermark: 0,
        streams: vec![],
        ops: vec![],
        limits: Limits::default(),
        seed: 1,
    });
    engine.handle(Input::Started, 0);
    engine.handle(Input::Frame(Frame::Hello { epoch: "e".into(), heartbeat_ms: 1000 }), 0);
    engine
}

proptest! {
    /// Whatever arrives late, duplicated or out of order: the applied pages cover the stream from the
    /// cursor on without gaps or overlaps.
    #[test]
    fn applied_pages_cover_the_stream_once(arrivals in prop::collection::vec((0i64..60, 1i64..8, any::<bool>()), 0..200)) {
        let mut engine = engine();
        let mut cursor = 0;
        for (now, (from, length, pushed)) in arrivals.into_iter().enumerate() {
            let page = page(from, from + length);
            let input = if pushed {
                Input::Frame(Frame::Change(page))
            } else {
                // The response to a pull starts where the request did.
                let kind = FetchKind::Changes { since: cursor };
                let to = cursor.max(page.to);
                // A response without progress says that there is nothing more.
                let head = if to > cursor { page.head } else { cursor };
                let page = Page { from: cursor, to, head, ..page };
                let requested = Fetch { stream: STREAM, term: 0, kind };
                Input::Pulled(vec![requested], Ok(vec![PulledStream::Page(page)]))
            };
            for effect in engine.handle(input, now as i64) {
                if let Effect::ApplyPage(page) = effect {
                    prop_assert!(page.from <= cursor && cursor < page.to);
                    cursor = page.to;
                }
            }
        }
        // A stream that is only late is never reset.
        prop_assert_eq!(engine.resets(), 0);
    }
}
