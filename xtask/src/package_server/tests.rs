use super::{build_packages, files};
use crate::run::root;
use parlour_headless::find_program;
use std::path::PathBuf;
use std::process::Command;

fn output(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output().unwrap();
    assert!(output.status.success(), "{program} {args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A temporary folder, which is deleted when this is dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn both_packages_contain_every_file_the_user_and_the_dependencies() {
    if ["dpkg-deb", "rpmbuild", "rpm"].iter().any(|name| find_program(name).is_none()) {
        eprintln!(
            "SKIPPED: dpkg-deb and rpmbuild are missing; `cargo xtask package server` installs them"
        );
        return;
    }
    let folder =
        Folder(std::env::temp_dir().join(format!("parlour-package-{}", std::process::id())));
    // Any program works; a small one is packed quickly.
    let program = find_program("env").unwrap();
    let [deb, rpm] =
        build_packages(&program, &folder.0).unwrap().map(|path| path.display().to_string());
    let listed = output("dpkg-deb", &["-c", &deb]);
    let in_rpm = output("rpm", &["-qlvp", &rpm]);
    for path in files::installed() {
        let mode = if path.starts_with("/usr/bin/") { "-rwxr-xr-x" } else { "-rw-r--r--" };
        let is_entry = |line: &&str| line.ends_with(&format!(".{path}"));
        let line = listed.lines().find(is_entry).unwrap_or_else(|| panic!("{path}: {listed}"));
        assert!(line.starts_with(mode) && line.contains("root/root"), "{line}");
        let is_entry = |line: &&str| line.ends_with(&format!(" {path}"));
        let line = in_rpm.lines().find(is_entry).unwrap_or_else(|| panic!("{path}: {in_rpm}"));
        assert!(line.starts_with(mode) && line.contains("root"), "{line}");
    }
    // The packages contain nothing else.
    assert_eq!(in_rpm.lines().count(), files::installed().count(), "{in_rpm}");
    let files = listed.lines().filter(|line| line.starts_with('-')).count();
    assert_eq!(files, files::installed().count(), "{listed}");
    assert!(
        listed
            .lines()
            .filter(|line| line.starts_with('d'))
            .all(|line| line.starts_with("drwxr-xr-x"))
    );
    let fields = output("dpkg-deb", &["-f", &deb]);
    assert!(
        fields.contains("Package: parlour-server\n") && fields.contains("libc6 (>= 2."),
        "{fields}"
    );
    let scripts = output("rpm", &["-qp", "--scripts", &rpm]);
    let control = output("dpkg-deb", &["--info", &deb, "postinst"]);
    for script in [&scripts, &control] {
        assert!(script.contains("useradd --system"), "{script}");
    }
    let license = output("rpm", &["-qp", "--queryformat", "%{LICENSE}", &rpm]);
    assert_eq!(license, env!("CARGO_PKG_LICENSE"));
}

#[test]
fn the_unit_is_hardened_and_valid() {
    if find_program("systemd-analyze").is_none() {
        eprintln!("SKIPPED: systemd is not installed");
        return;
    }
    let unit = root().join("packaging/parlour-server.service").display().to_string();
    // The threshold is in tenths of the exposure level that is printed.
    output("systemd-analyze", &["security", "--offline=true", "--threshold=20", &unit]);
    let text = std::fs::read_to_string(&unit).unwrap();
    for line in [
        "Type=notify",
        "User=parlour",
        "ExecStart=/usr/bin/parlour-server serve --data /var/lib/parlour",
    ] {
        assert!(text.lines().any(|other| other == line), "{line}");
    }
    // The thread for backups lowers its priority, which needs a system call of @resources; the later line
    // allows it again.
    let (refused, allowed) =
        ("SystemCallFilter=~@privileged @resources\n", "SystemCallFilter=setpriority\n");
    let position = |line: &str| text.find(line).unwrap_or_else(|| panic!("{line}"));
    assert!(position(refused) < position(allowed));
}
