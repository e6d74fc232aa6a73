//! The settings that administrators change while the server runs: its name, its welcome text and who may
//! register.

use crate::common::{Database, PASSWORD, Server, User, credentials, error_body};
use crate::socket::Socket;
use parlour_protocol::example_picture::{animated_png, png};
use parlour_protocol::{
    AuditEntry, Credentials, ErrorCode, Frame, Heads, HealthCheck, HealthState, InvitationPreview,
    InvitationRequest, InvitationSecret, NewInvitation, PictureId, Profile, Reason, Refusal,
    Registration, ServerAbout, ServerChange, ServerInfo, ServerState, StreamId, UserRole,
};
use parlour_server::Config;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, Response, StatusCode};

on_both_databases! {
    settings_of_administrators_override_the_file_and_survive_a_restart,
    the_changed_setting_decides_who_may_register,
    invalid_settings_are_refused_and_only_administrators_change_them,
    the_audit_lists_the_changed_settings_without_their_texts,
    invited_and_signed_in_people_see_the_settings_and_sockets_are_notified,
    administrators_see_the_results_of_the_health_checks,
    administrators_choose_the_picture_of_the_server_and_invited_people_see_it,
}

fn with_texts(name: &str, welcome: &str) -> ServerChange {
    let (name, welcome) = (Some(name.into()), Some(welcome.into()));
    ServerChange { name, welcome, registration: None, presence: None }
}

fn with_registration(registration: Registration) -> ServerChange {
    ServerChange { registration: Some(registration), ..ServerChange::default() }
}

pub async fn change(user: &User, change: &ServerChange) -> ServerAbout {
    let response = user.submit(Method::PATCH, "administration/server", change).await;
    assert_eq!(response.status(), StatusCode::OK, "{change:?}");
    response.json().await.unwrap()
}

pub async fn server_about(user: &User) -> ServerAbout {
    user.get::<Heads>("heads").await.server.expect("the heads contain it")
}

async fn settings_of_administrators_override_the_file_and_survive_a_restart(database: Database) {
    let config = Config { name: Some("The file's".into()), ..database.config() };
    let server = Server::start(&config).await;
    let wren = server.register_administrator("wren").await;
    assert_eq!(server_about(&wren).await.name.as_deref(), Some("The file's"));
    let changed = change(&wren, &with_texts(" Work\tshop ", "Say hello.\r\nWe do not bite.")).await;
    assert_eq!(changed.name.as_deref(), Some("Work shop"));
    assert_eq!(changed.welcome, "Say hello.\nWe do not bite.");
    change(&wren, &with_registration(Registration::Closed)).await;
    server.running.stop().await.unwrap();

    let server = Server::start(&config).await;
    let wren = server.with_session_of(&wren);
    let state: ServerState = wren.get("administration/server").await;
    assert_eq!(
        (state.name.as_deref(), state.welcome),
        (Some("Work shop"), changed.welcome.clone())
    );
    assert_eq!(state.said_name.as_deref(), Some("The file's"));
    assert_eq!(state.registration, Registration::Closed);
    assert_eq!(server_about(&wren).await, changed);
    // Without a name it has the operator's again, and settings that are left out stay.
    let no_name = ServerChange { name: Some(String::new()), ..ServerChange::default() };
    let about = change(&wren, &no_name).await;
    assert_eq!((about.name.as_deref(), about.welcome), (Some("The file's"), changed.welcome));
}

async fn the_changed_setting_decides_who_may_register(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let refused = async |name: &str| {
        let refused = error_body(server.post("users", &credentials(name, PASSWORD)).await).await;
        (refused.code, refused.reason)
    };
    let info = async || {
        let request = server.http.get(format!("{}/server", server.url)).send().await.unwrap();
        request.json::<ServerInfo>().await.unwrap().registration
    };
    assert_eq!(info().await, Registration::Open);
    server.register("oak").await;
    for (changed, refusal) in [
        (Registration::Closed, Refusal::RegistrationClosed),
        (Registration::Invitation, Refusal::InvitationNeeded),
    ] {
        change(&wren, &with_registration(changed)).await;
        assert_eq!(refused("elm").await, (ErrorCode::Forbidden, Some(refusal.into())));
        assert_eq!(info().await, changed);
    }
    // People can still register with invitations.
    let request = InvitationRequest::new(3_600_000, 1, UserRole::Member);
    let created = wren.submit(Method::POST, "invitations", &request).await;
    let created: NewInvitation = created.json().await.unwrap();
    let invitation = Some(created.secret);
    server
        .post_credentials("users", &Credentials { invitation, ..credentials("ash", PASSWORD) })
        .await;
    change(&wren, &with_registration(Registration::Open)).await;
    server.register("elm").await;
}

async fn invalid_settings_are_refused_and_only_administrators_change_them(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let submit = async |user: &User, change: &ServerChange| {
        error_body(user.submit(Method::PATCH, "administration/server", change).await).await
    };
    let long = "x".repeat(101);
    for name in ["Work\u{202e}shop", "\u{200b}", "a\0b", "раypal", &long] {
        let refused = submit(&wren, &with_texts(name, "")).await;
        assert_eq!(refused.reason, Some(Refusal::ServerName.into()), "{name:?}");
    }
    let long = "x".repeat(501);
    for welcome in ["Hello\u{202e}", "\u{200b}", &long] {
        let refused = submit(&wren, &with_texts("", welcome)).await;
        assert_eq!(refused.reason, Some(Refusal::Welcome.into()), "{welcome:?}");
    }
    let refused = submit(&oak, &with_texts("Oak's", "")).await;
    assert_eq!(refused.code, ErrorCode::Forbidden);
    assert_eq!(server_about(&wren).await, ServerAbout::default());
    let invalid = serde_json::json!({"registration": "everybody"});
    let response = wren.submit(Method::PATCH, "administration/server", &invalid).await;
    assert_eq!(error_body(response).await.code, ErrorCode::Invalid);
}

async fn the_audit_lists_the_changed_settings_without_their_texts(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let both = ServerChange {
        registration: Some(Registration::Invitation),
        ..with_texts("Workshop", "Say hello.")
    };
    for _ in 0..2 {
        change(&wren, &both).await;
    }
    change(&wren, &with_texts("", "Say hello.")).await;
    let entries: Vec<AuditEntry> = wren.get("audit").await;
    let changes: Vec<_> = entries
        .iter()
        .filter(|entry| entry.action == "server_changed")
        .map(|entry| (entry.actor, entry.details.as_str()))
        .collect();
    let all = "name=changed welcome=changed registration=invitation";
    assert_eq!(
        changes,
        [(Some(wren.id), "name=none"), (Some(wren.id), all)],
        "one entry for each change"
    );
}

async fn invited_and_signed_in_people_see_the_settings_and_sockets_are_notified(
    database: Database,
) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let profile = Profile { display_name: "Wren Okafor".into(), ..Profile::default() };
    let setting = parlour_protocol::Action::SetProfile { profile: profile.into() };
    wren.act(parlour_protocol::ConversationId::NONE, setting).await;
    let before: Heads = oak.get("heads").await;
    let mut socket = Socket::open(&oak).await;
    let about = change(&wren, &with_texts("Workshop", "Say hello.")).await;
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

    let request = InvitationRequest::new(3_600_000, 1, UserRole::Member);
    let created = wren.submit(Method::POST, "invitations", &request).await;
    let created: NewInvitation = created.json().await.unwrap();
    let request = InvitationSecret { secret: created.secret };
    let preview = server.post("invitations/preview", &request).await;
    let preview: InvitationPreview = preview.json().await.unwrap();
    assert_eq!((preview.server, preview.invited_by.as_deref()), (about, Some("wren")));
    assert_eq!(preview.invited_by_name, "Wren Okafor");
    // Others do not see the settings.
    let info = server.http.get(format!("{}/server", server.url)).send().await.unwrap();
    assert!(!info.text().await.unwrap().contains("Workshop"));
}

async fn administrators_see_the_results_of_the_health_checks(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let state: ServerState = wren.get("administration/server").await;
    let state_of = |check: HealthCheck| {
        let found = state.health.iter().find(|finding| finding.check == check);
        found.map(|finding| finding.state)
    };
    assert_eq!(state.unready, None);
    for check in [HealthCheck::Database, HealthCheck::Certificate, HealthCheck::Clock] {
        assert_eq!(state_of(check), Some(HealthState::Ok), "{check:?}");
    }
    // A server on PostgreSQL without a data folder reports neither a disk nor backups that others make.
    let is_sqlite = database.url.is_none();
    assert_eq!(state_of(HealthCheck::Disk).is_some(), is_sqlite);
    assert_eq!(
        state_of(HealthCheck::Backup),
        is_sqlite.then_some(HealthState::Warning),
        "none yet"
    );
    assert_eq!(state.disk_free.is_some(), is_sqlite);
    assert!(state.clock_behind.0 < 60_000, "{state:?}");
}

async fn put_picture(user: &User, bytes: Vec<u8>) -> Response {
    let request = user.http.put(format!("{}/administration/server/picture", user.url)).body(bytes);
    request.bearer_auth(&user.token).send().await.unwrap()
}

async fn administrators_choose_the_picture_of_the_server_and_invited_people_see_it(
    database: Database,
) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    let request = InvitationRequest::new(3_600_000, 1, UserRole::Member);
    let created = wren.submit(Method::POST, "invitations", &request).await;
    let secret = created.json::<NewInvitation>().await.unwrap().secret;
    let invited = async |secret: &str| {
        server.post("invitations/picture", &InvitationSecret { secret: secret.into() }).await
    };
    assert_eq!(error_body(invited(&secret).await).await.code, ErrorCode::NotFound);

    let (bytes, other) = (png(64, 64, 1), png(64, 64, 2));
    let before: Heads = oak.get("heads").await;
    let about: ServerAbout = put_picture(&wren, bytes.clone()).await.json().await.unwrap();
    assert_eq!(about.picture, Some(PictureId::of(&bytes)));
    assert_eq!(server_about(&oak).await, about);
    assert!(oak.get::<Heads>("heads").await.wm > before.wm, "sockets are notified");
    let shown = |user: &User, bytes: &[u8]| {
        let (user, path) = (user.clone(), format!("pictures/{}", PictureId::of(bytes)));
        async move { user.request(Method::GET, &path).await }
    };
    assert_eq!(shown(&oak, &bytes).await.bytes().await.unwrap(), bytes);
    let picture = invited(&secret).await;
    assert_eq!(picture.headers()[CONTENT_TYPE], "image/png");
    assert_eq!(picture.bytes().await.unwrap(), bytes);
    let refused = error_body(invited("not this one").await).await;
    assert_eq!(refused.reason, Some(Refusal::InvitationSpent.into()));

    // Invalid pictures are refused, and the previous one stays; the same holds for users who are not
    // administrators.
    let large = vec![0; 2 * parlour_protocol::limits::PICTURE_BYTES];
    for (bytes, expected) in [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), Refusal::NoPicture),
        (png(8, 9, 1), Refusal::PictureShape),
        (animated_png(), Refusal::PictureMoves),
        (large, Refusal::PictureTooLarge),
    ] {
        let refused = error_body(put_picture(&wren, bytes).await).await;
        assert_eq!(refused.reason, Some(Reason::from(expected)));
    }
    assert_eq!(error_body(put_picture(&oak, other.clone()).await).await.code, ErrorCode::Forbidden);
    assert_eq!(server_about(&oak).await, about);

    // A user with the same picture keeps theirs.
    oak.put_picture(bytes.clone()).await;
    assert_eq!(put_picture(&wren, other.clone()).await.status(), StatusCode::OK);
    assert_eq!(shown(&oak, &bytes).await.bytes().await.unwrap(), bytes);
    let removed = wren.request(Method::DELETE, "administration/server/picture").await;
    assert_eq!(removed.json::<ServerAbout>().await.unwrap(), ServerAbout::default());
    assert_eq!(error_body(shown(&oak, &other).await).await.code, ErrorCode::NotFound);
    assert_eq!(
        database.query_string("SELECT CAST(count(*) AS TEXT) FROM server_pictures").await,
        "0"
    );
    let entries: Vec<AuditEntry> = wren.get("audit").await;
    let changes: Vec<_> = entries
        .iter()
        .filter(|entry| entry.action == "server_changed")
        .map(|entry| entry.details.as_str())
        .collect();
    assert_eq!(changes, ["picture=none", "picture=changed", "picture=changed"]);
}
