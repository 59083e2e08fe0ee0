//! GenuProof's face: paper, ink, deep green, gold.

use keyfold_web::assets::{Assets, File, fonts};
use keyfold_web::theme::{FontFace, Palette, Rgb, Theme};

/// The name of the icon among the assets.
pub const MARK: &str = "mark.svg";
/// The name of the script that follows alerts.
pub const LIVE_SCRIPT: &str = "live.js";

/// The name of the stylesheet for what only these pages have.
pub const OWN_STYLE: &str = "genuproof.css";
/// The name of the stylesheet of the badge that others embed.
pub const EMBED_STYLE: &str = "embed.css";

/// The tokens.
pub const FACE: Theme = Theme {
    light: Palette {
        ground: Rgb(0xfa_f8_f4),
        raised: Rgb(0xff_fe_fb),
        text: Rgb(0x1a_1a_18),
        muted: Rgb(0x6b_69_60),
        line: Rgb(0xd4_cf_c4),
        accent: Rgb(0x0d_50_3c),
        accent_text: Rgb(0xfa_f8_f4),
        ornament: Rgb(0xb8_86_0b),
        good: Rgb(0x0d_50_3c),
        warn: Rgb(0x92_40_0e),
        bad: Rgb(0x9b_2c_2c),
        info: Rgb(0x2b_55_82),
    },
    dark: Palette {
        ground: Rgb(0x11_11_10),
        raised: Rgb(0x19_19_17),
        text: Rgb(0xe8_e4_dc),
        muted: Rgb(0x8a_85_7c),
        line: Rgb(0x2a_29_28),
        accent: Rgb(0x2d_9d_6f),
        accent_text: Rgb(0x0b_14_10),
        ornament: Rgb(0xd4_a8_43),
        good: Rgb(0x2d_9d_6f),
        warn: Rgb(0xe0_98_4a),
        // The published #dc4444 has 4.46 on the ground; words need 4.5, on the tint of a notice too.
        bad: Rgb(0xe8_66_66),
        info: Rgb(0x7f_ab_d8),
    },
    fonts: &[
        FontFace {
            family: "Instrument Serif",
            file: fonts::INSTRUMENT_SERIF,
            weight: "400",
            style: "normal",
        },
        FontFace {
            family: "Geist",
            file: fonts::GEIST,
            weight: "100 900",
            style: "normal",
        },
        FontFace {
            family: "Geist Mono",
            file: fonts::GEIST_MONO,
            weight: "400",
            style: "normal",
        },
    ],
    display: "\"Instrument Serif\",Georgia,\"Times New Roman\",serif",
    body: "Geist,system-ui,-apple-system,\"Segoe UI\",sans-serif",
    mono: "\"Geist Mono\",ui-monospace,\"SF Mono\",Menlo,Consolas,monospace",
    tokens: &[
        ("sheet-band", "url(asset(guilloche-band.svg))"),
        ("sheet-rosette", "url(asset(guilloche-rosette.svg))"),
        ("sheet-grain", "url(asset(grain.svg))"),
    ],
};

const OWN: &[File] = &[
    File {
        name: "grain.svg",
        bytes: include_bytes!("../../assets/grain.svg"),
    },
    File {
        name: "guilloche-band.svg",
        bytes: include_bytes!("../../assets/guilloche-band.svg"),
    },
    File {
        name: "guilloche-rosette.svg",
        bytes: include_bytes!("../../assets/guilloche-rosette.svg"),
    },
    File {
        name: LIVE_SCRIPT,
        bytes: include_bytes!("../../assets/live.js"),
    },
    File {
        name: OWN_STYLE,
        bytes: include_bytes!("../../assets/genuproof.css"),
    },
    File {
        name: EMBED_STYLE,
        bytes: include_bytes!("../../assets/embed.css"),
    },
    File {
        name: MARK,
        bytes: include_bytes!("../../assets/mark.svg"),
    },
];

/// The stylesheet in this face, scripts, fonts and patterns.
pub fn assets() -> Assets {
    Assets::new(&FACE, OWN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_pair_has_its_contrast_in_light_and_dark() {
        assert_eq!(FACE.light.low_contrast(), [], "light");
        assert_eq!(FACE.dark.low_contrast(), [], "dark");
    }
}
