//! What the macros write, as a person reads it in `cargo expand`.

use proc_macro2::TokenStream;
use quote::quote;

fn pretty(expansion: &TokenStream) -> String {
    let file =
        syn::parse2(expansion.clone()).unwrap_or_else(|error| panic!("{error}\n{expansion}"));
    prettyplease::unparse(&file)
}

fn product() -> TokenStream {
    quote! {
        /// A product.
        #[serde(rename_all = "camelCase")]
        #[key(pk = "PRODUCT#{id}", sk = "META")]
        #[index(Gsi1, pk = "BRAND#{brand}", sk = "PRODUCT#{created_at}")]
        #[unique(code, item = CodeLookup { code, product: id, brand })]
        #[mirror(Listing { product: id, brand, name, status, created_at, scan_count })]
        pub struct Product {
            #[serde(rename = "productId")] pub id: Id<Product>,
            #[serde(rename = "brandId")] pub brand: Id<Brand>,
            pub name: String,
            #[serde(rename = "verificationCode")] pub code: VerificationCode,
            pub status: Status,
            pub event_count: u32,
            pub chain_head: Sha256,
            #[counter] pub scan_count: u64,
            #[created] pub created_at: Timestamp,
        }
    }
}

#[test]
fn an_entity() {
    insta::assert_snapshot!(pretty(&crate::entity::derive(product())));
}

/// Lines of code, docs and attributes left out, where paths are too short to break lines.
fn lines(entity: &TokenStream) -> usize {
    let expansion = crate::entity::derive(quote!(#[keyfold(crate = k)] #entity));
    let text = pretty(&expansion);
    let is_code = |line: &&str| !line.trim().starts_with("#[") && !line.trim().starts_with("//");
    text.lines().filter(is_code).count()
}

#[test]
fn an_entity_costs_the_compiler_little() {
    let small = quote! {
        #[key(pk = "VERIFY#{code}", sk = "META")]
        pub struct CodeLookup { #[key_only] pub code: VerificationCode, pub product: Id<Product>, pub brand: Id<Brand> }
    };
    let (small, large) = (lines(&small), lines(&product()));
    assert!(small <= 190, "{small} lines for three fields");
    assert!(
        large <= 360,
        "{large} lines for nine fields, an index, a claim and a mirror"
    );
}

#[test]
fn parts_that_must_be_set_together() {
    let expansion = pretty(&crate::entity::derive(quote! {
        #[key(pk = "PRODUCT#{id}", sk = "META")]
        #[index(Gsi2, pk = "PRODUCTS", sk = "{category}#{rank}")]
        pub struct Product { pub id: Id<Product>, pub category: Category, pub rank: Option<u32> }
    }));
    let start = expansion
        .find("impl ProductUpdate<::keyfold::__private::Blind")
        .expect("what a patch can do");
    let end = expansion
        .find("/// What only")
        .or_else(|| expansion.find("impl ::keyfold::__private::Entity"))
        .expect("its end");
    insta::assert_snapshot!(&expansion[start..end]);
}

#[test]
fn a_table() {
    insta::assert_snapshot!(pretty(&crate::table::derive(quote! {
        #[table(pk = "PK", sk = "SK", ttl = "ttl", tag = none, stream = new_image, patterns,
                index(Gsi1, name = "GSI1", pk = "GSI1PK", sk = "GSI1SK"))]
        pub struct Genuproof { pub products: Repo<Product>, pub codes: Repo<CodeLookup> }
    })));
}

#[test]
fn a_block_of_patterns() {
    insta::assert_snapshot!(pretty(&crate::patterns::expand(
        TokenStream::new(),
        quote! {
            impl Genuproof {
                /// Products of one brand, newest first.
                #[query(Product, index = Gsi1, newest_first, page = 20)]
                pub fn products_by_brand(&self, brand: &Id<Brand>) -> Pages<Product>;

                /// A product with its claim and its whole chain of events.
                #[query(History, max_items = 5_000)]
                pub fn history(&self, product: &Id<Product>) -> Collect<History>;

                /// Not a pattern.
                pub fn plain(&self) -> u8 { 1 }
            }
        },
    )));
}

#[test]
fn lists_sets_and_maps() {
    let expansion = pretty(&crate::entity::derive(quote! {
        #[key(pk = "TICKET#{id}", sk = "META")]
        pub struct Ticket {
            pub id: Id<Ticket>,
            pub notes: Vec<String>,
            #[attr(set)] pub watchers: BTreeSet<String>,
            pub prices: HashMap<Region, Number>,
        }
    }));
    let start = expansion
        .find("/// Sets `notes`.")
        .expect("what every update can do");
    let end = expansion
        .find("/// Only if the stored")
        .expect("the condition");
    insta::assert_snapshot!(&expansion[start..end]);
}

#[test]
fn a_document() {
    insta::assert_snapshot!(pretty(&crate::document::derive(quote! {
        #[serde(rename_all = "camelCase")]
        pub struct Address {
            pub full_street: String,
            #[serde(rename = "zip")] pub postcode: Option<String>,
            #[serde(with = "hex")] pub seal: Vec<u8>,
            #[serde(skip)] pub cached: bool,
        }
    })));
}

#[test]
fn a_collection() {
    insta::assert_snapshot!(pretty(&crate::collection::derive(quote! {
        #[collection(Product)]
        #[skip(Scan)]
        pub struct History {
            #[one] pub product: Product,
            #[one] pub claim: Option<Claim>,
            #[many] pub events: Vec<Event>,
        }
    })));
}

#[test]
fn key_parts() {
    let newtype = crate::key_part::derive(quote!(
        pub struct Sku(String);
    ));
    let choice = crate::key_part::derive(quote! {
        #[serde(rename_all = "lowercase")]
        pub enum Status { Active, Recalled }
    });
    let joined = crate::key_part::derive(quote! {
        #[part("{region}-{ulid}")]
        pub struct Place { region: Region, ulid: Ulid }
    });
    insta::assert_snapshot!(pretty(&quote!(#newtype #choice #joined)));
}

#[test]
fn a_renamed_crate_is_the_only_one_named() {
    let entity = product();
    let expansions = [
        crate::entity::derive(quote!(#[keyfold(crate = other::kf)] #entity)),
        crate::table::derive(quote! {
            #[keyfold(crate = other::kf)]
            #[table(pk = "PK", sk = "SK", patterns)]
            pub struct Shop { pub products: Repo<Product> }
        }),
        crate::collection::derive(quote! {
            #[keyfold(crate = other::kf)]
            #[collection(Product)]
            pub struct Whole { #[one] product: Product }
        }),
        crate::key_part::derive(quote!(
            #[keyfold(crate = other::kf)]
            pub struct Sku(String);
        )),
        crate::refusal::derive(quote!(
            #[keyfold(crate = other::kf)]
            pub struct No;
        )),
        crate::patterns::expand(
            quote!(crate = other::kf),
            quote!(impl Shop { #[query(Product)] fn all(&self, id: &str) -> Pages<Product>; }),
        ),
    ];
    for expansion in expansions {
        let text = pretty(&expansion);
        assert!(text.contains("other::kf::__private"), "{text}");
        assert!(
            !text.contains("::keyfold") && !text.contains("compile_error"),
            "{text}"
        );
    }
}

#[test]
fn wrong_input_still_expands_to_a_whole_entity() {
    let text = pretty(&crate::entity::derive(quote! {
        #[key(pk = "PRODUCT#{idd}", sk = "A##B")]
        pub struct Product { pub id: Id<Product> }
    }));
    assert_eq!(text.matches("compile_error!").count(), 2, "{text}");
    assert!(text.contains("impl ::keyfold::__private::Entity for Product"));
    assert!(text.contains("did you mean `id`?"));
}

#[test]
fn every_code_has_a_page() {
    let mut found = 0;
    for file in sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        let source = std::fs::read_to_string(&file).expect("a source file");
        for (at, _) in source.match_indices("KF") {
            let Some(code) = source
                .get(at..at + 6)
                .filter(|code| code[2..].bytes().all(|b| b.is_ascii_digit()))
            else {
                continue;
            };
            found += 1;
            assert!(
                keyfold_model::errors::explain(code).is_some(),
                "{code} in {}",
                file.display()
            );
        }
    }
    assert!(found > 10, "found only {found}");
}

fn sources(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let nested = folders.iter().flat_map(|folder| sources(folder));
    files
        .into_iter()
        .filter(|file| file.extension().is_some_and(|e| e == "rs"))
        .chain(nested)
        .collect()
}
