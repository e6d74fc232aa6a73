//! The entries of the menu and their actions.

use super::action::TrayAction;
use crate::tray_state::TrayState;
use parlour_client::Pause;

/// The numbers of the entries; 0 is the menu itself.
const OPEN: i32 = 1;
const PAUSE: i32 = 2;
const SEPARATOR: i32 = 3;
const QUIT: i32 = 4;
const PAUSES: [(i32, Pause); 3] =
    [(21, Pause::HalfHour), (22, Pause::TwoHours), (23, Pause::Tomorrow)];

/// An entry of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub id: i32,
    /// Its text; `None` for a separator.
    pub label: Option<String>,
    /// The entries of its submenu.
    pub children: Vec<Entry>,
}

impl Entry {
    fn new(id: i32, label: &str) -> Self {
        Self { id, label: Some(label.to_owned()), children: Vec::new() }
    }
}

/// Returns the menu with all entries.
pub fn layout(state: &TrayState) -> Entry {
    let texts = &state.texts;
    let pause = if state.paused_until.is_some() {
        Entry::new(PAUSE, &texts.resume)
    } else {
        let labels = [&texts.half_hour, &texts.two_hours, &texts.tomorrow];
        let children = PAUSES.iter().zip(labels).map(|((id, _), label)| Entry::new(*id, label));
        Entry { children: children.collect(), ..Entry::new(PAUSE, &texts.pause) }
    };
    let separator = Entry { id: SEPARATOR, label: None, children: Vec::new() };
    let children =
        vec![Entry::new(OPEN, &texts.show), pause, separator, Entry::new(QUIT, &texts.quit)];
    Entry { id: 0, label: None, children }
}

/// Returns the action of the entry with this number; `None` if it has none.
pub fn action(
    state: &TrayState,
    id: i32,
    activation_token: impl FnOnce() -> Option<String>,
) -> Option<TrayAction> {
    let is_paused = state.paused_until.is_some();
    match id {
        OPEN => Some(TrayAction::Open(activation_token())),
        QUIT => Some(TrayAction::Quit),
        PAUSE if is_paused => Some(TrayAction::Resume),
        id => {
            let pause = PAUSES.iter().find(|(known, _)| *known == id && !is_paused);
            pause.map(|(_, pause)| TrayAction::Pause(*pause))
        }
    }
}

/// Returns the entry with this number: `entry` itself or one of its descendants.
pub fn find(entry: &Entry, id: i32) -> Option<&Entry> {
    if entry.id == id {
        return Some(entry);
    }
    entry.children.iter().find_map(|child| find(child, id))
}
