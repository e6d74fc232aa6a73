//! End-to-end tests, in one binary that links once.

mod accessibility;
mod administration;
mod administrators_day;
mod certificates;
#[cfg(target_os = "linux")]
mod citizen;
mod converge;
mod conversations;
mod desktop;
mod devices;
#[cfg(target_os = "linux")]
mod disk;
mod encrypted;
mod files;
mod hostile;
mod import;
mod keyboard;
mod keychain;
mod leaving;
#[cfg(target_os = "linux")]
mod locks;
mod network;
#[cfg(target_os = "linux")]
mod notifications;
mod offline;
mod presence;
mod profiles;
mod reading;
mod restored;
mod revoked;
mod shown;
mod writing;
