//! What the load drivers share: their arguments, what the kernel says about a process, and percentiles.

use std::time::Duration;

use serde_json::Value;

/// Clock ticks per second in `/proc/PID/stat`: `USER_HZ`, 100 on every mainstream Linux architecture (proc(5)).
const TICKS_PER_SECOND: u32 = 100;

/// What a driver runs, from its command line.
#[derive(Debug)]
pub struct Options {
    /// `--server label=command line`, repeatable. `{data}` is a fresh folder, `{port}` a free port.
    pub servers: Vec<(String, Vec<String>)>,
    /// `--tool name`; default `get_account_context`.
    pub tool: String,
    /// `--arguments json`; default `{}`.
    pub arguments: Value,
    /// `--calls n` per figure; default 20,000.
    pub calls: usize,
    /// `--connections n`, for HTTP; default 8.
    pub connections: usize,
}

impl Options {
    /// Reads the command line; `servers` is used where it names none.
    ///
    /// # Panics
    /// If the command line cannot be understood.
    #[must_use]
    pub fn from_command_line(servers: &[(&str, &str)]) -> Self {
        let mut options = Self {
            servers: Vec::new(),
            tool: "get_account_context".to_owned(),
            arguments: serde_json::json!({}),
            calls: 20_000,
            connections: 8,
        };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let mut value = || words.next().unwrap_or_else(|| panic!("`{word}` wants a value"));
            match word.as_str() {
                // `cargo bench` says so to every bench.
                "--bench" => {}
                "--server" => options.servers.push(labelled(&value())),
                "--tool" => options.tool = value(),
                "--arguments" => options.arguments = value().parse().expect("the arguments are JSON"),
                "--calls" => options.calls = value().parse().expect("a number of calls"),
                "--connections" => options.connections = value().parse().expect("a number of connections"),
                _ => panic!("unknown argument `{word}`"),
            }
        }
        if options.servers.is_empty() {
            options.servers = servers.iter().map(|(label, command)| (*label, *command)).map(owned).collect();
        }
        options
    }
}

fn labelled(text: &str) -> (String, Vec<String>) {
    owned(text.split_once('=').unwrap_or_else(|| panic!("`--server` wants label=command, not `{text}`")))
}

fn owned((label, command): (&str, &str)) -> (String, Vec<String>) {
    (label.to_owned(), command.split_whitespace().map(str::to_owned).collect())
}

/// Processor time that a process has used so far, in user and kernel mode, over all its threads.
///
/// # Panics
/// If the process has ended, or this is not Linux.
#[must_use]
pub fn processor_time(process: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("the process runs, on Linux");
    // The second field is the name in parentheses and may hold spaces; utime and stime are fields 14 and 15.
    let fields: Vec<&str> = stat.rsplit_once(')').expect("a name in parentheses").1.split_whitespace().collect();
    let ticks: u32 = fields[11..13].iter().map(|ticks| ticks.parse::<u32>().expect("a number of ticks")).sum();
    Duration::from_secs(1) * ticks / TICKS_PER_SECOND
}

/// Resident memory of a process, in MiB: now, and at its highest.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    pub resident_mib: f64,
    pub highest_mib: f64,
}

/// What `/proc/PID/status` says about a process's memory.
///
/// # Panics
/// If the process has ended, or this is not Linux.
#[must_use]
pub fn memory(process: u32) -> Memory {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("the process runs, on Linux");
    let mib = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key)).expect("the kernel reports it");
        line.split_whitespace().next().and_then(|kib| kib.parse::<f64>().ok()).expect("a number of KiB") / 1024.0
    };
    Memory { resident_mib: mib("VmRSS:"), highest_mib: mib("VmHWM:") }
}

/// What a run of calls took.
#[derive(Debug)]
pub struct Figures {
    latencies: Vec<Duration>,
    elapsed: Duration,
    processor: Duration,
}

impl Figures {
    /// # Panics
    /// If there are no latencies.
    #[must_use]
    pub fn new(mut latencies: Vec<Duration>, elapsed: Duration, processor: Duration) -> Self {
        assert!(!latencies.is_empty(), "nothing was measured");
        latencies.sort_unstable();
        Self { latencies, elapsed, processor }
    }

    /// One line of the table that [`Figures::HEADER`] heads.
    #[must_use]
    pub fn row(&self, name: &str) -> String {
        let calls = self.latencies.len() as f64;
        format!(
            "{name:<34} {:>9.0} {:>8.3} {:>8.3} {:>12.1}",
            calls / self.elapsed.as_secs_f64(),
            milliseconds(percentile(&self.latencies, 50)),
            milliseconds(percentile(&self.latencies, 99)),
            self.processor.as_secs_f64() * 1e6 / calls,
        )
    }

    pub const HEADER: &str = "server, era, depth                   calls/s   p50 ms   p99 ms  CPU µs/call";
}

/// The value below which `percent` of the sorted values lie.
#[must_use]
pub fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}

#[must_use]
pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
