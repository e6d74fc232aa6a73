//! Commands whose output is not read to its end, as with `| head -1`.
#![cfg(unix)]

use crate::doctor::Folder;
use crate::program::{PROGRAM, command, output};
use std::process::{Command, Stdio};

/// Runs a command whose standard output and standard error nobody reads; returns its exit code.
fn exit_code(mut command: Command) -> Option<i32> {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    command.stdin(Stdio::null()).stdout(writer.try_clone().unwrap()).stderr(writer);
    command.status().unwrap().code()
}

#[test]
fn a_command_has_the_same_exit_code_if_nobody_reads_its_output() {
    let folder = Folder::new();
    let commands: [&[&str]; 9] = [
        &["verify"],
        &["status"],
        &["user", "list"],
        &["audit"],
        &["check-config"],
        &["certificate", "show"],
        &["doctor"],
        &["user", "role", "nobody", "member"],
        &["verify", "/nowhere/backup"],
    ];
    for args in commands {
        for format in [None, Some("--json")] {
            let run = || {
                let mut run = command(&folder.data, args);
                run.args(format);
                run
            };
            let expected = output(run(), "").status.code();
            assert_eq!(exit_code(run()), expected, "{args:?} {format:?}");
        }
    }
    let from = format!("sqlite:{}", folder.file("parlour.db").display());
    for (copy, format) in [("one", None), ("two", Some("--json"))] {
        let mut copying = Command::new(PROGRAM);
        let to =
            format!("sqlite:{}", folder.data.with_file_name(copy).join("parlour.db").display());
        copying.args(["database", "copy", "--from", &from, "--to", &to]).args(format);
        assert_eq!(exit_code(copying), Some(0), "{format:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_fails_if_its_output_cannot_be_written() {
    let folder = Folder::new();
    for args in [&["user", "list"][..], &["invite"], &["doctor"], &["status", "--json"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut full_disk = command(&folder.data, args);
        let ended = full_disk.stdin(Stdio::null()).stdout(full).output().unwrap();
        let error = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(1), "{args:?}: {error}");
        assert!(error.contains("the output could not be written"), "{args:?}: {error}");
    }
}
