//! Mattermost's names of emoji.

use emojis::SkinTone;

/// Returns the name of an emoji, with its skin tone; of a custom one, the name between its colons.
pub fn name(emoji: &str) -> String {
    let Some(found) = emojis::get(emoji) else { return emoji.trim_matches(':').to_owned() };
    let base = found.with_skin_tone(SkinTone::Default).unwrap_or(found);
    let name = base.shortcode().map_or_else(|| base.name().replace(' ', "_"), str::to_owned);
    let tone = match found.skin_tone() {
        Some(SkinTone::Light) => "_light_skin_tone",
        Some(SkinTone::MediumLight) => "_medium_light_skin_tone",
        Some(SkinTone::Medium) => "_medium_skin_tone",
        Some(SkinTone::MediumDark) => "_medium_dark_skin_tone",
        Some(SkinTone::Dark) => "_dark_skin_tone",
        _ => "",
    };
    name + tone
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emoji_has_a_name_with_its_tone() {
        assert_eq!(name("👍"), "+1");
        assert_eq!(name("👍🏽"), "+1_medium_skin_tone");
        assert_eq!(name("❤️"), "heart");
        assert_eq!(name(":parrot_dance:"), "parrot_dance");
    }
}
