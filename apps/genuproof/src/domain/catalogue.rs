//! What is offered for choosing: categories, actors, places.

use serde::Serialize;

/// A category of products.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[expect(
    missing_docs,
    reason = "the members of the answer, under their own names"
)]
pub struct Category {
    pub id: &'static str,
    pub label: &'static str,
    pub industries: &'static [&'static str],
}

/// Somebody who takes part in a product's life. What is not known of them is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[expect(
    missing_docs,
    reason = "the members of the answer, under their own names"
)]
pub struct Actor {
    pub id: &'static str,
    pub name: &'static str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regions: Option<&'static [&'static str]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<&'static str>,
}

/// A place. What is not known of it is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[expect(
    missing_docs,
    reason = "the members of the answer, under their own names"
)]
pub struct Location {
    pub city: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    pub country: &'static str,
    pub region: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub specialties: Option<&'static [&'static str]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub district: Option<&'static str>,
}

/// Actors or places of one kind, under its word.
pub type Group<T> = (&'static str, &'static [T]);

/// The group of a word; none when it is the word of no group.
pub fn chosen<T: Copy>(groups: &[Group<T>], word: Option<&str>) -> Option<Group<T>> {
    groups.iter().find(|(name, _)| Some(*name) == word).copied()
}

/// Every category.
pub const CATEGORIES: [Category; 14] = [
    Category {
        id: "watches",
        label: "Watches",
        industries: &["fashion", "electronics"],
    },
    Category {
        id: "handbags",
        label: "Handbags",
        industries: &["fashion"],
    },
    Category {
        id: "jewelry",
        label: "Jewelry",
        industries: &["fashion"],
    },
    Category {
        id: "eyewear",
        label: "Eyewear",
        industries: &["fashion"],
    },
    Category {
        id: "fragrances",
        label: "Fragrances",
        industries: &["fashion", "cosmetics"],
    },
    Category {
        id: "footwear",
        label: "Footwear",
        industries: &["fashion"],
    },
    Category {
        id: "clothing",
        label: "Clothing",
        industries: &["fashion"],
    },
    Category {
        id: "electronics",
        label: "Electronics",
        industries: &["electronics"],
    },
    Category {
        id: "pharmaceuticals",
        label: "Pharmaceuticals",
        industries: &["pharmaceuticals"],
    },
    Category {
        id: "wine_spirits",
        label: "Wine & Spirits",
        industries: &["food"],
    },
    Category {
        id: "art",
        label: "Art",
        industries: &["other"],
    },
    Category {
        id: "automotive",
        label: "Automotive Parts",
        industries: &["automotive"],
    },
    Category {
        id: "cosmetics",
        label: "Cosmetics",
        industries: &["cosmetics"],
    },
    Category {
        id: "other",
        label: "Other",
        industries: &["other"],
    },
];

const fn actor(id: &'static str, name: &'static str) -> Actor {
    Actor {
        id,
        name,
        kind: None,
        regions: None,
        location: None,
        scope: None,
    }
}

/// Actors by group.
pub const ACTORS: [Group<Actor>; 4] = [
    (
        "carriers",
        &[
            Actor {
                kind: Some("air"),
                regions: Some(&["global"]),
                ..actor("fedex_express", "FedEx Express")
            },
            Actor {
                kind: Some("air"),
                regions: Some(&["global"]),
                ..actor("fedex_intl", "FedEx International Priority")
            },
            Actor {
                kind: Some("ground"),
                regions: Some(&["americas"]),
                ..actor("fedex_ground", "FedEx Ground")
            },
            Actor {
                kind: Some("air"),
                regions: Some(&["global"]),
                ..actor("dhl_express", "DHL Express")
            },
            Actor {
                kind: Some("air"),
                regions: Some(&["global"]),
                ..actor("dhl_intl", "DHL International")
            },
            Actor {
                kind: Some("cold_chain"),
                regions: Some(&["global"]),
                ..actor("dhl_medical", "DHL Medical Express")
            },
            Actor {
                kind: Some("air"),
                regions: Some(&["global"]),
                ..actor("ups_worldwide", "UPS Worldwide")
            },
            Actor {
                kind: Some("ground"),
                regions: Some(&["americas"]),
                ..actor("ups_ground", "UPS Ground")
            },
            Actor {
                kind: Some("postal"),
                regions: Some(&["europe"]),
                ..actor("swiss_post", "Swiss Post International")
            },
            Actor {
                kind: Some("express"),
                regions: Some(&["europe"]),
                ..actor("chronopost", "Chronopost France")
            },
            Actor {
                kind: Some("sea"),
                regions: Some(&["global"]),
                ..actor("maersk", "Maersk Shipping")
            },
            Actor {
                kind: Some("last_mile"),
                regions: Some(&["americas", "europe"]),
                ..actor("amazon_logistics", "Amazon Logistics")
            },
            Actor {
                kind: Some("pharma"),
                regions: Some(&["americas"]),
                ..actor("mckesson", "McKesson Distribution")
            },
        ],
    ),
    (
        "warehouses",
        &[
            Actor {
                location: Some("Newark, NJ"),
                ..actor("us_dist_east", "US Distribution Center (East)")
            },
            Actor {
                location: Some("Memphis, TN"),
                ..actor("us_dist_central", "US Distribution Center (Central)")
            },
            Actor {
                location: Some("Los Angeles, CA"),
                ..actor("us_dist_west", "US Distribution Center (West)")
            },
            Actor {
                location: Some("Paris, France"),
                ..actor("eu_dist", "European Distribution Hub")
            },
            Actor {
                location: Some("Singapore"),
                ..actor("asia_dist", "Asia-Pacific Distribution")
            },
            Actor {
                location: Some("Dubai, UAE"),
                ..actor("me_dist", "Middle East Distribution")
            },
            Actor {
                location: Some("New Brunswick, NJ"),
                ..actor("pharma_warehouse", "Pharmaceutical Warehouse")
            },
            Actor {
                location: Some("Memphis, TN"),
                ..actor("cold_storage", "Cold Chain Storage Facility")
            },
        ],
    ),
    (
        "inspection",
        &[
            Actor {
                scope: Some("general"),
                ..actor("qc_team", "Quality Control Team")
            },
            Actor {
                scope: Some("watches"),
                ..actor("cosc", "COSC Certification Body")
            },
            Actor {
                scope: Some("import"),
                ..actor("customs_eu", "EU Customs Authority")
            },
            Actor {
                scope: Some("import"),
                ..actor("customs_us", "US Customs & Border Protection")
            },
            Actor {
                scope: Some("pharmaceuticals"),
                ..actor("fda", "FDA Import Inspection")
            },
            Actor {
                scope: Some("cold_chain"),
                ..actor("temp_verify", "Temperature Verification")
            },
            Actor {
                scope: Some("general"),
                ..actor("qa_team", "Quality Assurance Team")
            },
            Actor {
                scope: Some("pharmaceuticals"),
                ..actor("batch_testing", "Batch Testing Lab")
            },
        ],
    ),
    (
        "retailers",
        &[
            Actor {
                kind: Some("general"),
                ..actor("authorized_dealer", "Authorized Dealer")
            },
            Actor {
                location: Some("New York, NY"),
                ..actor("fifth_ave", "Fifth Avenue Boutique")
            },
            Actor {
                location: Some("Beverly Hills, CA"),
                ..actor("rodeo_drive", "Rodeo Drive Boutique")
            },
            Actor {
                location: Some("Tokyo, Japan"),
                ..actor("ginza", "Ginza Premium Store")
            },
            Actor {
                location: Some("Dubai, UAE"),
                ..actor("dubai_mall", "Dubai Mall Flagship")
            },
            Actor {
                location: Some("London, UK"),
                ..actor("bond_street", "Bond Street Boutique")
            },
            Actor {
                kind: Some("ecommerce"),
                ..actor("online_store", "Online Store")
            },
            Actor {
                kind: Some("pharmacy"),
                ..actor("cvs", "CVS Pharmacy")
            },
        ],
    ),
];

const fn place(city: &'static str, country: &'static str, region: &'static str) -> Location {
    Location {
        city,
        state: None,
        country,
        region,
        specialties: None,
        hub: None,
        district: None,
    }
}

/// Places by group.
pub const LOCATIONS: [Group<Location>; 3] = [
    (
        "manufacturing",
        &[
            Location {
                specialties: Some(&["watches", "jewelry"]),
                ..place("Geneva", "Switzerland", "europe")
            },
            Location {
                specialties: Some(&["watches"]),
                ..place("Le Brassus", "Switzerland", "europe")
            },
            Location {
                specialties: Some(&["watches"]),
                ..place("Le Locle", "Switzerland", "europe")
            },
            Location {
                specialties: Some(&["watches"]),
                ..place("La Chaux-de-Fonds", "Switzerland", "europe")
            },
            Location {
                specialties: Some(&["handbags", "jewelry", "clothing"]),
                ..place("Florence", "Italy", "europe")
            },
            Location {
                specialties: Some(&["jewelry"]),
                ..place("Valenza", "Italy", "europe")
            },
            Location {
                specialties: Some(&["eyewear"]),
                ..place("Belluno", "Italy", "europe")
            },
            Location {
                specialties: Some(&["clothing", "handbags"]),
                ..place("Milan", "Italy", "europe")
            },
            Location {
                specialties: Some(&["fragrances", "clothing"]),
                ..place("Paris", "France", "europe")
            },
            Location {
                specialties: Some(&["fragrances"]),
                ..place("Grasse", "France", "europe")
            },
            Location {
                specialties: Some(&["handbags"]),
                ..place("Ubrique", "Spain", "europe")
            },
            Location {
                specialties: Some(&["clothing"]),
                ..place("London", "United Kingdom", "europe")
            },
            Location {
                specialties: Some(&["automotive", "electronics"]),
                ..place("Munich", "Germany", "europe")
            },
            Location {
                specialties: Some(&["pharmaceuticals"]),
                ..place("Basel", "Switzerland", "europe")
            },
            Location {
                specialties: Some(&["electronics"]),
                ..place("Shenzhen", "China", "asia")
            },
            Location {
                specialties: Some(&["electronics", "watches"]),
                ..place("Tokyo", "Japan", "asia")
            },
        ],
    ),
    (
        "distribution",
        &[
            Location {
                state: Some("TN"),
                hub: Some("FedEx World Hub"),
                ..place("Memphis", "United States", "americas")
            },
            Location {
                state: Some("NJ"),
                hub: Some("East Coast Distribution"),
                ..place("Newark", "United States", "americas")
            },
            Location {
                state: Some("CA"),
                hub: Some("West Coast Distribution"),
                ..place("Los Angeles", "United States", "americas")
            },
            Location {
                state: Some("CA"),
                hub: Some("Port of Long Beach"),
                ..place("Long Beach", "United States", "americas")
            },
            Location {
                hub: Some("EU Customs Hub"),
                ..place("Frankfurt", "Germany", "europe")
            },
            Location {
                hub: Some("European Distribution"),
                ..place("Paris", "France", "europe")
            },
            Location {
                hub: Some("Middle East Distribution"),
                ..place("Dubai", "UAE", "middle_east")
            },
            Location {
                hub: Some("Asia-Pacific Distribution"),
                ..place("Singapore", "Singapore", "asia")
            },
            Location {
                hub: Some("Greater China Distribution"),
                ..place("Hong Kong", "China", "asia")
            },
        ],
    ),
    (
        "retail",
        &[
            Location {
                state: Some("NY"),
                district: Some("Fifth Avenue"),
                ..place("New York", "United States", "americas")
            },
            Location {
                state: Some("CA"),
                district: Some("Rodeo Drive"),
                ..place("Beverly Hills", "United States", "americas")
            },
            Location {
                state: Some("CA"),
                district: Some("Union Square"),
                ..place("San Francisco", "United States", "americas")
            },
            Location {
                state: Some("FL"),
                district: Some("Design District"),
                ..place("Miami", "United States", "americas")
            },
            Location {
                state: Some("IL"),
                district: Some("Magnificent Mile"),
                ..place("Chicago", "United States", "americas")
            },
            Location {
                district: Some("Bond Street"),
                ..place("London", "United Kingdom", "europe")
            },
            Location {
                district: Some("Rue du Faubourg Saint-Honoré"),
                ..place("Paris", "France", "europe")
            },
            Location {
                district: Some("Via Montenapoleone"),
                ..place("Milan", "Italy", "europe")
            },
            Location {
                district: Some("Ginza"),
                ..place("Tokyo", "Japan", "asia")
            },
            Location {
                district: Some("Dubai Mall"),
                ..place("Dubai", "UAE", "middle_east")
            },
            Location {
                district: Some("Orchard Road"),
                ..place("Singapore", "Singapore", "asia")
            },
            Location {
                district: Some("Canton Road"),
                ..place("Hong Kong", "China", "asia")
            },
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_have_their_published_sizes() {
        let sizes: Vec<_> = ACTORS
            .iter()
            .map(|(name, actors)| (*name, actors.len()))
            .collect();
        assert_eq!(
            sizes,
            [
                ("carriers", 13),
                ("warehouses", 8),
                ("inspection", 8),
                ("retailers", 8)
            ]
        );
        let sizes: Vec<_> = LOCATIONS
            .iter()
            .map(|(name, places)| (*name, places.len()))
            .collect();
        assert_eq!(
            sizes,
            [("manufacturing", 16), ("distribution", 9), ("retail", 12)]
        );
        assert!(chosen(&ACTORS, Some("constructor")).is_none());
        assert_eq!(
            chosen(&ACTORS, Some("carriers")).unwrap().1[0].id,
            "fedex_express"
        );
    }
}
