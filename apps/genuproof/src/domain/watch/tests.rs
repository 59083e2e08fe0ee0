use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-03-02T09:30:00.000Z")
}

fn seen(ms_ago: i64, country: &str) -> Sighting {
    Sighting::of(now().plus_ms(-ms_ago), Some(country))
}

fn facts(tally: &Tally) -> Facts<'_> {
    Facts {
        at: now(),
        tally,
        total: 1,
        registered_at: Some(at("2026-03-01T09:30:00.000Z")),
        result: "authentic",
        claimed_by_another_at: None,
    }
}

fn kinds(facts: &Facts<'_>) -> Vec<AlertKind> {
    facts
        .findings()
        .into_iter()
        .map(|finding| finding.kind)
        .collect()
}

const HOUR: i64 = 3_600_000;

#[test]
fn three_countries_within_a_day_are_an_anomaly_and_two_are_not() {
    let check = |scans: &[Sighting], countries: usize, fires: bool| {
        let tally = Tally::of(now(), scans, false, None);
        assert_eq!(tally.countries.len(), countries, "{scans:?}");
        assert_eq!(
            kinds(&facts(&tally)).contains(&AlertKind::GeographicAnomaly),
            fires,
            "{scans:?}"
        );
        assert_eq!(
            facts(&tally)
                .warnings()
                .iter()
                .any(|text| text.contains(&format!("{countries} different countries"))),
            fires
        );
    };
    let (fr, de, ng) = (seen(0, "FR"), seen(HOUR, "DE"), seen(24 * HOUR, "NG"));
    check(&[fr.clone(), de.clone(), ng], 3, true);
    check(
        &[fr.clone(), de.clone(), seen(24 * HOUR + 1, "NG")],
        2,
        false,
    );
    check(&[fr.clone(), de.clone(), seen(2 * HOUR, "de")], 2, false);
    for none in ["Unknown", "Local", "XX", "", "Nigeria"] {
        check(&[fr.clone(), de.clone(), seen(2 * HOUR, none)], 2, false);
    }
}

#[test]
fn the_tenth_scan_within_an_hour_alerts_and_the_eleventh_warns() {
    let scans = |count: i64, oldest_ms: i64| -> Tally {
        let mut scans: Vec<_> = (0..count - 1).map(|number| seen(number, "FR")).collect();
        scans.push(seen(oldest_ms, "FR"));
        Tally::of(now(), &scans, false, None)
    };
    for (count, oldest_ms, alerts, warns) in [
        (9, HOUR, false, false),
        (10, HOUR, true, false),
        (10, HOUR + 1, false, false),
        (11, HOUR, true, true),
        (11, HOUR + 1, true, false),
    ] {
        let tally = scans(count, oldest_ms);
        let facts = facts(&tally);
        assert_eq!(
            kinds(&facts).contains(&AlertKind::BurstScan),
            alerts,
            "{count} {oldest_ms}"
        );
        let warning = facts.warnings().into_iter().find(|text| {
            text.contains(&format!("{count} scans")) && text.contains("in the last hour")
        });
        assert_eq!(warning.is_some(), warns, "{count} {oldest_ms}");
    }
}

#[test]
fn more_than_a_page_within_an_hour_is_said_to_be_more() {
    let scans: Vec<_> = (0..32).map(|number| seen(number, "FR")).collect();
    let more = Tally::of(now(), &scans, true, None);
    assert_eq!(more.scans_in_hour(), "more than 32 scans");
    let exact = Tally::of(now(), &scans, false, None);
    assert_eq!(exact.scans_in_hour(), "32 scans");
}

#[test]
fn the_twenty_first_scan_of_a_new_product_is_too_many() {
    let tally = Tally::default();
    let check = |total: u64, registered: &str, fires: bool| {
        let facts = Facts {
            total,
            registered_at: Some(at(registered)),
            ..facts(&tally)
        };
        assert_eq!(
            kinds(&facts) == [AlertKind::ScanVelocity],
            fires,
            "{total} {registered}"
        );
        let words = facts.warnings().join(" ");
        assert_eq!(words.contains("velocity"), fires);
        assert_eq!(words.contains(&format!("{total} scans")), fires);
    };
    // Just registered: the age counts as one day.
    check(20, "2026-03-02T09:29:59.000Z", false);
    check(21, "2026-03-02T09:29:59.000Z", true);
    // Five a day is not more than five a day.
    check(50, "2026-02-20T09:30:00.000Z", false);
    check(51, "2026-02-20T09:30:00.000Z", true);
    let unknown = Facts {
        total: 1_000,
        registered_at: None,
        ..facts(&tally)
    };
    assert_eq!(kinds(&unknown), []);
}

#[test]
fn one_scan_may_break_several_rules_and_all_are_found() {
    let scans: Vec<_> = (0..12)
        .map(|number| {
            seen(
                number,
                ["FR", "DE", "NG"][usize::try_from(number % 3).unwrap()],
            )
        })
        .collect();
    let tally = Tally::of(now(), &scans, false, None);
    let facts = Facts {
        total: 21,
        result: "suspicious",
        claimed_by_another_at: Some("2026-03-01T00:00:00.000Z"),
        ..facts(&tally)
    };
    assert_eq!(
        kinds(&facts),
        [
            AlertKind::HashTampering,
            AlertKind::GeographicAnomaly,
            AlertKind::ClaimedProductScan,
            AlertKind::ScanVelocity,
            AlertKind::BurstScan,
        ]
    );
    let details: Vec<_> = facts
        .findings()
        .into_iter()
        .map(|finding| finding.details)
        .collect();
    for (text, part) in details.iter().zip([
        "suspicious",
        "DE, FR, NG",
        "2026-03-01T00:00:00.000Z",
        "21.0 times a day on average: 21 scans in 1.0 days",
        "12 scans",
    ]) {
        assert!(text.contains(part), "{text}");
    }
}

/// What the rules would be told if every scan of the window were read.
fn counted(at: Timestamp, all: &[Sighting]) -> Tally {
    let mut window: Vec<_> = all
        .iter()
        .filter(|scan| scan.at <= at && scan.at >= at.plus_ms(-DAY_MS))
        .cloned()
        .collect();
    window.sort_by_key(|scan| std::cmp::Reverse(scan.at));
    Tally::of(at, &window, false, None)
}

proptest! {
    /// A page and a digest that is brought forward now and then tell the same countries as reading everything.
    #[test]
    fn page_and_digest_tell_what_all_scans_tell(
        steps in proptest::collection::vec((0i64..4_000_000, 0usize..5), 1..200),
        every in 1usize..16,
    ) {
        const PAGE: usize = 16;
        let codes = ["FR", "DE", "NG", "Unknown", "JP"];
        let mut all: Vec<Sighting> = Vec::new();
        let mut digest: Option<Digest> = None;
        let mut clock = at("2026-03-01T00:00:00.000Z");
        for (number, (pause, country)) in steps.into_iter().enumerate() {
            // Mostly dense, now and then a long pause.
            clock = clock.plus_ms(if number % 7 == 0 { pause * 10 } else { pause / 40 });
            all.push(Sighting::of(clock, Some(codes[country])));
            let mut newest: Vec<_> = all.iter().rev().filter(|scan| scan.at >= clock.plus_ms(-DAY_MS)).cloned().collect();
            let is_more = newest.len() > PAGE;
            let window = newest.clone();
            newest.truncate(PAGE);
            let oldest = newest.last().unwrap().at;
            if is_more && !digest.as_ref().is_some_and(|digest| digest.settles(clock, oldest)) {
                digest = Some(Digest::new(clock.plus_ms(-DAY_MS), &window));
            }
            let used = digest.as_ref().filter(|_| is_more);
            let tally = Tally::of(clock, &newest, is_more, used);
            prop_assert_eq!(&tally.countries, &counted(clock, &all).countries);
            if is_more && number % every == 0 && let Some(digest) = &mut digest {
                digest.add(&newest);
            }
        }
    }
}

#[test]
fn a_digest_forgets_what_is_a_day_old_and_notices_what_came_late() {
    let mut digest = Digest::new(
        now().plus_ms(-DAY_MS),
        &[seen(24 * HOUR, "NG"), seen(HOUR, "FR")],
    );
    assert!(
        digest.countries.contains_key("NG"),
        "it goes through an hour ago"
    );
    digest.add(&[seen(0, "DE")]);
    assert!(
        digest.countries.contains_key("NG"),
        "a day ago to the millisecond"
    );
    digest.add(&[seen(-1, "DE")]);
    assert!(!digest.countries.contains_key("NG"));
    assert!(digest.misses(&seen(2 * HOUR, "JP")));
    assert!(
        !digest.misses(&seen(2 * HOUR, "FR")),
        "a later one is known"
    );
    assert!(!digest.misses(&seen(2 * HOUR, "Unknown")));
    assert!(!digest.misses(&seen(25 * HOUR, "JP")));
    assert!(!digest.misses(&seen(-2, "JP")), "not late");
}

#[test]
fn a_digest_stays_small() {
    let mut digest = Digest::new(now().plus_ms(-DAY_MS), &[]);
    for number in 0..1_296_i64 {
        let code: String = [number / 36, number % 36]
            .map(|digit| char::from_digit(u32::try_from(digit).unwrap(), 36).unwrap())
            .iter()
            .collect();
        digest.add(&[seen(2_000 - number, &code)]);
    }
    assert!(digest.countries.len() <= 64);
}
