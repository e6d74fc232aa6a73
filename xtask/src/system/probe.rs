//! Checks whether something is installed, regardless of how it was installed.

use parlour_headless::find_program;
use std::fmt;
use std::path::Path;
use std::process::{Command, Output};

/// A check whether something is installed.
#[derive(Debug, Clone, Copy)]
pub enum Probe {
    /// One of these programs can be started.
    Program(&'static [&'static str]),
    /// `pkg-config` knows this library, and therefore the path of its headers.
    Library(&'static str),
    /// The header of a library that `pkg-config` may not know.
    Header(&'static str),
    /// Fontconfig knows this font family.
    Font(&'static str),
    /// Python has these modules.
    PythonModules(&'static [&'static str]),
}

impl Probe {
    /// Returns whether it is installed now.
    pub fn is_installed(self) -> bool {
        match self {
            Self::Program(names) => names.iter().any(|name| find_program(name).is_some()),
            Self::Library(name) => ["pkg-config", "pkgconf"].iter().any(|program| {
                output_of(program, &["--exists", name])
                    .is_some_and(|output| output.status.success())
            }),
            Self::Header(name) => ["/usr/include", "/usr/local/include"]
                .iter()
                .any(|folder| Path::new(folder).join(name).exists()),
            Self::Font(family) => output_of("fc-list", &[&format!(":family={family}"), "family"])
                .is_some_and(|output| !output.stdout.trim_ascii().is_empty()),
            Self::PythonModules(names) => {
                let import = format!("import {}", names.join(", "));
                output_of("python3", &["-c", &import]).is_some_and(|output| output.status.success())
            }
        }
    }
}

/// Returns the output of a program, or nothing if it cannot be started.
fn output_of(program: &str, args: &[&str]) -> Option<Output> {
    Command::new(program).args(args).output().ok()
}

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program(names) => write!(f, "the program {}", names.join(" or ")),
            Self::Library(name) => write!(f, "the library {name}, with its headers"),
            Self::Header(name) => write!(f, "the header {name}"),
            Self::Font(family) => write!(f, "the font {family}"),
            Self::PythonModules(names) => write!(f, "Python's modules {}", names.join(" and ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Probe::{Font, Header, Library, Program, PythonModules};

    #[test]
    fn installed_parts_are_found_and_missing_ones_are_not() {
        for probe in [
            Program(&["no-such-program", "cc"]),
            Program(&["initdb"]),
            Library("webkit2gtk-4.1"),
            Header("xdo.h"),
            Font("DejaVu Sans"),
            PythonModules(&["venv", "ensurepip"]),
        ] {
            assert!(probe.is_installed(), "{probe}");
        }
        for probe in [
            Program(&["no-such-program"]),
            Library("no-such-library"),
            Header("no-such-header.h"),
            Font("No Such Font"),
            PythonModules(&["venv", "no_such_module"]),
        ] {
            assert!(!probe.is_installed(), "{probe}");
        }
    }
}
