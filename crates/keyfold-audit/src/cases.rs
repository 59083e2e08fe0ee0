//! The cases of every rule: what it must find, and what it must leave alone.
//!
//! A page of `cases/` holds the cases of one rule, each a small project: `## fires` or `## silent`, the surface, the path of its
//! first file; further files stand under `### with`. A `//~` or `#~` at the end of a line says that the rule's finding is on
//! that line. The tests run every case, and `--explain` shows them as its examples, without the marks.

/// Where a rule can find something.
pub const SURFACES: [&str; 8] = [
    "typescript",
    "python",
    "rust",
    "java",
    "kotlin",
    "go",
    "infrastructure",
    "metered",
];

/// A file of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFile {
    /// Its path in the project.
    pub path: String,
    /// Its text, marks included.
    pub text: String,
}

/// A small project that a rule finds something in, or nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The rule finds what is marked; otherwise it is silent.
    pub fires: bool,
    /// One of [`SURFACES`].
    pub surface: String,
    /// Its files.
    pub files: Vec<CaseFile>,
}

/// A line without its mark.
pub fn unmarked(line: &str) -> &str {
    line.strip_suffix("//~")
        .or_else(|| line.strip_suffix("#~"))
        .unwrap_or(line)
        .trim_end()
}

/// Whether a line is marked.
pub fn is_marked(line: &str) -> bool {
    line.ends_with("//~") || line.ends_with("#~")
}

/// The cases of a rule.
pub fn of(rule: &str) -> Vec<Case> {
    CASES
        .iter()
        .find(|(name, _)| *name == rule)
        .map(|(_, page)| read(page))
        .unwrap_or_default()
}

fn read(page: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if line.starts_with("```") {
            inside = !inside;
            continue;
        }
        if inside {
            if let Some(file) = cases.last_mut().and_then(|case| case.files.last_mut()) {
                file.text.push_str(line);
                file.text.push('\n');
            }
            continue;
        }
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("##"), Some(kind)) => {
                let surface = words.next().unwrap_or_default().to_owned();
                let path = words.next().unwrap_or_default().to_owned();
                cases.push(Case {
                    fires: kind == "fires",
                    surface,
                    files: vec![CaseFile {
                        path,
                        text: String::new(),
                    }],
                });
            }
            (Some("###"), Some(_)) => {
                if let Some(case) = cases.last_mut() {
                    case.files.push(CaseFile {
                        path: words.next().unwrap_or_default().to_owned(),
                        text: String::new(),
                    });
                }
            }
            _ => {}
        }
    }
    cases
}

static CASES: &[(&str, &str)] = &[
    (
        "attribute-unused",
        include_str!("../cases/attribute-unused.md"),
    ),
    (
        "batch-too-large",
        include_str!("../cases/batch-too-large.md"),
    ),
    (
        "capacity-without-autoscaling",
        include_str!("../cases/capacity-without-autoscaling.md"),
    ),
    (
        "client-outside-layer",
        include_str!("../cases/client-outside-layer.md"),
    ),
    (
        "client-per-request",
        include_str!("../cases/client-per-request.md"),
    ),
    (
        "collection-growing",
        include_str!("../cases/collection-growing.md"),
    ),
    (
        "consistent-read-on-gsi",
        include_str!("../cases/consistent-read-on-gsi.md"),
    ),
    (
        "consistent-without-need",
        include_str!("../cases/consistent-without-need.md"),
    ),
    (
        "consumer-without-filter",
        include_str!("../cases/consumer-without-filter.md"),
    ),
    (
        "context-crossing",
        include_str!("../cases/context-crossing.md"),
    ),
    ("cost-jump", include_str!("../cases/cost-jump.md")),
    ("count-by-scan", include_str!("../cases/count-by-scan.md")),
    ("cross-tenant", include_str!("../cases/cross-tenant.md")),
    (
        "duplicate-in-batch",
        include_str!("../cases/duplicate-in-batch.md"),
    ),
    (
        "expression-injection",
        include_str!("../cases/expression-injection.md"),
    ),
    (
        "filter-after-query",
        include_str!("../cases/filter-after-query.md"),
    ),
    (
        "full-table-scan",
        include_str!("../cases/full-table-scan.md"),
    ),
    (
        "gsi-key-type-mismatch",
        include_str!("../cases/gsi-key-type-mismatch.md"),
    ),
    (
        "gsi-proliferation",
        include_str!("../cases/gsi-proliferation.md"),
    ),
    (
        "health-check-scan",
        include_str!("../cases/health-check-scan.md"),
    ),
    ("hot-key", include_str!("../cases/hot-key.md")),
    (
        "hot-partition-key",
        include_str!("../cases/hot-partition-key.md"),
    ),
    ("idle-table", include_str!("../cases/idle-table.md")),
    (
        "index-name-unknown",
        include_str!("../cases/index-name-unknown.md"),
    ),
    ("item-growing", include_str!("../cases/item-growing.md")),
    (
        "key-delimiter-injection",
        include_str!("../cases/key-delimiter-injection.md"),
    ),
    ("key-in-update", include_str!("../cases/key-in-update.md")),
    ("large-item", include_str!("../cases/large-item.md")),
    (
        "legacy-parameters",
        include_str!("../cases/legacy-parameters.md"),
    ),
    (
        "limit-with-filter",
        include_str!("../cases/limit-with-filter.md"),
    ),
    (
        "low-read-efficiency",
        include_str!("../cases/low-read-efficiency.md"),
    ),
    (
        "missing-deletion-protection",
        include_str!("../cases/missing-deletion-protection.md"),
    ),
    (
        "missing-encryption",
        include_str!("../cases/missing-encryption.md"),
    ),
    ("missing-pitr", include_str!("../cases/missing-pitr.md")),
    ("missing-retry", include_str!("../cases/missing-retry.md")),
    (
        "mixed-retention",
        include_str!("../cases/mixed-retention.md"),
    ),
    ("n-plus-one-get", include_str!("../cases/n-plus-one-get.md")),
    (
        "no-repository-layer",
        include_str!("../cases/no-repository-layer.md"),
    ),
    (
        "no-ttl-on-ephemeral",
        include_str!("../cases/no-ttl-on-ephemeral.md"),
    ),
    (
        "non-atomic-writes",
        include_str!("../cases/non-atomic-writes.md"),
    ),
    ("open-prefix", include_str!("../cases/open-prefix.md")),
    (
        "over-provisioned",
        include_str!("../cases/over-provisioned.md"),
    ),
    (
        "pages-abandoned",
        include_str!("../cases/pages-abandoned.md"),
    ),
    (
        "pagination-ignored",
        include_str!("../cases/pagination-ignored.md"),
    ),
    ("pattern-unused", include_str!("../cases/pattern-unused.md")),
    ("pii-plaintext", include_str!("../cases/pii-plaintext.md")),
    (
        "placeholder-mismatch",
        include_str!("../cases/placeholder-mismatch.md"),
    ),
    ("projection-all", include_str!("../cases/projection-all.md")),
    (
        "projection-missing",
        include_str!("../cases/projection-missing.md"),
    ),
    (
        "put-without-condition",
        include_str!("../cases/put-without-condition.md"),
    ),
    (
        "read-modify-write-counter",
        include_str!("../cases/read-modify-write-counter.md"),
    ),
    (
        "read-modify-write-item",
        include_str!("../cases/read-modify-write-item.md"),
    ),
    ("reserved-word", include_str!("../cases/reserved-word.md")),
    ("scan-in-job", include_str!("../cases/scan-in-job.md")),
    (
        "scan-index-forward-ignored",
        include_str!("../cases/scan-index-forward-ignored.md"),
    ),
    (
        "scan-on-data-path",
        include_str!("../cases/scan-on-data-path.md"),
    ),
    ("scan-seen", include_str!("../cases/scan-seen.md")),
    ("sdk-bypass", include_str!("../cases/sdk-bypass.md")),
    (
        "sdk-end-of-support",
        include_str!("../cases/sdk-end-of-support.md"),
    ),
    ("sdk-in-script", include_str!("../cases/sdk-in-script.md")),
    (
        "sequential-batch",
        include_str!("../cases/sequential-batch.md"),
    ),
    ("sort-in-memory", include_str!("../cases/sort-in-memory.md")),
    (
        "static-credentials",
        include_str!("../cases/static-credentials.md"),
    ),
    (
        "stream-without-consumer",
        include_str!("../cases/stream-without-consumer.md"),
    ),
    (
        "strongly-consistent-by-default",
        include_str!("../cases/strongly-consistent-by-default.md"),
    ),
    (
        "suppression-expired",
        include_str!("../cases/suppression-expired.md"),
    ),
    (
        "suppression-unused",
        include_str!("../cases/suppression-unused.md"),
    ),
    (
        "suppression-without-reason",
        include_str!("../cases/suppression-without-reason.md"),
    ),
    (
        "table-name-unresolved",
        include_str!("../cases/table-name-unresolved.md"),
    ),
    (
        "table-per-entity",
        include_str!("../cases/table-per-entity.md"),
    ),
    (
        "tenant-scope-missing",
        include_str!("../cases/tenant-scope-missing.md"),
    ),
    ("throttled", include_str!("../cases/throttled.md")),
    (
        "time-series-in-dynamodb",
        include_str!("../cases/time-series-in-dynamodb.md"),
    ),
    (
        "trigger-without-failure-destination",
        include_str!("../cases/trigger-without-failure-destination.md"),
    ),
    (
        "ttl-not-deleting",
        include_str!("../cases/ttl-not-deleting.md"),
    ),
    (
        "ttl-not-epoch-seconds",
        include_str!("../cases/ttl-not-epoch-seconds.md"),
    ),
    ("ttl-trusted", include_str!("../cases/ttl-trusted.md")),
    (
        "unbounded-item-collection",
        include_str!("../cases/unbounded-item-collection.md"),
    ),
    (
        "undeclared-access",
        include_str!("../cases/undeclared-access.md"),
    ),
    (
        "unknown-rule-in-config",
        include_str!("../cases/unknown-rule-in-config.md"),
    ),
    (
        "unprocessed-dropped",
        include_str!("../cases/unprocessed-dropped.md"),
    ),
    (
        "unprocessed-ignored",
        include_str!("../cases/unprocessed-ignored.md"),
    ),
    (
        "unprocessed-tight-loop",
        include_str!("../cases/unprocessed-tight-loop.md"),
    ),
    ("unused-gsi", include_str!("../cases/unused-gsi.md")),
    ("wildcard-iam", include_str!("../cases/wildcard-iam.md")),
];
