//! Who scans and who claims, without keeping who they are: keyed hashes of a device and of an e-mail address.

use super::crypto::{Digest, Signer, sha256};

/// The fingerprint of a device: its address and its user agent (`unknown` when it sends none).
pub fn device(signer: &Signer, address: &str, user_agent: Option<&str>) -> Digest {
    signer.sign(&device_text(address, user_agent))
}

/// Whether `stored` is the fingerprint of this device: by the rule of [`device`], or by that of the first `GenuProof`, whose
/// claims may lie in the table.
pub fn is_device(signer: &Signer, address: &str, user_agent: Option<&str>, stored: &str) -> bool {
    let keyed = signer.accepts(&device_text(address, user_agent), stored);
    let bare = sha256(&format!("{address}:{}", agent(user_agent))).matches(stored);
    keyed | bare
}

/// The hash of an e-mail address, however it was capitalised or spaced.
pub fn email(signer: &Signer, address: &str) -> Digest {
    signer.sign(&format!("email:{}", address.trim().to_lowercase()))
}

fn device_text(address: &str, user_agent: Option<&str>) -> String {
    format!("device:{address}:{}", agent(user_agent))
}

fn agent(user_agent: Option<&str>) -> &str {
    user_agent
        .filter(|agent| !agent.is_empty())
        .unwrap_or("unknown")
}

#[cfg(test)]
mod tests {
    use super::super::crypto::tests::vector_signer;
    use super::*;

    const ADDRESS: &str = "203.0.113.7";
    const AGENT: Option<&str> = Some("Mozilla/5.0 (Test)");

    #[test]
    fn the_published_device_has_its_published_fingerprints() {
        let signer = vector_signer();
        let ours = "18ad2262757eccf5ff29f5e01d05f27b373e28fe264754cf4f11b8088ac41c1b";
        assert_eq!(device(&signer, ADDRESS, AGENT).to_string(), ours);
        assert!(is_device(&signer, ADDRESS, AGENT, ours));
        assert!(is_device(
            &signer,
            ADDRESS,
            AGENT,
            "d6daa544a5a6f34a4b443a68c16c4d09e538d2e0336fc24a76170a10c014081e"
        ));
        assert!(!is_device(&signer, "203.0.113.8", AGENT, ours));
        assert!(!is_device(&signer, ADDRESS, None, ours));
        assert!(!is_device(&signer, ADDRESS, AGENT, "é"));
    }

    #[test]
    fn a_device_without_a_user_agent_is_unknown_but_the_same() {
        let signer = vector_signer();
        assert_eq!(
            device(&signer, ADDRESS, None),
            device(&signer, ADDRESS, Some(""))
        );
        assert_eq!(
            device(&signer, ADDRESS, None),
            device(&signer, ADDRESS, Some("unknown"))
        );
    }

    #[test]
    fn the_published_address_has_its_published_hash_however_it_is_typed() {
        let expect = "8dfcb1c8ef9a08d3297388d9065856e9606d364297669939b9d6ce3b4387fc1e";
        for typed in ["jane@mail.example", " Jane@Mail.Example\n"] {
            assert_eq!(email(&vector_signer(), typed).to_string(), expect);
        }
    }
}
