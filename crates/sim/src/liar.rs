//! A server that lies: it sends pages of wrong intervals, rows of other conversations and at
//! impossible positions, heads and epochs that do not exist. Nothing can correct such a server. A
//! device connected to it must not crash or run without end, and must keep everything that its user
//! sent, so that it can be sent to an honest server.

use crate::dice::Dice;
use crate::wire::Reply;
use parlour_protocol::{
    Bootstrap, ConversationId, Frame, Head, Heads, History, MessageId, Millis, Page, Pulled,
    PulledStream, Row, Seq, StreamId, UserId,
};
use uuid::Uuid;

fn odd(dice: &mut Dice) -> i64 {
    let far = [i64::MIN, i64::MIN + 1, -1, 0, 1, 3, 1 << 32, 1 << 40, i64::MAX - 1, i64::MAX];
    *dice.pick(&far).expect("some")
}

fn id(dice: &mut Dice) -> Uuid {
    Uuid::from_u64_pair(0x0199_abcd_0000_7000, 0x8000_0000_0000_0000 + dice.any() % 20)
}

fn maybe_replace(dice: &mut Dice, value: &mut i64) {
    if dice.permille(150) {
        *value = odd(dice);
    }
}

/// Returns the lie that a device receives instead of an answer.
pub fn twist(reply: Reply, dice: &mut Dice) -> Reply {
    if let Reply::Done(mut done) = reply {
        if dice.permille(300) {
            twist_rows(&mut done.rows, dice);
        }
        return Reply::Done(done);
    }
    if dice.permille(500) {
        return reply;
    }
    match reply {
        Reply::Heads(mut heads) => {
            twist_heads(&mut heads, dice);
            Reply::Heads(heads)
        }
        Reply::Pulled(Pulled { answers }) => {
            let mut answers: Vec<PulledStream> =
                answers.into_iter().map(|answer| pulled(answer, dice)).collect();
            if dice.permille(100) {
                answers.reverse();
            }
            if dice.permille(100) {
                answers.pop();
            }
            Reply::Pulled(Pulled { answers })
        }
        Reply::History(mut history) => {
            let History { term, before, rows, .. } = &mut history;
            maybe_replace(dice, term);
            maybe_replace(dice, before);
            twist_rows(rows, dice);
            Reply::History(history)
        }
        Reply::State(page) => Reply::State(twist_page(page, dice)),
        Reply::Digest(mut digest) => {
            maybe_replace(dice, &mut digest.head);
            maybe_replace(dice, &mut digest.count);
            Reply::Digest(digest)
        }
        Reply::Done(done) => Reply::Done(done),
    }
}

fn twist_heads(heads: &mut Heads, dice: &mut Dice) {
    maybe_replace(dice, &mut heads.wm);
    if dice.permille(30) {
        heads.epoch = "lie".into();
    }
    for head in &mut heads.heads {
        maybe_replace(dice, &mut head.head);
        maybe_replace(dice, &mut head.term);
    }
    for newest in &mut heads.newest {
        maybe_replace(dice, &mut newest.seq.0);
        maybe_replace(dice, &mut newest.sent_at.0);
    }
    if dice.permille(100) {
        let stream = StreamId::Conversation(ConversationId(id(dice)));
        heads.heads.push(Head { stream, term: odd(dice), head: odd(dice) });
    }
}

/// Returns the lie that a device receives instead of a frame.
pub fn twist_frame(frame: Frame, dice: &mut Dice) -> Frame {
    match frame {
        Frame::Change(page) if dice.permille(500) => Frame::Change(twist_page(page, dice)),
        Frame::Heartbeat { .. } if dice.permille(300) => Frame::Heartbeat { wm: odd(dice) },
        Frame::Hint { mut heads } => {
            heads.iter_mut().for_each(|head| maybe_replace(dice, &mut head.head));
            Frame::Hint { heads }
        }
        Frame::Hello { epoch, .. } => {
            let epoch = if dice.permille(50) { "lie".into() } else { epoch };
            Frame::Hello { epoch, heartbeat_ms: odd(dice) }
        }
        other => other,
    }
}

fn pulled(answer: PulledStream, dice: &mut Dice) -> PulledStream {
    match answer {
        PulledStream::Page(page) => PulledStream::Page(twist_page(page, dice)),
        PulledStream::Bootstrap(mut begun) => {
            let Bootstrap { term, head, last_seq, rows, .. } = &mut begun;
            [term, head, last_seq].into_iter().for_each(|number| maybe_replace(dice, number));
            twist_rows(rows, dice);
            PulledStream::Bootstrap(begun)
        }
        error => error,
    }
}

fn twist_page(mut page: Page, dice: &mut Dice) -> Page {
    let Page { term, from, to, head, rows, stream, .. } = &mut page;
    [term, from, to, head].into_iter().for_each(|number| maybe_replace(dice, number));
    twist_rows(rows, dice);
    if dice.permille(50) {
        *stream = StreamId::Conversation(ConversationId(id(dice)));
    }
    page
}

fn twist_rows(rows: &mut Vec<Row>, dice: &mut Dice) {
    if dice.permille(100) {
        rows.reverse();
    }
    if dice.permille(100) {
        rows.extend(rows.clone());
    }
    if dice.permille(100) {
        rows.pop();
    }
    for row in rows {
        match row {
            Row::Message(row) => {
                maybe_replace(dice, &mut row.seq.0);
                maybe_replace(dice, &mut row.sent_at.0);
                maybe_replace(dice, &mut row.changed_seq);
                if dice.permille(100) {
                    row.id = MessageId(id(dice));
                }
                if dice.permille(100) {
                    (row.sender_id, row.body) = (UserId(id(dice)), "a lie".into());
                }
                if dice.permille(50) {
                    row.deleted_at = Some(Millis(odd(dice)));
                }
            }
            Row::Membership(row) => {
                maybe_replace(dice, &mut row.term);
                maybe_replace(dice, &mut row.visible_from);
                maybe_replace(dice, &mut row.last_read_seq.0);
                maybe_replace(dice, &mut row.changed_seq);
                if dice.permille(100) {
                    row.left_at = Some(Millis(odd(dice)));
                }
                if dice.permille(50) {
                    row.conversation_id = ConversationId(id(dice));
                }
            }
            Row::Conversation(row) => {
                maybe_replace(dice, &mut row.created_at.0);
                maybe_replace(dice, &mut row.changed_seq);
            }
            Row::Member(row) => {
                maybe_replace(dice, &mut row.changed_seq);
                row.last_read_seq = row.last_read_seq.map(|_| Seq(odd(dice)));
                if dice.permille(100) {
                    row.user_id = UserId(id(dice));
                }
            }
            _ => {}
        }
    }
}
