//! QR codes (ISO/IEC 18004), by which a phone's camera reads a link.

use qrcode::{Color, EcLevel};
use serde::Serialize;

/// Width of the white border around a code that the standard requires, in modules.
const BORDER: u32 = 4;

/// A QR code, ready to be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ipc", derive(specta::Type))]
#[serde(rename_all = "camelCase")]
pub struct QrCode {
    /// Width and height in modules, including the white border; 0 if the text is too long for a QR code.
    pub size: u32,
    /// The black modules, as the path of an SVG: a rectangle for each run of them in a row.
    pub path: String,
}

impl QrCode {
    /// Returns the QR code of a text.
    pub fn encode(text: &str) -> Self {
        let Ok(code) = qrcode::QrCode::with_error_correction_level(text, EcLevel::M) else {
            return Self { size: 0, path: String::new() };
        };
        let width = code.width();
        let rows = code.to_colors();
        let mut path = String::new();
        for (y, row) in (BORDER..).zip(rows.chunks(width)) {
            let mut x = BORDER;
            for run in row.chunk_by(|one, next| one == next) {
                let length = u32::try_from(run.len()).unwrap_or_default();
                if run[0] == Color::Dark {
                    path.push_str(&format!("M{x} {y}h{length}v1h-{length}z"));
                }
                x += length;
            }
        }
        Self { size: u32::try_from(width).unwrap_or_default() + 2 * BORDER, path }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_finder_patterns_and_a_white_border() {
        let link = format!("https://chat.example.org/join#{}.{}", "a".repeat(22), "b".repeat(43));
        let code = QrCode::encode(&link);
        // The finder patterns in three of the corners.
        let right = code.size - BORDER - 7;
        for corner in [
            "M4 4h7v1h-7z".to_owned(),
            format!("M{right} 4h7v1h-7z"),
            format!("M4 {right}h7v1h-7z"),
        ] {
            assert!(code.path.contains(&corner), "{corner}: {}", code.path);
        }
        assert_eq!((code.size - 2 * BORDER) % 4, 1, "a size of the standard");
        assert_eq!(code, QrCode::encode(&link));
        assert_ne!(code, QrCode::encode("https://chat.example.org/join#c"));
        assert_eq!(QrCode::encode(&"a".repeat(10_000)).size, 0);
    }
}
