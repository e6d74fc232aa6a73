//! End-to-end tests, in one program, which is linked once.

mod accessibility;
mod administration;
mod administrators_day;
mod certificates;
mod composing;
mod conversations;
mod desktop;
#[cfg(target_os = "linux")]
mod desktop_integration;
mod devices;
#[cfg(target_os = "linux")]
mod disk;
mod display;
#[cfg(target_os = "linux")]
mod encryption_at_rest;
mod export;
mod files;
mod hostile;
mod import;
mod keyboard;
mod keychain;
mod network;
#[cfg(target_os = "linux")]
mod notifications;
mod offline;
mod offline_convergence;
mod own_certificates;
mod pictures_in_the_window;
mod presence;
mod profiles;
mod restored_backups;
mod revoked_sessions;
mod scrolling;
mod signing_out;
