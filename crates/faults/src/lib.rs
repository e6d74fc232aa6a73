//! Intercepts a tested program's calls to the disk (`LD_PRELOAD`), and kills the program or fails
//! its write at a chosen moment. It affects everything that writes through the C library: SQLite,
//! the Rust standard library and others.
//!
//! `PARLOUR_FAULTS_UNDER` is the path of the folder whose files are affected. `PARLOUR_FAULTS` says
//! the fault at the Nth write there (a write, a truncation, a sync, a rename, a removal, a new
//! file):
//!
//! * `kill:N` kills the program before the write, as SIGKILL does; `torn:N` after half of it is
//!   written;
//! * `error:N` fails the write with EIO; `errors:N` fails it and the 20 writes after it;
//! * `full:N` fails it and the 20 writes after it with ENOSPC;
//! * `full-while:FILE` fails every write with ENOSPC for as long as FILE exists.
//!
//! The file that `PARLOUR_FAULTS_MET` names is created at the Nth write.
//!
//! Linux only; empty elsewhere.
#![cfg(target_os = "linux")]

use libc::{c_char, c_int, c_void, mode_t, off_t, size_t, ssize_t};
use std::ffi::{CStr, CString};
use std::mem::transmute_copy;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicI64, AtomicPtr, Ordering};

/// Number of writes that fail after the first failed one.
const FURTHER_FAILURES: i64 = 20;

enum Kind {
    Kill,
    Torn,
    Fail(c_int),
    FullWhile(CString),
}

struct Plan {
    folder: Vec<u8>,
    kind: Kind,
    first: i64,
    last: i64,
    count: AtomicI64,
}

/// The result of a write.
enum Outcome {
    Pass,
    Torn,
    Fail(c_int),
}

fn plan() -> Option<&'static Plan> {
    static PLAN: OnceLock<Option<Plan>> = OnceLock::new();
    PLAN.get_or_init(|| {
        let folder = std::env::var("PARLOUR_FAULTS_UNDER").ok()?.into_bytes();
        let setting = std::env::var("PARLOUR_FAULTS").ok()?;
        let (word, rest) = setting.split_once(':')?;
        let number: i64 = rest.parse().unwrap_or(1);
        let (kind, last) = match word {
            "kill" => (Kind::Kill, number),
            "torn" => (Kind::Torn, number),
            "error" => (Kind::Fail(libc::EIO), number),
            "errors" => (Kind::Fail(libc::EIO), number + FURTHER_FAILURES),
            "full" => (Kind::Fail(libc::ENOSPC), number + FURTHER_FAILURES),
            _ => (Kind::FullWhile(CString::new(rest).ok()?), i64::MAX),
        };
        Some(Plan { folder, kind, first: number, last, count: AtomicI64::new(0) })
    })
    .as_ref()
}

fn kill_self() -> ! {
    // SAFETY: neither call touches memory.
    unsafe {
        libc::kill(libc::getpid(), libc::SIGKILL);
        loop {
            libc::pause();
        }
    }
}

/// Creates the file which shows that the write was reached.
fn mark_reached() {
    if let Ok(Ok(file)) = std::env::var("PARLOUR_FAULTS_MET").map(CString::new) {
        // SAFETY: the path ends with a zero. This function is not one of those below.
        unsafe { libc::creat(file.as_ptr(), 0o600) };
    }
}

/// Decides the result of a write to this path.
fn outcome(path: &[u8]) -> Outcome {
    let Some(plan) = plan() else { return Outcome::Pass };
    if !path.starts_with(&plan.folder) {
        return Outcome::Pass;
    }
    let number = plan.count.fetch_add(1, Ordering::Relaxed) + 1;
    if !(plan.first..=plan.last).contains(&number) {
        return Outcome::Pass;
    }
    if number == plan.first {
        mark_reached();
    }
    match &plan.kind {
        Kind::Kill => kill_self(),
        Kind::Torn => Outcome::Torn,
        Kind::Fail(errno) => Outcome::Fail(*errno),
        Kind::FullWhile(file) => {
            // SAFETY: the path ends with a zero.
            let exists = unsafe { libc::access(file.as_ptr(), libc::F_OK) } == 0;
            if exists { Outcome::Fail(libc::ENOSPC) } else { Outcome::Pass }
        }
    }
}

fn outcome_for_file(fd: c_int) -> Outcome {
    if plan().is_none() {
        return Outcome::Pass;
    }
    let link = format!("/proc/self/fd/{fd}\0");
    let mut path = [0_u8; 4096];
    // SAFETY: the link ends with a zero, and the buffer has the length that is passed.
    let length =
        unsafe { libc::readlink(link.as_ptr().cast(), path.as_mut_ptr().cast(), path.len()) };
    usize::try_from(length).map_or(Outcome::Pass, |length| outcome(&path[..length]))
}

fn outcome_for_path(path: *const c_char) -> Outcome {
    // SAFETY: the caller passes a C string.
    outcome(unsafe { CStr::from_ptr(path) }.to_bytes())
}

fn set_errno(errno: c_int) {
    // SAFETY: errno belongs to this thread.
    unsafe { *libc::__errno_location() = errno }
}

/// Returns the C library's function of this name.
fn real(cell: &AtomicPtr<c_void>, name: &CStr) -> *mut c_void {
    let mut known = cell.load(Ordering::Relaxed);
    if known.is_null() {
        // SAFETY: the name ends with a zero.
        known = unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) };
        cell.store(known, Ordering::Relaxed);
    }
    known
}

/// Defines a function that decides the outcome of the call from its first argument, and then calls the
/// real one.
macro_rules! intercept {
    ($($name:ident($first:ident: $type:ty $(, $arg:ident: $arg_type:ty)*) -> $result:ty,
        $outcome:expr, $half:expr;)*) => {$(
        /// Same as the function of the C library.
        ///
        /// # Safety
        /// Same as the function of the C library.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($first: $type $(, $arg: $arg_type)*) -> $result {
            static REAL: AtomicPtr<c_void> = AtomicPtr::new(std::ptr::null_mut());
            let real = real(&REAL, CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()).unwrap_or_default());
            type Function = unsafe extern "C" fn($type $(, $arg_type)*) -> $result;
            // SAFETY: `real` is the function of this name, which has this type.
            let call: Function = unsafe { transmute_copy(&real) };
            match $outcome {
                // SAFETY: the arguments come from the caller.
                Outcome::Pass => unsafe { call($first $(, $arg)*) },
                Outcome::Torn => {
                    let half: fn(Function, $type $(, $arg_type)*) = $half;
                    half(call, $first $(, $arg)*);
                    kill_self()
                }
                Outcome::Fail(errno) => {
                    set_errno(errno);
                    -1
                }
            }
        }
    )*};
}

intercept! {
    write(fd: c_int, buffer: *const c_void, count: size_t) -> ssize_t, outcome_for_file(fd),
        // SAFETY: the arguments come from the caller, with fewer bytes.
        |call, fd, buffer, count| unsafe { call(fd, buffer, count / 2); };
    pwrite(fd: c_int, buffer: *const c_void, count: size_t, at: off_t) -> ssize_t, outcome_for_file(fd),
        // SAFETY: as above.
        |call, fd, buffer, count, at| unsafe { call(fd, buffer, count / 2, at); };
    pwrite64(fd: c_int, buffer: *const c_void, count: size_t, at: off_t) -> ssize_t, outcome_for_file(fd),
        // SAFETY: as above.
        |call, fd, buffer, count, at| unsafe { call(fd, buffer, count / 2, at); };
    ftruncate(fd: c_int, length: off_t) -> c_int, outcome_for_file(fd), |_, _, _| {};
    ftruncate64(fd: c_int, length: off_t) -> c_int, outcome_for_file(fd), |_, _, _| {};
    fsync(fd: c_int) -> c_int, outcome_for_file(fd), |_, _| {};
    fdatasync(fd: c_int) -> c_int, outcome_for_file(fd), |_, _| {};
    unlink(path: *const c_char) -> c_int, outcome_for_path(path), |_, _| {};
    mkdir(path: *const c_char, mode: mode_t) -> c_int, outcome_for_path(path), |_, _, _| {};
    rename(from: *const c_char, to: *const c_char) -> c_int, outcome_for_path(from), |_, _, _| {};
    open(path: *const c_char, flags: c_int, mode: mode_t) -> c_int, outcome_for_open(path, flags), |_, _, _, _| {};
    open64(path: *const c_char, flags: c_int, mode: mode_t) -> c_int, outcome_for_open(path, flags), |_, _, _, _| {};
}

/// Decides the result of opening a file, which counts as a write if it creates the file.
fn outcome_for_open(path: *const c_char, flags: c_int) -> Outcome {
    // SAFETY: the caller passes a C string.
    let is_new = flags & libc::O_CREAT != 0 && unsafe { libc::access(path, libc::F_OK) } != 0;
    if is_new { outcome_for_path(path) } else { Outcome::Pass }
}
