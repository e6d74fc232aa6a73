//! Files that are dragged over the window. The page receives their number, but never their paths.

use crate::events::{DragPhase, FilesDragged};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use tauri::{DragDropEvent, Manager, WebviewWindow, WindowEvent};
use tauri_specta::Event;

/// Maximum number of drops that can be waiting to be attached.
const MAX_PENDING: usize = 8;

/// Dropped files, until the page attaches them to a conversation.
#[derive(Default)]
pub struct Drops(Mutex<Pending>);

#[derive(Default)]
struct Pending {
    last: u32,
    dropped: VecDeque<(u32, Vec<PathBuf>)>,
}

impl Drops {
    /// Stores the paths of a drop; returns its number.
    fn add(&self, paths: Vec<PathBuf>) -> u32 {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pending.last = pending.last.wrapping_add(1);
        let number = pending.last;
        if pending.dropped.len() == MAX_PENDING {
            pending.dropped.pop_front();
        }
        pending.dropped.push_back((number, paths));
        number
    }

    /// Removes and returns the paths of a drop; empty for an unknown number.
    pub fn take(&self, number: u32) -> Vec<PathBuf> {
        let mut pending = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let index = pending.dropped.iter().position(|(known, _)| *known == number);
        index
            .and_then(|index| pending.dropped.remove(index))
            .map(|(_, paths)| paths)
            .unwrap_or_default()
    }
}

/// Sends the page an event when files are dragged over a window.
pub fn forward(window: &WebviewWindow) {
    let app = window.app_handle().clone();
    window.on_window_event(move |event| {
        let WindowEvent::DragDrop(event) = event else { return };
        let count = |paths: &Vec<PathBuf>| u32::try_from(paths.len()).unwrap_or(u32::MAX);
        let dragged = match event {
            DragDropEvent::Enter { paths, .. } if !paths.is_empty() => {
                FilesDragged { phase: DragPhase::Over, drop: None, count: count(paths) }
            }
            DragDropEvent::Drop { paths, .. } if !paths.is_empty() => {
                let drop = Some(app.state::<Drops>().add(paths.clone()));
                FilesDragged { phase: DragPhase::Dropped, drop, count: count(paths) }
            }
            DragDropEvent::Leave => FilesDragged { phase: DragPhase::Left, drop: None, count: 0 },
            // The page itself handles dropped text.
            _ => return,
        };
        // Fails only if the window is closed.
        let _ = dragged.emit(&app);
    });
}
