//! Short texts that mean something: streams, usernames, addresses.
#![no_main]

use parlour_protocol::StreamId;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(stream) = text.parse::<StreamId>() {
        assert_eq!(stream.to_string().parse::<StreamId>().ok(), Some(stream));
    }
    if let Some(key) = parlour_server::username_key(text) {
        assert_eq!(parlour_server::username_key(&key), Some(key.clone()), "{text:?}");
    }
    let _ = text.parse::<parlour_server::DatabaseAddress>();
    if let Ok(address) = parlour_client::address::normalise(text) {
        assert_eq!(parlour_client::address::normalise(&address).ok(), Some(address.clone()));
    }
});
