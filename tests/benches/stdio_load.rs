//! Load over stdio: cold start beside the official TypeScript server, memory, processor time per call, latency.
//!
//! `cargo bench -p tests --bench stdio_load -- --server "label=command line" --tool name --arguments '{}' --calls 20000`

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tests::load::{self, Figures, Options};
use tests::{binary, message, oracles};

/// Cold starts per server; the median of them counts.
const STARTS: usize = 21;

/// Calls in flight at once.
const DEPTHS: [usize; 2] = [1, 16];

fn main() {
    let ours = binary::path("mcp-ghl");
    let ours = format!("{} stdio --data-dir {{data}}", ours.display());
    let mut options = Options::from_command_line(&[("mcp-ghl", &ours)]);
    let script = oracles::workspace().join("tests/benches/ts_server.mjs");
    let typescript = [oracles::node(), script, oracles::folder(), (&options.tool).into()];
    let typescript = typescript.iter().map(|word| word.display().to_string()).collect();
    options.servers.push(("typescript sdk".to_owned(), typescript));
    measure_cold_starts(&options);
    measure_calls(&options);
}

fn measure_cold_starts(options: &Options) {
    println!("cold start, exec to `initialize` answered, {STARTS} runs each, in turn");
    println!("{:<34} {:>9} {:>8} {:>8}", "server", "median ms", "best ms", "worst ms");
    let mut times = vec![Vec::new(); options.servers.len()];
    for _ in 0..STARTS {
        for (times, (_, command)) in times.iter_mut().zip(&options.servers) {
            let data = tempfile::tempdir().expect("a temporary folder");
            let began = Instant::now();
            let mut server = Server::start(command, data.path());
            server.initialize();
            times.push(began.elapsed());
        }
    }
    for (times, (label, _)) in times.iter_mut().zip(&options.servers) {
        times.sort_unstable();
        let [median, best, worst] = [times[STARTS / 2], times[0], times[STARTS - 1]].map(load::milliseconds);
        println!("{label:<34} {median:>9.2} {best:>8.2} {worst:>8.2}");
    }
}

fn measure_calls(options: &Options) {
    println!("\n{} calls of `{}` per line", options.calls, options.tool);
    println!("{}", Figures::HEADER);
    for (label, command) in &options.servers {
        let data = tempfile::tempdir().expect("a temporary folder");
        let mut server = Server::start(command, data.path());
        server.initialize();
        server.expect_success(&options.tool, &options.arguments);
        let idle = load::memory(server.child.id());
        for era in [Era::Session, Era::Stateless] {
            if era == Era::Stateless && !server.is_stateless_too() {
                continue;
            }
            for depth in DEPTHS {
                let figures = server.run(era, depth, options);
                println!("{}", figures.row(&format!("{label}, {era:?}, {depth}")));
            }
        }
        let after = load::memory(server.child.id());
        println!(
            "{label}: resident {:.1} MiB idle, {:.1} MiB after the calls, {:.1} MiB at most\n",
            idle.resident_mib, after.resident_mib, after.highest_mib
        );
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Era {
    Session,
    Stateless,
}

/// The part of an answer that the driver looks at; the rest is skipped unread.
#[derive(Deserialize)]
struct Answer {
    id: Option<usize>,
    error: Option<IgnoredAny>,
}

struct Server {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

impl Server {
    fn start(command: &[String], data: &std::path::Path) -> Self {
        let data = data.display().to_string();
        let mut words = command.iter().map(|word| word.replace("{data}", &data));
        let mut command = Command::new(words.next().expect("a program"));
        command.args(words).env("HOME", &data);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the server starts");
        let stdin = child.stdin.take().expect("a pipe");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, stdin, stdout }
    }

    fn send(&mut self, message: &Value) {
        // In one piece, as clients write: formatted into the pipe, each key and quote would wake the server.
        let line = format!("{message}\n");
        self.stdin.write_all(line.as_bytes()).expect("the server reads");
    }

    fn receive(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("the server answers");
        assert!(!line.is_empty(), "the server has gone");
        line
    }

    fn ask(&mut self, message: &Value) -> Value {
        self.send(message);
        loop {
            let answer: Value = serde_json::from_str(&self.receive()).expect("an answer is JSON");
            if answer["id"] == message["id"] {
                return answer;
            }
        }
    }

    fn initialize(&mut self) {
        let answer = self.ask(&message::request(0, "initialize", message::initialize_params()));
        assert!(answer["result"].is_object(), "the server refuses to initialise: {answer}");
        self.send(&message::initialized());
    }

    /// Figures about failing calls would be worth nothing.
    fn expect_success(&mut self, tool: &str, arguments: &Value) {
        let answer = self.ask(&message::request(0, "tools/call", message::tool_call(tool, arguments)));
        assert!(answer["result"].is_object() && answer["result"]["isError"] != json!(true), "{answer}");
    }

    fn is_stateless_too(&mut self) -> bool {
        self.ask(&message::stateless_request(0, "server/discover", json!({})))["result"].is_object()
    }

    fn run(&mut self, era: Era, depth: usize, options: &Options) -> Figures {
        let params = message::tool_call(&options.tool, &options.arguments);
        let request = |id: usize| match era {
            Era::Session => message::request(id as u64, "tools/call", params.clone()),
            Era::Stateless => message::stateless_request(id as u64, "tools/call", params.clone()),
        };
        let processor = load::processor_time(self.child.id());
        let began = Instant::now();
        let mut sent: Vec<Instant> = Vec::with_capacity(options.calls);
        let mut latencies: Vec<Duration> = Vec::with_capacity(options.calls);
        while latencies.len() < options.calls {
            while sent.len() < options.calls && sent.len() - latencies.len() < depth {
                let request = request(sent.len());
                sent.push(Instant::now());
                self.send(&request);
            }
            let answer: Answer = serde_json::from_str(&self.receive()).expect("an answer is JSON");
            assert!(answer.error.is_none(), "a call failed under load");
            if let Some(id) = answer.id {
                latencies.push(sent[id].elapsed());
            }
        }
        Figures::new(latencies, began.elapsed(), load::processor_time(self.child.id()).saturating_sub(processor))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
