//! `key.json` as somebody else may have written it.

use super::envelope::{Envelope, Wrapped};
use super::wrap::{MAX_MEMORY_KIB, MAX_PASSES, normalise_code, unwrap};

/// Memory of a trial, in KiB: as little as fits its lanes.
const LITTLE_KIB: u32 = 1024;

/// An envelope is read or refused; what it asks for is bounded before any of it is done; and nothing
/// that was not sealed here opens.
pub fn vault(bytes: &[u8]) {
    let Ok(envelope) = serde_json::from_slice::<Envelope>(bytes) else { return };
    let spare =
        envelope.spare.iter().flat_map(|spare| spare.passphrase.iter().chain(&spare.recovery));
    for wrapped in envelope.passphrase.iter().chain(&envelope.recovery).chain(spare) {
        if wrapped.memory_kib > MAX_MEMORY_KIB || wrapped.passes > MAX_PASSES {
            assert!(unwrap(wrapped, b"secret").is_none());
            continue;
        }
        // What it may ask for takes seconds: asked for less, it is read all the same.
        let (memory_kib, passes) = (wrapped.memory_kib.min(LITTLE_KIB), wrapped.passes.min(1));
        let wrapped = Wrapped { memory_kib, passes, ..wrapped.clone() };
        assert!(unwrap(&wrapped, b"secret").is_none());
    }
    let text = serde_json::to_string(&envelope).expect("plain data");
    serde_json::from_str::<Envelope>(&text).expect("our own words");
    let code = normalise_code(&String::from_utf8_lossy(bytes));
    assert_eq!(*normalise_code(&code), *code);
}
