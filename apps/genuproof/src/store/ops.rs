//! The operations log: what an analyst judged.

use keyfold::prelude::*;

use super::{Store, StoreError, failure};
use crate::domain::alert::{AlertKind, DAY_MS, Severity};
use crate::domain::analyst::{Judgement, MODEL};
use crate::domain::ids::BrandId;
use crate::domain::stored::Stored;
use crate::table::{Alert, OpsEntry, OpsOfBrand};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Refusal)]
enum Refused {
    Judged,
}

impl Store {
    /// Adds a judgement to its alert, and to the operations log where the alert is the one that stands there for its cause. The
    /// alert keeps what the rule said, and is never taken less seriously. A second judgement changes nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_judgement(
        &self,
        alert: &Alert,
        judgement: &Judgement,
        latency_ms: u64,
    ) -> Result<(), StoreError> {
        let rule = alert.severity.text().and_then(Severity::parse);
        let severity = judgement.raises(rule.unwrap_or(Severity::Low));
        let details = alert.details.text().unwrap_or_default();
        let patch = self
            .db
            .alerts
            .patch(alert)
            .severity(severity.as_str())
            .details(
                format!("{details} {}", judgement.narrative)
                    .trim()
                    .to_owned(),
            )
            .ai_analysis(judgement.analysis(latency_ms));
        let transact = self
            .db
            .transact()
            .apply(patch.when(|found| found.ai_analysis.eq(Stored::Absent)))
            .or(Refused::Judged);
        let transact = if alert.is_logged.here() == Some(&true) {
            transact
                .create(entry(alert, judgement, latency_ms))
                .or(Refused::Judged)
        } else {
            transact
        };
        match transact.commit().await {
            Ok(_) | Err(TransactError::Refused(Refused::Judged)) => Ok(()),
            Err(error) => Err(failure(error)),
        }
    }

    /// The newest entries of all brands over so many days.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ops(&self, days: u32, limit: u32) -> Result<Vec<OpsEntry>, StoreError> {
        let since = self.now().plus_ms(-i64::from(days) * DAY_MS);
        let page = self.db.ops_since(since).page_size(limit).page().await?;
        Ok(page.items)
    }

    /// The newest entries of a brand over so many days.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn ops_of_brand(
        &self,
        brand: &BrandId,
        days: u32,
        limit: u32,
    ) -> Result<Vec<OpsOfBrand>, StoreError> {
        let since = self.now().plus_ms(-i64::from(days) * DAY_MS);
        let pages = self.db.ops_of_brand_since(&brand.into(), since);
        Ok(pages.page_size(limit).page().await?.items)
    }
}

fn entry(alert: &Alert, judgement: &Judgement, latency_ms: u64) -> OpsEntry {
    let agent = judgement.agent;
    let kinds = || Some(vec![AlertKind::parse(&alert.kind)?.as_str().to_owned()]);
    let flags = alert.anomaly_flags.here().cloned().or_else(kinds);
    OpsEntry {
        at: alert.at,
        by: agent.as_str().to_owned(),
        suffix: alert.suffix.clone(),
        agent: agent.as_str().into(),
        trigger: agent.trigger().into(),
        product_id: alert.product_id.clone(),
        brand_id: (&alert.brand).into(),
        anomaly_flags: flags.into(),
        gemini_model: MODEL.into(),
        ai_severity: judgement.severity.as_str().to_uppercase().into(),
        ai_attack_vector: judgement.attack_vector.as_str().into(),
        ai_confidence: judgement.confidence.into(),
        latency_ms: latency_ms.into(),
        timestamp: alert.at.to_string().into(),
        is_fallback: judgement.is_fallback().into(),
        tokens_in: judgement.tokens.0.into(),
        tokens_out: judgement.tokens.1.into(),
        error: judgement.error.clone().into(),
    }
}
