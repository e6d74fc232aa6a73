//! Every route with every kind of caller: who is admitted, and which error the others receive.

use crate::common::{Database, Server, User, error_body};
use parlour_protocol::example_picture::png;
use parlour_protocol::{Action, AuditEntry, ErrorCode, FileHash, MessageFile, Op, OpId, Thumbnail};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

on_both_databases! {
    every_route_admits_only_those_who_may_use_it,
    every_route_is_in_the_table,
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Anybody,
    /// All signed-in users.
    Users,
    /// Members of the conversation.
    Members,
    Administrators,
}

struct Case {
    method: Method,
    /// The path, with placeholders `{user}`, `{conversation}`, `{message}`, `{hash}`, `{epoch}` and
    /// `{session}`.
    path: &'static str,
    /// The template of the route in the router.
    route: &'static str,
    body: Option<Value>,
    access: Access,
}

fn case(access: Access, method: Method, route: &'static str, path: &'static str) -> Case {
    Case { method, path, route, body: None, access }
}

impl Case {
    fn with_body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }
}

fn cases() -> Vec<Case> {
    use Access::{Administrators, Anybody, Members, Users};
    let (get, post, put, delete) = (Method::GET, Method::POST, Method::PUT, Method::DELETE);
    vec![
        case(Anybody, get.clone(), "/v1/server", "/v1/server"),
        case(Anybody, get.clone(), "/healthz", "/healthz"),
        case(Anybody, get.clone(), "/readyz", "/readyz"),
        // The setting decides who is admitted, which is tested in `watch.rs`; by default it is nobody.
        case(Anybody, get.clone(), "/metrics", "/metrics"),
        case(Anybody, get.clone(), "/join", "/join"),
        case(Anybody, get.clone(), "/message", "/message"),
        case(Anybody, get.clone(), "/docs", "/docs"),
        case(Anybody, get.clone(), "/openapi.json", "/openapi.json"),
        case(Anybody, post.clone(), "/v1/users", "/v1/users")
            .with_body(json!({"username": "x y", "password": "correct horse"})),
        // Without a secret. An invalid one is refused in the same way as in a registration.
        case(Anybody, post.clone(), "/v1/invitations/preview", "/v1/invitations/preview")
            .with_body(json!({})),
        case(Anybody, post.clone(), "/v1/invitations/picture", "/v1/invitations/picture")
            .with_body(json!({})),
        case(Anybody, post.clone(), "/v1/sessions", "/v1/sessions")
            .with_body(json!({"username": "nobody", "password": "correct horse"})),
        case(Users, get.clone(), "/v1/sessions", "/v1/sessions"),
        case(Users, delete.clone(), "/v1/sessions/others", "/v1/sessions/others"),
        case(Users, delete.clone(), "/v1/sessions/{id}", "/v1/sessions/{user}"),
        case(Users, put.clone(), "/v1/password", "/v1/password")
            .with_body(json!({"current": "not this", "new": "correct horse"})),
        case(Users, put.clone(), "/v1/picture", "/v1/picture"),
        case(Users, delete.clone(), "/v1/picture", "/v1/picture"),
        // This picture does not exist.
        case(Users, get.clone(), "/v1/pictures/{id}", "/v1/pictures/{user}"),
        case(Users, get.clone(), "/v1/heads", "/v1/heads"),
        case(Users, get.clone(), "/v1/socket", "/v1/socket"),
        case(
            Members,
            get.clone(),
            "/v1/changes",
            "/v1/changes?stream=conversation:{conversation}&epoch={epoch}&term=1&since=0",
        ),
        // Access to each stream in the request is checked separately; see `streams.rs`.
        case(Users, post.clone(), "/v1/pull", "/v1/pull")
            .with_body(json!({"epoch": "x", "streams": []})),
        case(Members, get.clone(), "/v1/bootstrap", "/v1/bootstrap?conversation={conversation}"),
        case(
            Members,
            get.clone(),
            "/v1/history",
            "/v1/history?conversation={conversation}&epoch={epoch}&term=1&before=9&limit=9",
        ),
        case(
            Members,
            get.clone(),
            "/v1/digest",
            "/v1/digest?conversation={conversation}&epoch={epoch}&term=1&low=1&high=9",
        ),
        case(
            Members,
            get.clone(),
            "/v1/state",
            "/v1/state?stream=conversation:{conversation}&epoch={epoch}&term=1",
        ),
        case(
            Members,
            get.clone(),
            "/v1/state/digest",
            "/v1/state/digest?stream=conversation:{conversation}&epoch={epoch}&term=1",
        ),
        case(Members, get.clone(), "/v1/messages/{id}/edits", "/v1/messages/{message}/edits"),
        case(Members, get.clone(), "/v1/messages/{id}/files/{n}", "/v1/messages/{message}/files/0"),
        case(
            Members,
            get.clone(),
            "/v1/messages/{id}/files/{n}/thumbnail",
            "/v1/messages/{message}/files/0/thumbnail",
        ),
        // Each user has their own uploads; see `uploads.rs`.
        case(Users, get.clone(), "/v1/uploads", "/v1/uploads"),
        case(Users, put.clone(), "/v1/uploads/{hash}", "/v1/uploads/{hash}")
            .with_body(json!({"bytes": 5, "mediaType": "text/plain"})),
        case(Users, get.clone(), "/v1/uploads/{hash}", "/v1/uploads/{hash}"),
        case(Users, post.clone(), "/v1/uploads/{hash}", "/v1/uploads/{hash}?offset=0"),
        case(Users, delete.clone(), "/v1/uploads/{hash}", "/v1/uploads/{hash}"),
        case(Members, post.clone(), "/v1/ops", "/v1/ops"),
        case(Administrators, get.clone(), "/v1/audit", "/v1/audit"),
        case(Administrators, get.clone(), "/v1/groups/ownerless", "/v1/groups/ownerless"),
        case(Administrators, get.clone(), "/v1/administration/server", "/v1/administration/server"),
        case(
            Administrators,
            Method::PATCH,
            "/v1/administration/server",
            "/v1/administration/server",
        )
        .with_body(json!({"welcome": "hello"})),
        case(
            Administrators,
            put.clone(),
            "/v1/administration/server/picture",
            "/v1/administration/server/picture",
        ),
        case(
            Administrators,
            delete.clone(),
            "/v1/administration/server/picture",
            "/v1/administration/server/picture",
        ),
        case(Administrators, get.clone(), "/v1/groups/default", "/v1/groups/default"),
        case(Administrators, put.clone(), "/v1/groups/default", "/v1/groups/default")
            .with_body(json!({"groups": []})),
        // A group that has an owner, so nobody else can become its owner in this way.
        case(
            Administrators,
            put.clone(),
            "/v1/groups/{id}/owner",
            "/v1/groups/{conversation}/owner",
        )
        .with_body(json!({"userId": Uuid::nil()})),
        case(Administrators, get.clone(), "/v1/invitations", "/v1/invitations"),
        case(Administrators, post.clone(), "/v1/invitations", "/v1/invitations")
            .with_body(json!({"lifetimeMs": 60000, "uses": 1})),
        case(Administrators, delete.clone(), "/v1/invitations/{id}", "/v1/invitations/{user}"),
        case(Administrators, get, "/v1/users", "/v1/users"),
        case(Administrators, delete, "/v1/users/{id}/sessions", "/v1/users/{user}/sessions"),
        case(Administrators, put.clone(), "/v1/users/{id}/password", "/v1/users/{user}/password")
            .with_body(json!({"password": "correct horse"})),
        case(Administrators, put, "/v1/users/{id}/role", "/v1/users/{user}/role")
            .with_body(json!({"role": "member"})),
        case(
            Administrators,
            post.clone(),
            "/v1/users/{id}/reactivate",
            "/v1/users/{user}/reactivate",
        ),
        case(
            Administrators,
            post.clone(),
            "/v1/users/{id}/deactivate",
            "/v1/users/{user}/deactivate",
        ),
        case(Administrators, post, "/v1/users/{id}/erase", "/v1/users/{user}/erase"),
        case(Users, Method::DELETE, "/v1/sessions/current", "/v1/sessions/current"),
    ]
}

/// Sends a request. Returns `None` if the caller is admitted, whatever the result, and otherwise the error
/// code.
async fn send_request(
    server: &Server,
    token: Option<&str>,
    case: &Case,
    path: &str,
    op: &Op,
) -> Option<ErrorCode> {
    let root = server.url.trim_end_matches("/v1");
    let mut request = server.http.request(case.method.clone(), format!("{root}{path}"));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if case.route == "/v1/ops" {
        request = request.json(op);
    } else if case.route.ends_with("/server/picture") && case.method == Method::PUT {
        request = request.header("content-type", "image/png").body(png(8, 8, 0));
    } else if let Some(body) = &case.body {
        request = request.json(body);
    }
    let response = request.send().await.unwrap();
    assert!(response.status() != StatusCode::INTERNAL_SERVER_ERROR, "{path}");
    if response.status().is_success() {
        return None;
    }
    // The socket's route has a status of its own for a request that is not a WebSocket handshake.
    if case.route == "/v1/socket" && response.status() == StatusCode::BAD_REQUEST {
        return None;
    }
    Some(error_body(response).await.code)
}

async fn every_route_admits_only_those_who_may_use_it(database: Database) {
    let server = database.serve().await;
    let administrator = server.register_administrator("wren").await;
    let (member, stranger) = (server.register("oak").await, server.register("elm").await);
    let victim = server.register("ash").await;
    let group = member.group(&[]).await;
    let (picture, content) = (png(8, 8, 0), b"ours");
    let file = member.upload(content).await;
    let thumbnail_file = member.upload(&picture).await;
    let thumbnail = Some(Thumbnail { hash: thumbnail_file.hash, bytes: thumbnail_file.bytes });
    let action = Action::send_files("ours", vec![MessageFile { thumbnail, ..file }]);
    let message = crate::common::message(&member.act(group, action).await).id;
    let hash = FileHash::of(b"somebody's");
    let epoch = member.get::<parlour_protocol::Heads>("heads").await.epoch;
    for case in cases() {
        let path = case
            .path
            .replace("{user}", &victim.id.to_string())
            .replace("{conversation}", &group.to_string())
            .replace("{message}", &message.to_string())
            .replace("{hash}", &hash.to_string())
            .replace("{epoch}", &epoch);
        let op = || Op { id: OpId::new(), conversation_id: group, action: Action::send("hello") };
        let ended = server.sign_in("oak").await;
        ended.request(Method::DELETE, "sessions/current").await;
        for (caller, kind) in [
            (None, "nobody"),
            (Some(&ended), "ended"),
            (Some(&stranger), "stranger"),
            (Some(&member), "member"),
            (Some(&administrator), "administrator"),
        ] {
            // Each request has a session of its own, because the route may end it.
            let caller: Option<User> = match (caller, kind) {
                (Some(user), "ended") => Some(user.clone()),
                (Some(_), "stranger") => Some(server.sign_in("elm").await),
                (Some(_), "member") => Some(server.sign_in("oak").await),
                (Some(_), _) => Some(server.sign_in("wren").await),
                (None, _) => None,
            };
            let token = caller.as_ref().map(|user| user.token.as_str());
            let changes = case.access == Access::Administrators && case.method != Method::GET;
            let auditor = caller.as_ref().filter(|_| changes && kind == "administrator");
            let newest = async || match auditor {
                Some(auditor) => auditor.get::<Vec<AuditEntry>>("audit").await.remove(0).number,
                None => 0,
            };
            let before = newest().await;
            let refused = send_request(&server, token, &case, &path, &op()).await;
            if auditor.is_some() && refused.is_none() {
                assert!(newest().await > before, "{} {path} is not in the audit log", case.method);
            }
            let must_be_refused = match case.access {
                Access::Anybody => false,
                Access::Users => kind == "nobody" || kind == "ended",
                Access::Members => kind != "member",
                Access::Administrators => kind != "administrator",
            };
            let is_access_error = |code| {
                use ErrorCode::{Forbidden, InvalidToken, NotMember, Revoked};
                matches!(code, InvalidToken | Revoked | Forbidden | NotMember)
                    || (code == ErrorCode::NotFound && case.access == Access::Members)
            };
            let is_refused = refused.is_some_and(is_access_error);
            assert_eq!(is_refused, must_be_refused, "{kind} {} {path}: {refused:?}", case.method);
        }
    }
}

/// A new route must be added to the table.
async fn every_route_is_in_the_table(database: Database) {
    let server = database.serve().await;
    let root = server.url.trim_end_matches("/v1");
    let api: Value =
        server.http.get(format!("{root}/openapi.json")).send().await.unwrap().json().await.unwrap();
    let cases = cases();
    for (path, item) in api["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let known = cases.iter().any(|case| case.route == path && case.method == method);
            assert!(known, "{method} {path}");
        }
    }
}
