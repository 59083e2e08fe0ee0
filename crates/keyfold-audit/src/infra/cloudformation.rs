//! `CloudFormation` and SAM, in YAML and JSON, and the resources and functions of the Serverless Framework, in
//! TypeScript too.

use super::concerns;
use super::document::{
    branch, descend, fields, get, list, number, path, plain, reference, statement, switch, texts,
};
use crate::facts::{FileFacts, Id, Kind};
use crate::lang::Lang;
use crate::link::{Project, SourceFile};
use crate::tables::{IamStatement, IndexDef, Infrastructure, StreamConsumer, Switch, TableDef};

/// Objects inside objects this deep are resources' innards.
const DEPTH: u32 = 40;

pub(super) fn collect(project: &Project, found: &mut Infrastructure) {
    for (_, file) in project.ids() {
        if file.lang.is_js() {
            if file.path.ends_with("serverless.ts")
                || file
                    .facts
                    .imports
                    .iter()
                    .any(|import| import.module == "@serverless/typescript")
            {
                for root in objects(file) {
                    Reader {
                        file,
                        facts: &file.facts,
                        root,
                    }
                    .read(found);
                }
            }
            continue;
        }
        if !matches!(file.lang, Lang::Yaml | Lang::Json) {
            continue;
        }
        let Kind::Block(documents) = file.kind(file.facts.function(0).body) else {
            continue;
        };
        for document in documents {
            Reader {
                file,
                facts: &file.facts,
                root: *document,
            }
            .read(found);
        }
    }
}

/// The Serverless Framework's configuration as a TypeScript module: objects bound at its level.
fn objects(file: &SourceFile) -> Vec<Id> {
    let Kind::Block(statements) = file.kind(file.facts.function(0).body) else {
        return Vec::new();
    };
    let bound = |statement: &Id| match file.kind(*statement) {
        Kind::Let(_, _, Some(value)) | Kind::Assign(_, _, value) => Some(*value),
        _ => None,
    };
    let values = statements
        .iter()
        .flat_map(|statement| match file.kind(*statement) {
            Kind::Other(inner) => inner.iter().filter_map(bound).collect(),
            _ => bound(statement).into_iter().collect::<Vec<Id>>(),
        });
    values
        .filter(|value| matches!(file.kind(*value), Kind::Object(_)))
        .collect()
}

struct Reader<'p> {
    file: &'p SourceFile,
    facts: &'p FileFacts,
    root: Id,
}

impl Reader<'_> {
    fn read(&self, found: &mut Infrastructure) {
        let mut resources = Vec::new();
        descend(self.facts, self.root, "", DEPTH, &mut |name, id| {
            let kind = get(self.facts, id, "Type").and_then(|kind| plain(self.facts, kind));
            if let Some(kind) = kind.filter(|kind| kind.starts_with("AWS::")) {
                resources.push((name.to_owned(), kind.to_owned(), id));
            }
        });
        let mut scaled = Vec::new();
        for (name, kind, id) in &resources {
            match kind.as_str() {
                "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable" => {
                    found.tables.push(self.table(name, kind, *id));
                }
                "AWS::Serverless::SimpleTable" => found.tables.push(self.simple(name, *id)),
                "AWS::ApplicationAutoScaling::ScalableTarget" => {
                    let target = path(self.facts, *id, &["Properties", "ResourceId"]);
                    scaled.push(
                        target
                            .and_then(|target| reference(self.facts, target))
                            .unwrap_or_default(),
                    );
                }
                "AWS::Lambda::EventSourceMapping" => {
                    if let Some(properties) = get(self.facts, *id, "Properties") {
                        self.consumer(properties, "EventSourceArn", found);
                    }
                }
                "AWS::Lambda::Function" | "AWS::Serverless::Function" => {
                    if let Some(variables) =
                        path(self.facts, *id, &["Properties", "Environment", "Variables"])
                    {
                        self.environment(variables, found);
                    }
                    self.function(name, *id, found);
                }
                _ => {}
            }
            self.statements(name, *id, found);
        }
        for table in found
            .tables
            .iter_mut()
            .filter(|table| table.file == self.file.path)
        {
            let named = [table.logical.as_deref(), table.name.as_deref()];
            table.autoscaling |= scaled
                .iter()
                .any(|target| named.iter().flatten().any(|name| target.contains(name)));
        }
        // `Globals` of SAM, `provider` and `functions` of the Serverless Framework.
        if let Some(variables) = path(
            self.facts,
            self.root,
            &["Globals", "Function", "Environment", "Variables"],
        ) {
            self.environment(variables, found);
        }
        self.serverless(found);
    }

    fn source(&self) -> &'static str {
        let transform =
            get(self.facts, self.root, "Transform").map(|transform| texts(self.facts, transform));
        if transform
            .is_some_and(|names| names.iter().any(|name| name.starts_with("AWS::Serverless")))
        {
            "sam"
        } else if self.file.lang.is_js()
            || get(self.facts, self.root, "service").is_some()
                && get(self.facts, self.root, "provider").is_some()
        {
            "serverless"
        } else {
            "cloudformation"
        }
    }

    fn base(&self, name: &str, id: Id) -> TableDef {
        let span = self.facts.span(id);
        let policy =
            get(self.facts, id, "DeletionPolicy").and_then(|policy| plain(self.facts, policy));
        TableDef {
            file: self.file.path.clone(),
            line: span.line,
            end_line: span.end_line,
            logical: Some(name.to_owned()),
            source: self.source(),
            removal: policy.map(|policy| {
                if policy == "Delete" {
                    "DESTROY"
                } else {
                    "RETAIN"
                }
                .to_owned()
            }),
            ..TableDef::default()
        }
    }

    fn table(&self, name: &str, kind: &str, id: Id) -> TableDef {
        let facts = self.facts;
        let mut table = self.base(name, id);
        let Some(properties) = get(facts, id, "Properties") else {
            return table;
        };
        let property = |name: &str| get(facts, properties, name);
        table.name = property("TableName").and_then(|name| self.name(name));
        (table.pk, table.sk) = self.keys(properties);
        for attribute in property("AttributeDefinitions")
            .map(|list| self::list(facts, list))
            .unwrap_or_default()
        {
            let name = get(facts, attribute, "AttributeName").and_then(|name| self.name(name));
            let kind = get(facts, attribute, "AttributeType").and_then(|kind| plain(facts, kind));
            if let (Some(name), Some(kind)) = (name, kind) {
                table.attributes.push((name, kind.to_owned()));
            }
        }
        table.gsi = self.indexes(property("GlobalSecondaryIndexes"));
        table.lsi = self.indexes(property("LocalSecondaryIndexes"));
        // An index list that is computed hides what it holds.
        table.open |= ["GlobalSecondaryIndexes", "KeySchema"]
            .iter()
            .filter_map(|name| property(name))
            .any(|value| !matches!(facts.kind(value), Kind::Array(_)));
        if let Some(ttl) = property("TimeToLiveSpecification")
            && switch(facts, get(facts, ttl, "Enabled")) != Switch::Off
        {
            table.ttl = get(facts, ttl, "AttributeName").and_then(|name| self.name(name));
        }
        table.billing = match property("BillingMode") {
            Some(mode) => plain(facts, mode).map(str::to_owned),
            None => Some("PROVISIONED".to_owned()),
        };
        table.capacity =
            property("ProvisionedThroughput").and_then(|throughput| self.capacity(throughput));
        table.encryption = self.encryption(property("SSESpecification"));
        table.stream = property("StreamSpecification")
            .and_then(|stream| get(facts, stream, "StreamViewType"))
            .and_then(|view| self.name(view));
        table.deletion_protection = switch(facts, property("DeletionProtectionEnabled"));
        let recovery = |of: Id| {
            path(
                facts,
                of,
                &[
                    "PointInTimeRecoverySpecification",
                    "PointInTimeRecoveryEnabled",
                ],
            )
        };
        table.pitr = self.recovery(properties, recovery(properties));
        if kind == "AWS::DynamoDB::GlobalTable" {
            let replicas = property("Replicas")
                .map(|list| self::list(facts, list))
                .unwrap_or_default();
            for replica in replicas {
                table.replicas.extend(
                    get(facts, replica, "Region").and_then(|region| reference(facts, region)),
                );
                if table.pitr == Switch::Absent {
                    table.pitr = switch(facts, recovery(replica));
                }
                if table.deletion_protection == Switch::Absent {
                    table.deletion_protection =
                        switch(facts, get(facts, replica, "DeletionProtectionEnabled"));
                }
            }
        }
        table
    }

    /// The whole specification may stand behind a condition.
    fn recovery(&self, properties: Id, enabled: Option<Id>) -> Switch {
        let facts = self.facts;
        match (
            enabled,
            get(facts, properties, "PointInTimeRecoverySpecification"),
        ) {
            (None, Some(specification)) if get(facts, specification, "Fn::If").is_some() => {
                Switch::Unknown
            }
            (enabled, _) => switch(facts, enabled),
        }
    }

    fn simple(&self, name: &str, id: Id) -> TableDef {
        let facts = self.facts;
        let mut table = self.base(name, id);
        let properties = get(facts, id, "Properties");
        let property = |name: &str| properties.and_then(|properties| get(facts, properties, name));
        table.name = property("TableName").and_then(|name| self.name(name));
        let key = property("PrimaryKey")
            .and_then(|key| get(facts, key, "Name"))
            .and_then(|name| self.name(name));
        table.pk = Some(key.unwrap_or_else(|| "id".to_owned()));
        table.capacity =
            property("ProvisionedThroughput").and_then(|throughput| self.capacity(throughput));
        table.billing = Some(
            if table.capacity.is_some() {
                "PROVISIONED"
            } else {
                "PAY_PER_REQUEST"
            }
            .to_owned(),
        );
        table.encryption = self.encryption(property("SSESpecification"));
        table
    }

    /// A name, with what is not known of it in braces: `orders-{Stage}`; of a parameter, its default.
    fn name(&self, id: Id) -> Option<String> {
        let facts = self.facts;
        if let Some(to) = get(facts, id, "Ref").and_then(|to| plain(facts, to)) {
            let default = path(facts, self.root, &["Parameters", to, "Default"]);
            return default
                .and_then(|default| plain(facts, default))
                .map(str::to_owned);
        }
        let text = reference(facts, id)?;
        Some(Self::holes(&self.own(&text, 4)))
    }

    /// `${self:custom.table}` of the Serverless Framework is what stands there.
    fn own(&self, text: &str, depth: u32) -> String {
        let Some(at) = text.find("${self:").filter(|_| depth > 0) else {
            return text.to_owned();
        };
        let Some(length) = text[at..].find('}') else {
            return text.to_owned();
        };
        let inside = text[at + 7..at + length]
            .split(',')
            .next()
            .unwrap_or_default()
            .trim();
        let names: Vec<&str> = inside.split('.').collect();
        let known = path(self.facts, self.root, &names).and_then(|value| plain(self.facts, value));
        let last = names.last().copied().unwrap_or_default();
        let value = known.map_or_else(|| format!("{{{last}}}"), |known| self.own(known, depth - 1));
        let rest = self.own(&text[at + length + 1..], depth);
        format!("{}{value}{rest}", &text[..at])
    }

    fn holes(text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let Some(length) = rest[at..].find('}') else {
                break;
            };
            out.push_str(&rest[..at]);
            let inside = &rest[at + 2..at + length];
            let name = inside.split(',').next().unwrap_or(inside);
            let name = name.rsplit([':', '.']).next().unwrap_or(name).trim();
            out.extend(["{", name, "}"]);
            rest = &rest[at + length + 1..];
        }
        out.push_str(rest);
        out
    }

    fn keys(&self, of: Id) -> (Option<String>, Option<String>) {
        let facts = self.facts;
        let (mut pk, mut sk) = (None, None);
        for key in get(facts, of, "KeySchema")
            .map(|list| self::list(facts, list))
            .unwrap_or_default()
        {
            let name = get(facts, key, "AttributeName").and_then(|name| self.name(name));
            match get(facts, key, "KeyType").and_then(|kind| plain(facts, kind)) {
                Some("HASH") => pk = pk.or(name),
                Some("RANGE") => sk = sk.or(name),
                _ => {}
            }
        }
        (pk, sk)
    }

    fn indexes(&self, of: Option<Id>) -> Vec<IndexDef> {
        let facts = self.facts;
        let lists = of.map(|of| list(facts, of)).unwrap_or_default();
        let indexes = lists
            .into_iter()
            .filter(|index| get(facts, *index, "IndexName").is_some());
        indexes
            .map(|index| {
                let (pk, sk) = self.keys(index);
                let projection = path(facts, index, &["Projection", "ProjectionType"]);
                let throughput = get(facts, index, "ProvisionedThroughput");
                IndexDef {
                    name: get(facts, index, "IndexName")
                        .and_then(|name| self.name(name))
                        .unwrap_or_default(),
                    pk,
                    sk,
                    projection: projection
                        .and_then(|kind| plain(facts, kind))
                        .map(str::to_owned),
                    line: facts.span(index).line,
                    write_capacity: throughput
                        .and_then(|t| self.capacity(t))
                        .map(|(_, write)| write),
                }
            })
            .collect()
    }

    fn capacity(&self, of: Id) -> Option<(u32, u32)> {
        let of = branch(self.facts, of)?;
        let units = |name: &str| number(self.facts, get(self.facts, of, name)?);
        Some((units("ReadCapacityUnits")?, units("WriteCapacityUnits")?))
    }

    fn encryption(&self, of: Option<Id>) -> Option<String> {
        let facts = self.facts;
        let Some(of) = of else {
            return Some("AWS_OWNED".to_owned());
        };
        let kind = match switch(facts, get(facts, of, "SSEEnabled")) {
            Switch::Off => "DISABLED",
            Switch::On if get(facts, of, "KMSMasterKeyId").is_some() => "CUSTOMER_MANAGED",
            Switch::On => "AWS_MANAGED",
            _ => return None,
        };
        Some(kind.to_owned())
    }

    fn environment(&self, variables: Id, found: &mut Infrastructure) {
        for (name, value) in fields(self.facts, variables) {
            let target = match get(self.facts, value, "Ref").and_then(|to| plain(self.facts, to)) {
                Some(to) => Some(to.to_owned()),
                None => reference(self.facts, value).map(|text| Self::holes(&self.own(&text, 4))),
            };
            if let Some(target) = target {
                found.environment.push((name.to_owned(), target));
            }
        }
    }

    /// Policies that SAM knows by name, and streams among a function's events.
    fn function(&self, name: &str, id: Id, found: &mut Infrastructure) {
        let facts = self.facts;
        let Some(properties) = get(facts, id, "Properties") else {
            return;
        };
        for policy in get(facts, properties, "Policies")
            .map(|list| self::list(facts, list))
            .unwrap_or_default()
        {
            for (template, arguments) in fields(facts, policy) {
                let actions: &[&str] = match template {
                    "DynamoDBCrudPolicy" => &[
                        "dynamodb:GetItem",
                        "dynamodb:DeleteItem",
                        "dynamodb:PutItem",
                        "dynamodb:Scan",
                        "dynamodb:Query",
                        "dynamodb:UpdateItem",
                        "dynamodb:BatchWriteItem",
                        "dynamodb:BatchGetItem",
                        "dynamodb:DescribeTable",
                        "dynamodb:ConditionCheckItem",
                    ],
                    "DynamoDBReadPolicy" => &[
                        "dynamodb:GetItem",
                        "dynamodb:Scan",
                        "dynamodb:Query",
                        "dynamodb:BatchGetItem",
                        "dynamodb:DescribeTable",
                    ],
                    "DynamoDBWritePolicy" => &[
                        "dynamodb:PutItem",
                        "dynamodb:UpdateItem",
                        "dynamodb:BatchWriteItem",
                    ],
                    _ => continue,
                };
                let table =
                    get(facts, arguments, "TableName").and_then(|table| reference(facts, table));
                let (line, end_line) = (facts.span(arguments).line, facts.span(arguments).end_line);
                found.iam.push(IamStatement {
                    file: self.file.path.clone(),
                    line,
                    end_line,
                    allow: true,
                    actions: actions.iter().map(|action| (*action).to_owned()).collect(),
                    resources: table.into_iter().collect(),
                    conditions: Vec::new(),
                    principal: Some(name.to_owned()),
                });
            }
        }
        for (_, event) in get(facts, properties, "Events")
            .map(|events| fields(facts, events))
            .unwrap_or_default()
        {
            if get(facts, event, "Type").and_then(|kind| plain(facts, kind)) == Some("DynamoDB")
                && let Some(properties) = get(facts, event, "Properties")
            {
                self.consumer(properties, "Stream", found);
            }
        }
    }

    fn consumer(&self, properties: Id, stream: &str, found: &mut Infrastructure) {
        let facts = self.facts;
        let Some(arn) = get(facts, properties, stream).and_then(|arn| reference(facts, arn)) else {
            return;
        };
        let of_table = arn.contains("StreamArn")
            || arn.contains("dynamodb")
            || stream == "Stream"
            || arn.contains("import");
        if !of_table {
            return;
        }
        let has = |names: &[&str]| {
            names
                .iter()
                .any(|name| get(facts, properties, name).is_some())
        };
        let table = arn
            .trim_start_matches("${")
            .split(['.', '}'])
            .next()
            .unwrap_or_default();
        found.consumers.push(StreamConsumer {
            file: self.file.path.clone(),
            line: facts.span(properties).line,
            table: arn.contains("StreamArn").then(|| table.to_owned()),
            filter: has(&["FilterCriteria", "filterPatterns"]),
            failure_handling: has(&[
                "DestinationConfig",
                "MaximumRetryAttempts",
                "MaximumRecordAgeInSeconds",
                "destinations",
                "maximumRetryAttempts",
                "maximumRecordAgeInSeconds",
            ]),
        });
    }

    fn statements(&self, name: &str, id: Id, found: &mut Infrastructure) {
        let mut statements = Vec::new();
        descend(self.facts, id, name, DEPTH, &mut |_, id| {
            statements.extend(statement(self.facts, id));
        });
        self.keep(statements, name, found);
    }

    fn keep(&self, statements: Vec<IamStatement>, principal: &str, found: &mut Infrastructure) {
        for mut statement in statements.into_iter().filter(concerns) {
            statement.file.clone_from(&self.file.path);
            statement.principal = Some(principal.to_owned());
            found.iam.push(statement);
        }
    }

    fn serverless(&self, found: &mut Infrastructure) {
        let facts = self.facts;
        let Some(provider) = get(facts, self.root, "provider") else {
            return;
        };
        if let Some(variables) = get(facts, provider, "environment") {
            self.environment(variables, found);
        }
        let mut statements = Vec::new();
        descend(facts, provider, "provider", DEPTH, &mut |_, id| {
            statements.extend(statement(facts, id));
        });
        self.keep(statements, "provider", found);
        for (name, function) in get(facts, self.root, "functions")
            .map(|f| fields(facts, f))
            .unwrap_or_default()
        {
            if let Some(variables) = get(facts, function, "environment") {
                self.environment(variables, found);
            }
            let mut statements = Vec::new();
            descend(facts, function, name, DEPTH, &mut |_, id| {
                statements.extend(statement(facts, id));
            });
            self.keep(statements, name, found);
            for event in get(facts, function, "events")
                .map(|events| list(facts, events))
                .unwrap_or_default()
            {
                if let Some(stream) = get(facts, event, "stream") {
                    self.consumer(stream, "arn", found);
                }
            }
        }
    }
}
