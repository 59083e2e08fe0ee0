//! What `keyfold up` says once everything answers.

use std::fmt;
use std::path::PathBuf;

use genuproof::server::{Demo, Running};

/// Where everything is, and what to try first.
pub struct Lines<'a> {
    /// GenuProof.
    pub genuproof: &'a Running,
    /// The embedded engine's endpoint.
    pub dynamodb: Option<String>,
    /// This program, as it was called.
    pub program: String,
    /// The data folder.
    pub folder: Option<PathBuf>,
}

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = &self.genuproof.local_url;
        let row = |f: &mut fmt::Formatter<'_>, name: &str, url: &str, what: &str| {
            writeln!(f, "  {name:<12}{url:<25}{what}")
        };
        writeln!(f, "Keyfold is up.\n")?;
        row(f, "GenuProof", url, "products that prove they are genuine")?;
        if let Some(endpoint) = &self.dynamodb {
            row(
                f,
                "DynamoDB",
                endpoint,
                "its table, for any program; any credentials",
            )?;
        }
        match (&self.folder, &self.dynamodb) {
            (Some(folder), _) => writeln!(f, "\nData is kept in {}.", folder.display())?,
            (None, Some(_)) => writeln!(f, "\nData is in memory, and gone when this ends.")?,
            (None, None) => writeln!(f, "\nData is where the endpoint keeps it.")?,
        }
        for difference in &self.genuproof.differences {
            writeln!(f, "The table differs: {difference}")?;
        }
        writeln!(f, "\nTry first")?;
        let tip =
            |f: &mut fmt::Formatter<'_>, what: &str, how: &str| writeln!(f, "  {what:<24}{how}");
        if let Some(Demo::Written { code, brand }) = &self.genuproof.demo {
            tip(f, "verify a product", &format!("{url}/verify/{code}"))?;
            tip(
                f,
                "the same as JSON",
                &format!("curl '{url}/api/products/verify?code={code}&metadata=true'"),
            )?;
            if let Some((name, key)) = brand {
                tip(f, "register products", &format!("{url}/dashboard"))?;
                tip(f, &format!("  as {name}"), &format!("key {}", key.reveal()))?;
            }
        } else {
            tip(f, "create a brand", &format!("{url}/dashboard"))?;
        }
        tip(
            f,
            "see the table's design",
            &format!("{} model show --app genuproof", self.program),
        )?;
        writeln!(
            f,
            "\nCtrl-C ends it; nothing that was acknowledged is lost."
        )
    }
}
