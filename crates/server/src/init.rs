//! A new data folder: asks what every server has an answer of its own to, and writes down all that can be said.

use crate::cli::{Command, Init};
use crate::failure::Result;
use crate::printed::line;
use clap::parser::ValueSource;
use clap::{ArgMatches, ValueEnum};
use parlour_server::settings::{NAME, RegistrationMode, Settings, SettingsError, TlsMode};
use parlour_server::tls;
use serde_json::json;
use std::io::{BufRead, IsTerminal, Write};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::Path;

/// Where a server listens that is told nothing else.
const PORT: u16 = 7700;
/// Where one listens to which authorities connect.
const ACME_PORT: u16 = 443;

/// A command as it was typed: what the environment says is not written down, it may be a secret.
pub fn without_environment(command: Command, matches: &ArgMatches) -> Command {
    let (Command::Init(init), Some(typed)) = (&command, matches.subcommand_matches("init")) else {
        return command;
    };
    let is_typed = |key: &str| typed.value_source(key) == Some(ValueSource::CommandLine);
    let values = init.settings.values().into_iter().filter(|(key, _)| is_typed(key)).collect();
    let Init { yes, folder, .. } = init;
    Command::Init(Init { yes: *yes, folder: folder.clone(), settings: Settings::with(values) })
}

/// Makes the folder and its file.
pub fn init(asked: Init) -> Result {
    let json = asked.folder.json;
    let made = make(asked).map_err(|failure| failure.for_programs(json))?;
    let next = [
        ("serve", "starts it, and prints a link that makes its first administrator"),
        ("invite", "prints a link by which others come, while it runs or not"),
        ("status", "says how it is"),
    ];
    let commands = next.map(|(verb, what)| {
        (format!("parlour-server {verb} --data {}", quoted(&made.folder)), what)
    });
    if json {
        let commands = commands.map(|(command, _)| command);
        line(&json!({"file": made.file, "next": commands}).to_string());
        return Ok(());
    }
    line(&format!("wrote {}. Next:\n", made.file));
    for (command, what) in commands {
        line(&format!("  {command}\n      {what}"));
    }
    Ok(())
}

struct Made {
    folder: String,
    file: String,
}

fn make(asked: Init) -> Result<Made> {
    let folder = asked.folder.data.ok_or("say where the data folder is to be: --data DIR")?;
    let file = folder.join(NAME);
    if file.exists() {
        return Err(SettingsError::Exists(file).into());
    }
    let settings = if asked.yes {
        without_questions(asked.settings)
    } else if std::io::stdin().is_terminal() {
        let answered =
            ask(&mut std::io::stdin().lock(), &mut std::io::stdout(), asked.settings, &folder);
        answered.map_err(|error| format!("the questions were not answered: {error}"))?
    } else {
        return Err("say --yes and give the answers as flags, or run this at a terminal".into());
    };
    let config = settings.config(Some(&folder))?;
    let file = settings.write(&folder)?;
    if let tls::TlsMode::Own(certificate) = &config.tls {
        tls::make_if_missing(certificate)?;
    }
    Ok(Made { folder: folder.display().to_string(), file: file.display().to_string() })
}

/// What holds where nothing is asked: the server encrypts by itself, for all who reach this computer.
fn without_questions(said: Settings) -> Settings {
    let mut said = said.over(&Settings { tls: Some(TlsMode::Own), ..Settings::default() });
    listen_to_others(&mut said);
    if said.public_url.is_none() && said.tls != Some(TlsMode::Off) {
        said.public_url = usual_url(&said);
    }
    said
}

/// A server that encrypts by itself is there for other computers.
fn listen_to_others(said: &mut Settings) {
    if said.listen.is_none() && said.tls != Some(TlsMode::Off) {
        let port = if said.tls == Some(TlsMode::Acme) { ACME_PORT } else { PORT };
        said.listen = Some(SocketAddr::from(([0, 0, 0, 0], port)));
    }
}

/// The address as people reach it, as far as this computer can tell.
fn usual_url(said: &Settings) -> Option<String> {
    if said.tls == Some(TlsMode::Acme) {
        let domain = said.acme_domains.as_ref()?.split(',').next()?.trim();
        return Some(format!("https://{domain}"));
    }
    let scheme = if said.tls == Some(TlsMode::Off) { "http" } else { "https" };
    let listen = said.listen.or(Settings::defaults().listen);
    let mut at = listen.unwrap_or(SocketAddr::from(([127, 0, 0, 1], PORT)));
    if at.ip().is_unspecified() {
        at.set_ip(own_address().unwrap_or(IpAddr::from([127, 0, 0, 1])));
    }
    Some(format!("{scheme}://{at}"))
}

/// The address from which this computer reaches others. Nothing is sent: to connect a UDP socket looks up the route.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // An address for documentation (RFC 5737).
    socket.connect("192.0.2.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|ip| !ip.is_unspecified())
}

/// Asks what the flags did not say.
fn ask(
    input: &mut impl BufRead,
    output: &mut impl Write,
    mut said: Settings,
    folder: &Path,
) -> std::io::Result<Settings> {
    let defaults = Settings::defaults();
    if said.name.is_none() {
        let usual = defaults.name.unwrap_or_default();
        let text = "What is the server called?";
        said.name = Some(answer(input, output, (text, &usual), |typed| {
            refusal(Settings { name: Some(typed.into()), ..Settings::default() }, folder)?;
            Ok(typed.to_owned())
        })?);
    }
    if said.tls.is_none() {
        let text = "Who encrypts connections: the server with a certificate of its own making (own), with \
            certificate files (files), with certificates of Let's Encrypt, whose terms you agree to by this (acme), \
            or a proxy in front (off)?";
        said.tls = Some(answer(input, output, (text, "own"), |typed| {
            let tls = TlsMode::from_str(typed, true)?;
            if tls == TlsMode::Acme {
                // For which name is asked next.
                return Ok(tls);
            }
            let files = (said.certificate.clone(), said.certificate_key.clone());
            let (certificate, certificate_key) = files;
            let tried =
                Settings { tls: Some(tls), certificate, certificate_key, ..Settings::default() };
            refusal(tried, folder).map(|()| tls)
        })?);
    }
    listen_to_others(&mut said);
    if said.public_url.is_none() {
        let usual = usual_url(&said).unwrap_or_default();
        let known = said.clone();
        let text = "At which address do people reach it, such as https://chat.example.org?";
        said.public_url = Some(answer(input, output, (text, &usual), |typed| {
            let tried = Settings { public_url: Some(typed.into()), ..known.clone() };
            refusal(tried, folder)?;
            Ok(typed.to_owned())
        })?);
    }
    if said.registration.is_none() {
        let text = "Who may register: anybody (open), whoever has an invitation (invitation), or nobody (closed)?";
        said.registration = Some(answer(input, output, (text, "invitation"), |typed| {
            RegistrationMode::from_str(typed, true)
        })?);
    }
    Ok(said)
}

fn refusal(settings: Settings, folder: &Path) -> std::result::Result<(), String> {
    settings.config(Some(folder)).map(drop).map_err(|error| error.to_string())
}

/// Asks until the answer makes sense; an empty one is the usual.
fn answer<T>(
    input: &mut impl BufRead,
    output: &mut impl Write,
    (text, usual): (&str, &str),
    parse: impl Fn(&str) -> std::result::Result<T, String>,
) -> std::io::Result<T> {
    loop {
        let shown = if usual.is_empty() { String::new() } else { format!("[{usual}] ") };
        write!(output, "{text} {shown}")?;
        output.flush()?;
        let mut typed = String::new();
        if input.read_line(&mut typed)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let typed = typed.trim();
        match parse(if typed.is_empty() { usual } else { typed }) {
            Ok(answer) => return Ok(answer),
            Err(why) => writeln!(output, "{why}")?,
        }
    }
}

/// A path as a shell takes it.
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
    fn four_questions_are_asked_until_the_answers_make_sense() {
        let typed = "The Wren\n\nchat.example.org\nhttps://chat.example.org\nsomebody\nopen\n";
        let mut shown = Vec::new();
        let said =
            ask(&mut typed.as_bytes(), &mut shown, Settings::default(), Path::new("x")).unwrap();
        assert_eq!(said.name.as_deref(), Some("The Wren"));
        assert_eq!(said.public_url.as_deref(), Some("https://chat.example.org"));
        assert_eq!(said.tls, Some(TlsMode::Own));
        assert_eq!(said.registration, Some(RegistrationMode::Open));
        let shown = String::from_utf8(shown).unwrap();
        assert!(
            shown.contains("public_url: use an address") && shown.contains("[invitation]"),
            "{shown}"
        );
        let given = Settings { name: Some("a".into()), ..said };
        let asked = ask(&mut &b""[..], &mut Vec::new(), given.clone(), Path::new("x")).unwrap();
        assert!(asked == given, "what a flag said is not asked");
        assert!(ask(&mut &b""[..], &mut Vec::new(), Settings::default(), Path::new("x")).is_err());
    }

    #[test]
    fn with_acme_the_address_is_the_certificates_name() {
        let typed = "\nacme\n\nhttps://10.0.0.5\nhttps://chat.example.org\n\n";
        let mut shown = Vec::new();
        let said =
            ask(&mut typed.as_bytes(), &mut shown, Settings::default(), Path::new("x")).unwrap();
        assert_eq!(said.tls, Some(TlsMode::Acme));
        assert_eq!(said.public_url.as_deref(), Some("https://chat.example.org"));
        assert_eq!(said.listen.map(|listen| listen.port()), Some(ACME_PORT));
        let shown = String::from_utf8(shown).unwrap();
        assert!(shown.contains("terms") && shown.contains("10.0.0.5"), "{shown}");
        let given = Settings {
            tls: Some(TlsMode::Acme),
            acme_domains: Some("a.example.org, b.example.org".into()),
            ..Settings::default()
        };
        let said = without_questions(given);
        assert_eq!(said.public_url.as_deref(), Some("https://a.example.org"));
    }

    #[test]
    fn a_path_is_one_word_to_a_shell() {
        assert_eq!(quoted("/var/lib/parlour"), "/var/lib/parlour");
        assert_eq!(quoted("/my chat/it's"), "'/my chat/it'\\''s'");
    }
}
