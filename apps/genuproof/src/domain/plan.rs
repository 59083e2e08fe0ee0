//! The plans a brand can be on.

/// A plan.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    /// What it is asked for by.
    pub id: &'static str,
    /// What a brand on it says: `free` for the first.
    pub word: &'static str,
    /// Its name.
    pub name: &'static str,
    /// US cents a month.
    pub amount_cents: u64,
    /// How many products may be registered; none is any number.
    pub products_max: Option<u64>,
    /// The same in words.
    pub products: &'static str,
    /// What it has.
    pub features: &'static [&'static str],
    /// What the page about prices adds.
    pub more: &'static [&'static str],
}

/// Every plan, the smallest first.
pub const PLANS: [Plan; 3] = [
    Plan {
        id: "starter",
        word: FREE,
        name: "Starter",
        amount_cents: 0,
        products_max: Some(10),
        products: "10 products",
        features: &["Basic verification", "QR codes", "Provenance chain"],
        more: &["Chain of 3 events"],
    },
    Plan {
        id: "brand",
        word: "brand",
        name: "Brand",
        amount_cents: 9_900,
        products_max: Some(500),
        products: "500 products",
        features: &[
            "Full supply chain tracking",
            "AI threat detection",
            "Real-time dashboard",
            "Carrier integrations",
            "Anti-tag-cloning",
        ],
        more: &[
            "Unlimited events",
            "Point-of-sale integrations",
            "Analytics",
            "Claims and disputes",
        ],
    },
    Plan {
        id: "business",
        word: "business",
        name: "Business",
        amount_cents: 29_900,
        products_max: None,
        products: "Unlimited products",
        features: &[
            "Everything in Brand",
            "API webhooks",
            "EU DPP export",
            "Team seats",
            "Priority support",
            "Custom integrations",
        ],
        more: &[
            "Batch of 50",
            "Custom warehouse system",
            "Embeddable badge",
            "White-label certificates",
        ],
    },
];

/// What a brand that does not pay says.
pub const FREE: &str = "free";

impl Plan {
    /// The plan that is asked for by this word.
    pub fn find(id: &str) -> Option<&'static Self> {
        PLANS.iter().find(|plan| plan.id == id)
    }

    /// How many products a brand that says this word may register. Words that are no plan of ours were agreed by hand, and are not
    /// bounded.
    pub fn products_max(word: &str) -> Option<u64> {
        PLANS.iter().find(|plan| plan.word == word)?.products_max
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_are_no_plans_are_none_also_those_that_other_languages_know() {
        for word in [
            "",
            "Starter",
            "free",
            "constructor",
            "__proto__",
            "toString",
        ] {
            assert_eq!(Plan::find(word), None, "{word}");
        }
        assert_eq!(Plan::products_max("free"), Some(10));
        assert_eq!(Plan::products_max("brand"), Some(500));
        assert_eq!(Plan::products_max("business"), None);
        assert_eq!(Plan::products_max("enterprise"), None);
    }
}
