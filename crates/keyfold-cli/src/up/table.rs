//! What `keyfold up` says once everything answers.

use std::fmt;
use std::path::PathBuf;

use keyfold::Difference;

/// Where everything is, and what to try first.
pub struct Lines<'a> {
    /// GenuProof's URL.
    pub genuproof: &'a str,
    /// How the table differs from its design.
    pub differences: &'a [Difference],
    /// The embedded engine's endpoint.
    pub dynamodb: Option<String>,
    /// The data folder.
    pub folder: Option<PathBuf>,
    /// Whether it is the one that is used without a flag.
    pub default_folder: bool,
}

/// The first product of the demonstration.
const DEMO_CODE: &str = "wfPHybaFV3_a";

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let genuproof = self.genuproof;
        let row = |f: &mut fmt::Formatter<'_>, name: &str, url: &str, what: &str| {
            writeln!(f, "  {name:<10} {url:<24} {what}")
        };
        writeln!(f, "Keyfold is up.\n")?;
        row(f, "GenuProof", genuproof, "products that prove they are genuine")?;
        if let Some(endpoint) = &self.dynamodb {
            row(f, "DynamoDB", endpoint, "the tables, for the AWS CLI and other programs; any credentials")?;
        }
        match (&self.folder, &self.dynamodb) {
            (Some(folder), _) => writeln!(f, "\n  Data is kept in {}.", folder.display())?,
            (None, Some(_)) => writeln!(f, "\n  Data is in memory and gone when this ends.")?,
            (None, None) => writeln!(f, "\n  Data is where the endpoint keeps it.")?,
        }
        for difference in self.differences {
            writeln!(f, "  The table differs: {difference}")?;
        }
        if let Some(endpoint) = &self.dynamodb {
            writeln!(f, "\nTry first")?;
            writeln!(f, "  a verified product   {genuproof}/verify/{DEMO_CODE}")?;
            writeln!(f, "  your own brand       {genuproof}/dashboard")?;
            writeln!(
                f,
                "  the API              curl '{genuproof}/api/products/verify?code={DEMO_CODE}&metadata=true'"
            )?;
            writeln!(
                f,
                "  the table            aws dynamodb scan --table-name authentik --max-items 3 --endpoint-url {endpoint}"
            )?;
            if self.default_folder {
                writeln!(f, "  its design           keyfold model show --app genuproof")?;
            }
        }
        writeln!(f, "\nCtrl-C ends it; nothing that was acknowledged is lost.")
    }
}
