//! What an analyst makes of an alert: how serious, what may lie behind it, what to do. This one goes by rules, so that its verdict
//! is the same every time; it is asked beside the pipeline and never in its way.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::alert::{AlertKind, Severity};
use super::canonical::Object;

/// The model that judgements are asked of. Where it was not asked, the entry says so.
pub const MODEL: &str = "gemini-2.5-flash";
/// What a judgement by rules calls itself.
pub const RULES: &str = "rules";
const CONFIDENCE_SCAN: u64 = 50;
const CONFIDENCE_GAP: u64 = 70;

/// Who judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Agent {
    /// Scans.
    ThreatDetector,
    /// Gaps.
    ChainAnalyzer,
}

impl Agent {
    /// The one whose alerts these are; none judges what people reported themselves.
    pub fn of(kind: AlertKind) -> Option<Self> {
        match kind {
            AlertKind::HashTampering
            | AlertKind::GeographicAnomaly
            | AlertKind::ClaimedProductScan
            | AlertKind::ScanVelocity
            | AlertKind::BurstScan => Some(Self::ThreatDetector),
            AlertKind::ChainGap => Some(Self::ChainAnalyzer),
            AlertKind::ProductRecall | AlertKind::OwnershipDispute => None,
        }
    }

    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ThreatDetector => "threat_detector",
            Self::ChainAnalyzer => "chain_analyzer",
        }
    }

    /// What it is called upon by.
    pub fn trigger(self) -> &'static str {
        match self {
            Self::ThreatDetector => "scan_event",
            Self::ChainAnalyzer => "chain_event",
        }
    }
}

/// A judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Who judged.
    pub agent: Agent,
    /// How serious it is.
    pub severity: Severity,
    /// What may lie behind it.
    pub attack_vector: &'static str,
    /// In two sentences.
    pub narrative: &'static str,
    /// What to do.
    pub actions: &'static [&'static str],
    /// How sure, of 100.
    pub confidence: u64,
}

/// Judges an alert; none where there is nothing to judge.
pub fn judge(kind: AlertKind) -> Option<Judgement> {
    let agent = Agent::of(kind)?;
    let (narrative, actions): (&str, &[&str]) = match kind {
        AlertKind::HashTampering => (
            "The stored record no longer proves what was registered. Treat the item as suspect until the record is explained.",
            &[
                "Compare the record with your own files",
                "Find out who can write the table",
                "Tell the shop that holds the product",
            ],
        ),
        AlertKind::GeographicAnomaly => (
            "One item cannot be in so many countries within a day. The code has probably been copied onto other items.",
            &[
                "Look where the scans were made",
                "Ask buyers in these countries for photographs",
                "Consider recalling the code",
            ],
        ),
        AlertKind::ClaimedProductScan => (
            "Somebody other than the owner holds an item with this code. It was lent, sold on, or copied.",
            &[
                "Ask the owner whether it was sold",
                "Compare the places of the scans",
            ],
        ),
        AlertKind::ScanVelocity => (
            "A single item is not looked at so often. The code may be on many items, or published.",
            &[
                "Search for the code online",
                "Look where the scans were made",
            ],
        ),
        AlertKind::BurstScan => (
            "Many scans within an hour: a queue of buyers with one code, a demonstration, or a program that tries it out.",
            &[
                "See whether the scans come from one place",
                "Wait an hour and look again",
            ],
        ),
        AlertKind::ChainGap => (
            "A long silence in the history of an item is where one is exchanged for another. Most have a harmless cause.",
            &[
                "Ask both sides where it was",
                "Look at the paper of the shipment",
            ],
        ),
        AlertKind::ProductRecall | AlertKind::OwnershipDispute => return None,
    };
    Some(Judgement {
        agent,
        severity: kind.severity(),
        attack_vector: kind.as_str(),
        narrative,
        actions,
        confidence: match agent {
            Agent::ThreatDetector => CONFIDENCE_SCAN,
            Agent::ChainAnalyzer => CONFIDENCE_GAP,
        },
    })
}

impl Judgement {
    /// As an alert carries it.
    pub fn analysis(&self, latency_ms: u64) -> Object {
        let analysis = match self.agent {
            Agent::ThreatDetector => json!({
                "severity": self.severity.as_str().to_uppercase(),
                "attack_vector": self.attack_vector,
                "narrative": self.narrative,
                "recommended_actions": self.actions,
                "confidence": self.confidence,
                "model": RULES,
                "latency_ms": latency_ms,
            }),
            Agent::ChainAnalyzer => json!({
                "risk_level": self.severity.as_str().to_uppercase(),
                "possible_causes": ["Transit delay", "Customs hold", "Warehouse staging"],
                "recommended_action": self.actions.first(),
                "model": RULES,
                "latency_ms": latency_ms,
            }),
        };
        match analysis {
            Value::Object(analysis) => analysis,
            _ => Object::new(),
        }
    }

    /// The severity of an alert once judged: raised where it was found more serious, never lowered.
    pub fn raises(&self, rule: Severity) -> Severity {
        rule.max(self.severity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_anomaly_is_judged_as_seriously_as_its_rule_takes_it() {
        for kind in AlertKind::ALL {
            let judged = judge(kind);
            assert_eq!(judged.is_some(), Agent::of(kind).is_some(), "{kind:?}");
            if let Some(judged) = judged {
                assert_eq!(judged.severity, kind.severity());
                assert_eq!(judged.attack_vector, kind.as_str());
                assert_eq!(judged.raises(Severity::Critical), Severity::Critical);
            }
        }
    }

    #[test]
    fn the_analysis_has_the_members_of_its_kind() {
        let members = |kind| {
            let analysis = judge(kind).unwrap().analysis(3);
            let mut members: Vec<_> = analysis.keys().cloned().collect();
            members.sort();
            members.join(" ")
        };
        assert_eq!(
            members(AlertKind::BurstScan),
            "attack_vector confidence latency_ms model narrative recommended_actions severity"
        );
        assert_eq!(
            members(AlertKind::ChainGap),
            "latency_ms model possible_causes recommended_action risk_level"
        );
    }
}
