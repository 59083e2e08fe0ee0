//! Sources of events: the vendors a brand can connect, and how that is set up at each.

use super::crypto::{Digest, sha256};

/// Which endpoint a source reports to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are what they are called")]
pub enum Feed {
    Shipping,
    Pos,
    Warehouse,
}

/// A vendor.
#[derive(Debug, PartialEq, Eq)]
pub struct Vendor {
    /// What it is asked for by.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Where it reports to.
    pub feed: Feed,
    /// How it is set up there; `{url}` and `{key}` stand for the brand's own.
    steps: [&'static str; 5],
}

impl Feed {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Shipping, Self::Pos, Self::Warehouse];

    /// The word in paths and lists.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shipping => "shipping",
            Self::Pos => "pos",
            Self::Warehouse => "warehouse",
        }
    }

    /// Its path.
    pub fn path(self) -> &'static str {
        match self {
            Self::Shipping => "/api/ingest/shipping",
            Self::Pos => "/api/ingest/pos",
            Self::Warehouse => "/api/ingest/warehouse",
        }
    }

    /// What its events say they come from.
    pub fn source(self) -> &'static str {
        match self {
            Self::Shipping => "shipping_webhook",
            Self::Pos => "pos_webhook",
            Self::Warehouse => "warehouse_webhook",
        }
    }
}

/// Where events come from, as they are counted; the first is for those that say nothing.
pub const SOURCES: [&str; 4] = [
    "manual",
    "shipping_webhook",
    "pos_webhook",
    "warehouse_webhook",
];

/// Every vendor.
pub const VENDORS: [Vendor; 8] = [
    Vendor {
        id: "fedex",
        name: "FedEx",
        feed: Feed::Shipping,
        steps: [
            "In the FedEx Developer Portal, open your project and create a webhook.",
            "Give it this address: {url}",
            "Choose the events picked up, in transit and delivered.",
            "Add a header named X-Ingest-Key with the value {key}",
            "Map tracking numbers to GenuProof product ids in your shipping system, and send productId with each event.",
        ],
    },
    Vendor {
        id: "dhl",
        name: "DHL",
        feed: Feed::Shipping,
        steps: [
            "In the DHL Developer Portal, open Shipment Tracking and add a push subscription.",
            "Give it this address: {url}",
            "Choose pickup, transit and delivered.",
            "Add a header named X-Ingest-Key with the value {key}",
            "Write the GenuProof product id into the shipment's reference field, and send it as productId.",
        ],
    },
    Vendor {
        id: "ups",
        name: "UPS",
        feed: Feed::Shipping,
        steps: [
            "In the UPS Developer Kit, switch on push notifications for tracking.",
            "Give it this address: {url}",
            "Choose pickup, in transit, delivered and exception.",
            "Add a header named X-Ingest-Key with the value {key}",
            "Map tracking numbers to product ids in your order system, and send productId with each event.",
        ],
    },
    Vendor {
        id: "shopify",
        name: "Shopify",
        feed: Feed::Pos,
        steps: [
            "In the Shopify admin, open Settings, Notifications, Webhooks.",
            "Create a webhook for Order payment in JSON.",
            "Give it this address: {url} and add a header named X-Ingest-Key with the value {key}",
            "Map your SKUs to GenuProof verification codes.",
            "Send one sold event for each line item, with orderId and platform shopify.",
        ],
    },
    Vendor {
        id: "square",
        name: "Square",
        feed: Feed::Pos,
        steps: [
            "In the Square Developer Dashboard, open Webhooks and add a subscription.",
            "Give it this address: {url}",
            "Choose payment completed.",
            "Add a header named X-Ingest-Key with the value {key}",
            "Map catalogue items to GenuProof product ids, and send productId with each sale.",
        ],
    },
    Vendor {
        id: "woocommerce",
        name: "WooCommerce",
        feed: Feed::Pos,
        steps: [
            "In WordPress, open WooCommerce, Settings, Advanced, Webhooks and add one.",
            "Choose the topic Order updated.",
            "Give it this address: {url}",
            "Enter {key} as its secret, and send it as the header X-Ingest-Key.",
            "Write the verification code into the SKU field of each product.",
        ],
    },
    Vendor {
        id: "stripe",
        name: "Stripe",
        feed: Feed::Pos,
        steps: [
            "In the Stripe dashboard, open Developers, Webhooks and add an endpoint.",
            "Give it this address: {url}",
            "Choose checkout session completed and payment succeeded.",
            "Put {key} into the metadata as genuproof_key, and send it as the header X-Ingest-Key.",
            "Put the GenuProof product id into the metadata of each payment.",
        ],
    },
    Vendor {
        id: "wms_custom",
        name: "Custom WMS",
        feed: Feed::Warehouse,
        steps: [
            "Let your warehouse system send a POST request whenever an item is scanned.",
            "Send it to {url}",
            "Add a header named X-Ingest-Key with the value {key}",
            "The body is JSON with action, warehouseName, and productId or verificationCode.",
            "Actions are received, stored, inspected, dispatched and returned.",
        ],
    },
];

impl Vendor {
    /// The vendor that is asked for by this word.
    pub fn find(id: &str) -> Option<&'static Self> {
        VENDORS.iter().find(|vendor| vendor.id == id)
    }

    /// How it is set up, with the address and the key filled in.
    pub fn instructions(&self, url: &str, key: &str) -> [String; 5] {
        self.steps
            .map(|step| step.replace("{url}", url).replace("{key}", key))
    }
}

/// What is stored of an ingest key, and where it is found; none when the text has not the form of one.
pub fn key_hash(text: &str) -> Option<Digest> {
    let digits = text.strip_prefix("aik_")?;
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (digits.len() == 32 && digits.bytes().all(is_hex)).then(|| sha256(text))
}

/// What lists show of an ingest key.
pub fn key_prefix(text: &str) -> &str {
    text.get(..8).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_vendor_is_told_where_and_with_what() {
        for vendor in &VENDORS {
            let told = vendor
                .instructions("https://x.example/in", "aik_1")
                .join("\n");
            assert!(
                told.contains("https://x.example/in") && told.contains("aik_1"),
                "{told}"
            );
            assert!(!told.contains('{'), "{told}");
        }
        assert_eq!(Vendor::find("constructor"), None);
    }

    #[test]
    fn a_key_has_one_form() {
        assert!(key_hash("aik_00112233445566778899aabbccddeeff").is_some());
        for text in [
            "",
            "aik_",
            "aik_00112233445566778899AABBCCDDEEFF",
            "gpk_00112233445566778899aabbccddeeff",
        ] {
            assert!(key_hash(text).is_none(), "{text}");
        }
    }
}
