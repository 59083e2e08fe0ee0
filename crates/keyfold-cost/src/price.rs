//! Prices, from dated data files, and what units and bytes come to at them.

use crate::number::{count, figures};
use crate::quantity::{Quantity, join};
use crate::sum::Sum;
use crate::toml_file::{FileError, Keys, Source, nearest};
use crate::traffic::{Billing, Traffic};
use crate::units::{Axis, Units};

/// The files that come with the crate.
const FILES: [(&str, &str); 2] = [
    ("us-east-1", include_str!("../prices/us-east-1.toml")),
    ("eu-west-1", include_str!("../prices/eu-west-1.toml")),
];

/// Hours of a month, as AWS's calculators count them: 365 × 24 / 12.
pub(crate) const HOURS_A_MONTH: f64 = 730.0;
/// DynamoDB's gigabyte. Source: Developer Guide, "Quotas in Amazon DynamoDB": sizes are binary.
pub(crate) const GB: f64 = 1_073_741_824.0;

/// What one region costs, in US dollars.
#[derive(Debug, Clone, PartialEq)]
pub struct Prices {
    /// The region.
    pub region: String,
    /// The day they were read, `2026-11-21`.
    pub read: String,
    /// Where.
    pub source: String,
    /// On demand.
    pub read_units_per_million: f64,
    /// On demand.
    pub write_units_per_million: f64,
    /// On demand, for each region of a global table.
    pub replicated_write_units_per_million: Option<f64>,
    /// Provisioned.
    pub read_unit_hour: f64,
    /// Provisioned.
    pub write_unit_hour: f64,
    /// Storage.
    pub gb_month: f64,
    /// Point-in-time recovery.
    pub pitr_gb_month: Option<f64>,
    /// On-demand backups.
    pub backup_gb_month: Option<f64>,
    /// `GetRecords` calls that are no Lambda trigger's.
    pub stream_reads_per_million: Option<f64>,
    /// What is free each month.
    pub free: Free,
}

/// What an account has free each month.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Free {
    /// GB stored.
    pub storage_gb: f64,
    /// Units of provisioned read capacity.
    pub read_units_provisioned: f64,
    /// Units of provisioned write capacity.
    pub write_units_provisioned: f64,
    /// Stream reads.
    pub stream_reads: f64,
}

/// Why there are no prices.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PricesError {
    /// A region without a file.
    #[error(
        "there are no prices for the region `{region}`; {near}\nhint: known are {known}; for another, write a file like the one of us-east-1 and name it with --prices"
    )]
    Region {
        /// The region.
        region: String,
        /// The nearest known one.
        near: String,
        /// All known ones.
        known: String,
    },
    /// A file that is for another region.
    #[error(
        "the prices are of `{of}`, the traffic is in `{wanted}`\nhint: name a price file of {wanted}, or change `region` in the traffic file"
    )]
    OtherRegion {
        /// The file's region.
        of: String,
        /// The traffic's.
        wanted: String,
    },
    /// A file that cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
}

/// A price that the region's file does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the prices of {region} have none for {what}\nhint: add `{key}` to a price file of your own and name it with --prices"
)]
pub struct NoPrice {
    /// The region.
    pub region: String,
    /// What there is no price for.
    pub what: &'static str,
    /// The key that would hold it.
    pub key: &'static str,
}

/// The regions whose prices come with the crate.
pub fn regions() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(region, _)| *region)
}

/// The money for so many calls that each take so many units, at the rate of the billing mode.
pub fn price(units: &Units, calls: &Quantity, rates: &Rates) -> Sum {
    let rate = rates.of(units.axis);
    let monthly = units.per_call * calls.value;
    Sum {
        monthly_usd: monthly * rate.usd_per_unit,
        formula: format!(
            "{}; × {} = {} {} units a month; × {}",
            units.formula,
            calls.amount(),
            count(monthly),
            units.axis.word(),
            rate.text
        ),
        inputs: join(
            join(units.inputs.clone(), std::slice::from_ref(calls)),
            &rate.inputs,
        ),
    }
}

/// The price of one unit of each axis, on demand or as a share of provisioned capacity.
#[derive(Debug, Clone, PartialEq)]
pub struct Rates {
    read: Rate,
    write: Rate,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rate {
    pub(crate) usd_per_unit: f64,
    pub(crate) text: String,
    pub(crate) inputs: Vec<Quantity>,
}

impl Rates {
    /// On demand.
    pub fn on_demand(prices: &Prices) -> Self {
        let rate = |per_million: f64| Rate {
            usd_per_unit: per_million / 1e6,
            text: format!("{} USD per million", count(per_million)),
            inputs: Vec::new(),
        };
        Self {
            read: rate(prices.read_units_per_million),
            write: rate(prices.write_units_per_million),
        }
    }

    /// As the traffic file says: on demand, or what a unit costs where so much of the provisioned
    /// capacity is used.
    pub fn new(prices: &Prices, traffic: &Traffic) -> Self {
        match traffic.billing {
            Billing::OnDemand => Self::on_demand(prices),
            Billing::Provisioned => {
                let rate = |unit_hour: f64| provisioned_rate(unit_hour, traffic);
                Self {
                    read: rate(prices.read_unit_hour),
                    write: rate(prices.write_unit_hour),
                }
            }
        }
    }

    pub(crate) fn of(&self, axis: Axis) -> &Rate {
        match axis {
            Axis::Read => &self.read,
            Axis::Write => &self.write,
        }
    }
}

fn provisioned_rate(unit_hour: f64, traffic: &Traffic) -> Rate {
    let provisioned = &traffic.provisioned;
    let used = provisioned.used_share();
    let kept = provisioned.price_share();
    Rate {
        usd_per_unit: unit_hour / 3_600.0 / used.value * kept,
        text: format!(
            "{} USD per unit-hour / 3,600 s / {} used{}",
            figures(unit_hour, 3),
            used.amount(),
            provisioned.reserved_text()
        ),
        inputs: provisioned.inputs(),
    }
}

impl Prices {
    /// Those that come with the crate.
    pub fn of_region(region: &str) -> Result<Self, PricesError> {
        let file = FILES.iter().find(|(name, _)| *name == region);
        let Some((_, text)) = file else {
            return Err(PricesError::Region {
                region: region.to_owned(),
                near: nearest(region, regions()),
                known: regions().collect::<Vec<_>>().join(", "),
            });
        };
        Self::parse(text)
    }

    /// From a file's text.
    pub fn parse(text: &str) -> Result<Self, PricesError> {
        let source = Source::new(text);
        let root = source.parse()?;
        let file = Keys::root(&source, &root);
        file.only(&[
            "region",
            "read",
            "source",
            "on_demand",
            "provisioned",
            "storage",
            "streams",
            "free",
        ])?;
        let on_demand = section(&file, "on_demand")?;
        on_demand.only(&[
            "read_units_per_million",
            "write_units_per_million",
            "replicated_write_units_per_million",
        ])?;
        let provisioned = section(&file, "provisioned")?;
        provisioned.only(&["read_unit_hour", "write_unit_hour"])?;
        let storage = section(&file, "storage")?;
        storage.only(&["gb_month", "pitr_gb_month", "backup_gb_month"])?;
        let streams = file.inside("streams")?;
        if let Some(streams) = &streams {
            streams.only(&["reads_per_million"])?;
        }
        let stream_reads_per_million = match &streams {
            Some(streams) => streams.number("reads_per_million", f64::INFINITY)?,
            None => None,
        };
        Ok(Self {
            region: words(&file, "region")?,
            read: words(&file, "read")?,
            source: words(&file, "source")?,
            read_units_per_million: needed(&on_demand, "read_units_per_million")?,
            write_units_per_million: needed(&on_demand, "write_units_per_million")?,
            replicated_write_units_per_million: on_demand
                .number("replicated_write_units_per_million", f64::INFINITY)?,
            read_unit_hour: needed(&provisioned, "read_unit_hour")?,
            write_unit_hour: needed(&provisioned, "write_unit_hour")?,
            gb_month: needed(&storage, "gb_month")?,
            pitr_gb_month: storage.number("pitr_gb_month", f64::INFINITY)?,
            backup_gb_month: storage.number("backup_gb_month", f64::INFINITY)?,
            stream_reads_per_million,
            free: free(&file)?,
        })
    }

    /// Whether they are of the traffic's region.
    pub fn check(&self, traffic: &Traffic) -> Result<(), PricesError> {
        if self.region == traffic.region {
            return Ok(());
        }
        Err(PricesError::OtherRegion {
            of: self.region.clone(),
            wanted: traffic.region.clone(),
        })
    }

    /// Bytes stored a month; the overhead of each item is the caller's to add.
    pub fn storage(&self, bytes: &Quantity) -> Sum {
        stored(bytes, self.gb_month)
    }

    /// Point-in-time recovery of a table of so many bytes, local indexes included.
    pub fn pitr(&self, bytes: &Quantity) -> Result<Sum, NoPrice> {
        let price = self.needed(
            self.pitr_gb_month,
            "point-in-time recovery",
            "storage.pitr_gb_month",
        )?;
        Ok(stored(bytes, price))
    }

    /// On-demand backups of so many bytes.
    pub fn backup(&self, bytes: &Quantity) -> Result<Sum, NoPrice> {
        let price = self.needed(
            self.backup_gb_month,
            "on-demand backups",
            "storage.backup_gb_month",
        )?;
        Ok(stored(bytes, price))
    }

    /// Reading a stream by so many `GetRecords` calls.
    pub fn stream_reads(&self, reads: &Quantity) -> Result<Sum, NoPrice> {
        let price = self.needed(
            self.stream_reads_per_million,
            "stream reads",
            "streams.reads_per_million",
        )?;
        Ok(Sum {
            monthly_usd: reads.value * price / 1e6,
            formula: format!("{} × {} USD per million", reads.amount(), count(price)),
            inputs: vec![reads.clone()],
        })
    }

    /// Write units repeated in other regions.
    pub fn replicated_writes(&self, units: &Quantity) -> Result<Sum, NoPrice> {
        let price = self.needed(
            self.replicated_write_units_per_million,
            "replicated writes",
            "on_demand.replicated_write_units_per_million",
        )?;
        Ok(Sum {
            monthly_usd: units.value * price / 1e6,
            formula: format!("{} × {} USD per million", units.amount(), count(price)),
            inputs: vec![units.clone()],
        })
    }

    /// The share of provisioned capacity that has to be used for it to cost as much as on demand:
    /// of reads, and of writes.
    pub fn break_even_used_share(&self) -> (f64, f64) {
        let share = |unit_hour: f64, per_million: f64| (unit_hour / 3_600.0) / (per_million / 1e6);
        (
            share(self.read_unit_hour, self.read_units_per_million),
            share(self.write_unit_hour, self.write_units_per_million),
        )
    }

    fn needed(
        &self,
        price: Option<f64>,
        what: &'static str,
        key: &'static str,
    ) -> Result<f64, NoPrice> {
        price.ok_or_else(|| NoPrice {
            region: self.region.clone(),
            what,
            key,
        })
    }
}

fn stored(bytes: &Quantity, gb_month: f64) -> Sum {
    let gb = bytes.value / GB;
    Sum {
        monthly_usd: gb * gb_month,
        formula: format!(
            "{} / 1,073,741,824 = {} GB × {} USD per GB-month",
            bytes.amount(),
            count(gb),
            count(gb_month)
        ),
        inputs: vec![bytes.clone()],
    }
}

fn section<'f, 't>(file: &Keys<'f, 't>, name: &str) -> Result<Keys<'f, 't>, FileError> {
    file.inside(name)?.ok_or_else(|| {
        FileError::new(
            file.at(),
            format!("the price file has no section `[{name}]`"),
        )
    })
}

fn needed(section: &Keys<'_, '_>, key: &str) -> Result<f64, FileError> {
    section
        .number(key, f64::INFINITY)?
        .ok_or_else(|| FileError::new(section.at(), format!("the price `{key}` is missing here")))
}

fn words(file: &Keys<'_, '_>, key: &str) -> Result<String, FileError> {
    let found = file.text(key)?;
    found.map(|(text, _)| text.to_owned()).ok_or_else(|| {
        FileError::new(file.at(), format!("`{key}` is missing in the price file"))
            .hint("a price without its region, day and source cannot be checked")
    })
}

fn free(file: &Keys<'_, '_>) -> Result<Free, FileError> {
    let Some(free) = file.inside("free")? else {
        return Ok(Free::default());
    };
    free.only(&[
        "storage_gb",
        "read_units_provisioned",
        "write_units_provisioned",
        "stream_reads",
    ])?;
    let number = |key| Ok::<_, FileError>(free.number(key, f64::INFINITY)?.unwrap_or_default());
    Ok(Free {
        storage_gb: number("storage_gb")?,
        read_units_provisioned: number("read_units_provisioned")?,
        write_units_provisioned: number("write_units_provisioned")?,
        stream_reads: number("stream_reads")?,
    })
}
