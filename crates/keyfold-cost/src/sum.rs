//! A sum of money with what it was worked out from.

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::number::{figures, usd, usd_rounded};
use crate::quantity::{Origin, Quantity, as_map, join, weakest};

/// US dollars a month, with the formula and every input.
#[derive(Debug, Clone, PartialEq)]
pub struct Sum {
    /// The sum, not rounded.
    pub monthly_usd: f64,
    /// How it was worked out, with the numbers.
    pub formula: String,
    /// What went in.
    pub inputs: Vec<Quantity>,
}

impl Sum {
    /// Nothing, for a reason.
    pub fn zero(why: impl Into<String>) -> Self {
        Self {
            monthly_usd: 0.0,
            formula: why.into(),
            inputs: Vec::new(),
        }
    }

    /// The weakest origin among the inputs.
    pub fn basis(&self) -> Origin {
        weakest(&self.inputs)
    }

    /// Half and twice the sum, where an input is assumed.
    pub fn range_usd(&self) -> Option<(f64, f64)> {
        (self.basis() == Origin::Assumed)
            .then_some((self.monthly_usd / 2.0, self.monthly_usd * 2.0))
    }

    /// `7.81`, or `55 (27–110)` where an input is assumed.
    pub fn text(&self) -> String {
        match self.range_usd() {
            Some(_) if self.monthly_usd == 0.0 => "0".to_owned(),
            None => usd(self.monthly_usd),
            Some((low, high)) => format!(
                "{} ({}–{})",
                figures(self.monthly_usd, 2),
                figures(low, 2),
                figures(high, 2)
            ),
        }
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: &Self) -> Self {
        self.combined(other, '+', 1.0)
    }

    /// What is left of this one without the other.
    #[must_use]
    pub fn minus(self, other: &Self) -> Self {
        self.combined(other, '−', -1.0)
    }

    fn combined(self, other: &Self, sign: char, factor: f64) -> Self {
        Self {
            monthly_usd: self.monthly_usd + factor * other.monthly_usd,
            formula: format!("{} {sign} {}", bracketed(&self), bracketed(other)),
            inputs: join(self.inputs, &other.inputs),
        }
    }

    /// All of them: `words: 1.20 + 0.40`.
    pub fn of<'a>(words: &str, parts: impl IntoIterator<Item = &'a Sum>) -> Self {
        let mut sum = Self::zero("");
        let mut amounts = Vec::new();
        for part in parts {
            if part.monthly_usd != 0.0 {
                amounts.push(usd(part.monthly_usd));
            }
            sum.monthly_usd += part.monthly_usd;
            sum.inputs = join(sum.inputs, &part.inputs);
        }
        sum.formula = if amounts.is_empty() {
            format!("{words}: nothing")
        } else {
            format!("{words}: {}", amounts.join(" + "))
        };
        sum
    }

    /// All of them, under a formula of the caller's.
    pub(crate) fn under<'a>(formula: String, parts: impl IntoIterator<Item = &'a Sum>) -> Self {
        Self {
            formula,
            ..Self::of("", parts)
        }
    }
}

fn bracketed(sum: &Sum) -> String {
    format!("({})", sum.formula)
}

impl Serialize for Sum {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        struct Inputs<'a>(&'a [Quantity]);
        impl Serialize for Inputs<'_> {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                as_map(self.0, to)
            }
        }
        let range = self.range_usd();
        let mut out = to.serialize_struct("Sum", 4 + 2 * usize::from(range.is_some()))?;
        out.serialize_field("monthly_usd", &usd_rounded(self.monthly_usd))?;
        if let Some((low, high)) = range {
            out.serialize_field("low_usd", &usd_rounded(low))?;
            out.serialize_field("high_usd", &usd_rounded(high))?;
        }
        out.serialize_field("basis", &self.basis())?;
        out.serialize_field("formula", &self.formula)?;
        out.serialize_field("inputs", &Inputs(&self.inputs))?;
        out.end()
    }
}
