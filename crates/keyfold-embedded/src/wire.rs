//! Requests and answers as `DynamoDB`'s JSON protocol has them.

use aws_smithy_types::body::SdkBody;
use dynoxide::DynoxideError;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::operation::Operation;

/// The bytes of a request, wherever they came from.
pub(crate) enum Payload {
    Sdk(SdkBody),
    Bytes(axum::body::Bytes),
}

impl Payload {
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            // The SDK streams no body of this service; an empty one is refused as unreadable.
            Self::Sdk(body) => body.bytes().unwrap_or_default(),
            Self::Bytes(bytes) => bytes,
        }
    }

    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, DynoxideError> {
        serde_json::from_slice(self.bytes()).map_err(|error| unreadable(&error))
    }
}

/// A status and a JSON body.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// What was asked is done, and nobody is to learn of it.
    pub(crate) lost: bool,
}

impl Reply {
    pub(crate) fn of(operation: Operation, result: Result<Vec<u8>, DynoxideError>) -> Self {
        match result {
            Ok(body) => Self {
                status: 200,
                body,
                lost: false,
            },
            Err(error) => {
                let error = tagged(operation, error);
                Self {
                    status: error.status_code(),
                    body: error.to_json().into_bytes(),
                    lost: false,
                }
            }
        }
    }

    /// An error that is ours to give, not the engine's. Status 400: sending it again changes
    /// nothing.
    pub(crate) fn refused(kind: &str, message: &str) -> Self {
        Self::json(
            400,
            &serde_json::json!({ "__type": kind, "message": message }),
        )
    }

    /// An error of the service's own, by its name.
    pub(crate) fn service_error(status: u16, kind: &str, message: &str) -> Self {
        Self::json(
            status,
            &serde_json::json!({ "__type": service_type(kind), "message": message }),
        )
    }

    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self {
            status,
            body: body.to_string().into_bytes(),
            lost: false,
        }
    }
}

/// How the service writes the name of one of its errors.
pub(crate) fn service_type(kind: &str) -> String {
    format!("com.amazonaws.dynamodb.v20120810#{kind}")
}

pub(crate) fn to_json<T: Serialize>(answer: &T) -> Result<Vec<u8>, DynoxideError> {
    serde_json::to_vec(answer)
        .map_err(|error| DynoxideError::InternalServerError(error.to_string()))
}

/// The engine's request types mark in serde's message which of `DynamoDB`'s errors a refusal is;
/// its own HTTP server reads the marks, and so must whoever calls it below that.
fn unreadable(error: &serde_json::Error) -> DynoxideError {
    type Build = fn(String) -> DynoxideError;
    const MARKS: [(&str, bool, Build); 5] = [
        (
            "SERIALIZATION_AS_READ:",
            false,
            DynoxideError::SerializationException,
        ),
        (
            "VALIDATION_AS_READ:",
            false,
            DynoxideError::ValidationException,
        ),
        (
            "SERIALIZATION:",
            true,
            DynoxideError::SerializationException,
        ),
        (
            "VALIDATION_REQUEST:",
            true,
            DynoxideError::EnvelopedValidation,
        ),
        ("VALIDATION:", true, DynoxideError::ValidationException),
    ];
    let message = error.to_string();
    for (mark, cut_position, build) in MARKS {
        if let Some(rest) = message.strip_prefix(mark) {
            let rest = if cut_position {
                without_position(rest)
            } else {
                rest
            };
            return build(rest.to_owned());
        }
    }
    // DynamoDB answers a missing member, a null and an unknown variant as validation, and only a
    // JSON type that does not fit as serialization.
    if message.contains("empty AttributeValue") {
        return DynoxideError::ValidationException(
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
                .to_owned(),
        );
    }
    let validation = [
        "missing field",
        "unknown variant",
        "invalid type: null",
        "Supplied AttributeValue",
    ]
    .iter()
    .any(|mark| message.contains(mark));
    let message = without_position(&message).to_owned();
    if validation {
        DynoxideError::ValidationException(message)
    } else {
        DynoxideError::SerializationException(message)
    }
}

/// Without serde's " at line 1 column 42".
fn without_position(message: &str) -> &str {
    match message.rfind(" at line ") {
        Some(at) if message[at..].contains("column") => &message[..at],
        _ => message,
    }
}

/// What the engine's own endpoint does to an error last: the single-item writes wrap what their
/// request's validation refused, and a statement's failed condition has its own shape.
fn tagged(operation: Operation, error: DynoxideError) -> DynoxideError {
    match (operation, error) {
        (
            Operation::PutItem | Operation::UpdateItem | Operation::DeleteItem,
            DynoxideError::EnvelopedValidation(message),
        ) => DynoxideError::ValidationException(format!("1 validation error detected: {message}")),
        (
            Operation::ExecuteStatement,
            DynoxideError::ConditionalCheckFailedException(message, Some(item)),
        ) => DynoxideError::StatementConditionalCheckFailed(message, item),
        (_, error) => error,
    }
}
