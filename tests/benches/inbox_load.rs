//! Load on the inbox: signed webhooks of about 1 kB over keep-alive connections, each another event, answered once they
//! are committed.
//!
//! `cargo bench -p tests --bench inbox_load -- --calls 100000 --connections 64`, over a release build of the program
//! (`cargo build --release -p mcp-orchestrator`). Prints the machine's load too: figures of a busy one say little.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use tests::binary;
use tests::load::{self, Figures, Options};
use tests::load_server::LoadServer;

const SECRET: &str = "load";

fn main() {
    let program = binary::path("mcp-orchestrator");
    let command =
        format!("{} http --port {{port}} --data-dir {{data}} --config {{data}}/settings.toml", program.display());
    let options = Options::from_command_line(&[("mcp-orchestrator", &command)]);
    println!("{} events per line, {} connections, load average {}", options.calls, options.connections, load_average());
    println!("{}", Figures::HEADER);
    let pair = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).expect("a seed");
    for (label, command) in &options.servers {
        for (name, signer) in [("HMAC-SHA256", Signer::Hmac), ("Ed25519", Signer::Ed25519(&pair))] {
            let data = tempfile::tempdir().expect("a temporary folder");
            std::fs::write(data.path().join("settings.toml"), settings(&pair)).expect("settings");
            let server = LoadServer::start(command, data.path());
            let requests = signer.requests(server.address(), options.calls, options.connections);
            let figures = run(&server, requests);
            println!("{}", figures.row(&format!("{label}, {name}, {}", options.connections)));
            let memory = load::memory(server.process());
            println!(
                "{label}: resident {:.1} MiB after the events, {:.1} MiB at most; load average {}",
                memory.resident_mib,
                memory.highest_mib,
                load_average()
            );
        }
    }
}

fn settings(pair: &Ed25519KeyPair) -> String {
    format!(
        "[[orchestrator.sources]]\nname = \"hmac\"\nkind = \"hmac\"\nsecret = \"{SECRET}\"\n\
         [[orchestrator.sources]]\nname = \"ghl\"\nkind = \"gohighlevel\"\nsecret = \"{}\"\n",
        STANDARD.encode(pair.public_key())
    )
}

fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

enum Signer<'a> {
    Hmac,
    Ed25519(&'a Ed25519KeyPair),
}

impl Signer<'_> {
    /// Signed beforehand, so that the sender's share of the processor stays small: a list for each connection.
    fn requests(&self, address: SocketAddr, calls: usize, connections: usize) -> Vec<Vec<Vec<u8>>> {
        let of_one = |connection: usize| {
            (0..calls / connections).map(|number| self.request(address, connection, number)).collect()
        };
        (0..connections).map(of_one).collect()
    }

    fn request(&self, address: SocketAddr, connection: usize, number: usize) -> Vec<u8> {
        let body = format!(
            r#"{{"type":"ContactCreate","locationId":"ve9EPM428h8vShlRW1KT","webhookId":"{connection}-{number}","email":"ada@example.com","note":"{}"}}"#,
            "x".repeat(880)
        );
        let (source, name, value) = match self {
            Self::Hmac => {
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
                let tag = hex::encode(ring::hmac::sign(&key, body.as_bytes()));
                ("hmac", "X-Hub-Signature-256", format!("sha256={tag}"))
            }
            Self::Ed25519(pair) => ("ghl", "X-GHL-Signature", STANDARD.encode(pair.sign(body.as_bytes()))),
        };
        format!(
            "POST /webhooks/{source}/local HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n{name}: {value}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }
}

/// Every connection sends its list, one after the other.
fn run(server: &LoadServer, requests: Vec<Vec<Vec<u8>>>) -> Figures {
    let processor = load::processor_time(server.process());
    let began = Instant::now();
    let latencies = std::thread::scope(|scope| {
        let sending: Vec<_> = requests.into_iter().map(|list| scope.spawn(|| send(server.address(), list))).collect();
        sending.into_iter().flat_map(|sending| sending.join().expect("no event is refused")).collect()
    });
    let elapsed = began.elapsed();
    Figures::new(latencies, elapsed, load::processor_time(server.process()).saturating_sub(processor))
}

fn send(address: SocketAddr, requests: Vec<Vec<u8>>) -> Vec<Duration> {
    let stream = TcpStream::connect(address).expect("the server accepts");
    stream.set_nodelay(true).expect("TCP_NODELAY is supported");
    let mut stream = BufReader::new(stream);
    let mut latencies = Vec::with_capacity(requests.len());
    for request in requests {
        let began = Instant::now();
        stream.get_mut().write_all(&request).expect("the server reads");
        let (mut line, mut length) = (String::new(), 0);
        stream.read_line(&mut line).expect("the server answers");
        assert!(line.starts_with("HTTP/1.1 200"), "{line}");
        while line.trim_end() != "" {
            line.clear();
            stream.read_line(&mut line).expect("a header");
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().expect("a length");
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).expect("a body");
        latencies.push(began.elapsed());
        assert!(body.windows(17).any(|window| window == br#""duplicate":false"#), "each event is another one");
    }
    latencies
}
