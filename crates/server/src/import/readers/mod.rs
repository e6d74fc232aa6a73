//! A reader for each format.

mod discord;
mod irc;
mod matrix;
mod mattermost;
mod parlour;
mod rocketchat;
mod slack;
mod telegram;
mod time;
mod whatsapp;
mod zulip;

pub use irc::looks_like_log;
pub use parlour::looks_like_export;
pub use whatsapp::looks_like_chat;

use super::format::Format;
use super::input::Files;
use super::options::Options;
use super::records::{Sink, StopReason};

/// Reads an export of this format; what is in it goes to `sink`.
pub fn read(files: &Files, options: &Options, sink: &mut Sink<'_>) -> Result<(), StopReason> {
    for (reason, location) in &files.skipped {
        sink.warn(reason, location.clone())?;
    }
    match options.format {
        Format::Slack => slack::read(files, sink),
        Format::Mattermost => mattermost::read(files, sink),
        Format::Discord => discord::read(files, sink),
        Format::Zulip => zulip::read(files, sink),
        Format::Telegram => telegram::read(files, options, sink),
        Format::RocketChat => rocketchat::read(files, sink),
        Format::Matrix => matrix::read(files, sink),
        Format::WhatsApp => whatsapp::read(files, options, sink),
        Format::Irc => irc::read(files, options, sink),
        Format::Parlour => parlour::read(files, options, sink),
    }
}
