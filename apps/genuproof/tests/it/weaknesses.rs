//! What the original does wrong, and the test that holds ours to doing it right. The tests are in the files of what they are about.

use std::fs;
use std::path::Path;

/// Weakness, and the name of its test.
const ANSWERED: &[(&str, &str)] = &[
    (
        "simultaneous writers fork the chain",
        "of_forty_events_at_once_all_are_in_one_valid_chain",
    ),
    (
        "one millisecond overwrites an event",
        "an_event_comes_after_the_last_one_even_if_the_clock_goes_back",
    ),
    (
        "registration is six separate writes",
        "a_product_is_the_published_vector_with_its_lookups_listing_and_first_event",
    ),
    (
        "a code collision overwrites",
        "a_code_that_is_taken_is_drawn_again",
    ),
    (
        "duplicates are looked for among 200 products",
        "of_thirty_identical_registrations_at_once_exactly_one_wins",
    ),
    (
        "batches omit lookups and listing, and check no duplicates",
        "a_batch_registers_each_product_whole_and_says_which_it_left_out",
    ),
    (
        "simulations omit lookups and date into the future",
        "a_simulated_journey_is_a_product_whose_chain_is_valid_and_can_go_on",
    ),
    (
        "the gallery keeps the status of the first day",
        "status_and_owner_follow_from_events",
    ),
    (
        "scans of one millisecond overwrite each other",
        "of_fifty_scans_at_once_none_is_lost_and_all_counters_agree",
    ),
    (
        "disputes of one millisecond overwrite each other",
        "disputes_at_once_are_all_kept_and_counted",
    ),
    (
        "claims are read, then written",
        "of_twenty_claims_at_once_one_wins_and_the_others_are_told_when",
    ),
    (
        "recalls are read, then written",
        "of_many_recalls_at_once_one_is_an_event",
    ),
    (
        "claims never expire",
        "a_claim_whose_time_is_over_is_none_and_another_takes_its_place",
    ),
    (
        "an expired claim would count under dispute",
        "an_open_dispute_keeps_its_claim",
    ),
    (
        "alerts bypass month and counter",
        "the_third_country_within_a_day_raises_one_alert_with_its_keys_and_its_number",
    ),
    (
        "redelivered records raise counters again",
        "a_record_that_is_delivered_again_changes_nothing",
    ),
    ("long chains are cut", "a_long_chain_is_read_to_its_end"),
    (
        "hours are in the server's zone, figures are samples",
        "figures_are_exact_and_follow_at_once",
    ),
    (
        "counters of integrations never change",
        "carriers_shops_and_warehouses_report_into_one_valid_chain",
    ),
    (
        "counters of webhooks never change",
        "scans_alerts_and_recalls_are_delivered_signed_to_those_who_chose_them",
    ),
    (
        "the audit samples ten products and has no alerts",
        "the_audit_holds_events_scans_and_alerts_each_once_and_alerts_are_the_brands_own",
    ),
    (
        "anybody may do anything for any brand",
        "a_key_opens_what_is_its_own_brands_and_nothing_else",
    ),
    (
        "the brand is taken from the request",
        "the_brand_of_a_product_is_read_from_the_table",
    ),
    (
        "ingest keys are never asked for",
        "without_the_key_of_the_products_brand_nothing_is_written",
    ),
    (
        "late reports break the chain, retries add events",
        "the_same_report_again_adds_no_event_also_when_many_come_at_once",
    ),
    (
        "events can be altered unseen",
        "every_attribute_of_every_event_is_covered",
    ),
    ("ends can be cut off", "no_event_can_be_taken_out"),
    (
        "a rewritten chain is authentic",
        "a_chain_written_anew_is_noticed_with_and_without_its_seal",
    ),
    (
        "a code can be pointed at another product",
        "a_code_pointed_at_another_product_is_not_authentic",
    ),
    (
        "a recall can be undone by hand",
        "a_recall_cannot_be_undone_by_hand",
    ),
    (
        "addresses are stored in the clear",
        "a_scan_keeps_neither_address_nor_device",
    ),
    (
        "whoever claimed is told to everybody",
        "a_claim_shows_its_name_to_the_claimant_and_the_brand_and_to_nobody_else",
    ),
    (
        "the owner's own scan raises an alert",
        "only_a_device_other_than_the_claimants_raises_an_alert",
    ),
    (
        "anyone's forwarding headers are believed",
        "malformed_forwarding_headers_are_as_none",
    ),
    (
        "words of JavaScript are taken for plans",
        "the_plans_are_listed_and_unknown_ones_are_none",
    ),
    (
        "words of JavaScript are taken for groups",
        "the_catalogue_lists_groups_and_takes_unknown_words_for_none",
    ),
    (
        "webhooks take any scheme and address",
        "a_webhook_leads_to_no_address_that_is_not_delivered_to",
    ),
    (
        "names may lead elsewhere the second time",
        "the_address_is_checked_after_resolution_and_the_connection_goes_to_the_checked_one",
    ),
    (
        "an unknown webhook's deletion creates an item",
        "a_deleted_webhook_is_told_nothing_more_and_an_unknown_one_is_not_made",
    ),
    (
        "nothing is ever delivered, or tried again",
        "what_is_not_taken_in_is_tried_again_with_growing_pauses_and_the_same_id",
    ),
    (
        "malformed requests are 500",
        "bad_requests_are_refused_and_write_nothing",
    ),
    (
        "missing attributes are 500",
        "odd_and_missing_attributes_of_a_product_are_never_an_error",
    ),
    (
        "lists have no cursor",
        "products_are_listed_newest_first_and_a_cursor_belongs_to_its_brand",
    ),
    (
        "a hot product reads a day of scans for each scan",
        "what_a_scan_of_a_busy_product_costs_does_not_grow_with_its_scans",
    ),
    (
        "one hanging model call stops the batch",
        "a_model_that_hangs_delays_no_alert",
    ),
    (
        "the model's answer is believed",
        "a_milder_verdict_lowers_nothing_and_nonsense_is_answered_by_the_rules",
    ),
    (
        "three counts of endpoints and pages",
        "health_tells_the_true_numbers",
    ),
    (
        "the feed delivers nothing",
        "whoever_comes_back_is_told_what_was_missed_in_order_and_nothing_twice",
    ),
    (
        "alerts cannot be resolved",
        "an_alert_is_resolved_and_reopened_and_the_numbers_follow",
    ),
    (
        "disputes never move",
        "a_dispute_is_decided_once_and_the_claim_follows",
    ),
    (
        "the passport's fields are always empty",
        "certificate_and_passport_are_files_that_record_no_scan",
    ),
    (
        "keys cannot be rotated",
        "a_rotated_key_counts_at_once_and_the_one_before_until_it_is_revoked",
    ),
    (
        "ingest keys cannot be rotated",
        "an_ingest_key_is_rotated_with_a_grace_period_or_at_once",
    ),
    (
        "webhook secrets cannot be rotated",
        "a_rotated_secret_signs_beside_the_one_before_for_a_while",
    ),
    (
        "nothing bounds requests",
        "who_asks_too_often_waits_and_verification_works_for_others",
    ),
    (
        "plans are never enforced",
        "a_plan_is_never_exceeded_also_by_registrations_at_once",
    ),
    (
        "plans are never set after payment",
        "a_plan_is_paid_for_and_set_by_signed_events_each_once",
    ),
];

#[test]
fn every_weakness_of_the_original_has_a_test() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let mut text = String::new();
    for folder in [folder.clone(), folder.join("http")] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "rs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    for (weakness, test) in ANSWERED {
        assert!(
            text.contains(&format!("fn {test}(")),
            "{weakness}: there is no test {test}"
        );
    }
}
