//! The markers of attached files, deletions and edits.

use super::header::is_invisible_mark;

/// The last word of the text that replaces a file that was not exported, in several languages.
pub const OMITTED: &[&str] = &[
    "omitted",
    "weggelassen",
    "ausgelassen",
    "omitido",
    "omitida",
    "omitidos",
    "omis",
    "omise",
    "omesso",
    "omessa",
    "weggelaten",
    "ommited",
    "udeladt",
    "utelämnad",
    "utelatt",
    "pominięto",
    "vynechána",
];
/// The text after the name of an exported file.
pub const ATTACHED: &[&str] = &[
    "file attached",
    "Datei angehängt",
    "archivo adjunto",
    "fichier joint",
    "file allegato",
    "arquivo anexado",
    "bestand bijgevoegd",
    "ファイル添付",
    "bifogad fil",
    "fil vedhæftet",
    "附件",
    "dosya ekli",
];
pub const DELETED: &[&str] = &[
    "This message was deleted",
    "You deleted this message",
    "Diese Nachricht wurde gelöscht",
    "Du hast diese Nachricht gelöscht",
    "Se eliminó este mensaje",
    "Eliminaste este mensaje",
    "Ce message a été supprimé",
    "Vous avez supprimé ce message",
    "Questo messaggio è stato eliminato",
    "Hai eliminato questo messaggio",
    "Mensagem apagada",
    "Dit bericht is verwijderd",
];
pub const EDITED: &[&str] = &[
    "<This message was edited>",
    "<Diese Nachricht wurde bearbeitet.>",
    "<Diese Nachricht wurde bearbeitet>",
    "<Se editó este mensaje.>",
    "<Se editó este mensaje>",
    "<Ce message a été modifié>",
    "<Questo messaggio è stato modificato>",
    "<Mensagem editada>",
    "<Dit bericht is bewerkt>",
];

/// Returns the name of the file that is attached to a message, and the rest of its text.
pub fn attached_file(message_text: &str) -> Option<(String, &str)> {
    let (first, rest) = message_text.split_once('\n').unwrap_or((message_text, ""));
    let line = first.trim_start_matches(is_invisible_mark);
    if let Some(inside) = line.strip_prefix('<').and_then(|line| line.strip_suffix('>'))
        && let Some((_, name)) = inside.split_once(": ")
        && name.contains('.')
        && first.starts_with(is_invisible_mark)
    {
        return Some((name.to_owned(), rest));
    }
    let (name, words) = line.strip_suffix(')')?.rsplit_once(" (")?;
    ATTACHED.contains(&words).then(|| (name.to_owned(), rest))
}

pub fn is_omitted(message_text: &str) -> bool {
    let line = message_text.trim_start_matches(is_invisible_mark).trim();
    if line.contains('\n') {
        return false;
    }
    let bracketed = line.strip_prefix('<').and_then(|line| line.strip_suffix('>'));
    let last = line.trim_end_matches(['>', '.']).rsplit(' ').next().unwrap_or_default();
    let is_word = OMITTED.contains(&last);
    bracketed.is_some_and(|inside| is_word || !inside.contains(' ') && !inside.is_ascii())
        || is_word && message_text.starts_with(is_invisible_mark)
}
