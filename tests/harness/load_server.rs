//! A server of its own process, over HTTP, for the load figures.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a server may take until it is healthy.
const START_LIMIT: Duration = Duration::from_secs(20);

/// A process that listens on a loopback port; ended when it is dropped.
#[derive(Debug)]
pub struct LoadServer {
    child: Child,
    address: SocketAddr,
}

impl LoadServer {
    /// Starts a command in which `{port}` and `{data}` stand for a free port and the data folder, and waits for it to be
    /// healthy.
    ///
    /// # Panics
    /// If it does not become healthy in time.
    #[must_use]
    pub fn start(command: &[String], data: &Path) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
        let address = free.local_addr().expect("a bound listener has an address");
        drop(free);
        let (port, data) = (address.port().to_string(), data.display().to_string());
        let mut words = command.iter().map(|word| word.replace("{data}", &data).replace("{port}", &port));
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).env("HOME", &data);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("the server starts");
        let server = Self { child, address };
        let began = Instant::now();
        while !server.is_healthy() {
            assert!(began.elapsed() < START_LIMIT, "the server does not become healthy");
            std::thread::sleep(Duration::from_millis(5));
        }
        server
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Id of its process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    fn is_healthy(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(self.address) else { return false };
        let request = format!("GET /health HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        let mut answer = String::new();
        stream.write_all(request.as_bytes()).is_ok()
            && stream.read_to_string(&mut answer).is_ok()
            && answer.starts_with("HTTP/1.1 200")
    }
}

impl Drop for LoadServer {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
