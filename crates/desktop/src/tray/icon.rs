//! The variants of the icon: plain, with a dot for unread messages, and with another dot for mentions.

use parlour_client::Unread;

/// A picture in RGBA, row by row.
#[derive(Debug, Clone)]
pub struct Icon {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The pixels, four bytes each.
    pub rgba: Vec<u8>,
}

/// A picture in the format of the tray: width, height, and ARGB with the most significant byte first.
pub type Pixmap = (i32, i32, Vec<u8>);

/// Colours in RGB.
const UNREAD: [u8; 3] = [0x2f, 0x6f, 0xdf];
const MENTION: [u8; 3] = [0xd9, 0x2d, 0x20];

/// The variants of the icon.
#[derive(Debug)]
pub struct Icons {
    plain: Pixmap,
    unread: Pixmap,
    mention: Pixmap,
}

impl Icons {
    /// Draws the variants of an icon.
    pub fn new(icon: &Icon) -> Self {
        // The dot of a mention is larger and in another corner, so that the difference is visible without colours.
        let unread = with_dot(icon, (0.78, 0.78), 0.2, UNREAD);
        let mention = with_dot(icon, (0.72, 0.28), 0.26, MENTION);
        Self { plain: pixmap(icon), unread: pixmap(&unread), mention: pixmap(&mention) }
    }

    /// Returns the variant for these unread counts.
    pub fn pick(&self, unread: Unread) -> &Pixmap {
        match unread {
            Unread { mentions: 1.., .. } => &self.mention,
            Unread { all: 1.., .. } => &self.unread,
            Unread { .. } => &self.plain,
        }
    }
}

/// Returns an icon with a dot. Its centre and radius are fractions of the icon's size; a gap surrounds it.
fn with_dot(icon: &Icon, (x, y): (f32, f32), radius: f32, [r, g, b]: [u8; 3]) -> Icon {
    let mut icon = icon.clone();
    let (width, height) = (icon.width as f32, icon.height as f32);
    for (index, pixel) in (0u32..).zip(icon.rgba.as_chunks_mut::<4>().0) {
        let (column, row) = (index % icon.width.max(1), index / icon.width.max(1));
        let dx = (column as f32 + 0.5) / width - x;
        let dy = (row as f32 + 0.5) / height - y;
        let distance = dx.hypot(dy);
        if distance <= radius {
            *pixel = [r, g, b, u8::MAX];
        } else if distance <= radius + 0.06 {
            *pixel = [0; 4];
        }
    }
    icon
}

fn pixmap(icon: &Icon) -> Pixmap {
    let (pixels, _) = icon.rgba.as_chunks::<4>();
    let argb = pixels.iter().flat_map(|[r, g, b, a]| [*a, *r, *g, *b]).collect();
    let size = |n: u32| i32::try_from(n).unwrap_or(0);
    (size(icon.width), size(icon.height), argb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dots_differ_in_position_and_colour() {
        let icon = Icon { width: 32, height: 32, rgba: [1, 2, 3, 4].repeat(32 * 32) };
        let icons = Icons::new(&icon);
        let pixel = |pixmap: &Pixmap, x: usize, y: usize| {
            let from = (y * 32 + x) * 4;
            <[u8; 4]>::try_from(&pixmap.2[from..from + 4]).unwrap()
        };
        let pick = |all, mentions| icons.pick(Unread { all, mentions });
        assert_eq!(pixel(pick(0, 0), 25, 25), [4, 1, 2, 3]);
        assert_eq!(pixel(pick(2, 0), 25, 25), [255, 0x2f, 0x6f, 0xdf]);
        assert_eq!(pixel(pick(2, 1), 23, 9), [255, 0xd9, 0x2d, 0x20]);
        assert_eq!(pixel(pick(2, 1), 25, 27), [4, 1, 2, 3]);
        assert_eq!(pixel(pick(2, 1), 0, 0), [4, 1, 2, 3]);
    }
}
