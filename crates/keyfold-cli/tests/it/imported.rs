//! Public `NoSQL` Workbench files as the Rust types that `keyfold model import --rust` writes: they compile, and what
//! they declare is the design that came in.

mod chat;
mod complaints;
mod online_shop;
mod payments;
mod social;

use keyfold::Table;
use keyfold_model::TableModel;

use crate::{run, text};

/// Without what rustfmt may have moved.
fn plain(source: &str) -> String {
    source
        .chars()
        .filter(|c| !c.is_whitespace() && *c != ',')
        .collect()
}

fn check<T: Table>(file: &str, source: &str) {
    let path = format!(
        "{}/../keyfold-export/tests/data/{file}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    let written = run(&["model", "import", &path, "--rust"]);
    assert!(written.status.success(), "{}", text(&written.stderr));
    assert_eq!(
        plain(&text(&written.stdout)),
        plain(source),
        "write the file in tests/it/imported anew by `keyfold model import {file}.json --rust`"
    );
    let model = run(&["model", "import", &path]);
    let model: TableModel<'_> = serde_json::from_slice(&model.stdout).unwrap();
    let lines = |model: &TableModel<'_>| serde_json::to_string_pretty(model).unwrap();
    let (declared, came_in) = (lines(T::model()), lines(&model));
    for (at, (declared, came_in)) in declared.lines().zip(came_in.lines()).enumerate() {
        assert_eq!(declared, came_in, "{file}, line {at} of the model");
    }
    assert!(*T::model() == model, "{file}");
}

#[test]
fn imported_types_declare_the_design_that_came_in() {
    check::<online_shop::OnlineShop>("AnOnlineShop", include_str!("imported/online_shop.rs"));
    check::<chat::Chat>("ChatSystemSchema", include_str!("imported/chat.rs"));
    check::<complaints::ComplaintManagementSystem>(
        "ComplaintManagementSchema",
        include_str!("imported/complaints.rs"),
    );
    check::<payments::ReoccuringPayments>(
        "RecurringPaymentsSchema",
        include_str!("imported/payments.rs"),
    );
    check::<social::SNS>("SocialNetworkSchema", include_str!("imported/social.rs"));
}
