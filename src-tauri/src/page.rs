//! The page's process, the environment of WebKit, and the memory that both leave free.

use std::time::Duration;
use tauri::WebviewWindow;
#[cfg(target_os = "linux")]
use tauri::{AppHandle, Manager};

/// Reloads the page so that nothing that it showed stays in memory: on Linux, the page's process is terminated. Under
/// WebDriver, which would lose its connection to the page, the process is not terminated.
pub fn reload(window: &WebviewWindow) -> tauri::Result<()> {
    #[cfg(target_os = "linux")]
    window.with_webview(|view| {
        use webkit2gtk::WebViewExt;
        let view = view.inner();
        if !view.is_controlled_by_automation() {
            view.terminate_web_process();
        }
        view.reload();
        parlour_client::release_free_memory();
    })?;
    #[cfg(not(target_os = "linux"))]
    window.reload()?;
    Ok(())
}

/// The time after the first paint in which the accounts are connected and the page reads the rest of what it shows.
const START_REST: Duration = Duration::from_secs(2);

/// Waits until the start is over, and returns the memory that only the start needed to the system, which the program
/// would keep otherwise.
pub async fn release_memory_of_start() {
    tokio::time::sleep(START_REST).await;
    parlour_client::release_free_memory();
}

/// Sets environment variables for GTK and WebKit. They are read once, when GTK starts, so this must be called before, and
/// before any thread is started. Variables that are already set are not changed.
///
/// - Without a graphics card (in a virtual machine or on a remote desktop), drawing with OpenGL is
///   emulated by the processor, which takes more time and memory. GTK then draws without it.
///   `WEBKIT_DISABLE_DMABUF_RENDERER`, which is often recommended, is not set: with it, some starts
///   wait half a second for the first frame (WebKitGTK 2.50, 16 of 40 starts).
/// - Every 30 seconds, WebKit measures the memory of the page's process by reading all of its
///   `/proc/self/smaps`, on the thread that the page runs on. This makes a frame take 23 to 38 ms
///   (2.50, also when idle). Its purpose is to empty caches when memory is low, which is not worth
///   a slow frame for a page with so few messages.
#[cfg(target_os = "linux")]
pub fn set_environment() {
    // Fails only for an invalid name.
    let set = |name: &str, value: &str| drop(webkit2gtk::glib::setenv(name, value, false));
    set("WEBKIT_DISABLE_MEMORY_PRESSURE_MONITOR", "1");
    if !has_gpu() {
        set("GDK_GL", "disable");
    }
}

/// Makes WebKit draw in software if there is no graphics card. This can be set only once the window exists.
#[cfg(target_os = "linux")]
pub fn disable_acceleration_without_gpu(window: &WebviewWindow) {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};
    if !has_gpu() {
        let _ = window.with_webview(|view| {
            if let Some(settings) = view.inner().settings() {
                settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
            }
        });
    }
}

/// Enables the spelling checker for these languages, or for those of the system. Called after the first paint, because
/// loading dictionaries takes time.
#[cfg(target_os = "linux")]
pub fn check_spelling(app: &AppHandle, languages: Option<Vec<String>>) {
    use webkit2gtk::{WebContextExt, WebViewExt};
    let languages = languages.unwrap_or_else(|| system_languages(|name| std::env::var(name).ok()));
    let Some(window) = app.get_webview_window("main") else { return };
    let checked = window.with_webview(move |view| {
        let Some(context) = view.inner().context() else { return };
        context.set_spell_checking_enabled(!languages.is_empty());
        // For an empty list, WebKit loads a dictionary of its choice (7 MB).
        if !languages.is_empty() {
            let languages: Vec<&str> = languages.iter().map(String::as_str).collect();
            context.set_spell_checking_languages(&languages);
        }
    });
    if let Err(error) = checked {
        tracing::info!(%error, "the spelling checker could not be enabled");
    }
}

/// Returns the languages of the system, from `LANGUAGE` or the locale for messages.
fn system_languages(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let named = first_set(&["LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"], variable);
    let mut languages: Vec<String> = Vec::new();
    for language in named.as_deref().unwrap_or_default().split(':').filter_map(language_of) {
        if !languages.iter().any(|known| known == language) {
            languages.push(language.to_owned());
        }
    }
    languages
}

/// Returns the locale for times as a language tag, if it is not the first one for texts (POSIX, section 8.2, and
/// gettext's `LANGUAGE`).
pub fn time_locale(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let locale = first_set(&["LC_ALL", "LC_TIME", "LANG"], &variable)?;
    let times = language_of(&locale)?;
    let is_other = system_languages(variable).first().is_none_or(|texts| texts != times);
    is_other.then(|| times.replace('_', "-"))
}

/// Returns the value of the first variable that is set and not empty.
fn first_set(names: &[&str], variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    names.iter().filter_map(|name| variable(name)).find(|value| !value.is_empty())
}

/// Returns the language and country in a locale's name; `None` for the C locale.
fn language_of(locale: &str) -> Option<&str> {
    let language = locale.split(['.', '@']).next()?;
    (!matches!(language, "" | "C" | "POSIX")).then_some(language)
}

/// Returns whether the kernel provides a rendering device.
#[cfg(target_os = "linux")]
fn has_gpu() -> bool {
    use std::path::Path;
    let devices = Path::new("/dev/dri").read_dir().into_iter().flatten().flatten();
    devices.into_iter().any(|device| device.file_name().to_string_lossy().starts_with("renderD"))
        || Path::new("/dev/nvidia0").exists()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_locale_for_times_is_read_if_it_is_another_one() {
        for (variables, locale) in [
            (&[][..], None),
            (&[("LANG", "en_US.UTF-8"), ("LC_TIME", "de_DE.UTF-8")], Some("de-DE")),
            (&[("LANG", "en_US.UTF-8"), ("LC_TIME", "en_US.UTF-8")], None),
            (&[("LANG", "en_US.UTF-8"), ("LC_TIME", "C.UTF-8")], None),
            (&[("LC_ALL", "en_US.UTF-8"), ("LC_TIME", "de_DE.UTF-8")], None),
            (&[("LC_ALL", "de_DE.UTF-8"), ("LANGUAGE", "en_GB:de_DE")], Some("de-DE")),
            (&[("LANG", "de_DE.UTF-8")], None),
            (&[("LANG", "de_DE.UTF-8"), ("LC_TIME", "")], None),
            (&[("LANG", "de_DE.UTF-8"), ("LC_MESSAGES", "en_US.UTF-8")], Some("de-DE")),
            (&[("LANG", "de_DE.UTF-8"), ("LC_MESSAGES", "C")], Some("de-DE")),
            (&[("LANG", "de_DE.UTF-8"), ("LANGUAGE", "en_US:de_DE")], Some("de-DE")),
            (&[("LANG", "de_DE.UTF-8"), ("LANGUAGE", "de_DE:en_US")], None),
            (&[("LANG", "de_DE.UTF-8"), ("LC_TIME", "de_DE@euro")], None),
        ] {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(time_locale(variable).as_deref(), locale, "{variables:?}");
        }
    }

    #[test]
    fn the_system_languages_are_read_from_the_environment() {
        for (variables, languages) in [
            (&[][..], &[][..]),
            (&[("LANG", "C.UTF-8")], &[]),
            (&[("LANG", "de_AT.UTF-8")], &["de_AT"]),
            (&[("LANG", "de_AT.UTF-8"), ("LC_ALL", "fr_FR@euro")], &["fr_FR"]),
            (&[("LANG", "de_AT.UTF-8"), ("LANGUAGE", "en_GB:de:en_GB")], &["en_GB", "de"]),
        ] {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(system_languages(variable), languages, "{variables:?}");
        }
    }
}
