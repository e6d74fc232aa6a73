//! Finds emoji by the names that other products use.

use parlour_protocol::text::canonical_emoji;

/// Names that differ from GitHub's, which most products use.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("thumbs_up", "👍"),
    ("thumbsup_all", "👍"),
    ("thumbs_down", "👎"),
    ("simple_smile", "🙂"),
    ("slightly_smiling_face", "🙂"),
    ("slight_smile", "🙂"),
    ("smile_face", "😄"),
    ("heavy_check_mark", "✔️"),
    ("check", "✔️"),
    ("check_mark", "✔️"),
    ("cross", "❌"),
    ("cross_mark", "❌"),
    ("face_with_rolling_eyes", "🙄"),
    ("hugging_face", "🤗"),
    ("hugs", "🤗"),
    ("thinking_face", "🤔"),
    ("thinking", "🤔"),
    ("the_horns", "🤘"),
    ("sign_of_the_horns", "🤘"),
    ("raised_hands", "🙌"),
    ("octopus", "🐙"),
    ("tada", "🎉"),
    ("party_popper", "🎉"),
    ("working_on_it", "🛠️"),
    ("hammer_and_wrench", "🛠️"),
    ("heart", "❤️"),
    ("red_heart", "❤️"),
    ("blue_heart", "💙"),
    ("smiley", "😃"),
    ("laughing", "😆"),
    ("rolling_on_the_floor_laughing", "🤣"),
    ("rofl", "🤣"),
    ("face_palm", "🤦"),
    ("facepalm", "🤦"),
    ("shrug", "🤷"),
    ("crying_cat_face", "😿"),
    ("white_check_mark", "✅"),
    ("knife_fork_plate", "🍽️"),
    ("flag-us", "🇺🇸"),
    ("flag-gb", "🇬🇧"),
    ("flag-de", "🇩🇪"),
    ("flag-fr", "🇫🇷"),
    ("star-struck", "🤩"),
    ("grinning_face_with_star_eyes", "🤩"),
    ("face_with_raised_eyebrow", "🤨"),
    ("shushing_face", "🤫"),
    ("exploding_head", "🤯"),
    ("clapping_hands", "👏"),
    ("folded_hands", "🙏"),
    ("face_with_symbols_on_mouth", "🤬"),
    ("man-shrugging", "🤷‍♂️"),
    ("woman-shrugging", "🤷‍♀️"),
    ("man-facepalming", "🤦‍♂️"),
    ("woman-facepalming", "🤦‍♀️"),
    ("person_in_tuxedo", "🤵"),
    ("eyes", "👀"),
    ("hundred_points", "💯"),
    ("fire", "🔥"),
];

/// The ends of Mattermost's names of emoji with a skin tone, and the same tones in Slack's; the longer ones first.
const TONES: [(&str, char); 5] = [
    ("_medium_light_skin_tone", '3'),
    ("_medium_dark_skin_tone", '5'),
    ("_light_skin_tone", '2'),
    ("_medium_skin_tone", '4'),
    ("_dark_skin_tone", '6'),
];

/// Returns the emoji with a name, which may include a skin tone or be an emoji itself. Returns `None` for a custom
/// emoji.
pub fn emoji(name: &str) -> Option<&'static str> {
    if let Some(emoji) = canonical_emoji(name) {
        return Some(emoji);
    }
    let name = name.trim_matches(':');
    let (name, tone) = match name.split_once("::skin-tone-") {
        Some((name, tone)) => (name, tone.chars().next()),
        None => without_tone(name),
    };
    let found = by_name(name)?;
    let tone = match tone {
        Some('2') => emojis::SkinTone::Light,
        Some('3') => emojis::SkinTone::MediumLight,
        Some('4') => emojis::SkinTone::Medium,
        Some('5') => emojis::SkinTone::MediumDark,
        Some('6') => emojis::SkinTone::Dark,
        _ => return Some(found.as_str()),
    };
    Some(found.with_skin_tone(tone).unwrap_or(found).as_str())
}

/// Splits Mattermost's name of an emoji with a skin tone.
fn without_tone(name: &str) -> (&str, Option<char>) {
    let split = |(end, tone): &(&str, char)| Some((name.strip_suffix(*end)?, Some(*tone)));
    TONES.iter().find_map(split).unwrap_or((name, None))
}

fn by_name(name: &str) -> Option<&'static emojis::Emoji> {
    let other = OTHER_NAMES.iter().find(|(other, _)| *other == name);
    if let Some(emoji) = other.and_then(|(_, emoji)| emojis::get(emoji)) {
        return Some(emoji);
    }
    let by_shortcode = |name: &str| emojis::get_by_shortcode(name);
    by_shortcode(name).or_else(|| by_shortcode(&name.replace('-', "_"))).or_else(|| {
        let words = name.replace(['_', '-'], " ");
        emojis::iter().find(|emoji| emoji.name() == words)
    })
}

/// Returns the emoji with these hexadecimal code points, separated by dashes.
pub fn of_codes(codes: &str) -> Option<&'static str> {
    let chars = codes.split('-').map(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?));
    canonical_emoji(&chars.collect::<Option<String>>()?)
}

/// Replaces emoji names between colons with the emoji. Names of custom emoji remain.
pub fn in_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(':') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let after = &rest[1..];
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && !"_+-'".contains(c));
        let is_ended = end.filter(|end| *end > 0 && after[*end..].starts_with(':'));
        let before = out.chars().next_back();
        let is_word_start = !before.is_some_and(|c| c.is_alphanumeric() || c == '/' || c == ':');
        let Some(end) = is_ended.filter(|_| is_word_start) else {
            out.push(':');
            rest = after;
            continue;
        };
        let mut name_end = end + 2;
        let tone = rest[name_end..].strip_prefix(":skin-tone-").and_then(|tone| tone.get(..2));
        let has_tone = tone.is_some_and(|tone| tone.ends_with(':'));
        if has_tone {
            name_end += ":skin-tone-".len() + 2;
        }
        let name = rest[..name_end].trim_matches(':');
        match emoji(name) {
            Some(emoji) => out.push_str(emoji),
            None => out.push_str(&rest[..name_end]),
        }
        rest = &rest[name_end..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_emoji_and_unknown_names_remain() {
        assert_eq!(emoji("+1"), Some("👍"));
        assert_eq!(emoji(":+1::skin-tone-4:"), Some("👍🏽"));
        assert_eq!(emoji("+1_medium_skin_tone"), Some("👍🏽"));
        assert_eq!(emoji("wave_medium_light_skin_tone"), emoji(":wave::skin-tone-3:"));
        assert_eq!(emoji("thumbs_up"), Some("👍"));
        assert_eq!(emoji("❤"), Some("❤️"));
        assert_eq!(emoji("party-parrot"), None);
        assert_eq!(of_codes("1f44d"), Some("👍"));
        assert_eq!(
            in_text("a :+1: b :nope: 10:20:30 :+1::skin-tone-2:"),
            "a 👍 b :nope: 10:20:30 👍🏻"
        );
        assert!(
            OTHER_NAMES
                .iter()
                .all(|(name, emoji)| canonical_emoji(emoji).is_some() || name.is_empty())
        );
    }
}
