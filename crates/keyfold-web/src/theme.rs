//! A face as data: one value gives the CSS of its tokens and the check of its contrast.

use std::fmt::Write as _;

use crate::assets::File;

/// A colour as `0xRRGGBB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u32);

impl Rgb {
    fn channels(self) -> [f64; 3] {
        [16, 8, 0].map(|shift| f64::from((self.0 >> shift) & 0xff))
    }

    /// This colour laid over `under` with `share` (0–1) of it showing, as CSS's `color-mix(in srgb, …)` does.
    #[must_use]
    pub fn over(self, under: Self, share: f64) -> Self {
        let (top, bottom) = (self.channels(), under.channels());
        let mut mixed = 0_u32;
        for (a, b) in top.into_iter().zip(bottom) {
            let channel = (a * share + b * (1.0 - share)).round().clamp(0.0, 255.0);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "clamped to 0–255 above"
            )]
            let channel = channel as u32;
            mixed = (mixed << 8) | channel;
        }
        Self(mixed)
    }

    /// Contrast ratio, 1–21. Source: WCAG 2.2, "contrast ratio" and "relative luminance".
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    fn luminance(self) -> f64 {
        let [r, g, b] = self.channels().map(|channel| {
            let c = channel / 255.0;
            if c <= 0.04045 {
                c / 12.92
            } else {
                ((c + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }
}

impl std::fmt::Display for Rgb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "#{:06x}", self.0)
    }
}

/// The colour roles. Each becomes a custom property of its name, `_` written as `-`.
#[derive(Debug, Clone, Copy)]
pub struct Palette {
    /// The page.
    pub ground: Rgb,
    /// What lies on the page: fields, sheets, dialogs.
    pub raised: Rgb,
    /// Words.
    pub text: Rgb,
    /// Words that matter less; also the outline of fields.
    pub muted: Rgb,
    /// Hairlines, which carry no meaning of their own.
    pub line: Rgb,
    /// Links and the main action.
    pub accent: Rgb,
    /// Words on the accent.
    pub accent_text: Rgb,
    /// Marks that carry no words.
    pub ornament: Rgb,
    /// Passed. Like every state, always beside a word or a sign.
    pub good: Rgb,
    /// Passed with a reservation.
    pub warn: Rgb,
    /// Failed, or cannot be undone.
    pub bad: Rgb,
    /// Worth knowing.
    pub info: Rgb,
}

/// How much of a state's colour tints the ground of its notice (`--tint` in the stylesheet).
pub const TINT: f64 = 0.08;

/// A pair of roles that does not reach its contrast.
#[derive(Debug, Clone, PartialEq)]
pub struct LowContrast {
    /// The pair, as `muted on raised`.
    pub pair: String,
    /// What was measured.
    pub ratio: f64,
    /// What is asked: 4.5 for words, 3 for marks.
    pub least: f64,
}

impl Palette {
    /// Every pair that the stylesheet uses (words in tinted notices are `text` or the state itself) and that misses its contrast; empty is fine.
    pub fn low_contrast(&self) -> Vec<LowContrast> {
        let words = [
            ("text", self.text),
            ("muted", self.muted),
            ("accent", self.accent),
            ("good", self.good),
            ("warn", self.warn),
            ("bad", self.bad),
            ("info", self.info),
        ];
        let states = [
            ("accent", self.accent),
            ("good", self.good),
            ("warn", self.warn),
            ("bad", self.bad),
            ("info", self.info),
        ];
        let mut found = Vec::new();
        let mut check = |pair: String, front: Rgb, back: Rgb, least: f64| {
            let ratio = front.contrast(back);
            if ratio < least {
                found.push(LowContrast { pair, ratio, least });
            }
        };
        for (back_name, back) in [("ground", self.ground), ("raised", self.raised)] {
            for (name, front) in words {
                check(format!("{name} on {back_name}"), front, back, 4.5);
            }
            check(format!("ornament on {back_name}"), self.ornament, back, 3.0);
        }
        check(
            "accent-text on accent".into(),
            self.accent_text,
            self.accent,
            4.5,
        );
        for (name, state) in states {
            let tinted = state.over(self.raised, TINT);
            check(format!("{name} on its tint"), state, tinted, 4.5);
            check(format!("text on tint of {name}"), self.text, tinted, 4.5);
        }
        found
    }

    fn css(&self) -> String {
        let roles = [
            ("ground", self.ground),
            ("raised", self.raised),
            ("text", self.text),
            ("muted", self.muted),
            ("line", self.line),
            ("accent", self.accent),
            ("accent-text", self.accent_text),
            ("ornament", self.ornament),
            ("good", self.good),
            ("warn", self.warn),
            ("bad", self.bad),
            ("info", self.info),
        ];
        let mut css = String::new();
        for (role, colour) in roles {
            let _ = write!(css, "--{role}:{colour};");
        }
        css
    }
}

/// One font file and how CSS names it.
#[derive(Debug, Clone, Copy)]
pub struct FontFace {
    /// The family, as the stacks of [`Theme`] name it.
    pub family: &'static str,
    /// The file, WOFF2.
    pub file: File,
    /// One weight (`400`) or a variable font's range (`100 900`).
    pub weight: &'static str,
    /// `normal` or `italic`.
    pub style: &'static str,
}

/// One face of the design system: everything that differs between applications.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    /// Colours on a light ground.
    pub light: Palette,
    /// Colours on a dark ground.
    pub dark: Palette,
    /// The font files.
    pub fonts: &'static [FontFace],
    /// Font stack of titles.
    pub display: &'static str,
    /// Font stack of everything else.
    pub body: &'static str,
    /// Font stack of codes, keys and hashes.
    pub mono: &'static str,
    /// Further custom properties, without the leading `--`; `asset(NAME)` in a value becomes the file's URL.
    pub tokens: &'static [(&'static str, &'static str)],
}

impl Theme {
    /// The CSS of the tokens. Dark is the reader's choice by `prefers-color-scheme`, or the page's by class `dark` or
    /// `light` on the root, which wins.
    pub fn css(&self) -> String {
        let mut css = String::new();
        for face in self.fonts {
            let _ = writeln!(
                css,
                "@font-face{{font-family:\"{}\";src:url(asset({})) format(\"woff2\");font-weight:{};font-style:{};font-display:swap}}",
                face.family, face.file.name, face.weight, face.style,
            );
        }
        let _ = write!(
            css,
            ":root{{--font-display:{};--font-body:{};--font-mono:{};",
            self.display, self.body, self.mono
        );
        for (name, value) in self.tokens {
            let _ = write!(css, "--{name}:{value};");
        }
        let (light, dark) = (self.light.css(), self.dark.css());
        let _ = write!(
            css,
            "--tint:{}%;color-scheme:light;{light}}}\n\
             @media (prefers-color-scheme:dark){{:root:not(.light){{color-scheme:dark;{dark}}}}}\n\
             :root.dark{{color-scheme:dark;{dark}}}\n\
             @media print{{:root,:root.dark,:root:not(.light){{color-scheme:light;{light}}}}}\n",
            TINT * 100.0,
        );
        css
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_agrees_with_published_values() {
        assert!((Rgb(0x00_00_00).contrast(Rgb(0xff_ff_ff)) - 21.0).abs() < 1e-9);
        // #767676 is the lightest grey that passes on white, with 4.54.
        assert!((Rgb(0x76_76_76).contrast(Rgb(0xff_ff_ff)) - 4.54).abs() < 0.01);
    }

    #[test]
    fn mixing_follows_css() {
        assert_eq!(Rgb(0xff_00_00).over(Rgb(0x00_00_ff), 0.5), Rgb(0x80_00_80));
        assert_eq!(Rgb(0x12_34_56).over(Rgb(0xff_ff_ff), 1.0), Rgb(0x12_34_56));
    }

    #[test]
    fn a_faint_role_is_reported() {
        let grey = Rgb(0x88_88_88);
        let white = Rgb(0xff_ff_ff);
        let black = Rgb(0);
        let palette = Palette {
            ground: white,
            raised: white,
            text: black,
            muted: grey,
            line: grey,
            accent: black,
            accent_text: white,
            ornament: black,
            good: black,
            warn: black,
            bad: black,
            info: black,
        };
        let pairs: Vec<_> = palette
            .low_contrast()
            .into_iter()
            .map(|low| low.pair)
            .collect();
        assert!(pairs.contains(&"muted on ground".to_owned()), "{pairs:?}");
        assert!(
            !pairs.iter().any(|pair| pair.starts_with("text")),
            "{pairs:?}"
        );
    }
}
