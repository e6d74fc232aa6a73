//! The command `init`: asks for the settings that differ for every server, and writes a file with all settings.

use crate::cli::{Command, Init};
use crate::failure::Result;
use crate::units::line;
use clap::parser::ValueSource;
use clap::{ArgMatches, ValueEnum};
use parlour_server::settings::{NAME, RegistrationMode, Settings, SettingsError, TlsMode};
use parlour_server::tls;
use serde_json::json;
use std::io::{BufRead, IsTerminal, Write};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::Path;

/// The default port.
pub const PORT: u16 = 7700;
/// The default port of a server with ACME, to which the authority connects.
const ACME_PORT: u16 = 443;

/// Removes the settings from the environment, which may be secrets and must not be written to the file.
pub fn without_environment(command: Command, matches: &ArgMatches) -> Command {
    let (Command::Init(init), Some(typed)) = (&command, matches.subcommand_matches("init")) else {
        return command;
    };
    let is_typed = |key: &str| typed.value_source(key) == Some(ValueSource::CommandLine);
    let values = init.settings.values().into_iter().filter(|(key, _)| is_typed(key)).collect();
    let Init { yes, folder, .. } = init;
    Command::Init(Init {
        yes: *yes,
        folder: folder.clone(),
        settings: Settings::from_values(values),
    })
}

/// Creates the folder and its file, and prints the next steps.
pub fn init(command: Init) -> Result {
    let json = command.folder.json;
    let created = create(command).map_err(|failure| failure.with_json(json))?;
    let next = [
        ("serve", "starts the server, and prints a link for its first administrator"),
        (
            "invite",
            "prints a link with which others register, whether the server is running or not",
        ),
        ("status", "prints the state of the server"),
    ];
    let commands = next.map(|(verb, what)| {
        (format!("parlour-server {verb} --data {}", quoted(&created.folder)), what)
    });
    if json {
        let commands = commands.map(|(command, _)| command);
        line(&json!({"file": created.file, "next": commands}).to_string());
        return Ok(());
    }
    line(&format!("wrote {}. Next:\n", created.file));
    for (command, what) in commands {
        line(&format!("  {command}\n      {what}"));
    }
    Ok(())
}

struct Created {
    folder: String,
    file: String,
}

fn create(command: Init) -> Result<Created> {
    let folder = command.folder.data.ok_or("specify the data folder: --data DIR")?;
    let file = folder.join(NAME);
    if file.exists() {
        return Err(SettingsError::Exists(file).into());
    }
    let settings = if command.yes {
        with_default_answers(command.settings)
    } else if std::io::stdin().is_terminal() {
        let answered =
            ask(&mut std::io::stdin().lock(), &mut std::io::stdout(), command.settings, &folder);
        answered.map_err(|error| format!("cannot read the answers: {error}"))?
    } else {
        return Err("use --yes and give the answers as flags, or run this in a terminal".into());
    };
    let config = settings.config(Some(&folder))?;
    let file = settings.write(&folder)?;
    if let tls::TlsMode::Own(certificate) = &config.tls {
        tls::create_if_missing(certificate)?;
    }
    Ok(Created { folder: folder.display().to_string(), file: file.display().to_string() })
}

/// Returns the settings with `--yes`: by default the server encrypts with its own certificate, and listens on all
/// interfaces.
fn with_default_answers(settings: Settings) -> Settings {
    let mut settings =
        settings.or_else(&Settings { tls: Some(TlsMode::Own), ..Settings::default() });
    set_listen_address(&mut settings);
    if settings.public_url.is_none() && settings.tls != Some(TlsMode::Off) {
        settings.public_url = default_url(&settings);
    }
    settings
}

/// Sets the address to listen on for a server that encrypts: all interfaces.
fn set_listen_address(settings: &mut Settings) {
    if settings.listen.is_none() && settings.tls != Some(TlsMode::Off) {
        let port = if settings.tls == Some(TlsMode::Acme) { ACME_PORT } else { PORT };
        settings.listen = Some(SocketAddr::from(([0, 0, 0, 0], port)));
    }
}

/// Returns the likely public address.
fn default_url(settings: &Settings) -> Option<String> {
    if settings.tls == Some(TlsMode::Acme) {
        let domain = settings.acme_domains.as_ref()?.split(',').next()?.trim();
        return Some(format!("https://{domain}"));
    }
    let scheme = if settings.tls == Some(TlsMode::Off) { "http" } else { "https" };
    let listen = settings.listen.or(Settings::defaults().listen);
    let mut address = listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], PORT)));
    if address.ip().is_unspecified() {
        address.set_ip(own_address().unwrap_or(IpAddr::from([127, 0, 0, 1])));
    }
    Some(format!("{scheme}://{address}"))
}

/// Returns the address with which this computer connects to others. Nothing is sent: connecting a UDP socket only
/// looks up the route.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // An address for documentation (RFC 5737).
    socket.connect("192.0.2.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified())
}

/// Asks for the settings without a flag.
fn ask(
    input: &mut impl BufRead,
    output: &mut impl Write,
    mut settings: Settings,
    folder: &Path,
) -> std::io::Result<Settings> {
    let defaults = Settings::defaults();
    if settings.name.is_none() {
        let default = defaults.name.unwrap_or_default();
        let text = "What is the name of the server?";
        settings.name = Some(answer(input, output, (text, &default), |typed| {
            refusal(Settings { name: Some(typed.into()), ..Settings::default() }, folder)?;
            Ok(typed.to_owned())
        })?);
    }
    if settings.tls.is_none() {
        let text = "How are connections encrypted: by the server with a certificate that it creates (own), with \
                    certificate files (files), with certificates of Let's Encrypt, whose terms you accept with this \
                    (acme), or by a proxy in front of it (off)?";
        settings.tls = Some(answer(input, output, (text, "own"), |typed| {
            let tls = TlsMode::from_str(typed, true)?;
            if tls == TlsMode::Acme {
                // The name is asked for next.
                return Ok(tls);
            }
            let files = (settings.certificate.clone(), settings.certificate_key.clone());
            let (certificate, certificate_key) = files;
            let candidate =
                Settings { tls: Some(tls), certificate, certificate_key, ..Settings::default() };
            refusal(candidate, folder).map(|()| tls)
        })?);
    }
    set_listen_address(&mut settings);
    if settings.public_url.is_none() {
        let default = default_url(&settings).unwrap_or_default();
        let answered_so_far = settings.clone();
        let text = "What is its public address, such as https://chat.example.org?";
        settings.public_url = Some(answer(input, output, (text, &default), |typed| {
            let candidate = Settings { public_url: Some(typed.into()), ..answered_so_far.clone() };
            refusal(candidate, folder)?;
            Ok(typed.to_owned())
        })?);
    }
    if settings.registration.is_none() {
        let text = "Who may register: anybody (open), people with an invitation (invitation), or nobody (closed)?";
        settings.registration = Some(answer(input, output, (text, "invitation"), |typed| {
            RegistrationMode::from_str(typed, true)
        })?);
    }
    Ok(settings)
}

fn refusal(settings: Settings, folder: &Path) -> std::result::Result<(), String> {
    settings.config(Some(folder)).map(drop).map_err(|error| error.to_string())
}

/// Asks until the answer is valid. An empty answer is the default.
fn answer<T>(
    input: &mut impl BufRead,
    output: &mut impl Write,
    (text, default): (&str, &str),
    parse: impl Fn(&str) -> std::result::Result<T, String>,
) -> std::io::Result<T> {
    loop {
        let shown = if default.is_empty() { String::new() } else { format!("[{default}] ") };
        write!(output, "{text} {shown}")?;
        output.flush()?;
        let mut typed = String::new();
        if input.read_line(&mut typed)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let typed = typed.trim();
        match parse(if typed.is_empty() { default } else { typed }) {
            Ok(answer) => return Ok(answer),
            Err(reason) => writeln!(output, "{reason}")?,
        }
    }
}

/// Quotes a path for a shell.
fn quoted(path: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./~+:@".contains(c);
    if !path.is_empty() && path.chars().all(is_plain) {
        return path.to_owned();
    }
    format!("'{}'", path.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_questions_are_asked_until_the_answers_are_valid() {
        let typed = "The Wren\n\nchat.example.org\nhttps://chat.example.org\nsomebody\nopen\n";
        let mut shown = Vec::new();
        let settings =
            ask(&mut typed.as_bytes(), &mut shown, Settings::default(), Path::new("x")).unwrap();
        assert_eq!(settings.name.as_deref(), Some("The Wren"));
        assert_eq!(settings.public_url.as_deref(), Some("https://chat.example.org"));
        assert_eq!(settings.tls, Some(TlsMode::Own));
        assert_eq!(settings.registration, Some(RegistrationMode::Open));
        let shown = String::from_utf8(shown).unwrap();
        assert!(
            shown.contains("public_url: use an address") && shown.contains("[invitation]"),
            "{shown}"
        );
        let from_flags = Settings { name: Some("a".into()), ..settings };
        let answered =
            ask(&mut &b""[..], &mut Vec::new(), from_flags.clone(), Path::new("x")).unwrap();
        assert!(answered == from_flags, "settings with a flag are not asked for");
        assert!(ask(&mut &b""[..], &mut Vec::new(), Settings::default(), Path::new("x")).is_err());
    }

    #[test]
    fn with_acme_the_default_address_is_the_name_of_the_certificate() {
        let typed = "\nacme\n\nhttps://10.0.0.5\nhttps://chat.example.org\n\n";
        let mut shown = Vec::new();
        let settings =
            ask(&mut typed.as_bytes(), &mut shown, Settings::default(), Path::new("x")).unwrap();
        assert_eq!(settings.tls, Some(TlsMode::Acme));
        assert_eq!(settings.public_url.as_deref(), Some("https://chat.example.org"));
        assert_eq!(settings.listen.map(|listen| listen.port()), Some(ACME_PORT));
        let shown = String::from_utf8(shown).unwrap();
        assert!(shown.contains("terms") && shown.contains("10.0.0.5"), "{shown}");
        let from_flags = Settings {
            tls: Some(TlsMode::Acme),
            acme_domains: Some("a.example.org, b.example.org".into()),
            ..Settings::default()
        };
        let settings = with_default_answers(from_flags);
        assert_eq!(settings.public_url.as_deref(), Some("https://a.example.org"));
    }

    #[test]
    fn a_quoted_path_is_one_word_for_a_shell() {
        assert_eq!(quoted("/var/lib/parlour"), "/var/lib/parlour");
        assert_eq!(quoted("/my chat/it's"), "'/my chat/it'\\''s'");
    }
}
