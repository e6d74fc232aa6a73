//! The executable of the desktop app. See `lib.rs`.

// Opens no console window on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

use std::alloc::System;
use std::process::ExitCode;
use zeroizing_alloc::ZeroAlloc;

/// Wipes memory before it is freed, so that no message stays in free memory.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    parlour_client::zero_freed_memory();
    parlour::run(std::env::args().skip(1).collect())
}
