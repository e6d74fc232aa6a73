//! Pictures of users: all signed-in users see them, and only small pictures are accepted.

use crate::common::{Database, Server, User, error_body};
use parlour_protocol::example_picture::{animated_png, png};
use parlour_protocol::{
    ErrorCode, OpDone, PictureId, Reason, Refusal, Row, StreamId, UserRow, limits,
};
use parlour_server::Config;
use reqwest::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use reqwest::{Method, Response, StatusCode};

on_both_databases! {
    all_users_see_the_picture_of_a_user,
    two_users_can_have_the_same_picture,
    invalid_pictures_are_refused_and_the_previous_one_stays,
    an_erased_user_has_no_picture,
    changes_of_a_picture_are_rate_limited,
}

/// Gives a user this picture, and returns their row in the response.
async fn choose(user: &User, bytes: &[u8]) -> UserRow {
    let response = user.put_picture(bytes.to_vec()).await;
    assert_eq!(response.status(), StatusCode::OK);
    own_row(response).await
}

async fn own_row(response: Response) -> UserRow {
    let done: OpDone = response.json().await.unwrap();
    assert_eq!(done.stream, StreamId::Directory);
    match &done.rows[..] {
        [Row::User(row)] => row.clone(),
        rows => panic!("{rows:?}"),
    }
}

async fn person(viewer: &User, user: &User) -> UserRow {
    let page = viewer.changes(StreamId::Directory).await;
    let mut people = page.rows.into_iter().filter_map(|row| match row {
        Row::User(row) => Some(row),
        _ => None,
    });
    people.find(|row| row.id == user.id).expect("the user is in the directory")
}

async fn picture(user: &User, id: PictureId) -> Response {
    user.request(Method::GET, &format!("pictures/{id}")).await
}

async fn all_users_see_the_picture_of_a_user(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    // Larger than the size from which other responses are compressed.
    let bytes = png(100, 100, 1);
    let row = choose(&wren, &bytes).await;
    assert_eq!(row.picture, Some(PictureId::of(&bytes)));
    assert_eq!(person(&oak, &wren).await, row);
    assert_eq!(person(&oak, &oak).await.picture, None);

    let response = picture(&oak, PictureId::of(&bytes)).await;
    let header = |name| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header(CONTENT_TYPE), "image/png");
    assert_eq!(header(X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert_eq!(header(CACHE_CONTROL), "private, max-age=31536000, immutable");
    assert_eq!(response.bytes().await.unwrap(), bytes);

    // Setting the same picture again is not a change.
    assert_eq!(choose(&wren, &bytes).await.changed_seq, row.changed_seq);
    let other = png(100, 100, 2);
    assert_eq!(choose(&wren, &other).await.picture, Some(PictureId::of(&other)));
    let error = error_body(picture(&oak, PictureId::of(&bytes)).await).await;
    assert_eq!(error.code, ErrorCode::NotFound);
    let row = own_row(wren.request(Method::DELETE, "picture").await).await;
    assert_eq!((row.picture, &row), (None, &person(&oak, &wren).await));
    let error = error_body(picture(&oak, PictureId::of(&other)).await).await;
    assert_eq!(error.code, ErrorCode::NotFound);
    let again = own_row(wren.request(Method::DELETE, "picture").await).await;
    assert_eq!(again.changed_seq, row.changed_seq);
}

async fn two_users_can_have_the_same_picture(database: Database) {
    let server = database.serve().await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let bytes = png(8, 8, 1);
    choose(&wren, &bytes).await;
    choose(&oak, &bytes).await;
    wren.request(Method::DELETE, "picture").await;
    assert_eq!(picture(&wren, PictureId::of(&bytes)).await.bytes().await.unwrap(), bytes);
}

async fn invalid_pictures_are_refused_and_the_previous_one_stays(database: Database) {
    let server = database.serve().await;
    let wren = server.register("wren").await;
    let before = choose(&wren, &png(8, 8, 1)).await;
    let large = [png(8, 8, 1), vec![0; limits::PICTURE_BYTES]].concat();
    for (bytes, expected) in [
        (Vec::new(), Refusal::NoPicture),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), Refusal::NoPicture),
        (b"GIF89a\x08\x00\x08\x00\x80\x00\x00".to_vec(), Refusal::NoPicture),
        (png(8, 9, 1), Refusal::PictureShape),
        (png(8, 8, 1)[..8].to_vec(), Refusal::NoPicture),
        (animated_png(), Refusal::PictureMoves),
        (large, Refusal::PictureTooLarge),
        (vec![0; 2 * limits::PICTURE_BYTES], Refusal::PictureTooLarge),
    ] {
        let refused = error_body(wren.put_picture(bytes).await).await;
        assert_eq!((refused.code, refused.reason), (expected.code(), Some(Reason::from(expected))));
    }
    assert_eq!(person(&wren, &wren).await, before);
    for id in ["x", &"0".repeat(64), &PictureId::of(b"").to_string().to_uppercase()] {
        assert_eq!(wren.get_error(&format!("pictures/{id}")).await, ErrorCode::NotFound, "{id}");
    }
}

async fn an_erased_user_has_no_picture(database: Database) {
    let server = database.serve().await;
    let wren = server.register_administrator("wren").await;
    let oak = server.register("oak").await;
    choose(&oak, &png(8, 8, 1)).await;
    // Other changes of a user keep the picture.
    for (action, is_there) in [("deactivate", true), ("reactivate", true), ("erase", false)] {
        wren.request(Method::POST, &format!("users/{}/{action}", oak.id)).await;
        assert_eq!(person(&wren, &oak).await.picture.is_some(), is_there, "{action}");
    }
    assert_eq!(database.query_string("SELECT CAST(count(*) AS TEXT) FROM pictures").await, "0");
}

async fn changes_of_a_picture_are_rate_limited(database: Database) {
    let config = Config { requests_per_second: 1000, ..database.config() };
    let server = Server::start(&config).await;
    let (wren, oak) = (server.register("wren").await, server.register("oak").await);
    let mut changes = 0;
    let refused = loop {
        let response = wren.put_picture(png(8, 8, changes)).await;
        if response.status() != StatusCode::OK {
            break error_body(response).await;
        }
        changes += 1;
        assert!(changes < 20);
    };
    assert_eq!(refused.code, ErrorCode::RateLimited);
    assert!(refused.retry_after_ms.is_some_and(|ms| ms > 0));
    choose(&oak, &png(8, 8, 1)).await;
}
