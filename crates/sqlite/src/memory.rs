//! Prevents data from staying in freed memory.
//!
//! SQLite uses Rust's allocator, so its memory is wiped in a program whose allocator wipes freed memory.

use rusqlite::ffi;
use std::alloc::{Layout, alloc, dealloc, realloc};
use std::ffi::{c_int, c_void};
use std::ptr::null_mut;
use std::sync::Once;

/// Size of the header of every allocation, which contains the allocation's size; SQLite requires multiples
/// of 8 (`sqlite3_mem_methods`).
const HEADER_BYTES: usize = 16;

/// Makes SQLite use Rust's allocator; must be called before SQLite. If SQLite was initialized
/// already, it keeps its own allocator.
pub(crate) fn use_rust_allocator() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let methods = ffi::sqlite3_mem_methods {
            xMalloc: Some(sqlite_malloc),
            xFree: Some(sqlite_free),
            xRealloc: Some(sqlite_realloc),
            xSize: Some(sqlite_size),
            xRoundup: Some(sqlite_round_up),
            xInit: Some(sqlite_init),
            xShutdown: Some(sqlite_shutdown),
            pAppData: null_mut(),
        };
        // SAFETY: SQLite copies the methods. It rejects them if it is in use already.
        #[expect(unsafe_code, reason = "a C function")]
        unsafe {
            ffi::sqlite3_config(ffi::SQLITE_CONFIG_MALLOC, &raw const methods);
        }
    });
}

fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.checked_add(HEADER_BYTES)?, HEADER_BYTES).ok()
}

/// Writes an allocation's size at `base` and returns the address after the header; null if `base` is
/// null.
#[expect(unsafe_code, reason = "memory")]
unsafe fn write_header(base: *mut u8, size: usize) -> *mut c_void {
    if base.is_null() {
        return null_mut();
    }
    // SAFETY: the caller guarantees that HEADER_BYTES and more bytes start at `base`, aligned to
    // HEADER_BYTES.
    unsafe {
        base.cast::<usize>().write(size);
        base.add(HEADER_BYTES).cast()
    }
}

/// Returns the address and the size of an allocation.
#[expect(unsafe_code, reason = "memory")]
unsafe fn read_header(allocation: *mut c_void) -> (*mut u8, usize) {
    // SAFETY: the caller guarantees that the allocation came from `write_header`.
    unsafe {
        let base = allocation.cast::<u8>().sub(HEADER_BYTES);
        (base, base.cast::<usize>().read())
    }
}

#[expect(unsafe_code, reason = "called by C")]
unsafe extern "C" fn sqlite_malloc(bytes: c_int) -> *mut c_void {
    let Ok(bytes) = usize::try_from(bytes) else { return null_mut() };
    let Some(layout) = layout(bytes) else { return null_mut() };
    // SAFETY: the layout is not empty.
    unsafe { write_header(alloc(layout), bytes) }
}

#[expect(unsafe_code, reason = "called by C")]
unsafe extern "C" fn sqlite_free(allocation: *mut c_void) {
    if allocation.is_null() {
        return;
    }
    // SAFETY: SQLite frees what `sqlite_malloc` or `sqlite_realloc` returned, once.
    unsafe {
        let (base, bytes) = read_header(allocation);
        if let Some(layout) = layout(bytes) {
            dealloc(base, layout);
        }
    }
}

#[expect(unsafe_code, reason = "called by C")]
unsafe extern "C" fn sqlite_realloc(allocation: *mut c_void, bytes: c_int) -> *mut c_void {
    let Ok(bytes) = usize::try_from(bytes) else { return null_mut() };
    // SAFETY: as in `sqlite_free`; SQLite requests more than zero bytes, and keeps the old allocation if
    // this fails.
    unsafe {
        let (base, before) = read_header(allocation);
        let (Some(before), Some(after)) = (layout(before), layout(bytes)) else {
            return null_mut();
        };
        write_header(realloc(base, before, after.size()), bytes)
    }
}

#[expect(unsafe_code, reason = "called by C")]
unsafe extern "C" fn sqlite_size(allocation: *mut c_void) -> c_int {
    if allocation.is_null() {
        return 0;
    }
    // SAFETY: as in `sqlite_free`.
    let (_, bytes) = unsafe { read_header(allocation) };
    c_int::try_from(bytes).unwrap_or(c_int::MAX)
}

#[expect(unsafe_code, reason = "called by C")]
unsafe extern "C" fn sqlite_round_up(bytes: c_int) -> c_int {
    bytes.saturating_add(7) & !7
}

#[expect(unsafe_code, reason = "called by C")]
unsafe extern "C" fn sqlite_init(_: *mut c_void) -> c_int {
    ffi::SQLITE_OK
}

#[expect(unsafe_code, reason = "called by C")]
unsafe extern "C" fn sqlite_shutdown(_: *mut c_void) {}

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
