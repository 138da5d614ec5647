//! Writes the catalogue's files from the vendor's specifications: `catalogue-writer V3.json V2.json mcp-ghl/catalogue`.
//!
//! Summaries, access classes and paging of operations that are embedded already stay as they are.

use std::path::PathBuf;
use std::process::ExitCode;

use mcp_ghl::catalogue::Catalogue;

fn main() -> ExitCode {
    let mut arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let Some(folder) = arguments.pop().filter(|folder| folder.is_dir()) else {
        eprintln!("usage: catalogue-writer SPECIFICATION.json… FOLDER");
        return ExitCode::FAILURE;
    };
    let files = match Catalogue::files(arguments) {
        Ok(files) => files,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    for (name, text) in &files {
        std::fs::write(folder.join(name), text).expect("the folder can be written to");
    }
    println!("{} files, {} bytes", files.len(), files.values().map(String::len).sum::<usize>());
    ExitCode::SUCCESS
}
