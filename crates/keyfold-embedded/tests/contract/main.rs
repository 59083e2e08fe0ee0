//! The contract: what a program may rely on whichever `DynamoDB` is below its SDK client. One set of
//! cases, written against an ordinary client and AWS's documentation, run on the embedded engine in
//! memory and on disk, over the network on Amazon's `DynamoDB` Local, and on AWS on demand.
//!
//! `cargo test -p keyfold-embedded --test contract -- memory::pages` chooses, as always. On AWS, which
//! costs some cents: `--features aws-tests`, with `AWS_REGION`, `AWS_ACCESS_KEY_ID` and
//! `AWS_SECRET_ACCESS_KEY` (and `AWS_SESSION_TOKEN`) in the environment.
//!
//! Where an engine differs, the case says so where it compares ([`on::Documented::differs`]), and
//! `docs/guide/differences.md` lists it.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod batches;
mod capacity;
mod conditions;
mod counters;
mod differences;
mod indexes;
mod limits;
mod local;
mod on;
mod pages;
mod streams;
mod transactions;
mod ttl;
mod values;

use std::future::Future;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};
use tokio::runtime::Runtime;

use crate::on::{On, Place, Places};

struct Case {
    name: &'static str,
    run: for<'a> fn(&'a On) -> Pin<Box<dyn Future<Output = ()> + 'a>>,
}

macro_rules! cases {
    ($($topic:ident: $($case:ident),+ $(,)?;)+) => {
        const CASES: &[Case] = &[$($(Case {
            name: concat!(stringify!($topic), "::", stringify!($case)),
            run: |on| Box::pin($topic::$case(on)),
        }),+),+];
        /// To find in them what the cases say of differences.
        const SOURCES: &[(&str, &str)] = &[$((
            stringify!($topic),
            include_str!(concat!(stringify!($topic), ".rs")),
        )),+];
    };
}

cases! {
    batches:
        a_batch_holds_25_writes_or_100_keys,
        a_batch_that_is_done_leaves_nothing_unprocessed,
        a_read_of_more_than_16_mb_leaves_keys_unprocessed,
        the_same_key_twice_is_refused;
    capacity:
        a_page_is_summed_and_then_rounded,
        a_read_costs_a_unit_per_4_kb,
        a_write_costs_a_unit_per_kb,
        an_index_that_changes_costs_beside_its_table,
        batches_round_each_item,
        transactions_cost_twice;
    conditions:
        a_condition_compares_by_type_and_value,
        a_refused_write_changes_nothing,
        a_refused_write_shows_the_item_when_asked,
        an_item_is_created_once,
        returned_values_are_those_asked_for;
    counters:
        a_hundred_claims_at_once_have_one_winner,
        a_hundred_increments_at_once_are_all_counted;
    indexes:
        a_key_of_another_type_is_refused,
        a_projection_has_its_keys_and_no_more,
        a_strong_read_of_a_global_index_is_refused,
        an_index_follows_its_items,
        an_item_without_the_key_is_not_in_the_index,
        numbers_sort_as_numbers;
    limits:
        an_item_holds_400_kb,
        keys_hold_2048_and_1024_bytes,
        keys_are_not_empty,
        requests_name_a_table_and_its_key;
    pages:
        a_filter_is_applied_after_the_page_is_read,
        a_limit_ends_a_page_also_where_nothing_follows,
        a_page_ends_at_1_mb,
        a_scan_in_segments_sees_each_item_once,
        pages_run_backwards_too;
    streams:
        a_transaction_is_recorded_item_by_item,
        an_identical_put_is_not_recorded,
        changes_come_in_order_with_both_images;
    transactions:
        a_hundred_actions_fit,
        a_token_applies_once,
        an_item_is_named_once,
        reasons_come_in_order_and_show_the_item_when_asked,
        reads_come_in_order_with_gaps;
    ttl:
        what_is_enabled_is_described;
    values:
        a_number_has_38_digits,
        a_number_is_stored_by_value,
        empty_values_are_values,
        numbers_are_added_exactly,
        sets_have_no_order_no_duplicates_and_are_not_empty;
}

fn main() -> ExitCode {
    let (arguments, chosen) = chosen(std::env::args());
    let runtime = Arc::new(Runtime::new().unwrap());
    let places = Arc::new(Places::default());
    let mut trials = vec![
        Trial::test("the_list_of_differences_is_complete", || {
            differences::compare(CASES, SOURCES);
            Ok(())
        }),
        Trial::test("differences_that_vanish_or_change_are_noticed", || {
            differences::are_noticed();
            Ok(())
        }),
    ];
    let aws_missing = on::aws_missing();
    for place in Place::ALL {
        let skipped = place == Place::Aws && aws_missing.is_some();
        for case in CASES {
            let (runtime, places) = (Arc::clone(&runtime), Arc::clone(&places));
            let name = format!("{}::{}", place.name(), case.name);
            let trial = Trial::test(name, move || {
                runtime.block_on(async {
                    let on = On::new(&places, place, case.name).await;
                    (case.run)(&on).await;
                    on.done().await;
                });
                Ok(())
            });
            trials.push(trial.with_ignored_flag(skipped));
        }
    }
    trials.retain(|trial| {
        let name = trial.name();
        chosen.is_empty() || chosen.iter().any(|part| name.contains(part))
    });
    if let Some(missing) = aws_missing.filter(|_| !arguments.list) {
        eprintln!("the cases are not run on AWS: {missing}");
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    // What was started for the cases ends before this does.
    drop(places);
    conclusion.exit_code()
}

/// The arguments, without the names that choose where there are several: every test binary of
/// `cargo test` is given the same, and the harness takes only one.
fn chosen(all: impl Iterator<Item = String>) -> (Arguments, Vec<String>) {
    const WITH_VALUE: [&str; 4] = ["--test-threads", "--skip", "--format", "--color"];
    let (mut others, mut names) = (Vec::<String>::new(), Vec::new());
    for argument in all {
        let is_value = others
            .last()
            .is_none_or(|before| WITH_VALUE.contains(&before.as_str()));
        if is_value || argument.starts_with('-') {
            others.push(argument);
        } else {
            names.push(argument);
        }
    }
    if names.len() == 1 {
        others.append(&mut names);
    }
    (Arguments::from_iter(others), names)
}
