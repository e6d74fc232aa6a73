//! Keeps data that was read from staying in freed memory.
//!
//! SQLite uses the program's memory: it comes from Rust's allocator, so it is wiped in a program
//! whose allocator wipes what is freed.

use rusqlite::ffi;
use std::alloc::{Layout, alloc, dealloc, realloc};
use std::ffi::{c_int, c_void};
use std::ptr::null_mut;
use std::sync::Once;

/// Size of the header of every piece, which contains the piece's size; SQLite's pieces must start
/// at multiples of 8 (`sqlite3_mem_methods`).
const HEAD: usize = 16;

/// Makes SQLite use Rust's allocator; must be called before SQLite. If SQLite was initialized
/// already, it keeps its own allocator.
pub(crate) fn use_rust_allocator() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let methods = ffi::sqlite3_mem_methods {
            xMalloc: Some(take),
            xFree: Some(give_back),
            xRealloc: Some(resize),
            xSize: Some(size),
            xRoundup: Some(round_up),
            xInit: Some(begin),
            xShutdown: Some(end),
            pAppData: null_mut(),
        };
        // SAFETY: SQLite copies the methods. It rejects them if it is in use already.
        #[expect(unsafe_code, reason = "a C function")]
        unsafe {
            ffi::sqlite3_config(ffi::SQLITE_CONFIG_MALLOC, &raw const methods);
        }
    });
}

fn layout(bytes: usize) -> Option<Layout> {
    Layout::from_size_align(bytes.checked_add(HEAD)?, HEAD).ok()
}

/// Writes a piece's size at `base` and returns the address of the piece after it; null if `base` is
/// null.
#[expect(unsafe_code, reason = "memory")]
unsafe fn write_header(base: *mut u8, bytes: usize) -> *mut c_void {
    if base.is_null() {
        return null_mut();
    }
    // SAFETY: the caller guarantees that HEAD and more bytes start at `base`, aligned to HEAD.
    unsafe {
        base.cast::<usize>().write(bytes);
        base.add(HEAD).cast()
    }
}

/// Returns where a piece's memory begins, and its size.
#[expect(unsafe_code, reason = "memory")]
unsafe fn read_header(piece: *mut c_void) -> (*mut u8, usize) {
    // SAFETY: the caller guarantees that the piece came from `write_header`.
    unsafe {
        let base = piece.cast::<u8>().sub(HEAD);
        (base, base.cast::<usize>().read())
    }
}

#[expect(unsafe_code, reason = "called by C")]
unsafe extern "C" fn take(bytes: c_int) -> *mut c_void {
    let Ok(bytes) = usize::try_from(bytes) else { return null_mut() };
    let Some(layout) = layout(bytes) else { return null_mut() };
    // SAFETY: the layout is not empty.
    unsafe { write_header(alloc(layout), bytes) }
}

#[expect(unsafe_code, reason = "called by C")]
unsafe extern "C" fn give_back(piece: *mut c_void) {
    if piece.is_null() {
        return;
    }
    // SAFETY: SQLite frees what `take` or `resize` returned, once.
    unsafe {
        let (base, bytes) = read_header(piece);
        if let Some(layout) = layout(bytes) {
            dealloc(base, layout);
        }
    }
}

#[expect(unsafe_code, reason = "called by C")]
unsafe extern "C" fn resize(piece: *mut c_void, bytes: c_int) -> *mut c_void {
    let Ok(bytes) = usize::try_from(bytes) else { return null_mut() };
    // SAFETY: as in `give_back`; SQLite requests more than zero bytes, and keeps the old piece if
    // this fails.
    unsafe {
        let (base, before) = read_header(piece);
        let (Some(before), Some(after)) = (layout(before), layout(bytes)) else {
            return null_mut();
        };
        write_header(realloc(base, before, after.size()), bytes)
    }
}

#[expect(unsafe_code, reason = "called by C")]
unsafe extern "C" fn size(piece: *mut c_void) -> c_int {
    if piece.is_null() {
        return 0;
    }
    // SAFETY: as in `give_back`.
    let (_, bytes) = unsafe { read_header(piece) };
    c_int::try_from(bytes).unwrap_or(c_int::MAX)
}

#[expect(unsafe_code, reason = "called by C")]
unsafe extern "C" fn round_up(bytes: c_int) -> c_int {
    bytes.saturating_add(7) & !7
}

#[expect(unsafe_code, reason = "called by C")]
unsafe extern "C" fn begin(_: *mut c_void) -> c_int {
    ffi::SQLITE_OK
}

#[expect(unsafe_code, reason = "called by C")]
unsafe extern "C" fn end(_: *mut c_void) {}

/// Makes the C library overwrite what other libraries free; call it first of all in the program.
/// Only the C library of Linux supports this: M_PERTURB of mallopt(3), which does not overwrite
/// pieces of up to 1 KiB that it keeps for reuse.
pub fn zero_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        const M_PERTURB: c_int = -6;
        #[expect(unsafe_code, reason = "a C function")]
        unsafe extern "C" {
            fn mallopt(what: c_int, value: c_int) -> c_int;
        }
        // SAFETY: there is no other thread yet that could allocate meanwhile, and it would not matter.
        #[expect(unsafe_code, reason = "a C function")]
        unsafe {
            mallopt(M_PERTURB, 0xff);
        }
    }
}

/// Returns free pages of memory to the system, which clears them: for the pieces that
/// [`zero_freed_memory`] leaves. A piece that shares its page (4 KiB) with memory in use
/// stays, see malloc_trim(3).
pub fn release_free_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        #[expect(unsafe_code, reason = "a C function")]
        unsafe extern "C" {
            fn malloc_trim(keep: usize) -> c_int;
        }
        // SAFETY: it may be called at any time, from any thread.
        #[expect(unsafe_code, reason = "a C function")]
        unsafe {
            malloc_trim(0);
        }
    }
}
