//! What administrators choose for the whole server while it runs: what it is called, how it welcomes newcomers, and who
//! may register.

use crate::common::{Database, PASSWORD, Server, User, refusal, typed};
use crate::socket::Socket;
use parlour_protocol::example_picture::{moving_png, png};
use parlour_protocol::{
    AuditEntry, Credentials, ErrorCode, Frame, Heads, HealthCheck, HealthState, InvitationPreview,
    InvitationRequest, InvitationSecret, NewInvitation, PictureId, Profile, Reason, Refusal,
    Registration, ServerAbout, ServerChange, ServerInfo, ServerState, StreamId, UserRole,
};
use parlour_server::Config;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, Response, StatusCode};

on_both_databases! {
    what_is_chosen_goes_before_the_settings_and_outlasts_the_server,
    who_may_register_is_asked_of_what_was_chosen,
    nothing_that_deceives_is_chosen_and_by_nobody_but_administrators,
    the_audit_tells_what_was_chosen_and_none_of_its_words,
    who_is_invited_or_signed_in_is_told_and_sockets_hear_of_it,
    administrators_are_told_whether_anything_is_wrong,
    the_server_has_a_picture_which_administrators_choose_and_the_invited_see,
}

fn named(name: &str, welcome: &str) -> ServerChange {
    let (name, welcome) = (Some(name.into()), Some(welcome.into()));
    ServerChange { name, welcome, registration: None, presence: None }
}

fn registers(registration: Registration) -> ServerChange {
    ServerChange { registration: Some(registration), ..ServerChange::default() }
}

pub async fn change(by: &User, change: &ServerChange) -> ServerAbout {
    let response = by.submit(Method::PATCH, "administration/server", change).await;
    assert_eq!(response.status(), StatusCode::OK, "{change:?}");
    response.json().await.unwrap()
}

pub async fn told(user: &User) -> ServerAbout {
    user.get::<Heads>("heads").await.server.expect("it is told with the heads")
}

async fn what_is_chosen_goes_before_the_settings_and_outlasts_the_server(database: Database) {
    let config = Config { name: Some("The file's".into()), ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register_administrator("wren").await;
    assert_eq!(told(&wren).await.name.as_deref(), Some("The file's"));
    let chosen = change(&wren, &named(" Work\tshop ", "Say hello.\r\nWe do not bite.")).await;
    assert_eq!(chosen.name.as_deref(), Some("Work shop"));
    assert_eq!(chosen.welcome, "Say hello.\nWe do not bite.");
    change(&wren, &registers(Registration::Closed)).await;
    server.running.stop().await.unwrap();

    let server = Server::start(&config).await;
    let wren = server.again(&wren);
    let state: ServerState = wren.get("administration/server").await;
    assert_eq!((state.name.as_deref(), state.welcome), (Some("Work shop"), chosen.welcome.clone()));
    assert_eq!(state.said_name.as_deref(), Some("The file's"));
    assert_eq!(state.registration, Registration::Closed);
    assert_eq!(told(&wren).await, chosen);
    // Without one of its own it has the operator's again, and what is left out stays.
    let without = ServerChange { name: Some(String::new()), ..ServerChange::default() };
    let about = change(&wren, &without).await;
    assert_eq!((about.name.as_deref(), about.welcome), (Some("The file's"), chosen.welcome));
}

async fn who_may_register_is_asked_of_what_was_chosen(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let refused = async |name: &str| {
        let refused = refusal(server.post("users", &typed(name, PASSWORD)).await).await;
        (refused.code, refused.reason)
    };
    let info = async || {
        let asked = server.http.get(format!("{}/server", server.url)).send().await.unwrap();
        asked.json::<ServerInfo>().await.unwrap().registration
    };
    assert_eq!(info().await, Registration::Open);
    server.register("oak").await;
    for (chosen, why) in [
        (Registration::Closed, Refusal::RegistrationClosed),
        (Registration::Invitation, Refusal::InvitationNeeded),
    ] {
        change(&wren, &registers(chosen)).await;
        assert_eq!(refused("elm").await, (ErrorCode::Forbidden, Some(why.into())));
        assert_eq!(info().await, chosen);
    }
    // Invitations let people in all the same.
    let asked = InvitationRequest::new(3_600_000, 1, UserRole::Member);
    let made = wren.submit(Method::POST, "invitations", &asked).await;
    let made: NewInvitation = made.json().await.unwrap();
    let invitation = Some(made.secret);
    server.enter("users", &Credentials { invitation, ..typed("ash", PASSWORD) }).await;
    change(&wren, &registers(Registration::Open)).await;
    server.register("elm").await;
}

async fn nothing_that_deceives_is_chosen_and_by_nobody_but_administrators(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let submit = async |by: &User, change: &ServerChange| {
        refusal(by.submit(Method::PATCH, "administration/server", change).await).await
    };
    let long = "x".repeat(101);
    for name in ["Work\u{202e}shop", "\u{200b}", "a\0b", &long] {
        let refused = submit(&wren, &named(name, "")).await;
        assert_eq!(refused.reason, Some(Refusal::ServerName.into()), "{name:?}");
    }
    let long = "x".repeat(501);
    for welcome in ["Hello\u{202e}", "\u{200b}", &long] {
        let refused = submit(&wren, &named("", welcome)).await;
        assert_eq!(refused.reason, Some(Refusal::Welcome.into()), "{welcome:?}");
    }
    let refused = submit(&oak, &named("Oak's", "")).await;
    assert_eq!(refused.code, ErrorCode::Forbidden);
    assert_eq!(told(&wren).await, ServerAbout::default());
    let odd = serde_json::json!({"registration": "everybody"});
    let response = wren.submit(Method::PATCH, "administration/server", &odd).await;
    assert_eq!(refusal(response).await.code, ErrorCode::Invalid);
}

async fn the_audit_tells_what_was_chosen_and_none_of_its_words(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let both = ServerChange {
        registration: Some(Registration::Invitation),
        ..named("Workshop", "Say hello.")
    };
    for _ in 0..2 {
        change(&wren, &both).await;
    }
    change(&wren, &named("", "Say hello.")).await;
    let entries: Vec<AuditEntry> = wren.get("audit").await;
    let told: Vec<_> = entries
        .iter()
        .filter(|entry| entry.action == "server_changed")
        .map(|entry| (entry.actor, entry.details.as_str()))
        .collect();
    let all = "name=changed welcome=changed registration=invitation";
    assert_eq!(told, [(Some(wren.id), "name=none"), (Some(wren.id), all)], "once for each change");
}

async fn who_is_invited_or_signed_in_is_told_and_sockets_hear_of_it(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let profile = Profile { display_name: "Wren Okafor".into(), ..Profile::default() };
    let setting = parlour_protocol::Action::SetProfile { profile: profile.into() };
    wren.act(parlour_protocol::ConversationId::NONE, setting).await;
    let before: Heads = oak.get("heads").await;
    let mut socket = Socket::open(&oak).await;
    let about = change(&wren, &named("Workshop", "Say hello.")).await;
    // The directory has moved, without a row, so a client asks for the heads.
    loop {
        if let Frame::Hint { heads } = socket.next().await {
            assert!(heads.iter().any(|head| head.stream == StreamId::Directory), "{heads:?}");
            break;
        }
    }
    let after: Heads = oak.get(&format!("heads?wm={}", before.wm)).await;
    assert!(after.wm > before.wm && after.server.as_ref() == Some(&about), "{after:?}");
    let page = oak.changes(StreamId::Directory).await;
    assert_eq!((page.to, page.rows.len()), (page.head, 2));

    let asked = InvitationRequest::new(3_600_000, 1, UserRole::Member);
    let made = wren.submit(Method::POST, "invitations", &asked).await;
    let made: NewInvitation = made.json().await.unwrap();
    let asked = InvitationSecret { secret: made.secret };
    let preview = server.post("invitations/preview", &asked).await;
    let preview: InvitationPreview = preview.json().await.unwrap();
    assert_eq!((preview.server, preview.invited_by.as_deref()), (about, Some("wren")));
    assert_eq!(preview.invited_by_name, "Wren Okafor");
    // Whoever has neither is not told.
    let info = server.http.get(format!("{}/server", server.url)).send().await.unwrap();
    assert!(!info.text().await.unwrap().contains("Workshop"));
}

async fn administrators_are_told_whether_anything_is_wrong(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let state: ServerState = wren.get("administration/server").await;
    let of = |check: HealthCheck| {
        let found = state.health.iter().find(|finding| finding.check == check);
        found.map(|finding| finding.state)
    };
    assert_eq!(state.unready, None);
    for fine in [HealthCheck::Database, HealthCheck::Certificate, HealthCheck::Clock] {
        assert_eq!(of(fine), Some(HealthState::Ok), "{fine:?}");
    }
    // A server on PostgreSQL without a data folder knows of no disk, and of no backups that it does not make.
    let is_sqlite = database.url.is_none();
    assert_eq!(of(HealthCheck::Disk).is_some(), is_sqlite);
    assert_eq!(of(HealthCheck::Backup), is_sqlite.then_some(HealthState::Warning), "none yet");
    assert_eq!(state.disk_free.is_some(), is_sqlite);
    assert!(state.clock_behind.0 < 60_000, "{state:?}");
}

async fn put_picture(by: &User, bytes: Vec<u8>) -> Response {
    let request = by.http.put(format!("{}/administration/server/picture", by.url)).body(bytes);
    request.bearer_auth(&by.token).send().await.unwrap()
}

async fn the_server_has_a_picture_which_administrators_choose_and_the_invited_see(
    database: Database,
) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let asked = InvitationRequest::new(3_600_000, 1, UserRole::Member);
    let made = wren.submit(Method::POST, "invitations", &asked).await;
    let secret = made.json::<NewInvitation>().await.unwrap().secret;
    let invited = async |secret: &str| {
        server.post("invitations/picture", &InvitationSecret { secret: secret.into() }).await
    };
    assert_eq!(refusal(invited(&secret).await).await.code, ErrorCode::Gone);

    let (bytes, other) = (png(64, 64, 1), png(64, 64, 2));
    let before: Heads = oak.get("heads").await;
    let about: ServerAbout = put_picture(&wren, bytes.clone()).await.json().await.unwrap();
    assert_eq!(about.picture, Some(PictureId::of(&bytes)));
    assert_eq!(told(&oak).await, about);
    assert!(oak.get::<Heads>("heads").await.wm > before.wm, "sockets hear of it");
    let shown = |user: &User, bytes: &[u8]| {
        let (user, path) = (user.clone(), format!("pictures/{}", PictureId::of(bytes)));
        async move { user.request(Method::GET, &path).await }
    };
    assert_eq!(shown(&oak, &bytes).await.bytes().await.unwrap(), bytes);
    let picture = invited(&secret).await;
    assert_eq!(picture.headers()[CONTENT_TYPE], "image/png");
    assert_eq!(picture.bytes().await.unwrap(), bytes);
    let refused = refusal(invited("not this one").await).await;
    assert_eq!(refused.reason, Some(Refusal::InvitationSpent.into()));

    // What is no small picture is refused, and the one before stays; so it does for whoever may not choose.
    let large = vec![0; 2 * parlour_protocol::limits::PICTURE_BYTES];
    for (bytes, why) in [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), Refusal::NoPicture),
        (png(8, 9, 1), Refusal::PictureShape),
        (moving_png(), Refusal::PictureMoves),
        (large, Refusal::PictureTooLarge),
    ] {
        let refused = refusal(put_picture(&wren, bytes).await).await;
        assert_eq!(refused.reason, Some(Reason::from(why)));
    }
    assert_eq!(refusal(put_picture(&oak, other.clone()).await).await.code, ErrorCode::Forbidden);
    assert_eq!(told(&oak).await, about);

    // A user with the same picture keeps theirs.
    oak.put_picture(bytes.clone()).await;
    assert_eq!(put_picture(&wren, other.clone()).await.status(), StatusCode::OK);
    assert_eq!(shown(&oak, &bytes).await.bytes().await.unwrap(), bytes);
    let gone = wren.request(Method::DELETE, "administration/server/picture").await;
    assert_eq!(gone.json::<ServerAbout>().await.unwrap(), ServerAbout::default());
    assert_eq!(refusal(shown(&oak, &other).await).await.code, ErrorCode::Gone);
    assert_eq!(database.text("SELECT CAST(count(*) AS TEXT) FROM server_pictures").await, "0");
    let entries: Vec<AuditEntry> = wren.get("audit").await;
    let told: Vec<_> = entries
        .iter()
        .filter(|entry| entry.action == "server_changed")
        .map(|entry| entry.details.as_str())
        .collect();
    assert_eq!(told, ["picture=none", "picture=changed", "picture=changed"]);
}
