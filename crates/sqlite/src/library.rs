//! Configures the libraries of SQLite and OpenSSL before they are used.

use crate::memory;
use std::sync::Once;

/// Configures both libraries; must be called before SQLite.
pub(crate) fn begin() {
    keep_openssl();
    memory::use_rust_allocator();
}

/// Keeps OpenSSL alive until the process is gone. Otherwise it cleans up when the process begins to
/// end, while other threads still encrypt. Must be called before SQLite, which initializes OpenSSL,
/// too.
fn keep_openssl() {
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
        let done = unsafe { OPENSSL_init_crypto(NO_ATEXIT, std::ptr::null()) };
        debug_assert_eq!(done, 1, "OpenSSL begins");
    });
}
