//! What a client posts: whatever can be read is written and read again as the same.
#![no_main]

use parlour_protocol::Op;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(op) = serde_json::from_slice::<Op>(bytes) {
        let json = serde_json::to_string(&op).expect("an op is plain data");
        assert_eq!(serde_json::from_str::<Op>(&json).expect("our own words"), op);
    }
});
