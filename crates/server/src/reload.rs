//! What changes in a server while it runs, when its settings do.

use crate::app::{App, Runtime};
use crate::audit::{Action, Event};
use crate::auth::SignIn;
use crate::caller::Actor;
use crate::config::Config;
use crate::hub::Hub;
use crate::limits::Limits;
use crate::lock::lock;
use std::sync::{Arc, Weak};

/// The parts of a running server that can be changed. It does not keep the server from ending.
pub struct Reloader {
    limits: Arc<Limits>,
    sign_in: Arc<SignIn>,
    run: Arc<Runtime>,
    hub: Weak<Hub>,
}

impl Reloader {
    /// The parts of this one.
    pub fn new(app: &App) -> Self {
        Self {
            limits: app.limits.clone(),
            sign_in: app.sign_in.clone(),
            run: app.run.clone(),
            hub: Arc::downgrade(&app.hub),
        }
    }

    /// Takes up what can change without a restart. What is counted goes on where its limit stays the same. The
    /// audit says which settings these are.
    pub fn apply(&self, was: &Config, now: &Config, changed: &[String]) {
        if !changed.is_empty() {
            let event = Event::by_actor(&Actor::CommandLine, Action::SettingsReloaded);
            self.run.pending.add(event.details(format!("changed={}", changed.join(","))));
        }
        *lock(&self.sign_in.policy) = now.policy();
        let mut about = lock(&self.run.about);
        (about.name, about.public_url) = (now.name.clone(), now.public_url.clone());
        about.presence = now.presence;
        drop(about);
        if was.requests_per_second != now.requests_per_second {
            self.limits.rates.set(now.requests_per_second);
        }
        if was.bytes_per_day != now.bytes_per_day {
            self.limits.quota.set(now.bytes_per_day);
        }
        if let Some(hub) = self.hub.upgrade() {
            hub.set_limits(now.sockets);
            hub.set_presence(now.presence);
        }
    }
}
