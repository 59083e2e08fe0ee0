//! The bill as bars.

use plotters::backend::SVGBackend;
use plotters::prelude::{
    IntoDrawingArea as _, IntoFont as _, RGBColor, Rectangle, Text, TextStyle,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, ShapeStyle};

use crate::number::usd;
use crate::predict::Report;
use crate::quantity::Origin;

/// Pixels of a bar with the room below it.
const ROW: i32 = 34;
const WIDTH: i32 = 900;
/// Where bars begin, right of their words.
const LEFT: i32 = 260;
/// Room for the sum at the right.
const RIGHT: i32 = 170;
const TOP: i32 = 70;

/// Why a chart could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("the chart cannot be drawn: {0}")]
pub struct ChartError(String);

/// The lines of the bill, and both billing modes, as an SVG document.
pub fn svg(report: &Report) -> Result<String, ChartError> {
    let mut bars: Vec<Bar> = report
        .bill
        .iter()
        .filter(|line| line.cost.monthly_usd > 0.0)
        .map(|line| Bar {
            what: line.what.clone(),
            usd: line.cost.monthly_usd,
            says: line.cost.text(),
            assumed: line.cost.basis() == Origin::Assumed,
            mode: false,
        })
        .collect();
    bars.sort_by(|a, b| b.usd.total_cmp(&a.usd));
    for (what, sum) in [
        ("throughput, on demand", &report.modes.on_demand),
        ("throughput, provisioned", &report.modes.provisioned),
    ] {
        bars.push(Bar {
            what: what.to_owned(),
            usd: sum.monthly_usd,
            says: sum.text(),
            assumed: sum.basis() == Origin::Assumed,
            mode: true,
        });
    }
    let mut out = String::new();
    draw(report, &bars, &mut out).map_err(|error| ChartError(error.to_string()))?;
    Ok(out)
}

struct Bar {
    what: String,
    usd: f64,
    says: String,
    assumed: bool,
    mode: bool,
}

type Drawn = Result<(), Box<dyn std::error::Error>>;

fn draw(report: &Report, bars: &[Bar], out: &mut String) -> Drawn {
    let rows = i32::try_from(bars.len())?;
    let height = TOP + rows * ROW + 60;
    let size = (u32::try_from(WIDTH)?, u32::try_from(height)?);
    let area = SVGBackend::with_string(out, size).into_drawing_area();
    area.fill(&RGBColor(255, 255, 255))?;
    let ink = RGBColor(28, 30, 33);
    let quiet = RGBColor(92, 98, 106);
    let title = format!("{}: {} USD a month", report.table, report.total.text());
    area.draw(&Text::new(title, (24, 20), words(20, ink)))?;
    let largest = bars
        .iter()
        .map(|bar| bar.usd)
        .fold(f64::MIN_POSITIVE, f64::max);
    for (row, bar) in (0..).zip(bars) {
        // Room between the bill and the two modes, which are no lines of it.
        let top = TOP + row * ROW + if bar.mode { 14 } else { 0 };
        let length = length(bar.usd / largest);
        let color = match (bar.mode, bar.assumed) {
            (true, _) => RGBColor(140, 148, 160),
            (false, true) => RGBColor(122, 164, 214),
            (false, false) => RGBColor(36, 99, 178),
        };
        let fill: ShapeStyle = color.filled();
        area.draw(&Rectangle::new(
            [(LEFT, top), (LEFT + length.max(1), top + ROW - 12)],
            fill,
        ))?;
        let middle = top + (ROW - 12) / 2;
        area.draw(&Text::new(
            bar.what.clone(),
            (LEFT - 10, middle),
            words(14, ink).pos(Pos::new(HPos::Right, VPos::Center)),
        ))?;
        area.draw(&Text::new(
            bar.says.clone(),
            (LEFT + length + 8, middle),
            words(14, ink).pos(Pos::new(HPos::Left, VPos::Center)),
        ))?;
    }
    let foot = format!(
        "USD a month, {}, {}; prices read {}. Lighter bars rest on assumptions. Largest: {}.",
        report.region,
        report.billing,
        report.prices_read,
        usd(largest)
    );
    area.draw(&Text::new(foot, (24, height - 26), words(12, quiet)))?;
    area.present()?;
    Ok(())
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a share of a few hundred pixels"
)]
fn length(share: f64) -> i32 {
    (share.clamp(0.0, 1.0) * f64::from(WIDTH - LEFT - RIGHT)).round() as i32
}

fn words(size: i32, color: RGBColor) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&color)
}
