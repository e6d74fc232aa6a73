//! Applies changed settings to a running server.

use crate::app::{App, Runtime};
use crate::audit::{Action, Event};
use crate::auth::SignIn;
use crate::caller::Actor;
use crate::config::Config;
use crate::hub::Hub;
use crate::limits::Limits;
use crate::lock::lock;
use std::sync::{Arc, Weak};

/// The parts of a running server that can be changed. It does not prevent the server from stopping.
pub struct Reloader {
    limits: Arc<Limits>,
    sign_in: Arc<SignIn>,
    run: Arc<Runtime>,
    hub: Weak<Hub>,
}

impl Reloader {
    /// Returns the parts of this server.
    pub fn new(app: &App) -> Self {
        Self {
            limits: app.limits.clone(),
            sign_in: app.sign_in.clone(),
            run: app.run.clone(),
            hub: Arc::downgrade(&app.hub),
        }
    }

    /// Applies the settings that can change without a restart, and records their keys in the audit. Counters of
    /// limits that stay the same are not reset.
    pub fn apply(&self, previous: &Config, current: &Config, changed: &[String]) {
        if !changed.is_empty() {
            let event = Event::by_actor(&Actor::CommandLine, Action::SettingsReloaded);
            self.run.pending.add(event.details(format!("changed={}", changed.join(","))));
        }
        *lock(&self.sign_in.policy) = current.policy();
        let mut about = lock(&self.run.about);
        (about.name, about.public_url) = (current.name.clone(), current.public_url.clone());
        about.presence = current.presence;
        drop(about);
        if previous.requests_per_second != current.requests_per_second {
            self.limits.rates.set(current.requests_per_second);
        }
        if previous.bytes_per_day != current.bytes_per_day {
            self.limits.quota.set(current.bytes_per_day);
        }
        if let Some(hub) = self.hub.upgrade() {
            hub.set_limits(current.sockets);
            hub.set_presence(current.presence);
        }
    }
}
