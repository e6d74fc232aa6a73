//! Decides by a file's name whether opening it may run it.

/// The extensions of files that an operating system may run, or that run something when they are opened, also in a
/// browser.
const PROGRAM_EXTENSIONS: [&str; 59] = [
    "app", "appimage", "apk", "bat", "bin", "cmd", "com", "command", "cpl", "deb", "desktop",
    "dmg", "docm", "dll", "exe", "gadget", "hta", "htm", "html", "inf", "ins", "iso", "jar", "js",
    "jse", "lnk", "mht", "mhtml", "mjs", "msc", "msi", "msp", "pif", "pkg", "pl", "ps1", "py",
    "pyw", "rb", "reg", "rpm", "run", "scr", "sh", "shtml", "svg", "svgz", "url", "vb", "vbe",
    "vbs", "wsf", "wsh", "xht", "xhtml", "xlsm", "xml", "xpi", "xsl",
];

/// Returns whether opening a file with this name may run it.
pub fn may_run(name: &str) -> bool {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    extension.is_some_and(|extension| PROGRAM_EXTENSIONS.contains(&&*extension))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_known_by_its_extension() {
        for name in ["setup.exe", "Setup.EXE", "a.pdf.lnk", "page.html", "x.desktop", "x.svg"] {
            assert!(may_run(name), "{name}");
        }
        for name in ["plan.pdf", "exe", "photo.jpg", "notes.txt", "archive.tar.gz"] {
            assert!(!may_run(name), "{name}");
        }
        assert!(PROGRAM_EXTENSIONS.is_sorted_by_key(|extension| extension.chars().next()));
    }
}
