//! Headless Chromium over `WebDriver`: looks at pages, clicks, keeps screenshots.
//!
//! Everything that `fantoccini` offers is there by [`Browser::client`]; this adds starting and stopping, the size and
//! colour scheme of the window, screenshots as artefacts, and what the page's console said.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use fantoccini::ClientBuilder;
use fantoccini::error::{CmdError, NewSessionError};
use fantoccini::wd::Capabilities;
use hyper_util::client::legacy::connect::HttpConnector;
use rustix::process::{Pid, Signal};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use self::command::{Cdp, Log};

mod command;

/// A browser cannot be had or does not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrowserError {
    /// Browser or driver is not installed.
    #[error(
        "no {program} on this machine\nhint: install Debian's packages: apt-get install -y chromium chromium-driver; or name the programs by CHROMIUM and CHROMEDRIVER"
    )]
    Missing {
        /// Which one.
        program: &'static str,
    },
    /// The driver ended or was silent before it was ready.
    #[error("chromedriver did not start: {0}")]
    Driver(String),
    /// The driver could not start the browser.
    #[error("chromium did not start: {0}")]
    Session(#[from] NewSessionError),
    /// The browser refused a command, or it is gone.
    #[error("the browser refused: {0}")]
    Command(#[from] CmdError),
    /// A file could not be written.
    #[error("cannot write {path}: {source}")]
    Artefact {
        /// Where.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Which colours the reader's system asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorScheme {
    /// `prefers-color-scheme: light`.
    Light,
    /// `prefers-color-scheme: dark`.
    Dark,
}

/// A running browser with one window. It ends with [`Browser::close`], or at the latest when it is dropped.
#[derive(Debug)]
pub struct Browser {
    client: fantoccini::Client,
    processes: Processes,
}

// Without the network flags Chromium looks up and calls its maker's hosts at every start.
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
    "--window-size=1280,800",
];

impl Browser {
    /// Starts a browser with an empty profile, at 1280 × 800, light.
    pub async fn start() -> Result<Self, BrowserError> {
        let chromium = program(
            "CHROMIUM",
            "chromium",
            &[
                "/usr/bin/chromium",
                "/usr/bin/chromium-browser",
                "/usr/bin/google-chrome",
            ],
        )?;
        let driver = program(
            "CHROMEDRIVER",
            "chromedriver",
            &["/usr/bin/chromedriver", "/usr/lib/chromium/chromedriver"],
        )?;
        let profile = TempDir::new().map_err(|error| BrowserError::Driver(error.to_string()))?;
        let (mut processes, port) = Processes::start(&driver, profile).await?;
        let mut args: Vec<String> = FLAGS.iter().map(|&flag| flag.to_owned()).collect();
        args.push(format!(
            "--user-data-dir={}",
            processes.profile.path().display()
        ));
        let mut capabilities = Capabilities::new();
        capabilities.insert(
            "goog:chromeOptions".into(),
            json!({ "binary": chromium, "args": args }),
        );
        capabilities.insert("goog:loggingPrefs".into(), json!({ "browser": "ALL" }));
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await?;
        processes.browser = client
            .capabilities()
            .and_then(|had| had.get("goog:processID"))
            .and_then(as_pid);
        let browser = Self { client, processes };
        browser.size(1280, 800).await?;
        browser.color_scheme(ColorScheme::Light).await?;
        Ok(browser)
    }

    /// The `WebDriver` client.
    pub fn client(&self) -> &fantoccini::Client {
        &self.client
    }

    /// The folder of the browser's profile, which every process of it names on its command line.
    pub fn profile(&self) -> &Path {
        self.processes.profile.path()
    }

    /// Opens a page and waits until it is loaded, fonts included.
    pub async fn open(&self, url: &str) -> Result<(), BrowserError> {
        self.client.goto(url).await?;
        let wait = "const done = arguments[0]; document.fonts.ready.then(() => done(true));";
        self.client.execute_async(wait, Vec::new()).await?;
        Ok(())
    }

    /// Sets the size of what the page sees, in CSS pixels. 360 × 800 is a narrow phone.
    pub async fn size(&self, width: u32, height: u32) -> Result<(), BrowserError> {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", metrics)
            .await?;
        Ok(())
    }

    /// Sets which colours the reader's system asks for.
    pub async fn color_scheme(&self, scheme: ColorScheme) -> Result<(), BrowserError> {
        let value = if scheme == ColorScheme::Dark {
            "dark"
        } else {
            "light"
        };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.cdp("Emulation.setEmulatedMedia", features).await?;
        Ok(())
    }

    /// Turns the page's scripts off or on, from the next page on.
    pub async fn scripts(&self, on: bool) -> Result<(), BrowserError> {
        self.cdp(
            "Emulation.setScriptExecutionDisabled",
            json!({ "value": !on }),
        )
        .await?;
        Ok(())
    }

    /// Waits until nothing moves: a picture in the middle of a transition would differ from run to run.
    pub async fn settle(&self) -> Result<(), BrowserError> {
        let wait = "const done = arguments[0]; \
            Promise.allSettled(document.getAnimations().map(motion => motion.finished)).then(() => done(true));";
        self.client.execute_async(wait, Vec::new()).await?;
        Ok(())
    }

    /// Keeps a picture of the whole page, below the fold too, as `NAME.png` among the artefacts: in the folder of
    /// `KEYFOLD_ARTEFACTS`, else `target/artefacts`. Answers where.
    pub async fn screenshot(&self, name: &str) -> Result<PathBuf, BrowserError> {
        // What sticks to the window's edge would lie in the middle of a page that is scrolled.
        self.client.execute("scrollTo(0, 0)", Vec::new()).await?;
        self.settle().await?;
        let shot = json!({ "format": "png", "captureBeyondViewport": true });
        let answer = self.cdp("Page.captureScreenshot", shot).await?;
        let data = answer
            .get("data")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let picture = base64::engine::general_purpose::STANDARD
            .decode(data)
            .map_err(|error| {
                BrowserError::Driver(format!("the picture cannot be read: {error}"))
            })?;
        let path = artefacts().join(format!("{name}.png"));
        let write = || {
            path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
            std::fs::write(&path, &picture)
        };
        write().map_err(|source| BrowserError::Artefact {
            path: path.clone(),
            source,
        })?;
        Ok(path)
    }

    /// What the console said at level `SEVERE` since the last call: script errors, refused policies, failed requests.
    pub async fn console_errors(&self) -> Result<Vec<String>, BrowserError> {
        let entries = self.client.issue_cmd(Log).await?;
        let said = |entry: &Value| {
            let severe = entry.get("level").and_then(Value::as_str) == Some("SEVERE");
            severe.then(|| {
                entry
                    .get("message")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            })
        };
        Ok(entries
            .as_array()
            .map(|entries| entries.iter().filter_map(said).collect())
            .unwrap_or_default())
    }

    /// How many pixels the page can be scrolled sideways; 0 is right.
    pub async fn sideways_px(&self) -> Result<u64, BrowserError> {
        let script = "return Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth);";
        let width = self.client.execute(script, Vec::new()).await?;
        Ok(width.as_u64().unwrap_or_default())
    }

    /// What the accessibility checker axe-core finds on the page, as `rule: element`; `axe` is the text of its
    /// `axe.min.js`, which the caller brings.
    pub async fn accessibility(&self, axe: &str) -> Result<Vec<String>, BrowserError> {
        self.client.execute(axe, Vec::new()).await?;
        let run = "const done = arguments[0]; axe.run(document, { resultTypes: ['violations'] })\
            .then(result => done(result.violations.flatMap(violation => violation.nodes.map(node => \
                violation.id + ': ' + node.target.join(' ') + ': ' + node.failureSummary))), \
                  error => done(['axe-core failed: ' + error]));";
        let found = self.client.execute_async(run, Vec::new()).await?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(found
            .as_array()
            .map(|found| found.iter().map(text).collect())
            .unwrap_or_default())
    }

    /// Runs a command of the browser's developer protocol, such as `Page.captureScreenshot`.
    pub async fn cdp(&self, method: &'static str, params: Value) -> Result<Value, BrowserError> {
        Ok(self.client.issue_cmd(Cdp { method, params }).await?)
    }

    /// Ends the browser.
    pub async fn close(self) -> Result<(), BrowserError> {
        self.client.clone().close().await?;
        drop(self.processes);
        Ok(())
    }
}

/// The folder that screenshots go to.
pub fn artefacts() -> PathBuf {
    if let Some(folder) = std::env::var_os("KEYFOLD_ARTEFACTS") {
        return folder.into();
    }
    // Tests run in their package's folder; the workspace's target folder is the one above that has a lock file.
    let here = std::env::current_dir().unwrap_or_default();
    let root = here
        .ancestors()
        .find(|folder| folder.join("Cargo.lock").exists())
        .unwrap_or(&here);
    root.join("target").join("artefacts")
}

/// The driver in a process group of its own, and the browser that it started.
#[derive(Debug)]
struct Processes {
    driver: Child,
    browser: Option<Pid>,
    profile: TempDir,
}

impl Processes {
    async fn start(driver: &Path, profile: TempDir) -> Result<(Self, u16), BrowserError> {
        let mut child = Command::new(driver)
            // The driver chooses a free port and says which.
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| BrowserError::Driver(error.to_string()))?;
        let output = child.stdout.take();
        let processes = Self {
            driver: child,
            browser: None,
            profile,
        };
        let Some(output) = output else {
            return Err(BrowserError::Driver("its output cannot be read".into()));
        };
        let mut lines = BufReader::new(output).lines();
        let port = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some((_, port)) = line.split_once("started successfully on port ") {
                    return port.trim_end_matches('.').parse().ok();
                }
            }
            None
        };
        let port = tokio::time::timeout(Duration::from_secs(20), port).await;
        let port = port
            .ok()
            .flatten()
            .ok_or_else(|| BrowserError::Driver("it did not say its port within 20 s".into()))?;
        // The rest of its output is read away, so that it never blocks on a full pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok((processes, port))
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        // What has ended already cannot be killed, and that is fine.
        if let Some(browser) = self.browser {
            let _ = rustix::process::kill_process(browser, Signal::KILL);
        }
        if let Some(driver) = self
            .driver
            .id()
            .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?))
        {
            let _ = rustix::process::kill_process_group(driver, Signal::KILL);
        }
    }
}

fn as_pid(value: &Value) -> Option<Pid> {
    Pid::from_raw(i32::try_from(value.as_i64()?).ok()?)
}

fn program(variable: &str, name: &'static str, places: &[&str]) -> Result<PathBuf, BrowserError> {
    if let Some(path) = std::env::var_os(variable) {
        return Ok(path.into());
    }
    let found = places.iter().map(PathBuf::from).find(|path| path.exists());
    found.ok_or(BrowserError::Missing { program: name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_browser_names_the_packages() {
        let error = program("KEYFOLD_TEST_UNSET", "chromium", &["/nowhere/chromium"]).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("no chromium"), "{text}");
        assert!(
            text.contains("apt-get install -y chromium chromium-driver"),
            "{text}"
        );
    }
}
