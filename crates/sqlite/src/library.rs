//! Configures the libraries of SQLite and OpenSSL before they are used.

use crate::memory;
use std::sync::Once;

/// Configures both libraries; must be called before SQLite.
pub(crate) fn initialize() {
    prevent_openssl_cleanup();
    memory::use_rust_allocator();
}

/// Prevents OpenSSL from cleaning up when the process exits, because other threads may still encrypt. Must
/// be called before SQLite, which initializes OpenSSL, too.
fn prevent_openssl_cleanup() {
    /// `OPENSSL_INIT_NO_ATEXIT`, see OPENSSL_init_crypto(3).
    const NO_ATEXIT: u64 = 0x0008_0000;
    // openssl-sys links the library but does not declare this function.
    #[expect(unsafe_code, reason = "a C function")]
    unsafe extern "C" {
        fn OPENSSL_init_crypto(options: u64, settings: *const std::ffi::c_void) -> i32;
    }
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: it may be called at any time, from any thread; no settings are given.
        #[expect(unsafe_code, reason = "a C function")]
        let result = unsafe { OPENSSL_init_crypto(NO_ATEXIT, std::ptr::null()) };
        debug_assert_eq!(result, 1, "OpenSSL is initialized");
    });
}
