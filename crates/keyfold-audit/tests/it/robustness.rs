//! What nobody would write, and runs that must not differ.

use keyfold_audit::command::{Fix, Format, Options};

use crate::run::{audit, fixtures, json, options, project, write};

#[test]
fn any_bytes_are_read_without_a_crash() {
    let folder = project(&[]);
    let nested = format!(
        "import boto3 # dynamodb\nx = {}1{}\n",
        "(".repeat(20_000),
        ")".repeat(20_000)
    );
    let joined = format!(
        "const dynamodb = 1;\nconst s = {} 'a';\n",
        "'a' + ".repeat(20_000)
    );
    let arrays = format!(
        "// dynamodb\nfn f() {{ let x = {}{}; }}",
        "[".repeat(9_000),
        "]".repeat(9_000)
    );
    write(folder.path(), "deep.py", &nested);
    write(folder.path(), "long.js", &joined);
    write(folder.path(), "arrays.rs", &arrays);
    for (name, bytes) in [
        ("bytes.ts", b"\xff\xfe dynamodb \x80\x81 import { x from '".to_vec()),
        ("null.py", b"import boto3\n\0\0\0 dynamodb = (\n".to_vec()),
        ("empty.rs", Vec::new()),
        ("bom.py", b"\xef\xbb\xbfimport boto3\r\ntable = boto3.resource('dynamodb').Table('t')\r\ntable.scan()\r\n".to_vec()),
    ] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let report = json(folder.path());
    let scans: Vec<_> = report["inventory"]["calls"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|c| c["op"] == "Scan")
        .collect();
    assert_eq!(scans.len(), 1, "BOM and CRLF do not matter");
    assert_eq!(scans[0]["line"], 3);
}

/// A generator that is the same everywhere.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

#[test]
fn mutated_sources_never_crash_the_auditor() {
    let rounds: u64 = std::env::var("KEYFOLD_ROUNDS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1);
    let mut sources = Vec::new();
    let mut folders = vec![fixtures()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                sources.push((
                    path.extension().unwrap().to_str().unwrap().to_owned(),
                    std::fs::read(&path).unwrap(),
                ));
            }
        }
    }
    sources.sort();
    let mut state = 0x9e37_79b9_7f4a_7c15;
    for _ in 0..rounds {
        let folder = project(&[]);
        let mut count = 0;
        for turn in 0..12 {
            for (extension, bytes) in &sources {
                let mut bytes = bytes.clone();
                for _ in 0..=(next(&mut state) % 8) {
                    let len = u64::try_from(bytes.len()).unwrap();
                    let at = usize::try_from(next(&mut state) % len.max(1)).unwrap();
                    match next(&mut state) % 4 {
                        0 => drop(bytes.drain(at..(at + 20).min(bytes.len()))),
                        1 => bytes.insert(
                            at.min(bytes.len()),
                            u8::try_from(next(&mut state) % 256).unwrap(),
                        ),
                        2 => bytes.truncate(at.max(1)),
                        _ => {
                            let piece = bytes[at..(at + 60).min(bytes.len())].to_vec();
                            bytes.extend(piece);
                        }
                    }
                    if bytes.is_empty() {
                        bytes.push(b'x');
                    }
                }
                std::fs::write(
                    folder.path().join(format!("m{turn}_{count}.{extension}")),
                    bytes,
                )
                .unwrap();
                count += 1;
            }
        }
        let report = json(folder.path());
        assert_eq!(
            report["summary"]["unparsed"],
            serde_json::json!([]),
            "no file fails inside the auditor"
        );
    }
}

#[test]
fn the_report_is_the_same_whatever_the_threads_and_the_cache() {
    let cache = tempfile::tempdir().unwrap();
    let run = |jobs: usize, cached: bool| {
        audit(&Options {
            formats: vec![Format::Json],
            jobs: Some(jobs),
            no_cache: !cached,
            cache_dir: Some(cache.path().to_path_buf()),
            ..options(&fixtures())
        })
        .out
    };
    let first = run(1, false);
    for (jobs, cached) in [(2, false), (8, false), (2, true), (2, true)] {
        assert_eq!(run(jobs, cached), first, "{jobs} threads, cache {cached}");
    }
    // A damaged entry is as good as none.
    let mut folders = vec![cache.path().to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                std::fs::write(path, b"damaged").unwrap();
            }
        }
    }
    assert_eq!(run(2, true), first, "damaged");
}

#[test]
fn a_missing_path_and_an_unknown_rule_are_wrong_use() {
    let folder = project(&[]);
    let outcome = audit(&Options {
        paths: vec![folder.path().join("none")],
        ..options(folder.path())
    });
    assert_eq!(outcome.code, 2);
    let outcome = audit(&Options {
        only: vec!["scan-in-jobs".to_owned()],
        ..options(folder.path())
    });
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.err.contains("did you mean scan-in-job?"),
        "{}",
        outcome.err
    );
}

#[test]
fn a_repair_removes_the_finding_and_a_second_one_changes_nothing() {
    let folder = project(&[(
        "a.ts",
        "import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';\nexport const put = (c: any, id: string) => c.send(new PutCommand({ TableName: 't', Item: { PK: id, ttl: Date.now() + 1000 } }));\nexport const set = (c: any, id: string) => c.send(new UpdateCommand({ TableName: 't', Key: { PK: id }, UpdateExpression: 'SET status = :s, #a = :s', ExpressionAttributeNames: { '#a': 'a' }, ExpressionAttributeValues: { ':s': 1 } }));\n",
    )]);
    let apply = |fix| {
        audit(&Options {
            fix,
            ..options(folder.path())
        })
        .out
    };
    let preview = apply(Fix::Preview);
    assert!(
        preview.contains('+') && preview.contains("Math.floor((Date.now() + 1000) / 1000)"),
        "{preview}"
    );
    apply(Fix::Apply);
    let once = std::fs::read_to_string(folder.path().join("a.ts")).unwrap();
    let rules: Vec<String> = crate::run::found(&json(folder.path()), "a.ts")
        .into_iter()
        .map(|(r, _)| r)
        .collect();
    assert!(
        !rules.iter().any(|r| r == "ttl-not-epoch-seconds"
            || r == "reserved-word"
            || r == "placeholder-mismatch"),
        "{rules:?}\n{once}"
    );
    apply(Fix::Apply);
    assert_eq!(
        std::fs::read_to_string(folder.path().join("a.ts")).unwrap(),
        once
    );
}
