//! The printed form of a code: a QR code as PNG or SVG.

use image::{ExtendedColorType, ImageEncoder as _, codecs::png::PngEncoder};
use qrcode::{Color, EcLevel, QrCode};

/// Width and height of the PNG.
pub const PIXELS: u32 = 400;
/// Light modules around the code. Four are the standard's advice; readers need no more than these on a white page, and the first
/// `GenuProof` printed two.
const QUIET_ZONE: usize = 2;
/// With more modules than this, one would be under two pixels wide and no camera would read it.
const MODULES_MAX: usize = 177;

/// A QR code that cannot be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// The content does not fit into any QR code.
    #[error("the link is too long for a QR code")]
    TooLong,
    /// The image could not be written.
    #[error("the image could not be encoded")]
    Encoding,
}

/// The modules of a code, quiet zone included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrImage {
    dark: Vec<bool>,
    side: usize,
}

impl QrImage {
    /// Encodes a link, error correction level M.
    ///
    /// # Errors
    /// [`QrError::TooLong`].
    pub fn of(link: &str) -> Result<Self, QrError> {
        let code =
            QrCode::with_error_correction_level(link, EcLevel::M).map_err(|_| QrError::TooLong)?;
        let width = code.width();
        if width > MODULES_MAX {
            return Err(QrError::TooLong);
        }
        let side = width + 2 * QUIET_ZONE;
        let mut dark = vec![false; side * side];
        for (index, color) in code.to_colors().into_iter().enumerate() {
            let (row, column) = (index / width + QUIET_ZONE, index % width + QUIET_ZONE);
            dark[row * side + column] = color == Color::Dark;
        }
        Ok(Self { dark, side })
    }

    /// 400 × 400 pixels, black on white, 8 bits of grey, not interlaced.
    ///
    /// # Errors
    /// [`QrError::Encoding`].
    pub fn png(&self) -> Result<Vec<u8>, QrError> {
        let pixels = PIXELS as usize;
        // Every pixel shows the module that lies under it, so the code fills the image exactly and modules differ by a pixel.
        let module = |pixel: usize| pixel * self.side / pixels;
        let mut grey = Vec::with_capacity(pixels * pixels);
        for y in 0..pixels {
            for x in 0..pixels {
                grey.push(if self.is_dark(module(x), module(y)) {
                    0
                } else {
                    255
                });
            }
        }
        let mut png = Vec::new();
        PngEncoder::new(&mut png)
            .write_image(&grey, PIXELS, PIXELS, ExtendedColorType::L8)
            .map_err(|_| QrError::Encoding)?;
        Ok(png)
    }

    /// The same as SVG: one unit per module.
    pub fn svg(&self) -> String {
        let mut path = String::new();
        for y in 0..self.side {
            let mut x = 0;
            while x < self.side {
                let length = (x..self.side).take_while(|x| self.is_dark(*x, y)).count();
                if length > 0 {
                    path.extend([
                        "M",
                        &x.to_string(),
                        " ",
                        &y.to_string(),
                        "h",
                        &length.to_string(),
                        "v1h-",
                        &length.to_string(),
                        "z",
                    ]);
                }
                x += length.max(1);
            }
        }
        let side = self.side;
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" width="{PIXELS}" height="{PIXELS}" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/><path fill="#000" d="{path}"/></svg>"##
        )
    }

    fn is_dark(&self, x: usize, y: usize) -> bool {
        self.dark[y * self.side + x]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://genuproof.com/verify/-Pn6-_z9_v8B";

    fn read(grey: &image::GrayImage) -> String {
        let (width, height) = (grey.width() as usize, grey.height() as usize);
        let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
            let (x, y) = (u32::try_from(x).unwrap(), u32::try_from(y).unwrap());
            grey.get_pixel(x, y).0[0]
        });
        let grids = prepared.detect_grids();
        assert_eq!(grids.len(), 1, "one code in the image");
        grids[0].decode().unwrap().1
    }

    fn png(link: &str) -> image::DynamicImage {
        let bytes = QrImage::of(link).unwrap().png().unwrap();
        // Header chunk, ISO/IEC 15948: width, height, bit depth, colour type 0 (grey), compression, filter, interlace.
        assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!(
            &bytes[16..29],
            [0, 0, 1, 0x90, 0, 0, 1, 0x90, 8, 0, 0, 0, 0]
        );
        image::load_from_memory(&bytes).unwrap()
    }

    #[test]
    fn a_reader_reads_the_png() {
        for link in [
            LINK,
            "http://127.0.0.1:7401/verify/wfPHybaFV3_a",
            "https://a.example/verify?pid=00112233445566778899aabbccddeeff",
        ] {
            assert_eq!(read(&png(link).into_luma8()), link);
        }
    }

    #[test]
    fn even_the_longest_code_that_is_accepted_is_readable() {
        let link = format!(
            "https://verify.example.com/verify/{}",
            "%F0%9F%98%80".repeat(64)
        );
        assert_eq!(read(&png(&link).into_luma8()), link);
    }

    #[test]
    fn the_png_is_black_on_white_with_two_quiet_modules() {
        let image = png(LINK).into_luma8();
        let code = QrCode::with_error_correction_level(LINK, EcLevel::M).unwrap();
        let side = code.width() + 4;
        assert!(
            image
                .pixels()
                .all(|pixel| pixel.0 == [0] || pixel.0 == [255])
        );
        let module = |x: usize, y: usize| {
            let middle = |module: usize| u32::try_from((module * 2 + 1) * 200 / side).unwrap();
            image.get_pixel(middle(x), middle(y)).0 == [0]
        };
        for x in 0..side {
            for y in 0..side {
                let inside = (2..side - 2).contains(&x) && (2..side - 2).contains(&y);
                let expect = inside && code[(x - 2, y - 2)] == Color::Dark;
                assert_eq!(module(x, y), expect, "module {x} {y}");
            }
        }
    }

    /// Draws the path of our own SVG, whose segments are rectangles one unit high, ten pixels to a unit.
    fn draw(svg: &str) -> image::GrayImage {
        let side: u32 = svg
            .split("viewBox=\"0 0 ")
            .nth(1)
            .unwrap()
            .split(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        let path = svg
            .split("fill=\"#000\" d=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        let mut image = image::GrayImage::from_pixel(side * 10, side * 10, image::Luma([255]));
        for segment in path.split('z').filter(|segment| !segment.is_empty()) {
            let numbers: Vec<u32> = segment
                .split(|c: char| !c.is_ascii_digit())
                .filter(|n| !n.is_empty())
                .map(|n| n.parse().unwrap())
                .collect();
            let [x, y, length, ..] = numbers[..] else {
                panic!("{segment}")
            };
            for px in x * 10..(x + length) * 10 {
                for py in y * 10..(y + 1) * 10 {
                    image.put_pixel(px, py, image::Luma([0]));
                }
            }
        }
        image
    }

    #[test]
    fn a_reader_reads_the_svg() {
        let svg = QrImage::of(LINK).unwrap().svg();
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""));
        assert_eq!(read(&draw(&svg)), LINK);
    }

    #[test]
    fn a_link_that_does_not_fit_is_refused() {
        assert_eq!(QrImage::of(&"x".repeat(3000)), Err(QrError::TooLong));
    }
}
