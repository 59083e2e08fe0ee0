//! `keyfold model export`: the design as what others read.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use keyfold_export::{
    NoSuchPart, Role, Tenant, Tree, With, cdk, cloud_formation, create_table, markdown, mermaid,
    policy, svg, terraform, time_to_live, workbench,
};
use keyfold_model::TableModel;

use super::{Which, put, text_of};
use crate::failure::Failed;
use crate::say;

/// Writes the design in another form.
#[derive(Debug, Args)]
#[expect(
    clippy::doc_markdown,
    reason = "this documentation is the help that people read"
)]
pub struct Export {
    /// The form.
    #[arg(value_enum)]
    form: Form,
    #[command(flatten)]
    which: Which,
    /// The table's name [default: the design's, in lower case].
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The file to write [default: standard output].
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the policies of the roles beside the table: CloudFormation and Terraform.
    #[arg(long)]
    policies: bool,
    /// The policy of this role alone: iam.
    #[arg(long, value_enum)]
    role: Option<RoleName>,
    /// Confine readers and writers to the partitions of one tenant, whom this part of partition keys names.
    #[arg(long, value_name = "PART")]
    tenant_part: Option<String>,
    /// The tag of the session that says which tenant's it is [default: the part].
    #[arg(long, value_name = "TAG", requires = "tenant_part")]
    tenant_tag: Option<String>,
    /// Sample items, one of DynamoDB's JSON a line, as `keyfold model import --samples` writes them: workbench.
    #[arg(long, value_name = "FILE")]
    samples: Option<PathBuf>,
}

/// The forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[expect(
    clippy::doc_markdown,
    reason = "this documentation is the help that people read"
)]
enum Form {
    /// CreateTable's request, for `aws dynamodb create-table --cli-input-json`.
    CreateTable,
    /// UpdateTimeToLive's request.
    TimeToLive,
    /// A CloudFormation template, JSON.
    Cloudformation,
    /// A CloudFormation template, YAML.
    CloudformationYaml,
    /// The properties of CDK's TableV2, JSON.
    Cdk,
    /// Terraform, HCL.
    Terraform,
    /// IAM policies, one for each role.
    Iam,
    /// A page with access patterns, keys and entities.
    Markdown,
    /// A flowchart for Markdown pages.
    Mermaid,
    /// A picture, with nothing to load.
    Svg,
    /// A NoSQL Workbench file.
    Workbench,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RoleName {
    /// Asks the access patterns.
    Reader,
    /// Reads and writes items.
    Writer,
    /// Operates the table.
    Admin,
    /// Follows the stream.
    StreamConsumer,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Reader => Role::Reader,
            RoleName::Writer => Role::Writer,
            RoleName::Admin => Role::Admin,
            RoleName::StreamConsumer => Role::StreamConsumer,
        }
    }
}

impl Export {
    pub fn run(self) -> Result<(), Failed> {
        self.refuse_what_does_not_belong()?;
        let model = self.which.read()?;
        let name = self
            .name
            .clone()
            .unwrap_or_else(|| model.name.to_ascii_lowercase());
        let text = self.text(&model, &name)?;
        put(self.out.as_deref(), &text)
    }

    fn refuse_what_does_not_belong(&self) -> Result<(), Failed> {
        let infrastructure = matches!(
            self.form,
            Form::Cloudformation | Form::CloudformationYaml | Form::Terraform
        );
        let confines = self.form == Form::Iam || (infrastructure && self.policies);
        for (given, belongs, flag, to) in [
            (
                self.policies,
                infrastructure,
                "--policies",
                "cloudformation, cloudformation-yaml and terraform",
            ),
            (self.role.is_some(), self.form == Form::Iam, "--role", "iam"),
            (
                self.tenant_part.is_some(),
                confines,
                "--tenant-part",
                "iam, and to infrastructure with --policies",
            ),
            (
                self.samples.is_some(),
                self.form == Form::Workbench,
                "--samples",
                "workbench",
            ),
        ] {
            if given && !belongs {
                return Err(Failed::wrong_use(format!("{flag} belongs to {to}")));
            }
        }
        Ok(())
    }

    fn text(&self, model: &TableModel<'static>, name: &str) -> Result<String, Failed> {
        let tenant = self.tenant_part.as_deref().map(|part| Tenant {
            part,
            principal_tag: self.tenant_tag.as_deref().unwrap_or(part),
        });
        let with = With {
            policies: self.policies,
            tenant,
        };
        let refused = |error: NoSuchPart| Failed::wrong_use(error);
        Ok(match self.form {
            Form::CreateTable => create_table(model, name).to_json(),
            Form::TimeToLive => time_to_live(model, name)
                .ok_or_else(|| {
                    Failed::wrong_use(format!(
                        "items of the design `{}` do not expire",
                        model.name
                    ))
                })?
                .to_json(),
            Form::Cloudformation => cloud_formation(model, name, with)
                .map_err(refused)?
                .to_json(),
            Form::CloudformationYaml => cloud_formation(model, name, with)
                .map_err(refused)?
                .to_yaml(),
            Form::Cdk => cdk(model, name).to_json(),
            Form::Terraform => terraform(model, name, with).map_err(refused)?,
            Form::Iam => self.policies(model, name, tenant).map_err(refused)?,
            Form::Markdown => markdown(model),
            Form::Mermaid => mermaid(model),
            Form::Svg => svg(model),
            Form::Workbench => self.workbench(model, name)?,
        })
    }

    fn policies(
        &self,
        model: &TableModel<'static>,
        name: &str,
        tenant: Option<Tenant<'_>>,
    ) -> Result<String, NoSuchPart> {
        if let Some(role) = self.role {
            return Ok(policy(model, name, role.into(), tenant)?.to_json());
        }
        let mut all = Tree::Map(Vec::new());
        for role in Role::of(model) {
            all.add(role.as_str(), policy(model, name, role, tenant)?);
        }
        Ok(all.to_json())
    }

    fn workbench(&self, model: &TableModel<'static>, name: &str) -> Result<String, Failed> {
        let mut items = Vec::new();
        if let Some(file) = &self.samples {
            for (at, line) in text_of(file)?.lines().enumerate() {
                let line = Tree::from_json(line)
                    .ok()
                    .and_then(|line| line.get("Item").cloned());
                items.push(line.ok_or_else(|| {
                    Failed::not_finished(format!(
                        "{}, line {}: not an item, which is {{\"Item\": {{\"PK\": {{\"S\": …}}, …}}}}",
                        file.display(),
                        at + 1
                    ))
                })?);
            }
        }
        let written = workbench::write(model, name, &items);
        say::aside(&format!(
            "not in the file, which has no place for it: {}\n",
            written.left_out.join("; ")
        ));
        Ok(written.document.to_json())
    }
}
