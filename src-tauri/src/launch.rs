//! Launch parameters of the window: it is started by the user, at login, or to open a link.

use crate::navigation;
use parlour_desktop::{Instance, Launch, MINIMISED};
use parlour_protocol::after_app_scheme;
use tauri::AppHandle;

/// The command line of the window.
#[derive(Debug, PartialEq, Eq)]
pub struct Arguments {
    /// The parameters that a second process hands over to the first.
    pub launch: Launch,
    /// Whether it starts minimised.
    pub is_minimised: bool,
}

/// Parses the arguments of the window; `None` if they are invalid.
pub fn parse(args: &[&str]) -> Option<Arguments> {
    let (is_minimised, args) = match args {
        [first, rest @ ..] if *first == MINIMISED => (true, rest),
        args => (false, args),
    };
    let link = match args {
        [] => None,
        // The link itself is checked later, and errors are shown in the window.
        [link] if after_app_scheme(link).is_some() => Some((*link).to_owned()),
        _ => return None,
    };
    let launch = Launch::new(link, |name| std::env::var(name).ok());
    Some(Arguments { launch, is_minimised })
}

/// Opens the link of this launch, and those that later processes hand over.
pub fn serve(app: &AppHandle, instance: Instance, launch: Launch) {
    if let Some(link) = launch.link {
        navigation::open_link(app, link);
    }
    let app = app.clone();
    tauri::async_runtime::spawn(instance.serve(move |launch| {
        navigation::raise_window(&app, launch.activation);
        if let Some(link) = launch.link {
            navigation::open_link(&app, link);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_minimised_and_a_link() {
        let parse =
            |args: &[&str]| parse(args).map(|parsed| (parsed.launch.link, parsed.is_minimised));
        let link = "parlour://chat.example.org/join#c0ffee";
        assert_eq!(parse(&[]), Some((None, false)));
        assert_eq!(parse(&["--minimised"]), Some((None, true)));
        assert_eq!(parse(&[link]), Some((Some(link.into()), false)));
        assert_eq!(parse(&["--minimised", "PARLOUR:x"]), Some((Some("PARLOUR:x".into()), true)));
        for args in [&["--help"][..], &["https://chat.example.org"], &[link, link], &["parlou"]] {
            assert_eq!(parse(args), None, "{args:?}");
        }
    }
}
