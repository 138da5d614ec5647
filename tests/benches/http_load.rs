//! Load over HTTP: raw keep-alive sockets, both protocol eras, whichever form of answer the server is set to.
//!
//! `cargo bench -p tests --bench http_load -- --server "label=command line with {port} and {data}" --connections 8`

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::load::{self, Figures, Options};
use tests::load_server::LoadServer;
use tests::{binary, message};

/// Sessions that are opened and left open to weigh one.
const SESSIONS: usize = 200;

fn main() {
    let program = binary::path("mcp-ghl");
    let command = format!("{} http --port {{port}} --data-dir {{data}}", program.display());
    let streams = format!("env LUMINAR__SERVER__JSON_RESPONSES=false {command}");
    let options = Options::from_command_line(&[("mcp-ghl", &command), ("mcp-ghl, streams", &streams)]);
    println!("{} calls of `{}` per line, {} connections", options.calls, options.tool, options.connections);
    println!("{}", Figures::HEADER);
    for (label, command) in &options.servers {
        let data = tempfile::tempdir().expect("a temporary folder");
        let server = LoadServer::start(command, data.path());
        let idle = load::memory(server.process());
        for era in [Era::Session, Era::Stateless] {
            for connections in [1, options.connections] {
                let (form, figures) = run(&server, era, connections, &options);
                println!("{}", figures.row(&format!("{label}, {era:?}, {form}, {connections}")));
            }
        }
        let after = load::memory(server.process());
        let open: Vec<_> = (0..SESSIONS).map(|_| Connection::open(server.address(), Era::Session)).collect();
        let weight_kib = (load::memory(server.process()).resident_mib - after.resident_mib) * 1024.0 / SESSIONS as f64;
        drop(open);
        println!(
            "{label}: resident {:.1} MiB idle, {:.1} MiB after the calls, {:.1} MiB at most, {weight_kib:.0} KiB per open session\n",
            idle.resident_mib, after.resident_mib, after.highest_mib
        );
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Era {
    Session,
    Stateless,
}

/// Every connection does its share, one call after the other. Returns the form of the answers too.
fn run(server: &LoadServer, era: Era, connections: usize, options: &Options) -> (&'static str, Figures) {
    let mut open: Vec<_> = (0..connections).map(|_| Connection::open(server.address(), era)).collect();
    let form = open[0].expect_success(options);
    let share = options.calls / connections;
    let processor = load::processor_time(server.process());
    let began = Instant::now();
    let latencies = std::thread::scope(|scope| {
        let running: Vec<_> =
            open.iter_mut().map(|connection| scope.spawn(|| connection.run(share, options))).collect();
        running.into_iter().flat_map(|running| running.join().expect("no call fails")).collect()
    });
    (form, Figures::new(latencies, began.elapsed(), load::processor_time(server.process()).saturating_sub(processor)))
}

struct Answer {
    status: u16,
    session: Option<String>,
    is_stream: bool,
    body: String,
}

struct Connection {
    stream: BufReader<TcpStream>,
    address: SocketAddr,
    era: Era,
    session: Option<String>,
    last_id: u64,
}

impl Connection {
    fn open(address: SocketAddr, era: Era) -> Self {
        let stream = TcpStream::connect(address).expect("the server accepts");
        stream.set_nodelay(true).expect("TCP_NODELAY is supported");
        let mut connection = Self { stream: BufReader::new(stream), address, era, session: None, last_id: 0 };
        if era == Era::Session {
            let answer =
                connection.post(&message::request(0, "initialize", message::initialize_params()), "initialize");
            assert_eq!(answer.status, 200, "the server refuses to initialise: {}", answer.body);
            connection.session = answer.session;
            connection.post(&message::initialized(), "notifications/initialized");
        }
        connection
    }

    fn run(&mut self, calls: usize, options: &Options) -> Vec<Duration> {
        let mut latencies = Vec::with_capacity(calls);
        for _ in 0..calls {
            let began = Instant::now();
            let answer = self.call(options);
            latencies.push(began.elapsed());
            assert!(answer.status == 200 && !answer.body.contains("\"error\":{"), "a call failed: {}", answer.body);
        }
        latencies
    }

    /// Figures about failing calls would be worth nothing.
    fn expect_success(&mut self, options: &Options) -> &'static str {
        let answer = self.call(options);
        let frames = answer.body.lines().map(|line| line.strip_prefix("data:").unwrap_or(line).trim());
        let results: Vec<Value> = frames.filter_map(|frame| serde_json::from_str(frame).ok()).collect();
        let succeeded =
            results.iter().any(|frame| frame["result"].is_object() && frame["result"]["isError"] != json!(true));
        assert!(succeeded, "the call fails with HTTP {}: {}", answer.status, answer.body);
        if answer.is_stream { "SSE" } else { "JSON" }
    }

    fn call(&mut self, options: &Options) -> Answer {
        self.last_id += 1;
        let params = message::tool_call(&options.tool, &options.arguments);
        let request = match self.era {
            Era::Session => message::request(self.last_id, "tools/call", params),
            Era::Stateless => message::stateless_request(self.last_id, "tools/call", params),
        };
        self.post(&request, &options.tool)
    }

    /// `name` is what MCP 2026-07-28 wants in `Mcp-Name`.
    fn post(&mut self, message: &Value, name: &str) -> Answer {
        let body = message.to_string();
        let own = match (self.era, &self.session) {
            (Era::Session, Some(session)) => {
                format!("Mcp-Session-Id: {session}\r\nMCP-Protocol-Version: {}\r\n", message::SESSION_REVISION)
            }
            (Era::Session, None) => String::new(),
            (Era::Stateless, _) => format!(
                "MCP-Protocol-Version: {}\r\nMcp-Method: tools/call\r\nMcp-Name: {name}\r\n",
                message::STATELESS_REVISION
            ),
        };
        let request = format!(
            "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n{own}Content-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes()).expect("the server reads");
        self.receive()
    }

    fn receive(&mut self) -> Answer {
        let status = self.line();
        let status = status.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status line");
        let mut answer = Answer { status, session: None, is_stream: false, body: String::new() };
        let (mut length, mut is_chunked) = (0, false);
        loop {
            let line = self.line();
            let Some((name, value)) = line.split_once(':') else { break };
            match (name.to_ascii_lowercase().as_str(), value.trim()) {
                ("content-length", value) => length = value.parse().expect("a length"),
                ("transfer-encoding", value) => is_chunked = value == "chunked",
                ("content-type", value) => answer.is_stream = value.starts_with("text/event-stream"),
                ("mcp-session-id", value) => answer.session = Some(value.to_owned()),
                _ => {}
            }
        }
        answer.body = if is_chunked { self.chunks() } else { self.bytes(length) };
        answer
    }

    fn chunks(&mut self) -> String {
        let mut body = String::new();
        loop {
            let length = usize::from_str_radix(&self.line(), 16).expect("a chunk's length");
            body.push_str(&self.bytes(length));
            self.line();
            if length == 0 {
                return body;
            }
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("the server answers");
        assert!(!line.is_empty(), "the server has closed the connection");
        line.trim_end().to_owned()
    }

    fn bytes(&mut self, length: usize) -> String {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes).expect("the server answers");
        String::from_utf8(bytes).expect("the answer is UTF-8")
    }
}
