//! What either end of the socket says.
#![no_main]

use parlour_protocol::{ClientFrame, Frame};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(frame) = serde_json::from_slice::<Frame>(bytes) {
        let json = serde_json::to_string(&frame).expect("a frame is plain data");
        assert_eq!(serde_json::from_str::<Frame>(&json).expect("our own words"), frame);
    }
    let _ = serde_json::from_slice::<ClientFrame>(bytes);
});
