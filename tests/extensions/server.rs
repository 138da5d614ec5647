//! A program like the product's own, whose server has long tools: what `restarts` starts, kills and starts again.
//! `long-server http --port PORT --data-dir DIR [--config FILE]`

use std::path::PathBuf;
use std::process::ExitCode;

use common::bootstrap::{self, Command, HttpFlags, Options, Program, ServerEntry};
use tests::long_tools;

const SERVER: ServerEntry = ServerEntry {
    name: "long",
    default_config: "",
    sections: Vec::new,
    migrations: None,
    build: |_, _| Ok(long_tools::server()),
};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    let flag = |name: &str| words.iter().skip_while(|word| *word != name).nth(1).cloned();
    let options = Options {
        data_dir: flag("--data-dir").map(PathBuf::from),
        config: flag("--config").map(PathBuf::from),
        ..Options::default()
    };
    let flags = HttpFlags { port: flag("--port").and_then(|port| port.parse().ok()), ..HttpFlags::default() };
    bootstrap::run(
        &Program { servers: &[SERVER], peers: &[], left_out: &[], companions: &[], is_part_of_suite: false },
        &options,
        Command::Http(flags),
    )
}
