//! What the compile-time checks of a table cost: `cargo check` of 60 entities with and without them,
//! in turns, beside the same structs with serde's derives alone and the same repositories written by hand on
//! the SDK.
//!
//! `cargo bench -p keyfold-macros --bench check_time`. The dependencies of the generated crates are
//! checked first, once for each way, which takes minutes.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run has nothing to report, and what it reports it prints"
)]

mod by_hand;
mod generated;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use generated::On;

/// Turns of each way.
const ROUNDS: usize = 9;
const BAR: f64 = 1.1;

/// One crate, checked in one way.
struct Way {
    name: &'static str,
    folder: PathBuf,
    source: String,
    /// Flags change every dependency: each way has a folder of its own for them.
    target: PathBuf,
    flags: &'static str,
    taken: Vec<Taken>,
}

#[derive(Clone, Copy)]
struct Taken {
    wall: Duration,
    cpu: Option<Duration>,
}

impl Way {
    fn new(
        name: &'static str,
        krate: &str,
        manifest: &str,
        source: String,
        flags: &'static str,
    ) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("check-time");
        let folder = root.join(krate);
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        std::fs::create_dir_all(folder.join("src")).unwrap();
        std::fs::write(folder.join("Cargo.toml"), manifest).unwrap();
        // The versions everything else is built with, so that nothing is looked up.
        std::fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        let target = if flags.is_empty() {
            "as-built"
        } else {
            "unchecked"
        };
        Self {
            name,
            folder,
            source,
            target: root.join(target),
            flags,
            taken: Vec::new(),
        }
    }

    fn check(&self) -> Taken {
        // Written anew is touched. Without an incremental cache: it would know that nothing changed.
        std::fs::write(self.folder.join("src/lib.rs"), &self.source).unwrap();
        let mut command = Command::new(env!("CARGO"));
        command
            .args(["check", "--offline", "--quiet"])
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", "0")
            .env("RUSTFLAGS", self.flags);
        let (cpu, begin) = (cpu_of_children(), Instant::now());
        let status = command.status().unwrap();
        assert!(status.success(), "{}: {status}", self.name);
        Taken {
            wall: begin.elapsed(),
            cpu: cpu_of_children()
                .zip(cpu)
                .and_then(|(after, before)| after.checked_sub(before)),
        }
    }

    fn wall(&self) -> f64 {
        median(self.taken.iter().map(|taken| taken.wall.as_secs_f64()))
    }

    fn cpu(&self) -> Option<f64> {
        let cpu: Option<Vec<f64>> = self
            .taken
            .iter()
            .map(|taken| taken.cpu.map(|cpu| cpu.as_secs_f64()))
            .collect();
        Some(median(cpu?.into_iter()))
    }
}

/// CPU time of the children that have ended, theirs included; only where there is `/proc`.
fn cpu_of_children() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // After the name, which may hold anything: cutime and cstime are fields 16 and 17 of all.
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(13);
    let mut ticks = || fields.next()?.parse::<u64>().ok();
    // Linux counts in hundredths wherever it is seen from outside. Source: proc(5), time(7).
    Some(Duration::from_millis((ticks()? + ticks()?) * 10))
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    // `cargo test --benches` runs this too, and has no use for it.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let keyfold = Path::new(env!("CARGO_MANIFEST_DIR")).join("../keyfold");
    let manifest = generated::manifest(&On::Keyfold(&keyfold.to_string_lossy()));
    let table = generated::table();
    let mut ways = [
        Way::new("with the checks", "table", &manifest, table.clone(), ""),
        Way::new(
            "without them",
            "table-unchecked",
            &manifest,
            table,
            "--cfg keyfold_unchecked",
        ),
        Way::new(
            "serde's derives alone",
            "structs",
            &generated::manifest(&On::Nothing),
            generated::structs(),
            "",
        ),
        Way::new(
            "by hand on the SDK",
            "by-hand",
            &generated::manifest(&On::Sdk),
            by_hand::repositories(),
            "",
        ),
    ];
    for way in &ways {
        println!("dependencies, {}: {:.1?}", way.name, way.check().wall);
    }
    for round in 0..ROUNDS {
        let len = ways.len();
        for turn in 0..len {
            // Each comes first, second and last as often.
            let way = &mut ways[(round + turn) % len];
            let taken = way.check();
            way.taken.push(taken);
        }
    }
    println!(
        "\ncargo check of {} entities, {ROUNDS} turns, medians",
        generated::ENTITIES
    );
    for way in &ways {
        let cpu = way
            .cpu()
            .map_or_else(String::new, |cpu| format!("  {cpu:6.2} s CPU"));
        let lines = way.source.lines().filter(|line| !line.trim().is_empty());
        println!(
            "  {:24} {:6.2} s{cpu}  {:6} lines",
            way.name,
            way.wall(),
            lines.count()
        );
    }
    let [with, without, _, by_hand] = &ways;
    let cpu = with.cpu().zip(without.cpu());
    let cpu = cpu.map_or_else(String::new, |(with, without)| {
        format!(", {:.3} by CPU time", with / without)
    });
    println!(
        "  with : without = {:.3}{cpu}; the bar is {BAR}",
        with.wall() / without.wall()
    );
    println!("  with : by hand = {:.3}", with.wall() / by_hand.wall());
}
