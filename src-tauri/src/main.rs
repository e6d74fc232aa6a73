//! The desktop app's program. See `lib.rs`.

// No console window beside ours on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::process::ExitCode;

fn main() -> ExitCode {
    parlour::run(std::env::args().skip(1).collect())
}
