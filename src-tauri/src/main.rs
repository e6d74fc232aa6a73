//! The desktop app's program. See `lib.rs`.

// No console window next to the app's on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::alloc::System;
use std::process::ExitCode;
use zeroizing_alloc::ZeroAlloc;

/// Wipes memory before it is freed, so that no message stays in free memory.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    parlour_client::wipe_freed_memory_of_libraries();
    parlour::run(std::env::args().skip(1).collect())
}
