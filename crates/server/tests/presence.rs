//! Presence: who receives it, and which settings turn it off.

use crate::about::{change, server_about};
use crate::common::{Database, Server, User, error_body};
use crate::socket::Socket;
use parlour_protocol::{
    Action, Availability, ClientFrame, ConversationId, ErrorCode, Frame, Millis, Op, OpId,
    PersonStatus, Presence, Problem, ProfileChange, Refusal, ServerChange, UserId,
};
use parlour_server::Config;
use uuid::Uuid;

on_both_databases! {
    presence_is_sent_to_users_who_watch,
    the_time_of_the_last_visit_is_shared_only_by_choice,
    a_server_without_presence_sends_none_and_refuses_a_status,
}

/// Returns the next presence of a user.
pub async fn next_presence(socket: &mut Socket, user: UserId) -> Presence {
    loop {
        if let Frame::Presence { people } = socket.next().await
            && let Some(presence) = people.into_iter().find(|person| person.user_id == user)
        {
            return presence;
        }
    }
}

pub async fn watch(socket: &mut Socket, user_ids: &[UserId]) {
    socket.say(&ClientFrame::Watch { user_ids: user_ids.to_vec() }).await;
}

pub async fn send_presence(socket: &mut Socket, state: Availability) {
    socket.say(&ClientFrame::Presence { state }).await;
}

async fn presence_is_sent_to_users_who_watch(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let mut socket = Socket::open(&wren).await;
    let nobody = UserId(Uuid::now_v7());
    watch(&mut socket, &[nobody, oak.id]).await;
    let offline = Presence { user_id: oak.id, state: Availability::Offline, last_seen_at: None };
    assert_eq!(socket.next().await, Frame::Presence { people: vec![offline] });
    let (mut first, mut second) = (Socket::open(&oak).await, Socket::open(&oak).await);
    send_presence(&mut first, Availability::Online).await;
    assert_eq!(next_presence(&mut socket, oak.id).await.state, Availability::Online);
    send_presence(&mut second, Availability::Away).await;
    drop(first);
    assert_eq!(next_presence(&mut socket, oak.id).await.state, Availability::Away);
    send_presence(&mut second, Availability::Busy).await;
    assert_eq!(next_presence(&mut socket, oak.id).await.state, Availability::Busy);
    send_presence(&mut second, Availability::Offline).await;
    assert_eq!(next_presence(&mut socket, oak.id).await.state, Availability::Offline);
    send_presence(&mut second, Availability::Online).await;
    assert_eq!(next_presence(&mut socket, oak.id).await.state, Availability::Online);
    drop(second);
    assert_eq!(next_presence(&mut socket, oak.id).await, offline, "after both sockets closed");
}

async fn set_setting(user: &User, name: &str, value: &str) {
    let action = Action::Setting { name: name.into(), value: value.into() };
    user.act(ConversationId::NONE, action).await;
}

async fn the_time_of_the_last_visit_is_shared_only_by_choice(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let last_seen_of_oak = async || {
        let mut socket = Socket::open(&wren).await;
        watch(&mut socket, &[oak.id]).await;
        next_presence(&mut socket, oak.id).await.last_seen_at
    };
    assert_eq!(last_seen_of_oak().await, None);
    set_setting(&oak, parlour_protocol::TELL_LAST_SEEN, "yes").await;
    let at = loop {
        if let Some(at) = last_seen_of_oak().await {
            break at;
        }
    };
    assert_eq!(at.0 % 60_000, 0, "to the minute");
    set_setting(&oak, parlour_protocol::TELL_PRESENCE, "no").await;
    assert_eq!(last_seen_of_oak().await, None, "it would reveal that they were online");
    set_setting(&oak, parlour_protocol::TELL_PRESENCE, "yes").await;
    // A user who watches while oak goes offline receives the time, too.
    let (mut socket, mut theirs) = (Socket::open(&wren).await, Socket::open(&oak).await);
    send_presence(&mut theirs, Availability::Online).await;
    watch(&mut socket, &[oak.id]).await;
    while next_presence(&mut socket, oak.id).await.state != Availability::Online {}
    drop(theirs);
    let seen_again = loop {
        let presence = next_presence(&mut socket, oak.id).await;
        if presence.state == Availability::Offline && presence.last_seen_at.is_some() {
            break presence.last_seen_at;
        }
    };
    assert!(seen_again >= Some(Millis(at.0)), "{seen_again:?}");
    // The presence of a deactivated account is not sent.
    let at = if database.url.is_some() { "CURRENT_TIMESTAMP" } else { "1" };
    let sql = format!("UPDATE users SET deactivated_at = {at} WHERE id = '{}'", oak.id);
    database.execute(&sql).await;
    let mut socket = Socket::open(&wren).await;
    watch(&mut socket, &[oak.id, wren.id]).await;
    let Frame::Presence { people } = socket.next().await else { panic!("presence") };
    assert_eq!(people.iter().map(|person| person.user_id).collect::<Vec<_>>(), [wren.id]);
}

fn status(text: &str) -> Op {
    let status = PersonStatus { text: text.into(), ..PersonStatus::default() };
    let profile = ProfileChange { status: Some(status), ..ProfileChange::default() };
    let (conversation_id, action) = (ConversationId::NONE, Action::SetProfile { profile });
    Op { id: OpId::new(), conversation_id, action }
}

async fn a_server_without_presence_sends_none_and_refuses_a_status(database: Database) {
    let config = Config { presence: false, ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let (mut socket, mut theirs) = (Socket::open(&wren).await, Socket::open(&oak).await);
    send_presence(&mut theirs, Availability::Online).await;
    watch(&mut socket, &[oak.id]).await;
    assert_eq!(next_presence(&mut socket, oak.id).await.state, Availability::Offline);
    assert!(server_about(&wren).await.presence_off);
    let refused = error_body(oak.send_op(&status("On holiday")).await).await;
    assert_eq!(refused.problem(), Problem::from(Refusal::StatusOff));
    assert_eq!(refused.code, ErrorCode::Forbidden);

    let switch = |on| ServerChange { presence: Some(on), ..ServerChange::default() };
    assert!(
        !change(&wren, &switch(true)).await.presence_off,
        "the administrator's setting has precedence"
    );
    assert_eq!(next_presence(&mut socket, oak.id).await.state, Availability::Online);
    assert!(oak.send_op(&status("On holiday")).await.status().is_success());
    change(&wren, &switch(false)).await;
    assert_eq!(next_presence(&mut socket, oak.id).await.state, Availability::Offline);
    assert!(oak.send_op(&status("")).await.status().is_success(), "it can be removed");
}
