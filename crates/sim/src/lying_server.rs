//! A server that lies: it sends pages of wrong intervals, rows of other conversations and at impossible
//! positions, heads and epochs that do not exist. A device connected to such a server must not crash or
//! loop, and must not lose anything that its user sent, so that it can be sent to a correct server.

use crate::rng::Rng;
use crate::wire::Reply;
use parlour_protocol::{
    Bootstrap, ConversationId, Frame, Head, Heads, History, MessageId, Millis, Page, Pulled,
    PulledStream, Row, Seq, StreamId, UserId,
};
use uuid::Uuid;

fn extreme_number(rng: &mut Rng) -> i64 {
    let numbers = [i64::MIN, i64::MIN + 1, -1, 0, 1, 3, 1 << 32, 1 << 40, i64::MAX - 1, i64::MAX];
    *rng.pick(&numbers).expect("some")
}

fn id(rng: &mut Rng) -> Uuid {
    Uuid::from_u64_pair(0x0199_abcd_0000_7000, 0x8000_0000_0000_0000 + rng.any() % 20)
}

fn maybe_replace(rng: &mut Rng, value: &mut i64) {
    if rng.permille(150) {
        *value = extreme_number(rng);
    }
}

/// Returns the false response that a device receives.
pub fn corrupt(reply: Reply, rng: &mut Rng) -> Reply {
    if let Reply::Done(mut done) = reply {
        if rng.permille(300) {
            corrupt_rows(&mut done.rows, rng);
        }
        return Reply::Done(done);
    }
    if rng.permille(500) {
        return reply;
    }
    match reply {
        Reply::Heads(mut heads) => {
            corrupt_heads(&mut heads, rng);
            Reply::Heads(heads)
        }
        Reply::Pulled(Pulled { answers }) => {
            let mut answers: Vec<PulledStream> =
                answers.into_iter().map(|response| pulled(response, rng)).collect();
            if rng.permille(100) {
                answers.reverse();
            }
            if rng.permille(100) {
                answers.pop();
            }
            Reply::Pulled(Pulled { answers })
        }
        Reply::History(mut history) => {
            let History { term, before, rows, .. } = &mut history;
            maybe_replace(rng, term);
            maybe_replace(rng, before);
            corrupt_rows(rows, rng);
            Reply::History(history)
        }
        Reply::State(page) => Reply::State(corrupt_page(page, rng)),
        Reply::Digest(mut digest) => {
            maybe_replace(rng, &mut digest.head);
            maybe_replace(rng, &mut digest.count);
            Reply::Digest(digest)
        }
        Reply::Done(done) => Reply::Done(done),
    }
}

fn corrupt_heads(heads: &mut Heads, rng: &mut Rng) {
    maybe_replace(rng, &mut heads.wm);
    if rng.permille(30) {
        heads.epoch = "lie".into();
    }
    for head in &mut heads.heads {
        maybe_replace(rng, &mut head.head);
        maybe_replace(rng, &mut head.term);
    }
    for newest in &mut heads.newest {
        maybe_replace(rng, &mut newest.seq.0);
        maybe_replace(rng, &mut newest.sent_at.0);
    }
    if rng.permille(100) {
        let stream = StreamId::Conversation(ConversationId(id(rng)));
        heads.heads.push(Head { stream, term: extreme_number(rng), head: extreme_number(rng) });
    }
}

/// Returns the false frame that a device receives.
pub fn corrupt_frame(frame: Frame, rng: &mut Rng) -> Frame {
    match frame {
        Frame::Change(page) if rng.permille(500) => Frame::Change(corrupt_page(page, rng)),
        Frame::Heartbeat { .. } if rng.permille(300) => {
            Frame::Heartbeat { wm: extreme_number(rng) }
        }
        Frame::Hint { mut heads } => {
            heads.iter_mut().for_each(|head| maybe_replace(rng, &mut head.head));
            Frame::Hint { heads }
        }
        Frame::Hello { epoch, .. } => {
            let epoch = if rng.permille(50) { "lie".into() } else { epoch };
            Frame::Hello { epoch, heartbeat_ms: extreme_number(rng) }
        }
        other => other,
    }
}

fn pulled(response: PulledStream, rng: &mut Rng) -> PulledStream {
    match response {
        PulledStream::Page(page) => PulledStream::Page(corrupt_page(page, rng)),
        PulledStream::Bootstrap(mut started) => {
            let Bootstrap { term, head, last_seq, rows, .. } = &mut started;
            [term, head, last_seq].into_iter().for_each(|number| maybe_replace(rng, number));
            corrupt_rows(rows, rng);
            PulledStream::Bootstrap(started)
        }
        error => error,
    }
}

fn corrupt_page(mut page: Page, rng: &mut Rng) -> Page {
    let Page { term, from, to, head, rows, stream, .. } = &mut page;
    [term, from, to, head].into_iter().for_each(|number| maybe_replace(rng, number));
    corrupt_rows(rows, rng);
    if rng.permille(50) {
        *stream = StreamId::Conversation(ConversationId(id(rng)));
    }
    page
}

fn corrupt_rows(rows: &mut Vec<Row>, rng: &mut Rng) {
    if rng.permille(100) {
        rows.reverse();
    }
    if rng.permille(100) {
        rows.extend(rows.clone());
    }
    if rng.permille(100) {
        rows.pop();
    }
    for row in rows {
        match row {
            Row::Message(row) => {
                maybe_replace(rng, &mut row.seq.0);
                maybe_replace(rng, &mut row.sent_at.0);
                maybe_replace(rng, &mut row.changed_seq);
                if rng.permille(100) {
                    row.id = MessageId(id(rng));
                }
                if rng.permille(100) {
                    (row.sender_id, row.body) = (UserId(id(rng)), "a lie".into());
                }
                if rng.permille(50) {
                    row.deleted_at = Some(Millis(extreme_number(rng)));
                }
            }
            Row::Membership(row) => {
                maybe_replace(rng, &mut row.term);
                maybe_replace(rng, &mut row.visible_from);
                maybe_replace(rng, &mut row.last_read_seq.0);
                maybe_replace(rng, &mut row.changed_seq);
                if rng.permille(100) {
                    row.left_at = Some(Millis(extreme_number(rng)));
                }
                if rng.permille(50) {
                    row.conversation_id = ConversationId(id(rng));
                }
            }
            Row::Conversation(row) => {
                maybe_replace(rng, &mut row.created_at.0);
                maybe_replace(rng, &mut row.changed_seq);
            }
            Row::Member(row) => {
                maybe_replace(rng, &mut row.changed_seq);
                row.last_read_seq = row.last_read_seq.map(|_| Seq(extreme_number(rng)));
                if rng.permille(100) {
                    row.user_id = UserId(id(rng));
                }
            }
            _ => {}
        }
    }
}
