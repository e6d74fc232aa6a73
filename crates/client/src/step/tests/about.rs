//! Tests of the stored name, welcome text and picture of a server.

use super::session;
use crate::about::{store_about, stored};
use crate::notice::Notice;
use parlour_protocol::example_picture::png;
use parlour_protocol::{Millis, PictureId, ServerAbout};

#[test]
fn the_servers_name_is_stored_and_announced_once_unless_it_could_deceive() {
    let (session, store) = session();
    let (local, mut notices) = (session.context.local(), session.context.notices.subscribe());
    let about = |name: &str| ServerAbout {
        name: Some(name.into()),
        welcome: "Hello.".into(),
        picture: None,
        presence_off: true,
    };
    for name in ["Workshop", "Workshop", "Work\u{202e}shop"] {
        store_about(&local, &about(name)).unwrap();
    }
    assert_eq!(stored(&store).unwrap(), about("Workshop"));
    assert!(matches!(notices.try_recv(), Ok((_, Notice::Changed(changes))) if changes.people));
    assert!(notices.try_recv().is_err(), "it is announced once");
    let account = session.shown_account().unwrap();
    assert_eq!(account.server_name.as_deref(), Some("Workshop"));
    assert_eq!((account.welcome.as_str(), account.name), ("Hello.", account.username));
    store_about(&local, &ServerAbout::default()).unwrap();
    assert_eq!(session.shown_account().unwrap().server_name, None, "it has no name any more");
}

#[test]
fn the_servers_picture_is_shown_once_it_is_on_this_computer_and_deleted_with_its_server() {
    let (session, store) = session();
    let (local, bytes) = (session.context.local(), png(8, 8, 1));
    let picture = Some(PictureId::of(&bytes));
    store_about(&local, &ServerAbout { picture, ..ServerAbout::default() }).unwrap();
    assert_eq!(session.shown_account().unwrap().server_picture, None, "it is not here yet");
    store.mirror.put_picture(&bytes, Millis(1)).unwrap();
    assert_eq!(session.shown_account().unwrap().server_picture, picture);
    store_about(&local, &ServerAbout::default()).unwrap();
    assert_eq!(session.shown_account().unwrap().server_picture, None);
    assert_eq!(session.picture(PictureId::of(&bytes)).unwrap(), None);
}
