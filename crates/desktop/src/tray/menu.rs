//! The menu on the bus (com.canonical.dbusmenu).

#![allow(clippy::unused_self, reason = "the interface is not ours")]

use super::action::TrayAction;
use super::activation_token::ActivationToken;
use super::layout::{self, Entry, find, layout};
use crate::tray_state::TrayState;
use std::collections::HashMap;
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;
use zbus::fdo;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedValue, Structure, Value};

/// The path of the menu.
pub const PATH: &str = "/MenuBar";
/// Maximum number of entries or events in one call.
const BATCH: usize = 100;

/// The properties of an entry.
type Properties = HashMap<String, OwnedValue>;
/// An entry with its descendants.
type Layout = (i32, Properties, Vec<OwnedValue>);

/// The menu.
pub struct Menu {
    states: watch::Receiver<TrayState>,
    actions: UnboundedSender<TrayAction>,
    activation_token: ActivationToken,
    revision: u32,
}

impl Menu {
    /// Creates the menu.
    pub fn new(
        states: watch::Receiver<TrayState>,
        actions: UnboundedSender<TrayAction>,
        activation_token: ActivationToken,
    ) -> Self {
        Self { states, actions, activation_token, revision: 1 }
    }

    /// Returns the next revision.
    pub fn next_revision(&mut self) -> u32 {
        self.revision = self.revision.wrapping_add(1);
        self.revision
    }

    fn layout(&self) -> Entry {
        layout(&self.states.borrow())
    }
}

fn properties(entry: &Entry) -> zbus::zvariant::Result<Properties> {
    let mut properties = Properties::new();
    match &entry.label {
        // A single underscore would mark the entry's access key.
        Some(label) => {
            let label = Value::from(label.replace('_', "__"));
            properties.insert("label".into(), label.try_into_owned()?);
        }
        None if entry.id != 0 => {
            properties.insert("type".into(), Value::from("separator").try_into_owned()?);
        }
        None => {}
    }
    if !entry.children.is_empty() {
        properties.insert("children-display".into(), Value::from("submenu").try_into_owned()?);
    }
    Ok(properties)
}

/// Returns an entry with `depth` levels of descendants; with -1, all of them.
fn with_children(entry: &Entry, depth: i32) -> zbus::zvariant::Result<Layout> {
    let shown = if depth == 0 { &[][..] } else { &entry.children };
    let children = shown.iter().map(|child| {
        let (id, properties, children) = with_children(child, depth.saturating_sub(1).max(-1))?;
        Value::from(Structure::from((id, properties, children))).try_into_owned()
    });
    Ok((entry.id, properties(entry)?, children.collect::<zbus::zvariant::Result<_>>()?))
}

fn failed(error: zbus::zvariant::Error) -> fdo::Error {
    fdo::Error::Failed(error.to_string())
}

#[zbus::interface(name = "com.canonical.dbusmenu")]
impl Menu {
    fn get_layout(
        &self,
        parent: i32,
        depth: i32,
        _names: Vec<String>,
    ) -> fdo::Result<(u32, Layout)> {
        let all = self.layout();
        let entry = find(&all, parent);
        let entry = entry.ok_or_else(|| fdo::Error::InvalidArgs("no such entry".into()))?;
        Ok((self.revision, with_children(entry, depth).map_err(failed)?))
    }

    fn get_group_properties(
        &self,
        ids: Vec<i32>,
        _names: Vec<String>,
    ) -> fdo::Result<Vec<(i32, Properties)>> {
        let all = self.layout();
        let found = ids.iter().take(BATCH).filter_map(|id| find(&all, *id));
        found.map(|entry| Ok((entry.id, properties(entry).map_err(failed)?))).collect()
    }

    fn get_property(&self, id: i32, name: &str) -> fdo::Result<OwnedValue> {
        let all = self.layout();
        let found = find(&all, id).map(properties).transpose().map_err(failed)?;
        let value = found.and_then(|mut properties| properties.remove(name));
        value.ok_or_else(|| fdo::Error::InvalidArgs("no such property".into()))
    }

    fn event(&self, id: i32, event: &str, _data: Value<'_>, _at: u32) {
        let action = (event == "clicked")
            .then(|| layout::action(&self.states.borrow(), id, || self.activation_token.take()))
            .flatten();
        if let Some(action) = action {
            // The app may be ending.
            let _ = self.actions.send(action);
        }
    }

    fn event_group(&self, events: Vec<(i32, String, Value<'_>, u32)>) -> Vec<i32> {
        for (id, event, data, at) in events.into_iter().take(BATCH) {
            self.event(id, &event, data, at);
        }
        Vec::new()
    }

    /// `false`: changes of the menu are signalled with `LayoutUpdated`.
    fn about_to_show(&self, _id: i32) -> bool {
        false
    }

    fn about_to_show_group(&self, _ids: Vec<i32>) -> (Vec<i32>, Vec<i32>) {
        (Vec::new(), Vec::new())
    }

    #[zbus(property)]
    fn version(&self) -> u32 {
        3
    }

    #[zbus(property)]
    fn text_direction(&self) -> &str {
        "ltr"
    }

    #[zbus(property)]
    fn status(&self) -> &str {
        "normal"
    }

    #[zbus(property)]
    fn icon_theme_path(&self) -> Vec<String> {
        Vec::new()
    }

    #[zbus(signal)]
    pub async fn layout_updated(
        emitter: &SignalEmitter<'_>,
        revision: u32,
        parent: i32,
    ) -> zbus::Result<()>;
}
