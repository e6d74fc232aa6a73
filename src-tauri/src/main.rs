//! The desktop app's program. See `lib.rs`.

// No console window beside ours on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::alloc::System;
use std::process::ExitCode;
use zeroizing_alloc::ZeroAlloc;

/// What is given back is wiped first: no message stays in memory that is free.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    parlour_client::wipe_what_libraries_free();
    parlour::run(std::env::args().skip(1).collect())
}
