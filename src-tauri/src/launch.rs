//! How the window is started: by hand, at login, or for a link.

use crate::leads;
use parlour_desktop::{Instance, Launch, MINIMISED};
use parlour_protocol::after_app_scheme;
use tauri::AppHandle;

/// How the window is started.
#[derive(Debug, PartialEq, Eq)]
pub struct How {
    /// What it is started for.
    pub launch: Launch,
    /// Whether it starts minimised.
    pub is_minimised: bool,
}

/// Reads the arguments of the window; `None` if they are those of nothing.
pub fn read(args: &[&str]) -> Option<How> {
    let (is_minimised, args) = match args {
        [first, rest @ ..] if *first == MINIMISED => (true, rest),
        args => (false, args),
    };
    let link = match args {
        [] => None,
        // Whether it leads anywhere is found out later, and said in the window.
        [link] if after_app_scheme(link).is_some() => Some((*link).to_owned()),
        _ => return None,
    };
    let launch = Launch::new(link, |name| std::env::var(name).ok());
    Some(How { launch, is_minimised })
}

/// Shows what the window was started for, and what later starts hand over.
pub fn serve(app: &AppHandle, instance: Instance, launch: Launch) {
    if let Some(link) = launch.link {
        leads::follow(app, link);
    }
    let app = app.clone();
    tauri::async_runtime::spawn(instance.serve(move |launch| {
        leads::raise(&app, launch.activation);
        if let Some(link) = launch.link {
            leads::follow(&app, link);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_a_link_and_whether_it_starts_minimised() {
        let read = |args: &[&str]| read(args).map(|how| (how.launch.link, how.is_minimised));
        let link = "parlour://chat.example.org/join#c0ffee";
        assert_eq!(read(&[]), Some((None, false)));
        assert_eq!(read(&["--minimised"]), Some((None, true)));
        assert_eq!(read(&[link]), Some((Some(link.into()), false)));
        assert_eq!(read(&["--minimised", "PARLOUR:x"]), Some((Some("PARLOUR:x".into()), true)));
        for args in [&["--help"][..], &["https://chat.example.org"], &[link, link], &["parlou"]] {
            assert_eq!(read(args), None, "{args:?}");
        }
    }
}
