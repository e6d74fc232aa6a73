//! Running other programs.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The result of a task.
pub type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Returns the repository's top folder.
pub fn root() -> PathBuf {
    let xtask = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().expect("xtask is in the repository").to_owned()
}

/// Adds every Rust file below a folder to `files`.
pub fn sources(folder: &Path, files: &mut Vec<PathBuf>) -> Result {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

/// Prints and runs a program in the top folder. Fails if the program does.
pub fn run(program: &str, args: &[&str]) -> Result {
    run_in("", program, args)
}

/// Prints and runs a program in the top folder with extra environment variables. Fails if the
/// program does.
pub fn run_with(program: &str, args: &[&str], variables: &[(&str, &str)]) -> Result {
    let mut command = Command::new(program);
    finish(command.envs(variables.iter().copied()).current_dir(root()), program, args)
}

/// Prints and runs a program in a folder below the top one. Fails if the program does.
pub fn run_in(folder: &str, program: &str, args: &[&str]) -> Result {
    finish(Command::new(program).current_dir(root().join(folder)), program, args)
}

fn finish(command: &mut Command, program: &str, args: &[&str]) -> Result {
    eprintln!("> {program} {}", args.join(" "));
    let status = command.args(args).status();
    let status = status.map_err(|error| format!("{program} did not start: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{program} {}: {status}", args.join(" ")).into())
    }
}

/// Runs a program with this input. Fails if the program does.
pub fn feed(command: &mut Command, input: &str) -> Result {
    let mut child = command.stdin(Stdio::piped()).spawn()?;
    child.stdin.take().expect("it was piped").write_all(input.as_bytes())?;
    let status = child.wait()?;
    let name = command.get_program().to_string_lossy().into_owned();
    if status.success() { Ok(()) } else { Err(format!("{name}: {status}").into()) }
}

/// Builds every program, and returns their folder. It builds the whole workspace at once, because a
/// part of it would be built with other features, and again for the tests.
pub fn build() -> Result<PathBuf> {
    run("cargo", &["build", "--locked", "--workspace"])?;
    Ok(root().join("target/debug"))
}

/// Builds the UI, which is embedded in the app's program. It is quiet, since the output may be read
/// by a program.
pub fn build_ui() -> Result {
    install_ui()?;
    run_in("ui", "npm", &["run", "--silent", "build", "--", "--logLevel", "warn"])
}

/// Installs the UI's packages as the lock file has them, unless they are installed already.
pub fn install_ui() -> Result {
    let (lock, installed_marker) =
        (root().join("ui/package-lock.json"), root().join("ui/node_modules/.installed"));
    let lock_text = std::fs::read(&lock)?;
    if std::fs::read(&installed_marker).is_ok_and(|installed| installed == lock_text) {
        return Ok(());
    }
    run_in("ui", "npm", &["ci", "--no-audit", "--no-fund"])?;
    Ok(std::fs::write(installed_marker, lock_text)?)
}
