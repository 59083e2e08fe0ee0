//! The libraries through which programs talk to `DynamoDB`: what makes a client, and what its methods do.
//!
//! A surface is a file that matches the paths of external names. `aws-sdk.DynamoDB` is what a
//! program imports; `()` in a path marks what a call gave.

mod electrodb;
mod go;
mod java;
mod javascript;
mod keyfold;
mod mappers;
mod modyne;
pub mod own;
mod python;
mod rust;
mod toolbox;

use serde::Serialize;

use crate::facts::{ClassId, Field, Kind};
use crate::link::eval::{CallView, Eval, Found, ParamsAt, Value};
use crate::link::{At, FileId};
use crate::op::Op;

/// A library, named as the report names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Api {
    /// AWS SDK for JavaScript, version 2
    AwsSdkJsV2,
    /// AWS SDK for JavaScript, version 3
    AwsSdkJsV3,
    /// `ElectroDB`
    Electrodb,
    /// DynamoDB-Toolbox
    DynamodbToolbox,
    /// `OneTable`
    DynamodbOnetable,
    /// Dynamoose
    Dynamoose,
    /// boto3
    Boto3,
    /// aioboto3, aiobotocore
    Aioboto3,
    /// `PynamoDB`
    Pynamodb,
    /// AWS SDK for Rust
    AwsSdkRust,
    /// rusoto
    Rusoto,
    /// modyne
    Modyne,
    /// dynomite
    Dynomite,
    /// Keyfold
    Keyfold,
    /// AWS SDK for Java, version 1
    AwsSdkJavaV1,
    /// AWS SDK for Java, version 2
    AwsSdkJavaV2,
    /// AWS SDK for Kotlin
    AwsSdkKotlin,
    /// Spring Data `DynamoDB`
    SpringDataDynamodb,
    /// AWS SDK for Go, version 1
    AwsSdkGoV1,
    /// AWS SDK for Go, version 2
    AwsSdkGoV2,
    /// guregu/dynamo
    GureguDynamo,
    /// The AWS command line in scripts
    AwsCli,
}

impl Api {
    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Api::AwsSdkJsV2 => "aws-sdk-js-v2",
            Api::AwsSdkJsV3 => "aws-sdk-js-v3",
            Api::Electrodb => "electrodb",
            Api::DynamodbToolbox => "dynamodb-toolbox",
            Api::DynamodbOnetable => "dynamodb-onetable",
            Api::Dynamoose => "dynamoose",
            Api::Boto3 => "boto3",
            Api::Aioboto3 => "aioboto3",
            Api::Pynamodb => "pynamodb",
            Api::AwsSdkRust => "aws-sdk-rust",
            Api::Rusoto => "rusoto",
            Api::Modyne => "modyne",
            Api::Dynomite => "dynomite",
            Api::Keyfold => "keyfold",
            Api::AwsSdkJavaV1 => "aws-sdk-java-v1",
            Api::AwsSdkJavaV2 => "aws-sdk-java-v2",
            Api::AwsSdkKotlin => "aws-sdk-kotlin",
            Api::SpringDataDynamodb => "spring-data-dynamodb",
            Api::AwsSdkGoV1 => "aws-sdk-go-v1",
            Api::AwsSdkGoV2 => "aws-sdk-go-v2",
            Api::GureguDynamo => "guregu-dynamo",
            Api::AwsCli => "aws-cli",
        }
    }

    /// An object mapper: its verbs are not the service's operations.
    pub fn is_mapper(self) -> bool {
        matches!(
            self,
            Api::Electrodb
                | Api::DynamodbToolbox
                | Api::DynamodbOnetable
                | Api::Dynamoose
                | Api::Pynamodb
                | Api::Modyne
                | Api::Dynomite
                | Api::SpringDataDynamodb
        )
    }
}

/// What a handle is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HandleKind {
    /// A client with the service's operations.
    Client,
    /// A client with short names.
    Document,
    /// A table, or a mapper's table.
    Table,
    /// A mapper's entity or model.
    Entity,
    /// An index of a model.
    Index,
    /// `entity.query`, whose members are indexes.
    Queries,
    /// A mapper's group of entities.
    Service,
    /// A request that is being built.
    Builder,
    /// A command object.
    Command,
    /// A paginator.
    Paginator,
    /// A batch that fills and sends itself.
    Batch,
    /// What came back.
    Response,
    /// A record of a mapper.
    Record,
}

/// A value of a library.
#[derive(Clone, Debug, PartialEq)]
pub struct Handle {
    /// Which library.
    pub api: Api,
    /// What it is.
    pub kind: HandleKind,
    /// The expression that names its table.
    pub table: Option<At>,
    /// The expression that names its index.
    pub index: Option<At>,
    /// The operation a builder, command or response belongs to.
    pub op: Option<Op>,
    /// The model's class.
    pub model: Option<(FileId, ClassId)>,
    /// Where it was made.
    pub origin: Option<At>,
}

impl Handle {
    /// A handle of nothing in particular.
    pub fn new(api: Api, kind: HandleKind) -> Handle {
        Handle {
            api,
            kind,
            table: None,
            index: None,
            op: None,
            model: None,
            origin: None,
        }
    }

    /// Made at this place.
    #[must_use]
    pub fn made_at(mut self, at: At) -> Handle {
        self.origin = Some(at);
        self
    }

    /// The same library's other value.
    #[must_use]
    pub fn to(&self, kind: HandleKind) -> Handle {
        Handle {
            kind,
            ..self.clone()
        }
    }

    fn with_op(&self, kind: HandleKind, op: Op) -> Handle {
        Handle {
            kind,
            op: Some(op),
            ..self.clone()
        }
    }
}

/// Notes an operation and gives what it returns.
fn found(
    eval: &Eval<'_>,
    at: At,
    op: Op,
    handle: &Handle,
    params: ParamsAt,
    gives: HandleKind,
) -> Value {
    let made = handle.with_op(gives, op);
    eval.note(
        at,
        Found {
            op,
            handle: handle.clone(),
            params,
            by_shape: false,
        },
    );
    Value::Handle(made)
}

/// A path of a recognised library.
pub fn knows(path: &str) -> bool {
    javascript::knows(path)
        || mappers::knows(path)
        || python::knows(path)
        || rust::knows(path)
        || keyfold::knows(path)
        || java::knows(path)
        || go::knows(path)
}

/// The value of a declared type.
pub fn of_type(path: &str) -> Option<Handle> {
    javascript::of_type(path)
        .or_else(|| python::of_type(path))
        .or_else(|| rust::of_type(path))
        .or_else(|| keyfold::of_type(path))
        .or_else(|| java::of_type(path))
        .or_else(|| go::of_type(path))
}

/// A name that is a value by itself.
pub fn constant(_path: &str) -> Option<Handle> {
    None
}

/// A class that extends an external class.
pub fn of_subclass(path: &str, file: FileId, class: ClassId) -> Option<Handle> {
    python::of_subclass(path, file, class)
        .or_else(|| java::of_subclass(path, file, class))
        .or_else(|| modyne::of_subclass(path, file, class))
        .or_else(|| of_type(path))
}

/// A call of an external name.
pub fn external_call(eval: &Eval<'_>, path: &str, view: &CallView<'_>) -> Option<Value> {
    javascript::external_call(eval, path, view)
        .or_else(|| mappers::external_call(eval, path, view))
        .or_else(|| python::external_call(eval, path, view))
        .or_else(|| rust::external_call(path, view))
        .or_else(|| java::external_call(path, view))
        .or_else(|| go::external_call(eval, path, view))
}

/// A method of a handle.
pub fn method(eval: &Eval<'_>, handle: &Handle, name: &str, view: &CallView<'_>) -> Option<Value> {
    match handle.api {
        Api::AwsSdkJsV2 | Api::AwsSdkJsV3 => javascript::method(eval, handle, name, view),
        Api::Electrodb => electrodb::method(eval, handle, name, view),
        Api::DynamodbToolbox => toolbox::method(eval, handle, name, view),
        Api::DynamodbOnetable | Api::Dynamoose => mappers::method(eval, handle, name, view),
        Api::Boto3 | Api::Aioboto3 | Api::Pynamodb => python::method(eval, handle, name, view),
        Api::AwsSdkRust | Api::Rusoto | Api::Dynomite => rust::method(eval, handle, name, view),
        Api::Modyne => modyne::method(eval, handle, name, view),
        Api::Keyfold => keyfold::method(eval, handle, name, view),
        Api::AwsSdkJavaV1 | Api::AwsSdkJavaV2 | Api::AwsSdkKotlin | Api::SpringDataDynamodb => {
            java::method(eval, handle, name, view)
        }
        Api::AwsSdkGoV1 | Api::AwsSdkGoV2 | Api::GureguDynamo => {
            go::method(eval, handle, name, view)
        }
        Api::AwsCli => None,
    }
}

/// A function that a library's attribute declares.
pub fn declared(
    eval: &Eval<'_>,
    file: FileId,
    function: crate::facts::FnId,
    view: &CallView<'_>,
) -> Option<Value> {
    keyfold::declared(eval, file, function, view)
}

/// A member of a handle that is not called.
pub fn member(eval: &Eval<'_>, handle: &Handle, name: &str, at: Option<At>) -> Value {
    match handle.api {
        Api::Electrodb => electrodb::member(eval, handle, name, at),
        Api::DynamodbToolbox => toolbox::member(handle, name),
        Api::Boto3 | Api::Aioboto3 | Api::Pynamodb => python::member(eval, handle, name, at),
        _ => Value::Unknown,
    }
}

/// A handle that is called or constructed itself.
pub fn called(_eval: &Eval<'_>, handle: &Handle, view: &CallView<'_>) -> Option<Value> {
    mappers::called(handle, view)
}

/// An element of what came back.
pub fn element(handle: &Handle) -> Value {
    match (handle.api, handle.kind, handle.model) {
        (Api::Pynamodb, HandleKind::Response, Some((file, class))) => Value::Instance(file, class),
        (Api::Dynamoose, HandleKind::Response, _) => Value::Handle(handle.to(HandleKind::Record)),
        (_, HandleKind::Response | HandleKind::Paginator, _) => {
            Value::Handle(handle.to(HandleKind::Response))
        }
        _ => Value::Unknown,
    }
}

/// A member of a class that a library's class is behind.
pub fn class_member(eval: &Eval<'_>, handle: &Handle, name: &str) -> Value {
    python::class_member(eval, handle, name)
}

/// A method of such a class.
pub fn class_method(
    eval: &Eval<'_>,
    handle: &Handle,
    name: &str,
    view: &CallView<'_>,
) -> Option<Value> {
    match handle.api {
        Api::Pynamodb => python::class_method(eval, handle, name, view),
        Api::Modyne => modyne::class_method(eval, handle, name, view),
        _ => None,
    }
}

/// A member of an instance of such a class.
pub fn instance_member(_handle: &Handle, _name: &str) -> Value {
    Value::Unknown
}

/// A method of an instance of such a class.
pub fn instance_method(
    eval: &Eval<'_>,
    handle: &Handle,
    name: &str,
    view: &CallView<'_>,
) -> Option<Value> {
    match handle.api {
        Api::Pynamodb => python::instance_method(eval, handle, name, view),
        Api::SpringDataDynamodb => java::repository(eval, handle, name, view),
        _ => method(eval, handle, name, view),
    }
}

/// A call whose receiver is not known, but whose arguments can only be `DynamoDB`'s.
pub fn by_shape(
    eval: &Eval<'_>,
    receiver: &Value,
    name: &str,
    view: &CallView<'_>,
) -> Option<Value> {
    let lang = eval.project.file(view.at.file).lang;
    match lang {
        lang if lang.is_js() => javascript::by_shape(eval, receiver, name, view),
        crate::lang::Lang::Python => python::by_shape(eval, receiver, name, view),
        crate::lang::Lang::Rust => rust::by_shape(eval, name, view),
        crate::lang::Lang::Java | crate::lang::Lang::Kotlin => java::by_shape(eval, name, view),
        crate::lang::Lang::Go => go::by_shape(eval, name, view),
        _ => None,
    }
}

/// The value of a field of an object literal, also through spreads.
pub fn object_field(eval: &Eval<'_>, object: At, name: &str) -> Option<At> {
    let Kind::Object(fields) = eval.project.kind(object) else {
        return None;
    };
    fields.iter().rev().find_map(|field| match field {
        Field::Named(key, value) if key == name => Some(At {
            file: object.file,
            node: *value,
        }),
        Field::Spread(value) => match eval.value(At {
            file: object.file,
            node: *value,
        }) {
            Value::Object(inner) if inner != object => object_field(eval, inner, name),
            _ => None,
        },
        _ => None,
    })
}

/// The object an argument is, if it is known.
pub fn object_of(eval: &Eval<'_>, at: Option<At>) -> Option<At> {
    match eval.value(at?) {
        Value::Object(object) => Some(object),
        _ => None,
    }
}
