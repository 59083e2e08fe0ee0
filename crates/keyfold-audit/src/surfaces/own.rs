//! Clients and helpers of one's own, as the configuration names them.

use super::{Api, Handle, HandleKind, found};
use crate::lang::Lang;
use crate::link::At;
use crate::link::eval::{CallView, Eval, ParamsAt, Value};

/// The library that a client of one's own stands for.
pub fn client(lang: Lang) -> Handle {
    let (api, kind) = match lang {
        Lang::Python => (Api::Boto3, HandleKind::Client),
        Lang::Rust => (Api::AwsSdkRust, HandleKind::Client),
        Lang::Java => (Api::AwsSdkJavaV2, HandleKind::Client),
        Lang::Kotlin => (Api::AwsSdkKotlin, HandleKind::Client),
        Lang::Go => (Api::AwsSdkGoV2, HandleKind::Client),
        _ => (Api::AwsSdkJsV3, HandleKind::Document),
    };
    Handle::new(api, kind)
}

/// Whether the configuration calls this type a client: by its last name.
pub fn is_client(eval: &Eval<'_>, path: &str) -> bool {
    let name = path.trim_end_matches("()");
    let name = name.rsplit(['.', ':']).next().unwrap_or(name);
    !name.is_empty() && eval.project.own.clients.iter().any(|client| client == name)
}

/// A call of a helper that the configuration names.
pub fn wrapper(eval: &Eval<'_>, callee: &str, view: &CallView<'_>) -> Option<Value> {
    let (_, call) = eval.project.own.wrappers.iter().find(|(name, _)| {
        callee == name
            || callee
                .strip_suffix(name.as_str())
                .is_some_and(|head| head.ends_with('.'))
    })?;
    let file = eval.project.file(view.at.file);
    let mut handle = client(file.lang);
    handle.table = call.table.and_then(|n| view.arg(n));
    let object = view.args.iter().find_map(|arg| {
        let at = At {
            file: view.at.file,
            node: arg.value,
        };
        matches!(eval.value(at), Value::Object(_)).then_some(at)
    });
    let params = match (file.lang, object) {
        (_, Some(object)) => ParamsAt::Argument(object),
        (Lang::Python, None) => ParamsAt::Keywords(view.at),
        (_, None) => ParamsAt::None,
    };
    let gives = if call.pages {
        HandleKind::Paginator
    } else {
        HandleKind::Response
    };
    Some(found(eval, view.at, call.op, &handle, params, gives))
}
