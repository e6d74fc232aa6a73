//! Files that are dragged over the window. The page learns how many there are, and never their paths.

use crate::events::{DragPhase, FilesDragged};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use tauri::{DragDropEvent, Manager, WebviewWindow, WindowEvent};
use tauri_specta::Event;

/// Maximum number of drops that wait to be attached.
const WAITING: usize = 8;

/// What was dropped, until the page says where it belongs.
#[derive(Default)]
pub struct Drops(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    last: u32,
    dropped: VecDeque<(u32, Vec<PathBuf>)>,
}

impl Drops {
    /// Notes what was dropped; returns its number.
    fn add(&self, paths: Vec<PathBuf>) -> u32 {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.last = waiting.last.wrapping_add(1);
        let number = waiting.last;
        if waiting.dropped.len() == WAITING {
            waiting.dropped.pop_front();
        }
        waiting.dropped.push_back((number, paths));
        number
    }

    /// Takes what was dropped, by its number.
    pub fn take(&self, number: u32) -> Vec<PathBuf> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = waiting.dropped.iter().position(|(known, _)| *known == number);
        at.and_then(|at| waiting.dropped.remove(at)).map(|(_, paths)| paths).unwrap_or_default()
    }
}

/// Tells the page of files that are dragged over a window.
pub fn follow(window: &WebviewWindow) {
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
            // Text is dropped into the page.
            _ => return,
        };
        // If the window is gone, nothing receives it.
        let _ = dragged.emit(&app);
    });
}
