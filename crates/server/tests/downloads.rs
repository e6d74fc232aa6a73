//! Downloads of the files of messages, in ranges. Users who may not read the message do not learn that
//! files exist.

use crate::common::{Database, User, error_body, message};
use parlour_protocol::{Action, ErrorBody, ErrorCode, HistoryVisibility, MessageFile, MessageId};
use reqwest::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH,
    CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_RANGE, RANGE,
    X_CONTENT_TYPE_OPTIONS,
};
use reqwest::{Method, Response, StatusCode};
use uuid::Uuid;

on_both_databases! {
    a_range_request_returns_these_bytes,
    headers_prevent_a_browser_from_displaying_a_file,
    only_readers_of_a_message_learn_of_its_files,
}

async fn download(
    user: &User,
    id: MessageId,
    headers: &[(reqwest::header::HeaderName, &str)],
) -> Response {
    let request = user.http.get(format!("{}/messages/{id}/files/0", user.url));
    let request =
        headers.iter().fold(request, |request, (name, value)| request.header(name, *value));
    request.bearer_auth(&user.token).send().await.unwrap()
}

async fn a_range_request_returns_these_bytes(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    // Several parts, and several pieces of a part.
    let bytes: Vec<u8> = (0..250_000_u32).flat_map(u32::to_be_bytes).collect();
    let file = wren.upload_in_parts(&bytes, 400_000).await;
    let sent = wren.act(group, Action::send_files("", vec![file.clone()])).await;
    let id = message(&sent).id;
    let whole = download(&wren, id, &[]).await;
    assert_eq!(whole.headers()[CONTENT_LENGTH], "1000000");
    assert!(whole.bytes().await.unwrap() == bytes);
    for (range, first, last) in [
        ("bytes=0-0", 0, 0),
        ("bytes=399999-400000", 399_999, 400_000),
        ("bytes=300000-900000", 300_000, 900_000),
        ("bytes=999999-", 999_999, 999_999),
        ("bytes=-5", 999_995, 999_999),
        ("bytes=5-5000000", 5, 999_999),
    ] {
        let part = download(&wren, id, &[(RANGE, range)]).await;
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT, "{range}");
        let expected = format!("bytes {first}-{last}/1000000");
        assert_eq!(part.headers()[CONTENT_RANGE], *expected, "{range}");
        assert!(part.bytes().await.unwrap() == bytes[first..=last], "{range}");
    }
    let past_end = download(&wren, id, &[(RANGE, "bytes=1000000-")]).await;
    assert_eq!(past_end.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(past_end.headers()[CONTENT_RANGE], "bytes */1000000");
    assert_eq!(past_end.json::<ErrorBody>().await.unwrap().code, ErrorCode::Invalid);
    let etag = format!("\"{}\"", file.hash);
    let same = download(&wren, id, &[(RANGE, "bytes=0-1"), (IF_RANGE, etag.as_str())]).await;
    assert_eq!(same.status(), StatusCode::PARTIAL_CONTENT);
    for headers in [
        [(RANGE, "bytes=0-1"), (IF_RANGE, "\"other\"")],
        [(RANGE, "bytes=0-1,5-6"), (IF_RANGE, etag.as_str())],
    ] {
        let all = download(&wren, id, &headers).await;
        assert_eq!(all.status(), StatusCode::OK);
        assert_eq!(all.bytes().await.unwrap().len(), bytes.len());
    }
}

async fn headers_prevent_a_browser_from_displaying_a_file(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let group = wren.group(&[]).await;
    let page = "<script>alert(1)</script>".repeat(1000);
    let file = MessageFile {
        name: "pläne \"2\".html".into(),
        media_type: "text/html".into(),
        ..wren.upload(page.as_bytes()).await
    };
    let sent = wren.act(group, Action::send_files("", vec![file.clone()])).await;
    let accepting = [(reqwest::header::ACCEPT_ENCODING, "gzip")];
    let response = download(&wren, message(&sent).id, &accepting).await;
    let header = |name| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header(CONTENT_TYPE), "application/octet-stream");
    assert_eq!(header(X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(header(CACHE_CONTROL), "no-store");
    assert_eq!(header(ACCEPT_RANGES), "bytes");
    assert_eq!(header(ETAG), format!("\"{}\"", file.hash));
    assert!(header(CONTENT_SECURITY_POLICY).starts_with("sandbox; default-src 'none'"));
    assert_eq!(
        header(CONTENT_DISPOSITION),
        "attachment; filename=\"pl_ne _2_.html\"; filename*=UTF-8''pl%C3%A4ne%20%222%22.html"
    );
    assert!(!response.headers().contains_key(CONTENT_ENCODING));
    assert!(response.bytes().await.unwrap() == page.as_bytes());
}

async fn only_readers_of_a_message_learn_of_its_files(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let (oak, elm, ash) =
        (server.register("oak").await, server.register("elm").await, server.register("ash").await);
    let group = wren.group(&[&oak]).await;
    wren.act(group, Action::SetHistory { history: HistoryVisibility::Joining }).await;
    let file = wren.upload(b"between us").await;
    let send = |text: &str| Action::send_files(text, vec![file.clone()]);
    let one = message(&wren.act(group, send("one")).await).id;
    wren.act(group, Action::AddMember { user_id: elm.id }).await;
    let two = message(&wren.act(group, send("two")).await).id;
    let bare = wren.say(group, "no files").await;
    let get = async |user: &User, path: String| {
        let response = user.request(Method::GET, &path).await;
        match response.status() {
            StatusCode::OK => Ok(response.bytes().await.unwrap()),
            _ => Err(error_body(response).await),
        }
    };
    let path_of = |id: MessageId| format!("messages/{id}/files/0");
    for (user, id, is_allowed) in [
        (&wren, one, true),
        (&oak, one, true),
        (&oak, two, true),
        (&elm, two, true),
        (&elm, one, false),
        (&ash, one, false),
        (&ash, two, false),
    ] {
        assert_eq!(get(user, path_of(id)).await.is_ok(), is_allowed);
    }
    let nothing = get(&ash, path_of(MessageId(Uuid::now_v7()))).await.unwrap_err();
    assert_eq!(nothing.code, ErrorCode::NotFound);
    let hidden = [
        (&ash, path_of(one)),
        (&elm, path_of(one)),
        (&oak, path_of(bare)),
        (&oak, format!("messages/{one}/files/1")),
        (&oak, format!("messages/{one}/files/-1")),
        (&oak, format!("messages/{one}/files/0/thumbnail")),
        (&ash, format!("messages/{one}/files/0/thumbnail")),
    ];
    for (user, path) in hidden {
        assert_eq!(get(user, path.clone()).await.unwrap_err(), nothing, "{path}");
    }
    oak.act(group, Action::Leave).await;
    assert_eq!(get(&oak, path_of(one)).await.unwrap_err(), nothing, "after leaving");
    wren.act(group, Action::RemoveMember { user_id: elm.id }).await;
    assert_eq!(get(&elm, path_of(two)).await.unwrap_err(), nothing, "after a removal");
    wren.act(group, Action::Delete { message_id: two }).await;
    assert_eq!(get(&wren, path_of(two)).await.unwrap_err(), nothing, "after a deletion");
    assert!(get(&wren, path_of(one)).await.is_ok());
}
