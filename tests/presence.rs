//! Presence and statuses, in the real window and between real clients.

use crate::accessibility::{check, load};
use crate::desktop::{ENTER, ESCAPE, signed_in};
use harness::window::Desktop;
use harness::{Person, Server};
use parlour_client::{Clock, SettingKey, SystemClock};
use parlour_headless::Keychain;
use parlour_protocol::{Availability, Millis, PersonStatus, ProfileChange, UserId};

/// Returns the presence of a person that another one sees.
fn state(viewer: &Person, id: UserId) -> Option<Availability> {
    let seen = viewer.session().people_presence(&[id]).unwrap();
    seen.first().and_then(|person| person.state)
}

#[tokio::test(flavor = "multi_thread")]
async fn presence_is_shown_to_those_who_may_see_it() {
    let server = Server::start().await;
    let (oak, wren) =
        (Person::register(&server, "oak").await, Person::register(&server, "wren").await);
    let (me, them) = (oak.find_person("oak").await, oak.find_person("wren").await);
    let is = |state_of: Option<Availability>, expected| state_of == Some(expected);
    oak.wait_until("wren is online", |_| is(state(&oak, them), Availability::Online)).await;
    // A pause of notifications means "do not disturb", until it ends.
    let until = (SystemClock.now().0 + 3_600_000).to_string();
    wren.session().set_setting(SettingKey::PausedUntil, None, &until).unwrap();
    oak.wait_until("wren is busy", |_| is(state(&oak, them), Availability::Busy)).await;
    wren.session().set_setting(SettingKey::PausedUntil, None, "0").unwrap();
    oak.wait_until("wren is online again", |_| is(state(&oak, them), Availability::Online)).await;
    // Those who hide their presence do not see that of others.
    wren.session().set_setting(SettingKey::SharesPresence, None, "no").unwrap();
    oak.wait_until("wren hides their presence", |_| is(state(&oak, them), Availability::Offline))
        .await;
    assert_eq!(state(&wren, me), None);
    wren.session().set_setting(SettingKey::SharesPresence, None, "yes").unwrap();
    oak.wait_until("wren shows their presence", |_| is(state(&oak, them), Availability::Online))
        .await;
    // A status is shown without the network, and ends by itself.
    let status = |until| PersonStatus { emoji: "🌴".into(), text: "On holiday".into(), until };
    let with_status =
        |until| ProfileChange { status: Some(status(until)), ..ProfileChange::default() };
    wren.session().set_profile(with_status(None)).unwrap();
    let shown = || oak.session().people_presence(&[them]).unwrap().remove(0).status;
    oak.wait_until("the status", |_| shown() == Some(status(None))).await;
    wren.session().set_profile(with_status(Some(Millis(1)))).unwrap();
    oak.wait_until("its end", |_| shown().is_none()).await;
    drop(wren);
    oak.wait_until("wren is gone", |_| is(state(&oak, them), Availability::Offline)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_shows_who_is_online_and_a_status_is_set_by_keyboard() {
    let server = Server::start().await;
    let oak = Person::register(&server, "oak").await;
    let desktop = Desktop::new(Keychain::Unlocked);
    let window = signed_in(&desktop, &server, "wren").await;
    let wren = oak.find_person("wren").await;
    let direct = oak.session().create_p2p(wren).unwrap();
    oak.say(direct, "hello");
    window.wait_until(".message", "hello").await;
    let mut findings = Vec::new();
    load(&window).await;
    window.wait_until(".row .title", "Online").await;
    window.wait_until(".conversation header", "Online").await;
    let until = (SystemClock.now().0 + 3_600_000).to_string();
    oak.session().set_setting(SettingKey::PausedUntil, None, &until).unwrap();
    window.wait_until(".row .title", "Do not disturb").await;

    window.control_shift("y").await;
    window.fill("dialog [name=status]:enabled", "Writing").await;
    check(&window, "status", &mut findings).await;
    window.keys(ENTER).await;
    oak.wait_until("the status", |session| {
        let seen = session.people_presence(&[wren]).unwrap();
        seen[0].status.as_ref().is_some_and(|status| status.text == "Writing")
    })
    .await;
    assert_eq!(window.texts("dialog").await.len(), 0, "Enter closes the dialog");
    window.click(".sidebar .me").await;
    for shown in ["Online", "Writing", "Set status"] {
        window.wait_until(".card", shown).await;
    }
    check(&window, "own card", &mut findings).await;
    window.keys(ESCAPE).await;
    assert!(findings.is_empty(), "{}", findings.join("\n"));
    window.close().await;
}
