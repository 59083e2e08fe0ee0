//! The picture that previews of a link show: who says so, what it is, by whom, and its hash.
//!
//! Drawn from the site's own fonts. A character they do not have is drawn as their empty box; the text around it stays readable.

use ab_glyph::{Font as _, FontRef, PxScale, ScaleFont as _, point};
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder as _, Rgb, RgbImage};

use crate::domain::input::Picture;

const WIDTH: u32 = 1_200;
const HEIGHT: u32 = 630;
const MARGIN: f32 = 72.0;
const GROUND: Rgb<u8> = Rgb([0xfa, 0xf8, 0xf4]);
const TEXT: Rgb<u8> = Rgb([0x1a, 0x1a, 0x18]);
const MUTED: Rgb<u8> = Rgb([0x6b, 0x69, 0x60]);
const LINE: Rgb<u8> = Rgb([0xd4, 0xcf, 0xc4]);
const GOOD: Rgb<u8> = Rgb([0x0d, 0x50, 0x3c]);
const BAD: Rgb<u8> = Rgb([0x9b, 0x2c, 0x2c]);
const WHITE: Rgb<u8> = Rgb([0xff, 0xff, 0xff]);
const HASH_DIGITS: usize = 32;
const PRODUCT_LINES: usize = 2;

const SERIF: &[u8] = include_bytes!("../../assets/fonts/instrument-serif.ttf");
const MONO: &[u8] = include_bytes!("../../assets/fonts/geist-mono.ttf");

/// Draws it as PNG; none only when a font in the binary is broken.
pub fn draw(picture: &Picture) -> Option<Vec<u8>> {
    let serif = FontRef::try_from_slice(SERIF).ok()?;
    let mono = FontRef::try_from_slice(MONO).ok()?;
    let mut image = RgbImage::from_pixel(WIDTH, HEIGHT, GROUND);
    let is_verified = picture.status == "authentic";
    let (word, colour) = if is_verified {
        ("VERIFIED", GOOD)
    } else {
        ("UNVERIFIED", BAD)
    };
    fill(&mut image, (0, 0), (WIDTH, 12), colour);
    fill(&mut image, (72, 148), (WIDTH - 72, 150), LINE);
    fill(&mut image, (72, 500), (WIDTH - 72, 502), LINE);

    let name = Line {
        font: &serif,
        size: 56.0,
        colour: TEXT,
    };
    name.write(&mut image, "GenuProof", MARGIN, 112.0);
    let badge = Line {
        font: &mono,
        size: 26.0,
        colour: WHITE,
    };
    let width = badge.width(word);
    let left = 1_200.0 - MARGIN - width - 48.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "inside the picture"
    )]
    fill(&mut image, (left as u32, 66), (WIDTH - 72, 122), colour);
    badge.write(&mut image, word, left + 24.0, 103.0);

    let product = Line {
        font: &serif,
        size: 88.0,
        colour: TEXT,
    };
    let lines = product.broken(&picture.product, 1_200.0 - 2.0 * MARGIN, PRODUCT_LINES);
    let mut base = if lines.len() > 1 { 262.0 } else { 312.0 };
    for line in &lines {
        product.write(&mut image, line, MARGIN, base);
        base += 96.0;
    }
    let by = Line {
        font: &serif,
        size: 44.0,
        colour: MUTED,
    };
    let brand = by.broken(&format!("by {}", picture.brand), 1_200.0 - 2.0 * MARGIN, 1);
    by.write(
        &mut image,
        brand.first().map_or("", String::as_str),
        MARGIN,
        base - 24.0,
    );

    let hash: String = picture
        .hash
        .iter()
        .flat_map(|hash| hash.chars())
        .take(HASH_DIGITS)
        .collect();
    let digits = Line {
        font: &mono,
        size: 28.0,
        colour: MUTED,
    };
    let below = if hash.is_empty() {
        "Product authenticity, proven".to_owned()
    } else {
        hash
    };
    digits.write(&mut image, &below, MARGIN, 562.0);

    let mut png = Vec::new();
    let encoder =
        PngEncoder::new_with_quality(&mut png, CompressionType::Fast, FilterType::Adaptive);
    encoder
        .write_image(image.as_raw(), WIDTH, HEIGHT, ExtendedColorType::Rgb8)
        .ok()?;
    Some(png)
}

/// How a line is written.
struct Line<'a> {
    font: &'a FontRef<'a>,
    size: f32,
    colour: Rgb<u8>,
}

impl Line<'_> {
    fn width(&self, text: &str) -> f32 {
        let font = self.font.as_scaled(PxScale::from(self.size));
        text.chars().map(|c| font.h_advance(font.glyph_id(c))).sum()
    }

    /// In lines of at most so many pixels, broken at spaces or else anywhere; what is too much ends with dots.
    fn broken(&self, text: &str, width: f32, lines_max: usize) -> Vec<String> {
        let text: String = text
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        let mut rest = text.trim();
        while !rest.is_empty() && lines.len() < lines_max {
            let end = rest.find(' ').map_or(rest.len(), |at| at + 1);
            let (word, after) = rest.split_at(end);
            if self.width(&format!("{line}{}", word.trim_end())) <= width {
                line.push_str(word);
                rest = after;
            } else if line.is_empty() {
                let mut part = String::new();
                for c in word.chars() {
                    if self.width(&format!("{part}{c}")) > width {
                        break;
                    }
                    part.push(c);
                }
                if part.is_empty() {
                    break;
                }
                rest = rest.get(part.len()..).unwrap_or_default();
                lines.push(part);
            } else {
                lines.push(std::mem::take(&mut line).trim_end().to_owned());
            }
        }
        if lines.len() < lines_max && !line.is_empty() {
            lines.push(line.trim_end().to_owned());
        } else if let Some(last) = lines.last_mut()
            && !rest.is_empty()
        {
            while self.width(&format!("{last}…")) > width && last.pop().is_some() {}
            last.push('…');
        }
        lines
    }

    fn write(&self, image: &mut RgbImage, text: &str, left: f32, base: f32) {
        let font = self.font.as_scaled(PxScale::from(self.size));
        let mut at = left;
        for c in text.chars() {
            let mut glyph = font.scaled_glyph(c);
            glyph.position = point(at, base);
            at += font.h_advance(glyph.id);
            let Some(outline) = self.font.outline_glyph(glyph) else {
                continue;
            };
            let bounds = outline.px_bounds();
            outline.draw(|x, y, cover| {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "inside the picture, or left out"
                )]
                let (x, y) = (
                    i64::from(x) + bounds.min.x as i64,
                    i64::from(y) + bounds.min.y as i64,
                );
                let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
                    return;
                };
                if let Some(pixel) = image.get_pixel_mut_checked(x, y) {
                    for (own, wanted) in pixel.0.iter_mut().zip(self.colour.0) {
                        let mixed = f32::from(*own) + (f32::from(wanted) - f32::from(*own)) * cover;
                        #[expect(
                            clippy::cast_possible_truncation,
                            clippy::cast_sign_loss,
                            reason = "between two values of a byte"
                        )]
                        let mixed = mixed.round().clamp(0.0, 255.0) as u8;
                        *own = mixed;
                    }
                }
            });
        }
    }
}

fn fill(image: &mut RgbImage, from: (u32, u32), to: (u32, u32), colour: Rgb<u8>) {
    for y in from.1..to.1.min(HEIGHT) {
        for x in from.0..to.0.min(WIDTH) {
            image.put_pixel(x, y, colour);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(product: &str, status: &str) -> Picture {
        Picture {
            brand: "Maison Verrault".into(),
            product: product.into(),
            status: status.into(),
            hash: Some("ef5a98da17309c2add0c5531a5cbaa30dd2ec9ff15f4ff00adb0a0165d35f678".into()),
        }
    }

    #[test]
    fn different_products_and_states_give_different_pictures_of_one_size() {
        let drawn: Vec<_> = [
            picture("Régate 42", "authentic"),
            picture("Régate 42", "recalled"),
            picture("Diver", "authentic"),
            picture(&"W".repeat(300), "authentic"),
            picture("", ""),
            picture("腕時計 \u{0}\n", "authentic"),
        ]
        .iter()
        .map(|picture| draw(picture).unwrap())
        .collect();
        for png in &drawn {
            let read = image::load_from_memory(png).unwrap();
            assert_eq!((read.width(), read.height()), (1_200, 630));
            assert!(png.len() < 200_000, "{}", png.len());
        }
        let unique: std::collections::BTreeSet<_> = drawn.iter().collect();
        assert_eq!(unique.len(), drawn.len());
    }
}
