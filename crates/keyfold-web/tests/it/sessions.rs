use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::{HeaderMap, HeaderName, StatusCode};
use keyfold_web::csrf;
use keyfold_web::session::{Session, Sessions};

const HOUR: Duration = Duration::from_hours(1);

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_mins(29_539_290)
}

fn sessions() -> Sessions {
    Sessions::new(b"secret", "genuproof", HOUR, false)
}

fn value(set_cookie: &str) -> &str {
    set_cookie
        .split(';')
        .next()
        .unwrap()
        .split_once('=')
        .unwrap()
        .1
}

fn cookie(name: &str, value: &str) -> HeaderMap {
    headers(&[("cookie", &format!("other=1; {name}={value}; last=2"))])
}

fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (HeaderName::try_from(*name).unwrap(), value.parse().unwrap()))
        .collect()
}

fn issued(subject: &str) -> (Session, String) {
    let (session, header) = sessions().issue(subject, [7; 16], now());
    (session, value(header.to_str().unwrap()).to_owned())
}

#[test]
fn a_session_comes_back_from_its_cookie_until_it_ends() {
    for subject in ["brand-1", "", "Ünïcødé; = \"quoted\".dots\n"] {
        let (session, value) = issued(subject);
        let headers = cookie("genuproof", &value);
        let read = sessions()
            .read(&headers, now() + HOUR - Duration::from_secs(1))
            .unwrap();
        assert_eq!((read.subject(), &read), (subject, &session));
        assert!(sessions().read(&headers, now() + HOUR).is_none(), "over");
    }
}

#[test]
fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
    let (_, header) = sessions().issue("brand-1", [7; 16], now());
    let text = header.to_str().unwrap();
    assert!(
        text.ends_with("; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"),
        "{text}"
    );
    let (_, header) =
        Sessions::new(b"secret", "genuproof", HOUR, true).issue("brand-1", [7; 16], now());
    let text = header.to_str().unwrap();
    assert!(
        text.starts_with("__Host-genuproof=") && text.ends_with("; Secure"),
        "{text}"
    );
    assert!(
        sessions()
            .end()
            .to_str()
            .unwrap()
            .starts_with("genuproof=; Path=/; Max-Age=0")
    );
}

#[test]
fn no_byte_of_a_cookie_can_be_changed() {
    let (_, value) = issued("brand-1");
    for at in 0..value.len() {
        for other in ['A', 'B', '.', '9'] {
            let mut changed: Vec<char> = value.chars().collect();
            if changed[at] == other {
                continue;
            }
            changed[at] = other;
            let changed: String = changed.into_iter().collect();
            assert!(
                sessions()
                    .read(&cookie("genuproof", &changed), now())
                    .is_none(),
                "{at} {other}"
            );
        }
    }
    for cut in 0..value.len() {
        assert!(
            sessions()
                .read(&cookie("genuproof", &value[..cut]), now())
                .is_none(),
            "{cut}"
        );
    }
}

#[test]
fn a_cookie_of_another_secret_or_name_is_nobodys() {
    let (_, value) = issued("brand-1");
    let other = Sessions::new(b"another", "genuproof", HOUR, false);
    assert!(other.read(&cookie("genuproof", &value), now()).is_none());
    assert!(
        sessions()
            .read(&cookie("Genuproof", &value), now())
            .is_none()
    );
    assert!(sessions().read(&HeaderMap::new(), now()).is_none());
}

#[test]
fn a_stale_cookie_before_the_right_one_does_no_harm() {
    let (_, value) = issued("brand-1");
    let both = headers(&[("cookie", &format!("genuproof=1.x.y.z; genuproof={value}"))]);
    assert!(sessions().read(&both, now()).is_some());
}

fn check(pairs: &[(&str, &str)], field: Option<&str>, allowed: bool) {
    let (session, _) = issued("brand-1");
    let answer = csrf::check(&sessions(), &session, &headers(pairs), field);
    assert_eq!(answer.is_ok(), allowed, "{pairs:?} {field:?}");
    if let Err(failure) = answer {
        assert_eq!(failure.status(), StatusCode::FORBIDDEN);
    }
}

#[test]
fn a_change_needs_the_sessions_own_token_or_the_browsers_word() {
    let (session, _) = issued("brand-1");
    let token = sessions().csrf_token(&session);
    let (other, _) = sessions().issue("brand-1", [8; 16], now());
    let other = sessions().csrf_token(&other);
    assert_ne!(token, other, "each session has its own");

    check(&[], Some(&token), true);
    check(&[("x-csrf-token", &token)], None, true);
    check(&[("sec-fetch-site", "cross-site")], Some(&token), true);
    check(&[("sec-fetch-site", "same-origin")], None, true);
    check(
        &[
            ("origin", "https://genuproof.example:8443"),
            ("host", "genuproof.example:8443"),
        ],
        None,
        true,
    );

    check(&[], None, false);
    for wrong in ["", "x", other.as_str(), &token[1..], "%%%"] {
        check(&[("sec-fetch-site", "same-origin")], Some(wrong), false);
        check(&[("x-csrf-token", wrong)], None, false);
    }
    for site in ["cross-site", "same-site", "none", ""] {
        check(
            &[
                ("sec-fetch-site", site),
                ("origin", "http://a.example"),
                ("host", "a.example"),
            ],
            None,
            false,
        );
    }
    check(
        &[
            ("origin", "https://evil.example"),
            ("host", "genuproof.example"),
        ],
        None,
        false,
    );
    check(
        &[("origin", "null"), ("host", "genuproof.example")],
        None,
        false,
    );
}

#[test]
fn signing_in_is_refused_from_another_site_only() {
    assert!(csrf::check_anonymous(&HeaderMap::new()).is_ok());
    assert!(csrf::check_anonymous(&headers(&[("sec-fetch-site", "same-origin")])).is_ok());
    assert!(csrf::check_anonymous(&headers(&[("sec-fetch-site", "cross-site")])).is_err());
    assert!(
        csrf::check_anonymous(&headers(&[
            ("origin", "https://evil.example"),
            ("host", "a.example")
        ]))
        .is_err()
    );
}

#[test]
fn what_is_printed_for_debugging_holds_no_secret() {
    let (session, value) = issued("brand-1");
    let printed = format!("{session:?} {:?}", sessions());
    assert!(
        !printed.contains("brand-1")
            && !printed.contains("key")
            && !printed.contains(&value[10..30]),
        "{printed}"
    );
}
