//! The functions of this crate's fuzz targets.

mod sample;
mod search;

pub use crate::packed::fuzz as packed;
pub use search::search;

use crate::apply::ServerUpdate;
use crate::outbox::salvage;
use crate::store::Store;
use crate::timeline::page::Position;
use parlour_protocol::{Bootstrap, Heads, History, OpDone, Page};
use sample::{GROUP, account, with_sample};

/// Reads everything that a window reads first. Unreadable data must give an error and never a
/// panic.
fn read(store: &Store) {
    let _ = store.conversations(60);
    let _ = store.timeline(GROUP, Position::Newest, 30);
    let _ = store.members(GROUP);
    let _ = store.pending_ops();
    let _ = store.drafts_to_share();
    let _ = store.saved(10);
    let _ = store.history_limit();
    let _ = store.sync_state();
}

/// Takes a byte for the kind and a server's response of that kind; applies the response to a mirror and
/// reads the store.
pub fn arrival(bytes: &[u8]) {
    let Some((kind, json)) = bytes.split_first() else { return };
    let images = with_sample(|(_, images)| images.clone());
    let store = Store::in_memory(&account(), Some(&images)).expect("the sample is intact");
    let apply = |update: ServerUpdate<'_>| {
        let applied = store.mirror.apply(&[update]);
        // Applying it a second time must not panic either.
        if applied.is_ok() {
            let _ = store.mirror.apply(&[update]);
        }
    };
    match kind {
        b'p' => {
            let _ =
                serde_json::from_slice::<Page>(json).map(|page| apply(ServerUpdate::Page(&page)));
        }
        b'b' => {
            let read = serde_json::from_slice::<Bootstrap>(json);
            let _ = read.map(|bootstrap| apply(ServerUpdate::Bootstrap(&bootstrap)));
        }
        b'h' => {
            let read = serde_json::from_slice::<History>(json);
            let _ = read.map(|history| apply(ServerUpdate::History(&history)));
        }
        b'n' => {
            let _ = serde_json::from_slice::<Heads>(json)
                .map(|heads| apply(ServerUpdate::Heads(&heads)));
        }
        _ => {
            let _ = serde_json::from_slice::<OpDone>(json)
                .map(|done| store.mirror.apply_done(&done).map(drop));
        }
    }
    read(&store);
}

/// Takes a byte that selects the file, and positions with bytes to write there. The rest of the file's contents
/// must be read, salvaged or refused.
pub fn damage(bytes: &[u8]) {
    let Some((selector, positions)) = bytes.split_first() else { return };
    let mut images = with_sample(|(_, images)| images.clone());
    let image = if selector % 2 == 0 { &mut images.outbox } else { &mut images.mirror };
    for position in positions.chunks_exact(4) {
        let at = u32::from_le_bytes([position[0], position[1], position[2], 0]);
        let at = usize::try_from(at).unwrap_or(0) % image.len();
        image[at] = position[3];
    }
    if let Ok(store) = Store::in_memory(&account(), Some(&images)) {
        read(&store);
    }
    salvage::fuzz(&images.outbox);
}

#[cfg(test)]
mod tests {
    use parlour_samples::run_samples;

    #[test]
    fn no_response_and_no_file_causes_a_panic() {
        run_samples("arrival", 400, super::arrival);
        run_samples("damage", 400, super::damage);
        run_samples("packed", 5_000, super::packed);
    }

    #[test]
    fn every_query_finds_the_messages_that_match() {
        run_samples("search", 2_000, super::search);
    }
}
