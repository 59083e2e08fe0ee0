//! A product: its hash, its signature, its status, and the stored record as it is checked.

use serde::{Deserialize, Serialize};

use super::canonical::{Object, Writer};
use super::crypto::{Digest, Signer, sha256};
use super::stored::Stored;

/// What a product's hash covers. Not covered: category, description, image, status (the status is covered by the seal).
#[derive(Debug, Clone, Copy)]
pub struct HashedFields<'a> {
    /// Its id.
    pub product_id: &'a str,
    /// The brand that registered it.
    pub brand_id: &'a str,
    /// Its name, as it was received.
    pub name: &'a str,
    /// Its sku; empty when it has none.
    pub sku: Option<&'a str>,
    /// What the brand keeps with it.
    pub metadata: &'a Object,
    /// When it was registered.
    pub created_at: &'a str,
}

impl HashedFields<'_> {
    /// The bytes that are hashed.
    pub fn canonical(&self) -> String {
        Writer::new()
            .text("productId", self.product_id)
            .text("brandId", self.brand_id)
            .text("name", self.name)
            .text("sku", self.sku.unwrap_or_default())
            .object("metadata", self.metadata)
            .text("createdAt", self.created_at)
            .finish()
    }

    /// The product's hash.
    pub fn hash(&self) -> Digest {
        sha256(&self.canonical())
    }
}

/// The platform's signature of a product: over the 64 hex digits of its hash.
pub fn signature(signer: &Signer, hash: &Digest) -> Digest {
    signer.sign(&hash.to_string())
}

/// What has become of a product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Registered, in its first hands.
    Active,
    /// Called back by its brand.
    Recalled,
    /// Handed on to another owner.
    Transferred,
    /// A word of the format that nothing sets.
    Flagged,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 4] = [
        Self::Active,
        Self::Recalled,
        Self::Transferred,
        Self::Flagged,
    ];

    /// The word that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Recalled => "recalled",
            Self::Transferred => "transferred",
            Self::Flagged => "flagged",
        }
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// A product as it lies in the table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[expect(
    missing_docs,
    reason = "the attributes of the item, under their own names"
)]
pub struct StoredProduct {
    pub product_id: Stored<String>,
    pub brand_id: Stored<String>,
    pub brand_name: Stored<String>,
    pub name: Stored<String>,
    pub sku: Stored<String>,
    pub category: Stored<String>,
    pub description: Stored<String>,
    pub image_url: Stored<String>,
    pub verification_code: Stored<String>,
    pub hash: Stored<String>,
    pub signature: Stored<String>,
    pub status: Stored<String>,
    pub metadata: Stored<Object>,
    pub created_at: Stored<String>,
    pub updated_at: Stored<String>,
    pub scan_count: Stored<u64>,
    /// How many events the sealed chain has.
    pub event_count: Stored<u64>,
    /// The hash of its last event.
    pub chain_head: Stored<String>,
    /// The seal over both and the status.
    pub chain_seal: Stored<String>,
}

impl StoredProduct {
    /// Whether the stored hash is the hash of the stored fields of the product `product_id`.
    pub fn hash_matches(&self, product_id: &str) -> bool {
        self.recomputed(product_id)
            .zip(self.hash.text())
            .is_some_and(|(hash, stored)| hash.matches(stored))
    }

    /// Whether the stored signature is the platform's over the stored hash.
    pub fn signature_is_valid(&self, signer: &Signer) -> bool {
        self.hash
            .text()
            .zip(self.signature.text())
            .is_some_and(|(hash, signature)| {
                Digest::parse(hash).is_some() && signer.accepts(hash, signature)
            })
    }

    fn recomputed(&self, product_id: &str) -> Option<Digest> {
        // The id under which the item lies: a whole item copied to another key proves nothing about that key.
        let own_id = self.product_id.text().filter(|own| *own == product_id)?;
        let empty = Object::new();
        let fields = HashedFields {
            product_id: own_id,
            brand_id: self.brand_id.text()?,
            name: self.name.text()?,
            sku: self.sku.here_or_absent()?.map(String::as_str),
            metadata: self.metadata.here_or_absent()?.unwrap_or(&empty),
            created_at: self.created_at.text()?,
        };
        Some(fields.hash())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{Value, json};

    use super::super::crypto::tests::vector_signer;
    use super::*;

    pub(crate) const PRODUCT: &str = "00112233445566778899aabbccddeeff";
    pub(crate) const BRAND: &str = "3f2b8c1e-5d47-4a90-9c11-7e0a6b2d4f55";
    pub(crate) const CREATED: &str = "2026-03-01T09:30:00.000Z";

    fn object(json: &str) -> Object {
        serde_json::from_str(json).unwrap()
    }

    fn check(
        name: &str,
        sku: Option<&str>,
        metadata: &str,
        canonical: &str,
        hash: &str,
        signed: Option<&str>,
    ) {
        let metadata = object(metadata);
        let fields = HashedFields {
            product_id: PRODUCT,
            brand_id: BRAND,
            name,
            sku,
            metadata: &metadata,
            created_at: CREATED,
        };
        assert_eq!(fields.canonical(), canonical);
        assert_eq!(fields.hash().to_string(), hash);
        if let Some(signed) = signed {
            assert_eq!(
                signature(&vector_signer(), &fields.hash()).to_string(),
                signed
            );
        }
    }

    #[test]
    fn the_published_products_have_their_published_hashes_and_signatures() {
        let first = concat!(
            r#"{"productId":"00112233445566778899aabbccddeeff","brandId":"3f2b8c1e-5d47-4a90-9c11-7e0a6b2d4f55","name":"Régate \"42\" \\ 腕時計","#,
            r#""sku":"RG-42","metadata":{"colour":"black","limited":true,"nested":{"a":[1,2,{"b":null}],"w":1.5},"qty":3},"createdAt":"2026-03-01T09:30:00.000Z"}"#
        );
        assert_eq!(first.len(), 280);
        check(
            "Régate \"42\" \\ 腕時計",
            Some("RG-42"),
            r#"{"colour":"black","limited":true,"nested":{"a":[1,2,{"b":null}],"w":1.5},"qty":3}"#,
            first,
            "ef5a98da17309c2add0c5531a5cbaa30dd2ec9ff15f4ff00adb0a0165d35f678",
            Some("3bf946a51bd9e96fc840516977963285fb5af1f7d1b5a5e891218596a4479db6"),
        );
        check(
            "Plain",
            None,
            "{}",
            r#"{"productId":"00112233445566778899aabbccddeeff","brandId":"3f2b8c1e-5d47-4a90-9c11-7e0a6b2d4f55","name":"Plain","sku":"","metadata":{},"createdAt":"2026-03-01T09:30:00.000Z"}"#,
            "ca55c7ceb04cf9c727c2f846dd6f0c40aaac5c296b24024fa44aaa656abfaea9",
            Some("76385aae7eaf2a1a166043112d62bfe28bd73aee67a88b9234b06f02c92c83ec"),
        );
        check(
            "Sorted",
            None,
            r#"{"é":[2,1],"a":{"d":1.0,"c":"x"},"2":0.25,"B":-3,"10":1e21}"#,
            r#"{"productId":"00112233445566778899aabbccddeeff","brandId":"3f2b8c1e-5d47-4a90-9c11-7e0a6b2d4f55","name":"Sorted","sku":"","metadata":{"10":1e+21,"2":0.25,"B":-3,"a":{"c":"x","d":1},"é":[2,1]},"createdAt":"2026-03-01T09:30:00.000Z"}"#,
            "e3a96f2dbafeb017afcffd833d800e3d19e403b14e3802a29b83c7b33399b76e",
            None,
        );
    }

    /// The second published product, as it is stored.
    pub(crate) fn stored_item() -> Value {
        json!({
            "productId": PRODUCT, "brandId": BRAND, "brandName": "Maison Test", "name": "Plain", "sku": null, "metadata": {},
            "hash": "ca55c7ceb04cf9c727c2f846dd6f0c40aaac5c296b24024fa44aaa656abfaea9",
            "signature": "76385aae7eaf2a1a166043112d62bfe28bd73aee67a88b9234b06f02c92c83ec",
            "verificationCode": "-Pn6-_z9_v8B", "status": "active", "createdAt": CREATED, "scanCount": 0,
        })
    }

    fn checks(change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> (bool, bool) {
        let mut item = stored_item();
        change(item.as_object_mut().unwrap());
        let product: StoredProduct = serde_json::from_value(item).unwrap();
        (
            product.hash_matches(PRODUCT),
            product.signature_is_valid(&vector_signer()),
        )
    }

    #[test]
    fn an_altered_field_breaks_the_hash_and_a_new_hash_breaks_the_signature() {
        assert_eq!(checks(|_| {}), (true, true));
        assert_eq!(
            checks(|item| _ = item.remove("sku")),
            (true, true),
            "no sku is the empty sku"
        );
        assert_eq!(checks(|item| _ = item.remove("metadata")), (true, true));
        for (attribute, value) in [
            ("name", json!("Plane")),
            ("brandId", json!("00000000-0000-4000-8000-000000000000")),
            ("createdAt", json!("2026-03-01T09:30:00.001Z")),
            ("sku", json!("S")),
            ("metadata", json!({"a": 1})),
            ("productId", json!("ffffffffffffffffffffffffffffffff")),
        ] {
            assert_eq!(
                checks(|item| _ = item.insert(attribute.into(), value)),
                (false, true),
                "{attribute}"
            );
        }
        let rehashed = sha256("anything").to_string();
        assert_eq!(
            checks(|item| _ = item.insert("hash".into(), rehashed.into())),
            (false, false)
        );
    }

    #[test]
    fn missing_and_odd_attributes_are_not_authentic_and_not_an_error() {
        for attribute in [
            "productId",
            "brandId",
            "name",
            "createdAt",
            "sku",
            "metadata",
        ] {
            assert_eq!(
                checks(|item| _ = item.insert(attribute.into(), json!(7))),
                (false, true),
                "{attribute}"
            );
        }
        for attribute in ["productId", "brandId", "name", "createdAt"] {
            assert_eq!(
                checks(|item| _ = item.remove(attribute)),
                (false, true),
                "{attribute}"
            );
        }
        for odd in [
            json!(null),
            json!(7),
            json!(""),
            json!("é"),
            json!("CA55"),
            json!([]),
        ] {
            assert_eq!(
                checks(|item| _ = item.insert("hash".into(), odd.clone())),
                (false, false),
                "{odd}"
            );
            assert_eq!(
                checks(|item| _ = item.insert("signature".into(), odd.clone())),
                (true, false),
                "{odd}"
            );
        }
    }

    #[test]
    fn an_item_copied_under_another_id_does_not_match() {
        let product: StoredProduct = serde_json::from_value(stored_item()).unwrap();
        assert!(!product.hash_matches("ffffffffffffffffffffffffffffffff"));
    }
}
