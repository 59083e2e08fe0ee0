//! `keyfold up`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::{keyfold, text};

struct Up {
    child: Child,
    said: String,
}

impl Up {
    fn start(args: &[&str]) -> Self {
        let mut child = keyfold(args).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut said = String::new();
        while !said.contains("Ctrl-C") {
            said += &lines
                .next()
                .unwrap_or_else(|| panic!("it ended: {said}"))
                .unwrap();
            said.push('\n');
        }
        Self { child, said }
    }

    fn stop(&mut self, signal: Signal) -> ExitStatus {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begin.elapsed() < Duration::from_secs(5), "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// The first URL in the line that begins with `name`.
    fn url(&self, name: &str) -> String {
        let line = self
            .said
            .lines()
            .find(|line| line.trim_start().starts_with(name));
        let line = line.unwrap_or_else(|| panic!("no {name} in {}", self.said));
        line.split_whitespace()
            .find(|word| word.starts_with("http"))
            .unwrap()
            .to_owned()
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Status line and body of a GET.
fn get(url: &str) -> String {
    let (host, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap_or((&url[7..], ""));
    let mut stream = TcpStream::connect(host).unwrap();
    write!(
        stream,
        "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// A base with which nothing is taken: both ports are free now, and nobody else is given ports this low.
fn free_base() -> u16 {
    let mut base = 20_000 + u16::try_from(std::process::id() % 5_000).unwrap();
    loop {
        let both = [base + 1, base + 600].map(|port| TcpListener::bind(("127.0.0.1", port)));
        if both.iter().all(Result::is_ok) {
            return base;
        }
        base += 7;
    }
}

fn args<'a>(folder: &'a Path, base: &'a str) -> [&'a str; 5] {
    [
        "up",
        "--data",
        folder.to_str().unwrap(),
        "--port-base",
        base,
    ]
}

#[test]
fn it_says_what_to_open_and_that_answers_and_finds_its_data_again() {
    let folder = tempfile::tempdir().unwrap();
    let base = free_base();
    let base_text = base.to_string();
    for signal in [Signal::INT, Signal::TERM] {
        let mut up = Up::start(&args(folder.path(), &base_text));
        assert_eq!(
            up.url("GenuProof"),
            format!("http://127.0.0.1:{}", base + 1)
        );
        assert_eq!(
            up.url("DynamoDB"),
            format!("http://127.0.0.1:{}", base + 600)
        );
        let certificate = get(&up.url("verify a product"));
        assert!(certificate.starts_with("HTTP/1.1 200") && certificate.contains("Authentic"));
        let json = up.said.split('\'').nth(1).unwrap();
        assert!(get(json).contains("\"authentic\":true"));
        assert!(get(&up.url("DynamoDB")).contains("healthy"));

        let busy = keyfold(&["up", "--memory", "--port-base", &base_text])
            .output()
            .unwrap();
        assert_eq!(busy.status.code(), Some(3));
        let error = text(&busy.stderr);
        assert!(
            error.contains("in use") && error.contains("--port-base"),
            "{error}"
        );

        let elsewhere = free_base().to_string();
        let held = keyfold(&args(folder.path(), &elsewhere)).output().unwrap();
        assert_eq!(held.status.code(), Some(3));
        let error = text(&held.stderr);
        assert!(error.contains("is held by process"), "{error}");

        assert_eq!(up.stop(signal).code(), Some(0));
    }
}
