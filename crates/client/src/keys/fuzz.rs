//! Fuzzing of `key.json` as an attacker may have written it.

use super::envelope::{Envelope, Wrapped};
use super::wrap::{MAX_MEMORY_KIB, MAX_PASSES, normalise_code, unwrap};

/// Memory of a trial, in KiB: as little as its lanes allow.
const TRIAL_KIB: u32 = 1024;

/// Parses or rejects an envelope. Its resource demands must be checked before any of the work is
/// done, and nothing that was not sealed here may open.
pub fn key_file(bytes: &[u8]) {
    let Ok(envelope) = serde_json::from_slice::<Envelope>(bytes) else { return };
    let spare =
        envelope.spare.iter().flat_map(|spare| spare.passphrase.iter().chain(&spare.recovery));
    for wrapped in envelope.passphrase.iter().chain(&envelope.recovery).chain(spare) {
        if wrapped.memory_kib > MAX_MEMORY_KIB || wrapped.passes > MAX_PASSES {
            assert!(unwrap(wrapped, b"secret").is_none());
            continue;
        }
        // The permitted maximum takes seconds; with smaller demands, the envelope is processed all
        // the same.
        let (memory_kib, passes) = (wrapped.memory_kib.min(TRIAL_KIB), wrapped.passes.min(1));
        let wrapped = Wrapped { memory_kib, passes, ..wrapped.clone() };
        assert!(unwrap(&wrapped, b"secret").is_none());
    }
    let text = serde_json::to_string(&envelope).expect("plain data");
    serde_json::from_str::<Envelope>(&text).expect("this program's own JSON");
    let code = normalise_code(&String::from_utf8_lossy(bytes));
    assert_eq!(*normalise_code(&code), *code);
}
