//! A block of access patterns as structs.

use keyfold_model::RangeUse;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{
    Attribute, FnArg, GenericParam, Ident, ImplItem, ItemImpl, LitInt, LitStr, Pat, Path,
    ReturnType, Signature, Token, Type, Visibility,
};

use crate::errors::{self, Errors, unknown};
use crate::krate::Private;
use crate::syntax::{self, arguments, value};
use crate::types::argument_of;

pub(crate) struct Block {
    pub(crate) private: Private,
    pub(crate) table: Type,
    /// The `S` of `impl<S> Crm<S>`, for a table with scopes.
    pub(crate) scope: Option<Ident>,
    pub(crate) group: Option<Ident>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) patterns: Vec<Pattern>,
    /// Functions with a body, and what else an impl can hold.
    pub(crate) others: Vec<ImplItem>,
}

pub(crate) struct Pattern {
    /// As it is written.
    pub(crate) source: Bodiless,
    pub(crate) doc: String,
    /// What is not ours, docs among it.
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) query: Query,
    pub(crate) skipped: Vec<Path>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) gives: Gives,
}

/// `#[query(Product, index = Gsi1, newest_first, page = 20)]`
pub(crate) struct Query {
    pub(crate) target: Path,
    pub(crate) index: Option<Ident>,
    pub(crate) newest_first: Option<Span>,
    pub(crate) page: Option<LitInt>,
    pub(crate) max_items: Option<LitInt>,
}

/// What it gives, and the whole type as written.
pub(crate) enum Gives {
    Pages { entity: Type, written: Type },
    Collect { collection: Type, written: Type },
}

pub(crate) struct Argument {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) range: RangeUse,
}

pub(crate) fn parse(options: TokenStream, block: ItemImpl, errors: &mut Errors) -> Option<Block> {
    if let Some((_, path, _)) = &block.trait_ {
        errors.attribute(
            path,
            "access patterns stand in an `impl` of the table itself",
        );
        return None;
    }
    let mut parameters = block.generics.params.iter();
    let scope = match (parameters.next(), parameters.next()) {
        (None, _) => None,
        (Some(GenericParam::Type(parameter)), None) => Some(parameter.ident.clone()),
        _ => {
            errors.attribute(
                &block.generics,
                "a table has no generics, but for its scope: `impl<S> Crm<S>`",
            );
            return None;
        }
    };
    if scope.is_none() && has_arguments(&block.self_ty) {
        errors.attribute(
            &block.self_ty,
            "patterns are for every scope of a table, and each has those that its entity needs: `impl<S> Crm<S>`",
        );
        return None;
    }
    let (mut group, mut krate) = (None, None);
    let read = |input: ParseStream<'_>| {
        arguments(input, |name, input| {
            match name.to_string().as_str() {
                "group" => group = Some(value(input)?),
                "crate" => {
                    input.parse::<Token![=]>()?;
                    krate = Some(input.call(Path::parse_mod_style)?);
                }
                _ => return Err(unknown(name, &["group", "crate"])),
            }
            Ok(())
        })
    };
    errors.keep(read.parse2(options));
    let (mut patterns, mut others) = (Vec::new(), Vec::new());
    for item in block.items {
        match item {
            // A function without a body: syn leaves it to us.
            ImplItem::Verbatim(tokens) => match syn::parse2::<Bodiless>(tokens) {
                Ok(function) => match pattern(&function, errors) {
                    Some(pattern) => patterns.push(pattern),
                    None => others.push(function.into_unreadable()),
                },
                Err(error) => errors.push(error),
            },
            ImplItem::Fn(mut function) if function.attrs.iter().any(is_ours) => {
                errors.attribute(
                    &function.sig.ident,
                    "an access pattern is a signature: its body is made from the model; end it with `;`",
                );
                function.attrs.retain(|attribute| !is_ours(attribute));
                others.push(ImplItem::Fn(function));
            }
            other => others.push(other),
        }
    }
    Some(Block {
        private: Private::at(krate.as_ref()),
        table: *block.self_ty,
        scope,
        group,
        attributes: block.attrs,
        patterns,
        others,
    })
}

fn has_arguments(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    let last = path.path.segments.last();
    last.is_some_and(|segment| !segment.arguments.is_none())
}

/// `pub fn name(&self, ..) -> T;`
#[derive(Clone)]
pub(crate) struct Bodiless {
    attributes: Vec<Attribute>,
    vis: Visibility,
    signature: Signature,
}

impl Parse for Bodiless {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let function = Self {
            attributes,
            vis: input.parse()?,
            signature: input.parse()?,
        };
        input.parse::<Token![;]>()?;
        Ok(function)
    }
}

fn is_ours(attribute: &Attribute) -> bool {
    attribute.path().is_ident("query") || attribute.path().is_ident("skip")
}

impl Bodiless {
    /// A function whose mistakes are reported; it stays there, so that its callers still compile.
    pub(crate) fn into_unreadable(self) -> ImplItem {
        let Self {
            mut attributes,
            vis,
            mut signature,
        } = self;
        attributes.retain(|attribute| !is_ours(attribute));
        for input in &mut signature.inputs {
            match input {
                FnArg::Receiver(receiver) => receiver.attrs.clear(),
                FnArg::Typed(input) => input.attrs.clear(),
            }
        }
        ImplItem::Verbatim(quote! {
            #[allow(unused_variables)]
            #(#attributes)*
            #vis #signature {
                ::core::unreachable!()
            }
        })
    }
}

fn pattern(function: &Bodiless, errors: &mut Errors) -> Option<Pattern> {
    let Bodiless {
        attributes,
        vis,
        signature,
    } = function;
    let doc = syntax::doc(attributes);
    let (mut query, mut skipped, mut kept) = (None, Vec::new(), Vec::new());
    let mut has_query = false;
    for attribute in attributes {
        if attribute.path().is_ident("query") {
            has_query = true;
            query = errors.keep(attribute.parse_args_with(parse_query));
        } else if attribute.path().is_ident("skip") {
            skipped.extend(
                errors
                    .keep(syntax::path_list(attribute))
                    .unwrap_or_default(),
            );
        } else {
            kept.push(attribute.clone());
        }
    }
    if !has_query {
        errors.attribute(
            &signature.ident,
            "an access pattern says what it reads: add `#[query(Entity)]` or `#[query(Collection)]`, or give the function a body",
        );
    }
    if signature.asyncness.is_some() || !signature.generics.params.is_empty() {
        errors.attribute(
            &signature.ident,
            "an access pattern is a plain `fn`: what it gives is asked later, `.page().await`",
        );
    }
    let arguments = read_arguments(signature, errors);
    let gives = gives(signature, errors);
    Some(Pattern {
        source: function.clone(),
        doc,
        attributes: kept,
        vis: vis.clone(),
        ident: signature.ident.clone(),
        query: query?,
        skipped,
        arguments: arguments?,
        gives: gives?,
    })
}

fn parse_query(input: ParseStream<'_>) -> syn::Result<Query> {
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        return Err(errors::attribute(
            text,
            "a string is no access pattern: name an entity, `#[query(Product)]`, or a collection, `#[query(History)]`",
        ));
    }
    let mut query = Query {
        target: input.call(Path::parse_mod_style)?,
        index: None,
        newest_first: None,
        page: None,
        max_items: None,
    };
    if !input.is_empty() {
        input.parse::<Token![,]>()?;
    }
    arguments(input, |name, input| {
        match name.to_string().as_str() {
            "index" => query.index = Some(value(input)?),
            "newest_first" => query.newest_first = Some(name.span()),
            "page" => query.page = Some(count(input)?),
            "max_items" => query.max_items = Some(count(input)?),
            _ => {
                return Err(unknown(
                    name,
                    &["index", "newest_first", "page", "max_items"],
                ));
            }
        }
        Ok(())
    })?;
    Ok(query)
}

fn count(input: ParseStream<'_>) -> syn::Result<LitInt> {
    let number: LitInt = value(input)?;
    match number.base10_parse::<u32>() {
        Ok(0) | Err(_) => Err(errors::attribute(&number, "a number of items, from 1 on")),
        Ok(_) => Ok(number),
    }
}

fn read_arguments(signature: &Signature, errors: &mut Errors) -> Option<Vec<Argument>> {
    let mut inputs = signature.inputs.iter();
    let by_reference = matches!(
        inputs.next(),
        Some(FnArg::Receiver(receiver)) if receiver.reference.is_some() && receiver.mutability.is_none()
    );
    if !by_reference {
        errors.attribute(
            &signature.ident,
            "an access pattern takes `&self`, the table",
        );
        return None;
    }
    let mut arguments = Vec::new();
    let mut complete = true;
    for input in inputs {
        let FnArg::Typed(input) = input else { continue };
        let Pat::Ident(pattern) = &*input.pat else {
            errors.attribute(
                &input.pat,
                "an argument is named like the key part it asks for",
            );
            complete = false;
            continue;
        };
        let range = errors.keep(range_use(&input.attrs));
        complete &= range.is_some();
        arguments.push(Argument {
            ident: pattern.ident.clone(),
            ty: (*input.ty).clone(),
            range: range.unwrap_or(RangeUse::Equal),
        });
    }
    complete.then_some(arguments)
}

fn range_use(attributes: &[Attribute]) -> syn::Result<RangeUse> {
    let mut found = None;
    for attribute in attributes {
        let name = attribute.path().require_ident()?;
        let range = match name.to_string().as_str() {
            "from" => RangeUse::From,
            "to" => RangeUse::To,
            "between" => RangeUse::Between,
            "begins" => RangeUse::Begins,
            _ => return Err(unknown(name, &["from", "to", "between", "begins"])),
        };
        if found.replace(range).is_some() {
            return Err(errors::attribute(
                attribute,
                "an argument bounds its part in one way",
            ));
        }
    }
    Ok(found.unwrap_or(RangeUse::Equal))
}

fn gives(signature: &Signature, errors: &mut Errors) -> Option<Gives> {
    let message = "an access pattern gives `Pages<Entity>` of one entity, or `Collect<Collection>`";
    let ReturnType::Type(_, ty) = &signature.output else {
        errors.attribute(&signature.ident, message);
        return None;
    };
    if let Some(entity) = argument_of(ty, "Pages") {
        return Some(Gives::Pages {
            entity: entity.clone(),
            written: (**ty).clone(),
        });
    }
    if let Some(collection) = argument_of(ty, "Collect") {
        return Some(Gives::Collect {
            collection: collection.clone(),
            written: (**ty).clone(),
        });
    }
    errors.attribute(ty, message);
    None
}

impl Argument {
    pub(crate) fn field(&self) -> String {
        self.ident.unraw().to_string()
    }

    pub(crate) fn is_reference(&self) -> bool {
        matches!(&self.ty, Type::Reference(_))
    }

    pub(crate) fn is_str(&self) -> bool {
        matches!(&self.ty, Type::Reference(reference) if matches!(&*reference.elem, Type::Path(path) if path.path.is_ident("str")))
    }
}

impl Gives {
    pub(crate) fn ty(&self) -> &Type {
        match self {
            Gives::Pages { entity, .. } => entity,
            Gives::Collect { collection, .. } => collection,
        }
    }

    /// The whole type as written.
    pub(crate) fn written(&self) -> &Type {
        match self {
            Gives::Pages { written, .. } | Gives::Collect { written, .. } => written,
        }
    }

    /// The last name of the type.
    pub(crate) fn name(&self) -> String {
        match self.ty() {
            Type::Path(path) => syntax::last_name(&path.path),
            _ => String::new(),
        }
    }
}
