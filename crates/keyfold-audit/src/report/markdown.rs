//! What a reviewer reads in a pull request: new, remaining, money.

use super::Report;
use super::decide::months;
use super::text::{figures, headline, row_money, rows};
use crate::finding::{Severity, State};

/// The report.
pub fn render(report: &Report, fail_on: Option<Severity>) -> String {
    let mut out = format!("## {}\n\n", cell(&headline(report)));
    let new: Vec<_> = report.counted().filter(|f| f.state == State::New).collect();
    if let Some(at) = fail_on {
        let n = report.failing(at);
        out.push_str(&match n {
            0 => format!("**No new finding at or above {}.**\n\n", at.name()),
            n => format!("**{n} new at or above {}: failing.**\n\n", at.name()),
        });
    }
    if !new.is_empty() {
        out.push_str(
            "### New\n\n| severity | rule | where | what | instead |\n|---|---|---|---|---|\n",
        );
        for finding in new.iter().take(50) {
            out.push_str(&format!(
                "| {} | `{}` | `{}:{}` | {} | {} |\n",
                finding.severity.name(),
                finding.rule,
                finding.file.replace('|', "\\|"),
                finding.line,
                cell(&finding.message),
                cell(&finding.fix)
            ));
        }
        if new.len() > 50 {
            out.push_str(&format!("\n…and {} more.\n", new.len() - 50));
        }
        out.push('\n');
    }
    let rows = rows(report);
    if !rows.is_empty() {
        out.push_str("### Totals\n\n| rule | found | new | known | a month (USD) | hours |\n|---|---:|---:|---:|---:|---:|\n");
        for row in &rows {
            out.push_str(&format!(
                "| `{}` | {} | {} | {} | {} | {:.1} |\n",
                row.rule,
                row.found,
                row.new,
                row.known,
                row_money(row),
                f64::from(row.minutes) / 60.0
            ));
        }
        let s = &report.summary;
        out.push_str(&format!(
            "\nOnce {} USD to repair at {} USD an hour; {} USD a month while it stays{}. {} suppressed, {} known, {} fixed since the baseline.\n",
            keyfold_cost::count((s.effort_hours * s.hourly_rate).round()),
            keyfold_cost::count(s.hourly_rate),
            figures(s.monthly_usd),
            if s.monthly_assumed { " (assumed inputs; name yours in `keyfold.traffic.toml`)" } else { "" },
            s.suppressed,
            s.known,
            report.fixed
        ));
    }
    decisions(report, &mut out);
    out
}

/// Whose bypasses, what to decide.
fn decisions(report: &Report, out: &mut String) {
    let d = &report.decisions;
    if let Some((date, first)) = d.trend.first() {
        out.push_str(&format!(
            "\nTrend: {first} on {date}, {} now.\n",
            report.counted().count()
        ));
    }
    if !d.bypasses.is_empty() {
        out.push_str("\n### Bypasses\n\n| folder | owner | found |\n|---|---|---:|\n");
        for b in d.bypasses.iter().take(20) {
            out.push_str(&format!(
                "| `{}` | {} | {} |\n",
                b.folder.replace('|', "\\|"),
                cell(b.owner.as_deref().unwrap_or("–")),
                b.found
            ));
        }
    }
    if !d.families.is_empty() {
        out.push_str("\n### To decide\n\n| about | way | a month (USD) | hours once | repaid after |\n|---|---|---:|---:|---|\n");
        for decision in &d.families {
            for (at, way) in decision.ways.iter().enumerate() {
                let repaid = match (at, decision.repaid_after_months) {
                    (1, Some(n)) => months(n),
                    _ => String::new(),
                };
                out.push_str(&format!(
                    "| {} | {} | {} | {} | {repaid} |\n",
                    if at == 0 { decision.family } else { "" },
                    way.what,
                    way.monthly_usd
                        .map_or_else(|| "not priced".to_owned(), figures),
                    way.hours
                        .map_or_else(|| "–".to_owned(), |h| format!("{h:.0}")),
                ));
            }
        }
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
        .replace('\n', " ")
        .replace('<', "&lt;")
}
