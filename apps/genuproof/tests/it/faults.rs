//! Everything here once more, on an engine that fails as AWS does.

use std::process::Command;

/// Other tests of this program, with the faults of a seed each. A request of thousands that is throttled
/// three times in a row is no mistake of ours: so with `KEYFOLD_ROUNDS` above 1, a night's run, and not
/// before every change.
#[test]
fn the_suite_passes_with_the_faults_of_aws() {
    let rounds: u32 = std::env::var("KEYFOLD_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap());
    if rounds < 2 || std::env::var_os("KEYFOLD_FAULTS").is_some() {
        println!("skipped: set KEYFOLD_ROUNDS to 2 or more");
        return;
    }
    for seed in 1..=rounds.min(10) {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--skip", "faults::"])
            .env("KEYFOLD_FAULTS", format!("aws-like:{seed}"))
            .env("KEYFOLD_ROUNDS", "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "seed {seed}: {said}");
    }
}
