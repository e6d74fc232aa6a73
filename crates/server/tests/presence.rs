//! Presence: who is told what of whom, and what switches it off.

use crate::about::{change, told};
use crate::common::{Database, Server, User, refusal};
use crate::socket::Socket;
use parlour_protocol::{
    Action, Availability, ClientFrame, ConversationId, ErrorCode, Frame, Millis, Op, OpId,
    PersonStatus, Presence, Problem, ProfileChange, Refusal, ServerChange, UserId,
};
use parlour_server::Config;
use uuid::Uuid;

on_both_databases! {
    presence_is_told_to_those_who_look,
    when_somebody_was_last_online_is_told_by_their_choice_alone,
    a_server_without_presence_tells_nobody_and_takes_no_status,
}

/// Returns the next presence of somebody.
pub async fn next_of(socket: &mut Socket, user: UserId) -> Presence {
    loop {
        if let Frame::Presence { people } = socket.next().await
            && let Some(presence) = people.into_iter().find(|one| one.user_id == user)
        {
            return presence;
        }
    }
}

pub async fn watch(socket: &mut Socket, user_ids: &[UserId]) {
    socket.say(&ClientFrame::Watch { user_ids: user_ids.to_vec() }).await;
}

pub async fn say(socket: &mut Socket, state: Availability) {
    socket.say(&ClientFrame::Presence { state }).await;
}

async fn presence_is_told_to_those_who_look(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let mut socket = Socket::open(&wren).await;
    let nobody = UserId(Uuid::now_v7());
    watch(&mut socket, &[nobody, oak.id]).await;
    let offline = Presence { user_id: oak.id, state: Availability::Offline, last_seen_at: None };
    assert_eq!(socket.next().await, Frame::Presence { people: vec![offline] });
    let (mut first, mut second) = (Socket::open(&oak).await, Socket::open(&oak).await);
    say(&mut first, Availability::Online).await;
    assert_eq!(next_of(&mut socket, oak.id).await.state, Availability::Online);
    say(&mut second, Availability::Away).await;
    drop(first);
    assert_eq!(next_of(&mut socket, oak.id).await.state, Availability::Away);
    say(&mut second, Availability::Busy).await;
    assert_eq!(next_of(&mut socket, oak.id).await.state, Availability::Busy);
    say(&mut second, Availability::Offline).await;
    assert_eq!(next_of(&mut socket, oak.id).await.state, Availability::Offline);
    say(&mut second, Availability::Online).await;
    assert_eq!(next_of(&mut socket, oak.id).await.state, Availability::Online);
    drop(second);
    assert_eq!(next_of(&mut socket, oak.id).await, offline, "once both are gone");
}

async fn set(user: &User, name: &str, value: &str) {
    let action = Action::Setting { name: name.into(), value: value.into() };
    user.act(ConversationId::NONE, action).await;
}

async fn when_somebody_was_last_online_is_told_by_their_choice_alone(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let seen_by = async || {
        let mut socket = Socket::open(&wren).await;
        watch(&mut socket, &[oak.id]).await;
        next_of(&mut socket, oak.id).await.last_seen_at
    };
    assert_eq!(seen_by().await, None);
    set(&oak, parlour_protocol::TELL_LAST_SEEN, "yes").await;
    let at = loop {
        if let Some(at) = seen_by().await {
            break at;
        }
    };
    assert_eq!(at.0 % 60_000, 0, "to the minute");
    set(&oak, parlour_protocol::TELL_PRESENCE, "no").await;
    assert_eq!(seen_by().await, None, "it would say that they were online");
    set(&oak, parlour_protocol::TELL_PRESENCE, "yes").await;
    // Whoever looks while they go is told too.
    let (mut socket, mut theirs) = (Socket::open(&wren).await, Socket::open(&oak).await);
    say(&mut theirs, Availability::Online).await;
    watch(&mut socket, &[oak.id]).await;
    while next_of(&mut socket, oak.id).await.state != Availability::Online {}
    drop(theirs);
    let left = loop {
        let presence = next_of(&mut socket, oak.id).await;
        if presence.state == Availability::Offline && presence.last_seen_at.is_some() {
            break presence.last_seen_at;
        }
    };
    assert!(left >= Some(Millis(at.0)), "{left:?}");
    // Nobody is told of an account that is gone.
    let at = if database.url.is_some() { "CURRENT_TIMESTAMP" } else { "1" };
    let sql = format!("UPDATE users SET deactivated_at = {at} WHERE id = '{}'", oak.id);
    database.execute(&sql).await;
    let mut socket = Socket::open(&wren).await;
    watch(&mut socket, &[oak.id, wren.id]).await;
    let Frame::Presence { people } = socket.next().await else { panic!("presence") };
    assert_eq!(people.iter().map(|one| one.user_id).collect::<Vec<_>>(), [wren.id]);
}

fn status(text: &str) -> Op {
    let status = PersonStatus { text: text.into(), ..PersonStatus::default() };
    let profile = ProfileChange { status: Some(status), ..ProfileChange::default() };
    let (conversation_id, action) = (ConversationId::NONE, Action::SetProfile { profile });
    Op { id: OpId::new(), conversation_id, action }
}

async fn a_server_without_presence_tells_nobody_and_takes_no_status(database: Database) {
    let config = Config { presence: false, ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let (mut socket, mut theirs) = (Socket::open(&wren).await, Socket::open(&oak).await);
    say(&mut theirs, Availability::Online).await;
    watch(&mut socket, &[oak.id]).await;
    assert_eq!(next_of(&mut socket, oak.id).await.state, Availability::Offline);
    assert!(told(&wren).await.presence_off);
    let refused = refusal(oak.send_op(&status("On holiday")).await).await;
    assert_eq!(refused.problem(), Problem::from(Refusal::StatusOff));
    assert_eq!(refused.code, ErrorCode::Forbidden);

    let switch = |on| ServerChange { presence: Some(on), ..ServerChange::default() };
    assert!(!change(&wren, &switch(true)).await.presence_off, "an administrator goes before");
    assert_eq!(next_of(&mut socket, oak.id).await.state, Availability::Online);
    assert!(oak.send_op(&status("On holiday")).await.status().is_success());
    change(&wren, &switch(false)).await;
    assert_eq!(next_of(&mut socket, oak.id).await.state, Availability::Offline);
    assert!(oak.send_op(&status("")).await.status().is_success(), "it can be taken away");
}
