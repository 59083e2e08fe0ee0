//! The rows. Names, codes, the first product's id and the ends of the journeys are those of the published demonstration.

use crate::domain::event::EventKind::{
    self, Inspected, Manufactured, Recalled, Received, Shipped, Sold,
};

pub(super) struct House {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) domain: &'static str,
    pub(super) founded_hours_ago: i64,
}

pub(super) struct Row {
    /// Index into [`HOUSES`].
    pub(super) house: usize,
    pub(super) id: &'static str,
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    pub(super) sku: &'static str,
    pub(super) category: &'static str,
    pub(super) description: &'static str,
    pub(super) metadata: &'static [(&'static str, &'static str)],
    pub(super) journey: &'static [Step],
    /// Hours ago, country, city, user agent.
    pub(super) scans: &'static [(i64, &'static str, &'static str, &'static str)],
    /// Who claimed it, how many hours ago.
    pub(super) claim: Option<(&'static str, i64)>,
}

pub(super) struct Step {
    pub(super) hours_ago: i64,
    pub(super) kind: EventKind,
    pub(super) actor: &'static str,
    pub(super) location: &'static str,
    pub(super) tracking_number: Option<&'static str>,
    /// What was noted; the reason of a recall.
    pub(super) note: &'static str,
}

const fn step(
    hours_ago: i64,
    kind: EventKind,
    actor: &'static str,
    location: &'static str,
) -> Step {
    Step {
        hours_ago,
        kind,
        actor,
        location,
        tracking_number: None,
        note: "",
    }
}

const fn noted(
    hours_ago: i64,
    kind: EventKind,
    actor: &'static str,
    location: &'static str,
    note: &'static str,
) -> Step {
    Step {
        hours_ago,
        kind,
        actor,
        location,
        tracking_number: None,
        note,
    }
}

const fn carried(
    hours_ago: i64,
    actor: &'static str,
    location: &'static str,
    tracking_number: &'static str,
) -> Step {
    Step {
        hours_ago,
        kind: Shipped,
        actor,
        location,
        tracking_number: Some(tracking_number),
        note: "",
    }
}

const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1";
const ANDROID: &str = "Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 Chrome/141.0.0.0 Mobile Safari/537.36";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

pub(super) const HOUSES: [House; 2] = [
    House {
        id: "5b0f4a86-2c1d-4e73-9a58-d3c6e1f7b204",
        name: "Luxe Watches",
        domain: "luxewatches.com",
        founded_hours_ago: 1_200,
    },
    House {
        id: "c81e6d37-94ab-4f02-8b6c-0a5d7e2f9143",
        name: "Maison Lumière",
        domain: "maisonlumiere.com",
        founded_hours_ago: 1_100,
    },
];

pub(super) const PRODUCTS: [Row; 6] = [
    Row {
        house: 0,
        id: "e084595c97320cfcc85309943f345760",
        code: "wfPHybaFV3_a",
        name: "Royal Oak Chronograph 42mm",
        sku: "LW-RO-42",
        category: "Watches",
        description: "Self-winding chronograph in steel with a blue guilloché dial and an octagonal bezel.",
        metadata: &[
            ("caseMaterial", "Stainless steel"),
            ("movement", "Calibre 4401"),
            ("serial", "RO-26241-0917"),
        ],
        journey: &[
            step(480, Manufactured, "", "Le Brassus, Switzerland"),
            noted(
                436,
                Inspected,
                "COSC Certification Body",
                "Geneva, Switzerland",
                "Chronometer certificate issued",
            ),
            carried(
                412,
                "Swiss Post International",
                "Geneva, Switzerland",
                "CH-48210377",
            ),
            noted(
                364,
                Inspected,
                "EU Customs Authority",
                "Frankfurt, Germany",
                "Cleared for export",
            ),
            carried(
                340,
                "FedEx International Priority",
                "Frankfurt, Germany",
                "FX-7K20QX91",
            ),
            noted(
                286,
                Received,
                "US Distribution Center (East)",
                "Newark, NJ",
                "Seal intact",
            ),
            step(232, Sold, "Fifth Avenue Boutique", "New York, NY"),
        ],
        scans: &[
            (166, "US", "New York", IPHONE),
            (139, "US", "New York", IPHONE),
            (97, "US", "Boston", ANDROID),
            (61, "US", "New York", IPHONE),
            (25, "GB", "London", FIREFOX),
            (4, "US", "New York", IPHONE),
        ],
        claim: Some(("Jane Whitfield", 165)),
    },
    Row {
        house: 1,
        id: "7d3a9f10b64c82e5019f6ab37c25d8e4",
        code: "pOszdB-1n6IC",
        name: "Le Classique Tote - Noir",
        sku: "ML-CT-NOIR",
        category: "Handbags",
        description: "Hand-stitched tote in black calfskin with a palladium clasp.",
        metadata: &[
            ("atelier", "Via della Vigna Nuova"),
            ("leather", "Box calfskin"),
            ("materials", "Calfskin, palladium-plated brass"),
        ],
        journey: &[
            step(420, Manufactured, "", "Florence, Italy"),
            noted(
                398,
                Inspected,
                "Quality Control Team",
                "Florence, Italy",
                "Stitching and hardware approved",
            ),
            carried(372, "DHL Express", "Florence, Italy", "DHL-3M8V0T6A"),
            step(318, Received, "European Distribution Hub", "Paris, France"),
            carried(
                270,
                "FedEx International Priority",
                "Paris, France",
                "FX-0R5Y8C2N",
            ),
            step(
                204,
                Received,
                "Madison Avenue Boutique",
                "Madison Avenue, New York, NY",
            ),
        ],
        scans: &[
            (150, "FR", "Paris", FIREFOX),
            (118, "US", "New York", ANDROID),
            (76, "US", "Chicago", IPHONE),
            (33, "US", "New York", IPHONE),
        ],
        claim: None,
    },
    Row {
        house: 1,
        id: "2f86c0d94e1b7a35c8d20e79f4163ba5",
        code: "27dEHQymVRMl",
        name: "Oud Royale Eau de Parfum",
        sku: "ML-OUD-100",
        category: "Fragrances",
        description: "Oud, saffron and Taif rose. 100 ml.",
        metadata: &[("batchId", "24-093"), ("volume", "100 ml")],
        journey: &[
            step(350, Manufactured, "", "Grasse, France"),
            noted(
                322,
                Inspected,
                "Batch Testing Lab",
                "Grasse, France",
                "Batch 24-093 released",
            ),
            carried(290, "DHL International", "Grasse, France", "DHL-9Q1L7F4X"),
            step(224, Received, "Dubai Mall Flagship", "Dubai, UAE"),
        ],
        scans: &[
            (142, "AE", "Dubai", IPHONE),
            (88, "AE", "Abu Dhabi", ANDROID),
            (52, "AE", "Dubai", IPHONE),
            (11, "FR", "Nice", FIREFOX),
        ],
        claim: None,
    },
    Row {
        house: 0,
        id: "b97e41c5d06f2a8830c7f15e9b24d6a1",
        code: "FshGQLRNsr4p",
        name: "Nautilus Travel Time 40mm",
        sku: "LW-NT-40",
        category: "Watches",
        description: "Dual time zone with day and night indication, in rose gold on a composite strap.",
        metadata: &[
            ("caseMaterial", "Rose gold"),
            ("movement", "Calibre 26-330"),
            ("serial", "NT-5990-0442"),
        ],
        journey: &[
            step(440, Manufactured, "", "Le Locle, Switzerland"),
            noted(
                400,
                Inspected,
                "COSC Certification Body",
                "Geneva, Switzerland",
                "Chronometer certificate issued",
            ),
            carried(378, "DHL Express", "Geneva, Switzerland", "DHL-6B4W2K9P"),
            step(314, Received, "Asia-Pacific Distribution", "Singapore"),
            carried(260, "DHL International", "Singapore", "DHL-1Z7N5H3D"),
            step(212, Received, "Ginza Premium Store", "Tokyo, Japan"),
        ],
        scans: &[
            (160, "JP", "Tokyo", IPHONE),
            (112, "JP", "Tokyo", ANDROID),
            (64, "SG", "Singapore", IPHONE),
            (19, "JP", "Osaka", IPHONE),
        ],
        claim: None,
    },
    Row {
        house: 1,
        id: "40c7e2b8953d1fa6d8b0527e6f91c34a",
        code: "IebJZgMHdD-h",
        name: "Aviator Titanium Polarized",
        sku: "ML-AV-TI",
        category: "Eyewear",
        description: "Titanium frame with polarized grey lenses.",
        metadata: &[("frame", "Beta titanium"), ("lens", "CR-39, polarized")],
        journey: &[
            step(330, Manufactured, "", "Belluno, Italy"),
            noted(
                306,
                Inspected,
                "Quality Control Team",
                "Belluno, Italy",
                "Lens polarization measured",
            ),
            carried(274, "UPS Worldwide", "Belluno, Italy", "1Z4T9E6S"),
            step(208, Received, "Rodeo Drive Boutique", "Beverly Hills, CA"),
        ],
        scans: &[
            (130, "US", "Beverly Hills", IPHONE),
            (70, "US", "Los Angeles", ANDROID),
            (21, "IT", "Milan", FIREFOX),
        ],
        claim: None,
    },
    Row {
        house: 1,
        id: "95f0d7a3c2e84b161d70ab3f58e6c942",
        code: "Rm4cQ7tXk_2W",
        name: "Solstice Eau de Cologne",
        sku: "ML-SOL-50",
        category: "Fragrances",
        description: "Bergamot, neroli and vetiver. 50 ml.",
        metadata: &[("batchId", "24-117"), ("volume", "50 ml")],
        journey: &[
            step(300, Manufactured, "", "Grasse, France"),
            carried(268, "Chronopost France", "Grasse, France", "XP-55102846"),
            step(238, Received, "European Distribution Hub", "Paris, France"),
            noted(
                190,
                Recalled,
                "Maison Lumière",
                "",
                "Batch 24-117 contains an allergen that is missing on the label",
            ),
        ],
        scans: &[(147, "FR", "Paris", IPHONE), (45, "FR", "Lyon", ANDROID)],
        claim: None,
    },
];
