//! Amazon's `DynamoDB` Local, of January 2020: a Java process on a free port, for as long as the
//! value lives.

use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub struct Local {
    process: Child,
    port: u16,
}

impl Local {
    pub fn start() -> Self {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let folder = target.join("clients/dynamodb-local");
        assert!(
            folder.join("installed-from").exists(),
            "no DynamoDB Local in {}\nhint: `cargo xtask test` installs what the tests need; after that `cargo test` finds it",
            folder.display()
        );
        // It takes no port 0. Should somebody else take this one meanwhile, it ends and says so.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let started = Command::new("java")
            .current_dir(&folder)
            .args(["-Xmx512m", "-Djava.library.path=DynamoDBLocal_lib"])
            .args(["-jar", "DynamoDBLocal.jar", "-inMemory"])
            .args(["-port", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let process = started.unwrap_or_else(|error| {
            panic!("java does not start: {error}\nhint: `cargo xtask test` installs what the tests need: apt-get install -y default-jre-headless")
        });
        let mut local = Self { process, port };
        local.wait();
        local
    }

    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn wait(&mut self) {
        let since = Instant::now();
        while since.elapsed() < Duration::from_mins(1) {
            if let Some(status) = self.process.try_wait().unwrap() {
                panic!("DynamoDB Local ended with {status} before it listened");
            }
            if let Ok(mut socket) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) {
                // It logs a connection that says nothing.
                let _ = socket.write_all(b"GET / HTTP/1.0\r\n\r\n");
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("DynamoDB Local did not listen within a minute");
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
