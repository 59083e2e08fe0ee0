//! Disputes about who owns a product: their states, and how a claim follows from them.

use serde::{Deserialize, Serialize};

/// Where a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// Nobody has looked at it yet.
    Open,
    /// The brand looks into it.
    Investigating,
    /// The claim stands.
    ResolvedOriginal,
    /// The claim is the disputant's.
    ResolvedDisputant,
}

impl DisputeStatus {
    /// Every state.
    pub const ALL: [Self; 4] = [
        Self::Open,
        Self::Investigating,
        Self::ResolvedOriginal,
        Self::ResolvedDisputant,
    ];

    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Investigating => "investigating",
            Self::ResolvedOriginal => "resolved_original",
            Self::ResolvedDisputant => "resolved_disputant",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether it keeps a claim disputed.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Open | Self::Investigating)
    }

    /// Whether it may become the other: a resolved one stays as it is.
    pub fn may_become(self, next: Self) -> bool {
        self.is_open() && self != next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dispute_moves_until_it_is_resolved_and_then_no_more() {
        for from in DisputeStatus::ALL {
            assert_eq!(DisputeStatus::parse(from.as_str()), Some(from));
            for to in DisputeStatus::ALL {
                assert_eq!(
                    from.may_become(to),
                    from.is_open() && from != to,
                    "{from:?} {to:?}"
                );
            }
        }
    }
}
