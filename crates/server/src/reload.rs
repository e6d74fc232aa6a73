//! Applies changed settings to a running server.

use crate::app::{App, Runtime};
use crate::audit::{Action, Event};
use crate::auth::SignIn;
use crate::caller::Actor;
use crate::config::Config;
use crate::hub::Hub;
use crate::limits::Limits;
use crate::lock::lock;
use crate::settings::{Reload, ReloadablePart};
use std::sync::{Arc, Weak};

/// The parts of a running server that can be changed. It does not prevent the server from stopping.
pub struct Reloader {
    limits: Arc<Limits>,
    sign_in: Arc<SignIn>,
    runtime: Arc<Runtime>,
    hub: Weak<Hub>,
}

impl Reloader {
    /// Returns the parts of this server.
    pub fn new(app: &App) -> Self {
        Self {
            limits: app.limits.clone(),
            sign_in: app.sign_in.clone(),
            runtime: app.runtime.clone(),
            hub: Arc::downgrade(&app.hub),
        }
    }

    /// Applies the changed settings that need no restart, and records their keys in the audit log. `config`
    /// is the configuration with them. Counters of limits that stay the same are not reset.
    pub fn apply(&self, config: &Config, reload: &Reload) {
        if !reload.applied.is_empty() {
            let event = Event::by_actor(&Actor::CommandLine, Action::SettingsReloaded);
            self.runtime
                .pending
                .add(event.details(format!("changed={}", reload.applied.join(","))));
        }
        for part in reload.parts() {
            self.apply_part(part, config);
        }
    }

    fn apply_part(&self, part: ReloadablePart, config: &Config) {
        match part {
            ReloadablePart::Description => {
                let mut about = lock(&self.runtime.about);
                (about.name, about.public_url) = (config.name.clone(), config.public_url.clone());
            }
            ReloadablePart::SignIn => *lock(&self.sign_in.policy) = config.policy(),
            ReloadablePart::Presence => {
                lock(&self.runtime.about).presence = config.presence;
                if let Some(hub) = self.hub.upgrade() {
                    hub.set_presence(config.presence);
                }
            }
            ReloadablePart::Requests => self.limits.rates.set(config.requests_per_second),
            ReloadablePart::Quota => self.limits.quota.set(config.bytes_per_day),
            ReloadablePart::Sockets => {
                if let Some(hub) = self.hub.upgrade() {
                    hub.set_limits(config.sockets);
                }
            }
            // The program sets the level itself: the server only logs.
            ReloadablePart::Log => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Settings, keys};
    use parlour_protocol::{OpId, UserId};
    use serde_json::{Value, json};
    use std::path::Path;

    /// Returns a valid value for a setting that is not its default.
    fn other_value(key: &str) -> Value {
        match key {
            "listen" => json!("127.0.0.1:1"),
            "public_url" => json!("https://other.example.org"),
            "tls" => json!("own"),
            "registration" => json!("closed"),
            "presence" => json!(false),
            "backup_files" | "export_private" => json!(true),
            "proxy_header" => json!("forwarded"),
            "log" => json!("debug"),
            "log_format" => json!("json"),
            "metrics" => json!("local"),
            _ if serde_json::from_value::<Settings>(json!({ key: 3 })).is_ok() => json!(3),
            _ => json!("other"),
        }
    }

    /// Returns the state of every part of the server to which settings apply without a restart.
    fn applied(app: &App) -> String {
        let about = lock(&app.runtime.about).clone();
        let policy = *lock(&app.sign_in.policy);
        let (requester, writer) = (UserId(OpId::new().0), UserId(OpId::new().0));
        let can_request = (0..40).all(|_| app.limits.rates.account(requester).is_ok());
        let can_write = app.limits.quota.charge_bytes(writer, 4 << 20).is_ok();
        format!(
            "{:?} {:?} {} {} {policy:?} {can_request} {can_write} {:?}",
            about.name,
            about.public_url,
            about.presence,
            app.hub.has_presence(),
            app.hub.limits(),
        )
    }

    async fn start(settings: &Settings, folder: &Path) -> App {
        let config = settings.config(Some(folder)).unwrap();
        App::open(&Config { bcrypt_cost: 4, ..config }).await.unwrap().0
    }

    #[tokio::test]
    async fn a_changed_setting_has_the_effect_of_a_restart_or_is_reported_as_needing_one() {
        let old = Settings::defaults();
        for key in keys() {
            let mut values = old.values();
            values.insert(key.clone(), other_value(&key));
            let new = Settings::from_values(values);
            let reload = old.reload(&new);
            if reload.applied.is_empty() {
                assert_eq!(reload.need_restart, [key]);
                continue;
            }
            assert!(reload.need_restart.is_empty(), "{key}");
            if reload.parts() == [ReloadablePart::Log].into() {
                continue;
            }
            let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
            let app = start(&old, dirs[0].path()).await;
            let before = applied(&app);
            let config = reload.settings.config(Some(dirs[0].path())).unwrap();
            Reloader::new(&app).apply(&config, &reload);
            let restarted = start(&new, dirs[1].path()).await;
            assert_ne!(applied(&app), before, "{key}");
            assert_eq!(applied(&app), applied(&restarted), "{key}");
        }
    }
}
