//! Everything that can be set, from flags and the environment, in one place.
//!
//! | Flag | Variable | Meaning, default |
//! |---|---|---|
//! | `--listen ADDR` | | where pages and API are served; `127.0.0.1:7401` |
//! | `--data DIR` | | the folder of the embedded engine; `.keyfold` |
//! | `--memory` | | the embedded engine without a folder: gone when it ends |
//! | `--faults NAME` | | lets the embedded engine fail as AWS does: `aws-like`, `aws-like:SEED`; none |
//! | `--endpoint URL` | `AWS_ENDPOINT_URL_DYNAMODB` | another `DynamoDB` endpoint |
//! | `--aws` | | AWS, with the account that its own variables and files name |
//! | `--table NAME` | `DYNAMODB_TABLE` | `authentik` |
//! | `--dynamodb ADDR` | | serves the embedded engine's `DynamoDB` endpoint there |
//! | `--demo` | | writes the demonstration into an empty table |
//! | | `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` | as usual; `us-east-1` |
//! | | `SIGNING_SECRET` | signs products; without it one is made and kept beside the embedded data |
//! | | `NEXT_PUBLIC_BASE_URL` | base of all links; the address it listens on |
//! | | `OPEN_DEMO` | brand functions answer without a key; off |
//! | | `TRUSTED_PROXIES` | whose forwarding headers count, beside loopback |
//! | | `CLAIM_TTL_DAYS` | how many days a consumer's claim counts, 1 to 7,300; 1,825 |
//! | | `SIGNING_SECRET_EARLIER` | secrets that signed before, separated by commas: what they signed still verifies |
//! | | `ENFORCE_PLAN_LIMITS` | a plan bounds how many products a brand registers; off |
//! | | `RATE_LIMIT_PER_MINUTE`, `RATE_LIMIT_BURST` | requests of an address or a key; 1,000 and 100 |
//! | | `RATE_LIMIT_LOOPBACK` | the limit holds for this machine and whoever it forwards for too; off |
//! | | `WEBHOOK_PUBLIC_ONLY`, `WEBHOOK_ALLOW_PRIVATE` | webhooks go to public addresses alone; to private networks too; off |
//! | | `GEMINI_API_KEY`, `GEMINI_ORIGIN` | the model that judges alerts; without a key rules do |
//! | | `STRIPE_SECRET_KEY`, `STRIPE_WEBHOOK_SECRET`, `STRIPE_API_BASE` | payment; without them there is none |
//! | | `STRIPE_BRAND_PRICE_ID`, `STRIPE_BUSINESS_PRICE_ID` | prices at the payment service; without them the plan's amount |
//! | | `UNSEALED_BEFORE` | products registered before this moment need no seal: for a table the first `GenuProof` wrote |
//!
//! Without `--endpoint`, its variable or `--aws` it is the embedded engine, whatever credentials lie in the environment.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use keyfold::embedded::{Engine, Faults, Options};

use crate::domain::chain::Unsealed;
use crate::domain::client::{BadNetwork, TrustedProxies};
use crate::domain::crypto::{EmptySecret, Secret};
use crate::domain::hook::TargetRules;
use crate::domain::links::{BadBaseUrl, BaseUrl};
use crate::limits::RateLimits;
use crate::outside::gemini::{self, GeminiSettings};
use crate::outside::stripe::{self, StripeSettings};
use crate::store::CLAIM_DAYS;

/// The flags of the command line.
#[derive(Debug, Clone, clap::Args)]
pub struct Flags {
    /// Where to serve pages and API.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7401")]
    pub listen: SocketAddr,
    /// The folder of the embedded engine [default: .keyfold].
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The embedded engine without a folder: everything is gone when it ends.
    #[arg(long, conflicts_with = "data")]
    pub memory: bool,
    /// Let the embedded engine fail as AWS does: `aws-like`, or `aws-like:SEED`. What happened is listed at the end.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["endpoint", "aws"])]
    pub faults: Option<Faults>,
    /// Another DynamoDB endpoint, such as `http://127.0.0.1:8000` [env: `AWS_ENDPOINT_URL_DYNAMODB`].
    #[arg(long, value_name = "URL", conflicts_with_all = ["data", "memory"])]
    pub endpoint: Option<String>,
    /// AWS, with the account that AWS's own variables and files name.
    #[arg(long, conflicts_with_all = ["data", "memory", "endpoint"])]
    pub aws: bool,
    /// The table's name [env: `DYNAMODB_TABLE`] [default: authentik].
    #[arg(long, value_name = "NAME")]
    pub table: Option<String>,
    /// Serve the embedded engine's DynamoDB endpoint there, for other programs.
    #[arg(long, value_name = "ADDR")]
    pub dynamodb: Option<SocketAddr>,
    /// Write the demonstration into an empty table.
    #[arg(long)]
    pub demo: bool,
}

/// How one server is run.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The flag that an error about `listen` names.
    pub listen_flag: String,
    /// Where the table is.
    pub storage: Storage,
    /// What the embedded engine does that AWS does too.
    pub faults: Option<Faults>,
    /// The table's name.
    pub table: String,
    /// Where the embedded engine's endpoint is served.
    pub dynamodb: Option<SocketAddr>,
    /// Whether the demonstration is written into an empty table.
    pub demo: bool,
    /// What signs products; none: one that is kept beside the embedded data.
    pub signing_secret: Option<Secret>,
    /// The base of all links; none: the address it listens on.
    pub base_url: Option<BaseUrl>,
    /// Whether brand functions answer without a key.
    pub open_demo: bool,
    /// Whose forwarding headers count.
    pub trusted_proxies: TrustedProxies,
    /// Which products need no seal.
    pub unsealed: Unsealed,
    /// How many days a claim counts.
    pub claim_days: u32,
    /// Secrets that signed before.
    pub earlier_secrets: Vec<Secret>,
    /// Whether plans bound how many products are registered.
    pub enforces_plans: bool,
    /// How often somebody may ask.
    pub rate_limits: RateLimits,
    /// Where webhooks may go.
    pub targets: TargetRules,
    /// The model that judges alerts; none: rules do.
    pub gemini: Option<GeminiSettings>,
    /// The payment service.
    pub stripe: StripeSettings,
}

/// Where the table is.
#[derive(Debug, Clone)]
pub enum Storage {
    /// The embedded engine, without a folder.
    Memory,
    /// The embedded engine in a folder.
    Folder(PathBuf),
    /// An embedded engine that this process has open already, and the folder for what is kept beside it.
    Engine {
        /// The engine.
        engine: Engine,
        /// Its folder; none when it is in memory.
        folder: Option<PathBuf>,
    },
    /// An endpoint that speaks `DynamoDB`'s protocol.
    Endpoint(Endpoint),
    /// AWS, as its own variables and files say.
    Aws,
}

/// An endpoint and who is there.
#[derive(Clone)]
pub struct Endpoint {
    /// Its URL.
    pub url: String,
    /// The region requests are signed for.
    pub region: String,
    /// Access key, secret key and session token; none: what local endpoints accept.
    pub credentials: Option<(String, String, Option<String>)>,
}

/// Settings that cannot be run with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A switch that is neither on nor off.
    #[error("{variable} must be `true` or `false`")]
    Switch {
        /// The variable.
        variable: &'static str,
    },
    /// The signing secret is empty.
    #[error("SIGNING_SECRET: {0}")]
    Secret(#[from] EmptySecret),
    /// No signing secret, and no place to keep one.
    #[error(
        "SIGNING_SECRET is not set, and there is no embedded data to keep one beside\nhint: set it to a long random text, and to the same one on every server of this table"
    )]
    NoSecret,
    /// The secret that stands in the source of the first `GenuProof`.
    #[error(
        "SIGNING_SECRET is the well-known secret of a development set-up, with which anybody can forge products\nhint: set it to a long random text"
    )]
    KnownSecret,
    /// The base of all links is none.
    #[error("NEXT_PUBLIC_BASE_URL: {0}")]
    BaseUrl(#[from] BadBaseUrl),
    /// A list of proxies that cannot be read.
    #[error(transparent)]
    Proxies(#[from] BadNetwork),
    /// A moment that cannot be read.
    #[error("UNSEALED_BEFORE must be a moment such as 2026-03-01T09:30:00.000Z")]
    Moment,
    /// A number that is none, or out of bounds.
    #[error("{variable} must be a whole number from 1 to {most}")]
    Number {
        /// The variable.
        variable: &'static str,
        /// The largest.
        most: u32,
    },
    /// The base of a service elsewhere is none.
    #[error("{variable}: {source}")]
    ServiceUrl {
        /// The variable.
        variable: &'static str,
        /// Why.
        source: BadBaseUrl,
    },
    /// A time for claims that is none.
    #[error("CLAIM_TTL_DAYS must be a whole number of days from 1 to {CLAIM_DAYS_MAX}")]
    ClaimDays,
    /// Open demonstrations are not for AWS.
    #[error(
        "OPEN_DEMO lets anybody change every brand's products, so it is refused against AWS\nhint: unset it, or use the embedded engine"
    )]
    OpenDemoOnAws,
    /// The endpoint is no URL.
    #[error("the DynamoDB endpoint must be an http or https URL, such as http://127.0.0.1:8000")]
    Endpoint,
    /// Only the embedded engine can be served.
    #[error(
        "--dynamodb serves the embedded engine, and this is not the embedded engine\nhint: leave out --dynamodb, or leave out --endpoint, AWS_ENDPOINT_URL_DYNAMODB and --aws"
    )]
    NothingToServe,
    /// Only the embedded engine fails when it is told to.
    #[error(
        "--faults are the embedded engine's, and this is not the embedded engine\nhint: leave out --faults, or leave out --endpoint, AWS_ENDPOINT_URL_DYNAMODB and --aws"
    )]
    NothingToFail,
}

impl Flags {
    /// The settings that these flags and the variables of `environment` make.
    ///
    /// # Errors
    /// [`SettingsError`] names the variable or flag and what to write instead.
    #[expect(
        clippy::too_many_lines,
        reason = "a list: each setting once, beside its default"
    )]
    pub fn settings(
        &self,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Settings, SettingsError> {
        // An empty variable is one that is not set: that is how containers and CI pass on those they do not have.
        let get = |name: &str| environment(name).filter(|value| !value.trim().is_empty());
        let storage = self.storage(&get)?;
        let is_embedded = !matches!(storage, Storage::Endpoint(_) | Storage::Aws);
        let text = get("SIGNING_SECRET");
        if !is_embedded {
            match text.as_deref() {
                None => return Err(SettingsError::NoSecret),
                Some("genuproof-dev-secret") => return Err(SettingsError::KnownSecret),
                Some(_) => {}
            }
            if self.dynamodb.is_some() {
                return Err(SettingsError::NothingToServe);
            }
            if self.faults.is_some() {
                return Err(SettingsError::NothingToFail);
            }
        }
        let on = |variable| switch(variable, get(variable).as_deref());
        let number = |variable, default| match get(variable) {
            None => Ok(default),
            Some(text) => {
                let number = text.trim().parse().ok();
                let fits = number.filter(|number| (1..=REQUESTS_MAX).contains(number));
                fits.ok_or(SettingsError::Number {
                    variable,
                    most: REQUESTS_MAX,
                })
            }
        };
        let base = |variable: &'static str, default: &str| {
            let url = get(variable).unwrap_or_else(|| default.to_owned());
            BaseUrl::parse(&url).map_err(|source| SettingsError::ServiceUrl { variable, source })
        };
        let open_demo = on("OPEN_DEMO")?;
        if open_demo && storage.is_aws() {
            return Err(SettingsError::OpenDemoOnAws);
        }
        Ok(Settings {
            listen: self.listen,
            listen_flag: "--listen".to_owned(),
            storage,
            faults: self.faults.clone(),
            table: self
                .table
                .clone()
                .or_else(|| get("DYNAMODB_TABLE"))
                .unwrap_or_else(|| DEFAULT_TABLE.to_owned()),
            dynamodb: self.dynamodb,
            demo: self.demo,
            signing_secret: text.map(Secret::new).transpose()?,
            base_url: get("NEXT_PUBLIC_BASE_URL")
                .map(|url| BaseUrl::parse(&url))
                .transpose()?,
            open_demo,
            trusted_proxies: TrustedProxies::parse(&get("TRUSTED_PROXIES").unwrap_or_default())?,
            unsealed: match get("UNSEALED_BEFORE") {
                None => Unsealed::Never,
                Some(text) => {
                    let moment = text.trim().parse().map_err(|_| SettingsError::Moment)?;
                    Unsealed::RegisteredBefore(moment)
                }
            },
            claim_days: match get("CLAIM_TTL_DAYS") {
                None => CLAIM_DAYS,
                Some(text) => {
                    let days = text.trim().parse().ok();
                    days.filter(|days| (1..=CLAIM_DAYS_MAX).contains(days))
                        .ok_or(SettingsError::ClaimDays)?
                }
            },
            earlier_secrets: get("SIGNING_SECRET_EARLIER")
                .iter()
                .flat_map(|list| list.split(','))
                .map(str::trim)
                .filter(|secret| !secret.is_empty())
                .map(Secret::new)
                .collect::<Result<_, _>>()?,
            enforces_plans: on("ENFORCE_PLAN_LIMITS")?,
            rate_limits: RateLimits {
                per_minute: number("RATE_LIMIT_PER_MINUTE", RateLimits::default().per_minute)?,
                burst: number("RATE_LIMIT_BURST", RateLimits::default().burst)?,
                loopback_is_exempt: !on("RATE_LIMIT_LOOPBACK")?,
            },
            targets: TargetRules {
                public_only: on("WEBHOOK_PUBLIC_ONLY")?,
                allow_private: on("WEBHOOK_ALLOW_PRIVATE")?,
            },
            gemini: match get("GEMINI_API_KEY") {
                None => None,
                Some(key) => Some(GeminiSettings {
                    key: key.trim().to_owned().into(),
                    origin: base("GEMINI_ORIGIN", gemini::ORIGIN)?,
                }),
            },
            stripe: StripeSettings {
                secret_key: get("STRIPE_SECRET_KEY").map(|key| key.trim().to_owned().into()),
                webhook_secret: get("STRIPE_WEBHOOK_SECRET")
                    .map(|key| key.trim().to_owned().into()),
                api_base: base("STRIPE_API_BASE", stripe::API_BASE)?,
                brand_price: get("STRIPE_BRAND_PRICE_ID"),
                business_price: get("STRIPE_BUSINESS_PRICE_ID"),
            },
        })
    }

    fn storage(&self, get: &impl Fn(&str) -> Option<String>) -> Result<Storage, SettingsError> {
        // What a flag says counts more than a variable that may have been set for other programs.
        if self.memory && !self.aws {
            return Ok(Storage::Memory);
        }
        Storage::chosen(
            self.data.as_deref(),
            self.endpoint.as_deref(),
            self.aws,
            get,
        )
    }
}

/// More is no limit.
const REQUESTS_MAX: u32 = 60_000_000;
/// Twenty years: longer is a mistake.
const CLAIM_DAYS_MAX: u32 = 7_300;

/// The table's name, unless another is set.
pub const DEFAULT_TABLE: &str = "authentik";
/// The folder of the embedded engine, unless another is set.
pub const DEFAULT_FOLDER: &str = ".keyfold";

impl Settings {
    /// As usual, with the table in a place: what a program that wraps the server begins with.
    ///
    /// # Errors
    /// [`SettingsError::ServiceUrl`], which the usual addresses never give.
    pub fn usual(listen: SocketAddr, storage: Storage) -> Result<Self, SettingsError> {
        let flags = Flags {
            listen,
            data: None,
            memory: true,
            faults: None,
            endpoint: None,
            aws: false,
            table: None,
            dynamodb: None,
            demo: false,
        };
        let mut settings = flags.settings(|_| None)?;
        settings.storage = storage;
        Ok(settings)
    }

    /// How the embedded engine is opened.
    pub fn engine_options(&self) -> Options {
        match &self.faults {
            Some(faults) => Options::new().faults(faults.clone()),
            None => Options::new(),
        }
    }
}

impl Storage {
    /// The place that flags name; without a flag the endpoint of `AWS_ENDPOINT_URL_DYNAMODB`, and without
    /// that the embedded engine in its usual folder. `get` reads a variable.
    ///
    /// # Errors
    /// [`SettingsError::Endpoint`] when the endpoint is no URL.
    pub fn chosen(
        data: Option<&Path>,
        endpoint: Option<&str>,
        aws: bool,
        get: &impl Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingsError> {
        if aws {
            return Ok(Self::Aws);
        }
        // What a flag says counts more than a variable that may have been set for other programs.
        if let Some(folder) = data {
            return Ok(Self::Folder(folder.to_owned()));
        }
        let variable = || get("AWS_ENDPOINT_URL_DYNAMODB");
        let Some(url) = endpoint.map(str::to_owned).or_else(variable) else {
            return Ok(Self::Folder(PathBuf::from(DEFAULT_FOLDER)));
        };
        if BaseUrl::parse(&url).is_err() {
            return Err(SettingsError::Endpoint);
        }
        let credentials = get("AWS_ACCESS_KEY_ID")
            .zip(get("AWS_SECRET_ACCESS_KEY"))
            .map(|(id, secret)| (id, secret, get("AWS_SESSION_TOKEN")));
        Ok(Self::Endpoint(Endpoint {
            url,
            region: get("AWS_REGION").unwrap_or_else(|| "us-east-1".to_owned()),
            credentials,
        }))
    }

    /// Whether it is AWS itself, by whatever way it was named.
    pub fn is_aws(&self) -> bool {
        match self {
            Self::Aws => true,
            Self::Endpoint(endpoint) => {
                let host = endpoint.url.split("://").nth(1).unwrap_or_default();
                let host = host.split(['/', ':', '?']).next().unwrap_or_default();
                let host = host.to_ascii_lowercase();
                [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"]
                    .iter()
                    .any(|domain| host.ends_with(domain))
            }
            Self::Memory | Self::Folder(_) | Self::Engine { .. } => false,
        }
    }
}

/// Credentials do not print themselves.
impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint")
            .field("url", &self.url)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

fn switch(variable: &'static str, value: Option<&str>) -> Result<bool, SettingsError> {
    match value.map(str::trim) {
        None | Some("false" | "0" | "off" | "no") => Ok(false),
        Some("true" | "1" | "on" | "yes") => Ok(true),
        Some(_) => Err(SettingsError::Switch { variable }),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        flags: Flags,
    }

    fn read(flags: &str, variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let line = std::iter::once("genuproof").chain(flags.split_whitespace());
        Line::try_parse_from(line).unwrap().flags.settings(|name| {
            let found = variables.iter().find(|(own, _)| *own == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn without_a_word_about_it_the_engine_is_the_embedded_one_whatever_credentials_lie_around() {
        let variables = [
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("AWS_SECRET_ACCESS_KEY", "s"),
            ("AWS_PROFILE", "production"),
            ("AWS_REGION", "eu-central-1"),
        ];
        let settings = read("", &variables).unwrap();
        assert!(
            matches!(settings.storage, Storage::Folder(folder) if folder.as_os_str() == ".keyfold")
        );
        assert_eq!(settings.table, "authentik");
        assert!(!settings.open_demo && settings.signing_secret.is_none());
        assert!(matches!(
            read("--memory", &variables).unwrap().storage,
            Storage::Memory
        ));
    }

    #[test]
    fn an_endpoint_is_used_when_a_flag_or_its_variable_names_one() {
        let secret = ("SIGNING_SECRET", "s");
        let by_flag = read("--endpoint http://127.0.0.1:8000", &[secret]).unwrap();
        let variable = ("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:8000");
        let by_variable = read("", &[secret, variable]).unwrap();
        for settings in [by_flag, by_variable] {
            assert!(
                matches!(&settings.storage, Storage::Endpoint(endpoint)
                    if endpoint.url == "http://127.0.0.1:8000" && endpoint.credentials.is_none() && endpoint.region == "us-east-1"),
                "{settings:?}"
            );
        }
        let folder = read("--data here", &[variable]).unwrap();
        assert!(
            matches!(folder.storage, Storage::Folder(_)),
            "a flag counts more than a variable"
        );
        assert!(matches!(
            read("--endpoint nonsense", &[secret]),
            Err(SettingsError::Endpoint)
        ));
    }

    #[test]
    fn a_table_elsewhere_needs_a_secret_of_its_own() {
        for flags in ["--aws", "--endpoint https://db.example"] {
            assert!(matches!(read(flags, &[]), Err(SettingsError::NoSecret)));
            assert!(matches!(
                read(flags, &[("SIGNING_SECRET", " ")]),
                Err(SettingsError::NoSecret)
            ));
            assert!(matches!(
                read(flags, &[("SIGNING_SECRET", "genuproof-dev-secret")]),
                Err(SettingsError::KnownSecret)
            ));
        }
    }

    #[test]
    fn an_open_demonstration_is_refused_against_aws() {
        let variables = [("SIGNING_SECRET", "s"), ("OPEN_DEMO", "true")];
        for aws in [
            "--aws",
            "--endpoint https://dynamodb.us-east-1.amazonaws.com",
        ] {
            assert!(matches!(
                read(aws, &variables),
                Err(SettingsError::OpenDemoOnAws)
            ));
        }
        assert!(read("--memory", &variables).unwrap().open_demo);
        assert!(
            read("--endpoint http://127.0.0.1:8000", &variables)
                .unwrap()
                .open_demo
        );
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (variable, value) in [
            ("OPEN_DEMO", "maybe"),
            ("NEXT_PUBLIC_BASE_URL", "genuproof.com"),
            ("TRUSTED_PROXIES", "10.0.0.0/99"),
            ("UNSEALED_BEFORE", "yesterday"),
            ("CLAIM_TTL_DAYS", "0"),
            ("CLAIM_TTL_DAYS", "7301"),
            ("CLAIM_TTL_DAYS", "long"),
        ] {
            let error = read("", &[(variable, value)]).unwrap_err().to_string();
            assert!(error.contains(variable), "{error}");
        }
    }

    #[test]
    fn contradicting_flags_are_refused() {
        for flags in [
            "--memory --data here",
            "--aws --memory",
            "--aws --endpoint http://a",
            "--endpoint http://a --data here",
        ] {
            let line = std::iter::once("genuproof").chain(flags.split_whitespace());
            assert!(Line::try_parse_from(line).is_err(), "{flags}");
        }
        assert!(matches!(
            read("--aws --dynamodb 127.0.0.1:0", &[("SIGNING_SECRET", "s")]),
            Err(SettingsError::NothingToServe)
        ));
    }

    #[test]
    fn secrets_do_not_print_themselves() {
        let variables = [
            ("SIGNING_SECRET", "sesame-1"),
            ("AWS_ACCESS_KEY_ID", "AKIA"),
            ("AWS_SECRET_ACCESS_KEY", "sesame-2"),
        ];
        let settings = read("--endpoint http://127.0.0.1:8000", &variables).unwrap();
        assert!(!format!("{settings:?}").contains("sesame"));
    }
}
