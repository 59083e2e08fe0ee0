//! `cargo xtask test`: everything the tests need, then `cargo test --workspace`.
//!
//! The browser tests drive Debian's Chromium; the tests of the embedded engine drive it with AWS's
//! own clients and compare it with `DynamoDB` Local ([clients]). Each is installed only where it is
//! missing, so that a machine which has it needs neither Debian, nor rights to install, nor a network.

mod clients;

use std::env;
use std::fmt;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use cargo_metadata::MetadataCommand;
use cargo_metadata::camino::Utf8Path;

/// Installs what is missing, runs every test, and says how long each step took.
pub fn run(root: &Utf8Path, args: &[String]) -> anyhow::Result<ExitCode> {
    let mut steps = Steps::default();
    let outcome = all_steps(root, args, &mut steps);
    eprint!("{steps}");
    outcome
}

/// Something the tests use and the Debian package that has it.
struct Needed {
    what: What,
    package: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    Program(&'static str),
    PythonModule(&'static str),
}

const NEEDED: [Needed; 6] = [
    Needed {
        what: What::Program("chromium"),
        package: "chromium",
    },
    Needed {
        what: What::Program("chromedriver"),
        package: "chromium-driver",
    },
    Needed {
        what: What::PythonModule("ensurepip"),
        package: "python3-venv",
    },
    Needed {
        what: What::Program("node"),
        package: "nodejs",
    },
    Needed {
        what: What::Program("npm"),
        package: "npm",
    },
    Needed {
        what: What::Program("java"),
        package: "default-jre-headless",
    },
];

/// What decides how packages are installed here.
#[derive(Clone, Copy)]
struct Host {
    is_root: bool,
    has_apt_get: bool,
    has_sudo: bool,
}

#[derive(Default)]
struct Steps(Vec<(String, Duration)>);

impl Steps {
    fn time<T>(&mut self, name: &str, step: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let outcome = step();
        self.0.push((name.to_owned(), start.elapsed()));
        outcome
    }
}

impl fmt::Display for Steps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, took) in &self.0 {
            writeln!(f, "{:>8.1} s  {name}", took.as_secs_f64())?;
        }
        Ok(())
    }
}

fn all_steps(root: &Utf8Path, args: &[String], steps: &mut Steps) -> anyhow::Result<ExitCode> {
    let missing = missing_packages(is_here);
    if !missing.is_empty() {
        let host = Host {
            is_root: is_root()?,
            has_apt_get: on_path("apt-get"),
            has_sudo: on_path("sudo"),
        };
        let commands = install_commands(&missing, host)?;
        steps.time(&format!("install {}", missing.join(", ")), || {
            commands.iter().try_for_each(|command| run_one(command))
        })?;
        let still = missing_packages(is_here);
        if !still.is_empty() {
            bail!(
                "{} installed, and what the tests use of it is still not found; add its folder to PATH",
                still.join(", ")
            );
        }
    }
    let metadata = MetadataCommand::new()
        .current_dir(root)
        .no_deps()
        .exec()
        .context("cannot ask cargo for its target folder")?;
    for client in clients::all(root, &metadata.target_directory)? {
        if !client.is_there() {
            steps.time(&format!("install {}", client.name), || client.run(root))?;
        }
    }
    let passed = steps.time("cargo test --workspace", || {
        // The cargo that started this one, so that a `+toolchain` stays in force.
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command
            .current_dir(root)
            .args(["test", "--workspace"])
            .args(args);
        command.status().context("cannot start cargo")
    })?;
    Ok(if passed.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn missing_packages(has: impl Fn(What) -> bool) -> Vec<&'static str> {
    let missing = NEEDED.iter().filter(|needed| !has(needed.what));
    missing.map(|needed| needed.package).collect()
}

fn install_commands(missing: &[&str], host: Host) -> anyhow::Result<Vec<Vec<String>>> {
    let packages = missing.join(" ");
    if !host.has_apt_get {
        bail!(
            "the tests need {packages}, and there is no apt-get here to install them\n\
             hint: put chromium, chromedriver, python3 with venv, node, npm and java on PATH and run this again"
        );
    }
    let prefix: &[&str] = match host {
        Host { is_root: true, .. } => &[],
        Host { has_sudo: true, .. } => &["sudo"],
        _ => bail!(
            "the tests need {packages}, and installing them takes root or sudo\n\
             hint: as root, `apt-get install {packages}`, and run this again"
        ),
    };
    // Somebody else's apt-get may hold the lock for a while: wait instead of failing.
    let apt_get = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"];
    let apt_get = [&apt_get[..], &["-o", "DPkg::Lock::Timeout=300"]].concat();
    let install = [&["install", "--yes", "--no-install-recommends"], missing].concat();
    let command = |tail: &[&str]| {
        let words = [prefix, &apt_get[..], tail].concat();
        words.into_iter().map(str::to_owned).collect()
    };
    Ok(vec![command(&["update"]), command(&install)])
}

fn run_one(words: &[String]) -> anyhow::Result<()> {
    let shown = words.join(" ");
    let Some((program, args)) = words.split_first() else {
        return Ok(());
    };
    let status = Command::new(program).args(args).status();
    let status = status.with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}");
    }
    Ok(())
}

fn is_here(what: What) -> bool {
    match what {
        What::Program(program) => on_path(program),
        What::PythonModule(module) => Command::new("python3")
            .args(["-c", &format!("import {module}")])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success()),
    }
}

fn on_path(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let candidates = env::split_paths(&path).map(|folder: PathBuf| folder.join(program));
    candidates.into_iter().any(|candidate| candidate.is_file())
}

fn is_root() -> anyhow::Result<bool> {
    let id = Command::new("id")
        .arg("-u")
        .output()
        .context("cannot start `id -u`")?;
    Ok(id.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEBIAN: Host = Host {
        is_root: true,
        has_apt_get: true,
        has_sudo: false,
    };

    #[test]
    fn only_what_is_missing_is_installed() {
        assert_eq!(missing_packages(|_| true), Vec::<&str>::new());
        assert_eq!(
            missing_packages(|what| what != What::Program("chromedriver")),
            ["chromium-driver"]
        );
        assert_eq!(missing_packages(|_| false).len(), NEEDED.len());
    }

    #[test]
    fn root_installs_directly_and_others_through_sudo() {
        let commands = install_commands(&["chromium"], DEBIAN).unwrap();
        assert!(commands.iter().all(|command| command[0] == "env"));
        assert_eq!(commands[0].last().unwrap(), "update");
        assert!(commands[1].ends_with(&["--no-install-recommends".into(), "chromium".into()]));

        let user = Host {
            is_root: false,
            has_sudo: true,
            ..DEBIAN
        };
        let commands = install_commands(&["chromium"], user).unwrap();
        assert!(
            commands
                .iter()
                .all(|command| command[..2] == ["sudo", "env"])
        );
    }

    #[test]
    fn where_nothing_can_be_installed_the_message_says_what_to_do() {
        let other = Host {
            has_apt_get: false,
            ..DEBIAN
        };
        let refused = install_commands(&["chromium"], other)
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("hint: put chromium, chromedriver"),
            "{refused}"
        );

        let user = Host {
            is_root: false,
            ..DEBIAN
        };
        let refused = install_commands(&["chromium"], user)
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("hint: as root, `apt-get install chromium`"),
            "{refused}"
        );
    }

    #[test]
    fn each_step_is_shown_with_its_time_also_when_it_failed() {
        let mut steps = Steps::default();
        let failed: Result<(), ()> = steps.time("install chromium", || Err(()));
        assert!(failed.is_err());
        assert!(
            steps.to_string().ends_with(" s  install chromium\n"),
            "{steps}"
        );
    }
}
