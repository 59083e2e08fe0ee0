//! The pattern a request belongs to, carried in the SDK's config bag.

use std::fmt;

use aws_sdk_dynamodb::config::interceptors::BeforeSerializationInterceptorContextRef;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept};
use aws_sdk_dynamodb::error::BoxError;
use aws_smithy_types::config_bag::{Storable, StoreReplace};

/// The access pattern a request belongs to.
///
/// Every request of a repository carries one; an interceptor of the client reads it with
/// `cfg.load::<PatternId>()` from `modify_before_serialization` on. A direct SDK call carries none.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PatternId(Kind);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Kind {
    Declared(&'static str),
    Operation {
        entity: &'static str,
        verb: &'static str,
    },
}

impl PatternId {
    pub(crate) const fn declared(id: &'static str) -> Self {
        Self(Kind::Declared(id))
    }

    pub(crate) const fn operation(entity: &'static str, verb: &'static str) -> Self {
        Self(Kind::Operation { entity, verb })
    }
}

/// `products-by-brand` for a declared pattern, `Product.get` for an operation on one item.
impl fmt::Display for PatternId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Declared(id) => f.write_str(id),
            Kind::Operation { entity, verb } => write!(f, "{entity}.{verb}"),
        }
    }
}

impl Storable for PatternId {
    type Storer = StoreReplace<Self>;
}

/// Puts the pattern into the config bag of one request.
#[derive(Debug)]
pub(crate) struct Mark(pub(crate) PatternId);

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl Intercept for Mark {
    fn name(&self) -> &'static str {
        "KeyfoldPattern"
    }

    fn read_before_execution(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        cfg.interceptor_state().store_put(self.0.clone());
        // The embedded engine chooses faults by it.
        #[cfg(feature = "embedded")]
        cfg.interceptor_state().store_put(match self.0.0 {
            Kind::Declared(id) => keyfold_embedded::RequestName::Pattern(id),
            Kind::Operation { entity, verb } => {
                keyfold_embedded::RequestName::Operation { entity, verb }
            }
        });
        Ok(())
    }
}
