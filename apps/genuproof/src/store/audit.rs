//! The audit: what happened to products, newest first, kept by brand and month, and by day for everybody.

use keyfold::Transact;
use keyfold::prelude::*;

use super::counting::day_of;
use super::{Store, StoreError};
use crate::domain::alert::DAY_MS;
use crate::domain::audit::AuditLine;
use crate::domain::ids::BrandId;
use crate::table::{Alert, AuditEntry, AuditOfAll, Brand, Event, Genuproof, Scan};

/// Days that are looked at for everybody, and months for a brand.
const DAYS_MAX: i64 = 31;
const MONTHS_MAX: usize = 36;

/// A line with its moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audited {
    /// When it happened.
    pub at: Timestamp,
    /// What.
    pub line: AuditLine,
}

impl Store {
    /// Adds an event to what is written with it.
    pub fn audit_event(
        &self,
        transact: Transact<Genuproof>,
        brand: &BrandId,
        event: &Event,
    ) -> Transact<Genuproof> {
        let Some(at) = moment(&event.at) else {
            return transact;
        };
        let line = AuditLine::event(
            event.product.as_str(),
            &event.kind,
            event.actor.text(),
            event.location.text(),
            &event.at,
            event.hash.text(),
        );
        let digits = event.product.as_str().get(..16).unwrap_or_default();
        audit(
            transact,
            brand,
            at,
            &format!("event-{}-{digits}", event.kind),
            line,
            true,
        )
    }

    /// Adds a scan to what is written with it.
    pub fn audit_scan(
        &self,
        transact: Transact<Genuproof>,
        brand: &BrandId,
        scan: &Scan,
    ) -> Transact<Genuproof> {
        let line = AuditLine::scan(
            scan.product.as_str(),
            scan.country.text().unwrap_or("Unknown"),
            scan.city.text().unwrap_or("Unknown"),
            &scan.at.to_string(),
            scan.result.text().unwrap_or("unknown"),
        );
        let digits = scan.product.as_str().get(..16).unwrap_or_default();
        let suffix = scan.suffix.as_deref().unwrap_or_default();
        audit(
            transact,
            brand,
            scan.at,
            &format!("scan-{digits}-{suffix}"),
            line,
            true,
        )
    }

    /// An alert's line, for its brand alone.
    pub fn audit_alert(&self, alert: &Alert) -> Transact<Genuproof> {
        let line = AuditLine::alert(
            alert.product_id.text().unwrap_or_default(),
            &alert.kind,
            &alert.at.to_string(),
            alert.severity.text().unwrap_or_default(),
            alert.details.text().unwrap_or_default(),
        );
        let suffix = alert.suffix.as_deref().unwrap_or_default();
        let suffix = format!("alert-{}-{suffix}", alert.kind);
        audit(
            self.db.transact(),
            &alert.brand,
            alert.at,
            &suffix,
            line,
            false,
        )
    }

    /// The newest entries of a brand.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_of(&self, brand: &Brand, limit: u32) -> Result<Vec<Audited>, StoreError> {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut found, mut month) = (Vec::new(), month_of(self.now()));
        for _ in 0..MONTHS_MAX {
            let size = u32::try_from(wanted - found.len()).unwrap_or(u32::MAX);
            let pages = self.db.audit_of_month(&brand.id, &month).page_size(size);
            let page = pages.consistent().page().await?;
            let audited = |entry: AuditEntry| Audited {
                at: entry.at,
                line: entry.line,
            };
            found.extend(page.items.into_iter().map(audited));
            if found.len() >= wanted || month <= month_of(brand.created_at) {
                break;
            }
            month = before(&month);
        }
        Ok(found)
    }

    /// The newest entries of all brands over a month; no alerts.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn audit_of_all(&self, limit: u32) -> Result<Vec<Audited>, StoreError> {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut found, now) = (Vec::new(), self.now());
        for ago in 0..DAYS_MAX {
            let size = u32::try_from(wanted - found.len()).unwrap_or(u32::MAX);
            let day = day_of(now.plus_ms(-ago * DAY_MS));
            let page = self
                .db
                .audit_of_day(&day)
                .page_size(size)
                .consistent()
                .page()
                .await?;
            let audited = |entry: AuditOfAll| Audited {
                at: entry.at,
                line: entry.line,
            };
            found.extend(page.items.into_iter().map(audited));
            if found.len() >= wanted {
                break;
            }
        }
        Ok(found)
    }
}

fn audit(
    transact: Transact<Genuproof>,
    brand: &BrandId,
    at: Timestamp,
    suffix: &str,
    line: AuditLine,
    is_for_all: bool,
) -> Transact<Genuproof> {
    let transact = transact.create(AuditEntry {
        brand: brand.clone(),
        month: month_of(at),
        at,
        suffix: suffix.to_owned(),
        line: line.clone(),
    });
    if !is_for_all {
        return transact;
    }
    transact.create(AuditOfAll {
        day: day_of(at),
        at,
        suffix: suffix.to_owned(),
        line,
    })
}

/// `2026-03`.
fn month_of(at: Timestamp) -> String {
    at.to_string().get(..7).unwrap_or_default().to_owned()
}

/// The month before.
fn before(month: &str) -> String {
    let number = |part: Option<&str>| {
        part.and_then(|part| part.parse::<u32>().ok())
            .unwrap_or_default()
    };
    let mut parts = month.split('-');
    let (year, month) = (number(parts.next()), number(parts.next()));
    if month <= 1 {
        format!("{:04}-12", year.saturating_sub(1))
    } else {
        format!("{year:04}-{:02}", month - 1)
    }
}

fn moment(text: &str) -> Option<Timestamp> {
    Timestamp::truncating(text.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::before;

    #[test]
    fn the_month_before_january_is_december() {
        assert_eq!(before("2026-03"), "2026-02");
        assert_eq!(before("2026-01"), "2025-12");
    }
}
