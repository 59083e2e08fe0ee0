//! Numbers as people read them.

/// `12,500`, `6.5`, `0.0625`: thousands apart, and no more digits behind the point than tell something.
pub fn count(value: f64) -> String {
    let magnitude = value.abs();
    let decimals = if magnitude >= 1_000.0 {
        0
    } else if magnitude >= 10.0 {
        2
    } else {
        4
    };
    grouped(value, decimals, true)
}

/// US dollars without the sign: whole above 100, cents below, and of less than a cent its first figure.
pub fn usd(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let magnitude = value.abs();
    if magnitude >= 100.0 {
        grouped(value, 0, false)
    } else if magnitude >= 0.01 {
        grouped(value, 2, false)
    } else {
        figures(value, 1)
    }
}

/// Rounded to so many significant figures.
pub(crate) fn figures(value: f64, figures: i32) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let exponent = exponent(value);
    let step = 10_f64.powi(exponent - figures + 1);
    let rounded = (value / step).round() * step;
    let decimals = usize::try_from(figures - 1 - exponent).unwrap_or(0);
    grouped(rounded, decimals, false)
}

/// As [`usd`] rounds, for programs.
pub(crate) fn usd_rounded(value: f64) -> f64 {
    let magnitude = value.abs();
    if magnitude < 0.01 && magnitude > 0.0 {
        let step = 10_f64.powi(exponent(value) - 2);
        return tidy((value / step).round() * step);
    }
    tidy((value * 100.0).round() / 100.0)
}

/// Through text, so that a step's binary rest does not show.
fn tidy(value: f64) -> f64 {
    format!("{value:.12}").parse().unwrap_or(value)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the logarithm of a double is at most 308"
)]
fn exponent(value: f64) -> i32 {
    value.abs().log10().floor() as i32
}

fn grouped(value: f64, decimals: usize, trim: bool) -> String {
    let text = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = if trim {
        fraction.trim_end_matches('0')
    } else {
        fraction
    };
    let mut out = String::new();
    let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if value < 0.0 && !is_zero {
        out.push('-');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_and_without_idle_digits() {
        for (value, text) in [
            (12_500.0, "12,500"),
            (62_500_000.0, "62,500,000"),
            (6.5, "6.5"),
            (0.0, "0"),
            (999.0, "999"),
            (1_000.4, "1,000"),
            (33.333_333, "33.33"),
            (-2.5, "-2.5"),
        ] {
            assert_eq!(count(value), text);
        }
    }

    #[test]
    fn money_shows_cents_where_cents_matter() {
        for (value, text) in [
            (7.8125, "7.81"),
            (62.5, "62.50"),
            (0.004_062_5, "0.004"),
            (1_234.56, "1,235"),
            (0.0, "0"),
        ] {
            assert_eq!(usd(value), text);
        }
    }

    #[test]
    fn an_assumed_sum_has_two_figures() {
        assert_eq!(figures(54.6875, 2), "55");
        assert_eq!(figures(27.34, 2), "27");
        assert_eq!(figures(109.375, 2), "110");
        assert_eq!(figures(0.0123, 2), "0.012");
        assert_eq!(figures(9_876.0, 2), "9,900");
    }
}
