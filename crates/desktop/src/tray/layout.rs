//! The entries of the menu, and what they do.

use super::picked::Picked;
use crate::look::Look;
use parlour_client::Pause;

/// The numbers of the entries; 0 is the menu itself.
const OPEN: i32 = 1;
const PAUSE: i32 = 2;
const LINE: i32 = 3;
const QUIT: i32 = 4;
const PAUSES: [(i32, Pause); 3] =
    [(21, Pause::HalfHour), (22, Pause::TwoHours), (23, Pause::Tomorrow)];

/// An entry of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub id: i32,
    /// Its words; `None` for a line between entries.
    pub label: Option<String>,
    /// The entries below it.
    pub children: Vec<Entry>,
}

impl Entry {
    fn new(id: i32, label: &str) -> Self {
        Self { id, label: Some(label.to_owned()), children: Vec::new() }
    }
}

/// Returns the menu, with every entry in it.
pub fn layout(look: &Look) -> Entry {
    let words = &look.words;
    let pause = if look.paused_until.is_some() {
        Entry::new(PAUSE, &words.resume)
    } else {
        let labels = [&words.half_hour, &words.two_hours, &words.tomorrow];
        let children = PAUSES.iter().zip(labels).map(|((id, _), label)| Entry::new(*id, label));
        Entry { children: children.collect(), ..Entry::new(PAUSE, &words.pause) }
    };
    let line = Entry { id: LINE, label: None, children: Vec::new() };
    let children = vec![Entry::new(OPEN, &words.show), pause, line, Entry::new(QUIT, &words.quit)];
    Entry { id: 0, label: None, children }
}

/// Returns what the entry with this number does now; `None` if it does nothing.
pub fn picked(look: &Look, id: i32, token: impl FnOnce() -> Option<String>) -> Option<Picked> {
    let is_paused = look.paused_until.is_some();
    match id {
        OPEN => Some(Picked::Open(token())),
        QUIT => Some(Picked::Quit),
        PAUSE if is_paused => Some(Picked::Resume),
        id => {
            let pause = PAUSES.iter().find(|(known, _)| *known == id && !is_paused);
            pause.map(|(_, pause)| Picked::Pause(*pause))
        }
    }
}

/// Returns the entry with this number, below this one or this one itself.
pub fn find(entry: &Entry, id: i32) -> Option<&Entry> {
    if entry.id == id {
        return Some(entry);
    }
    entry.children.iter().find_map(|child| find(child, id))
}
