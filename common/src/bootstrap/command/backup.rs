//! `backup` and `restore`: everything that the servers keep, as one file.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::{Options, Program, print};
use crate::bootstrap::Assembly;
use crate::db::BackupReport;
use crate::error::{Error, ErrorCode, Result};

/// Flags of `backup` and `restore`.
#[derive(Debug, Clone, Args)]
pub struct BackupFile {
    /// The file: JSON Lines, readable by its owner alone
    file: PathBuf,
}

/// Copies every row as it is in this instant; servers may go on meanwhile.
pub(super) async fn back_up(program: &Program, options: &Options, flags: BackupFile) -> Result<ExitCode> {
    let Assembly { foundation, .. } = Assembly::new(program, options)?;
    // A backup that was cut off must not lie where a whole one is looked for.
    let partial = with_suffix(&flags.file, ".partial");
    if flags.file.exists() {
        return Err(not_created(&flags.file).with_hint("there is a file of that name: name another"));
    }
    let file = create(&partial).map_err(|source| not_created(&partial).with_source(source))?;
    let report = foundation.db.back_up(BufWriter::new(&file), foundation.clock.now_ms()).await;
    let kept = report.and_then(|report| {
        let moved = file.sync_all().and_then(|()| std::fs::rename(&partial, &flags.file));
        moved.map_err(|source| not_created(&flags.file).with_source(source))?;
        Ok(report)
    });
    if kept.is_err() {
        drop(std::fs::remove_file(&partial));
    }
    tell(&kept?)?;
    print("secrets are in it as they are kept: sealed. Their key is not; keep that too (`secrets status`)")?;
    Ok(ExitCode::SUCCESS)
}

/// Takes a backup into an empty database.
pub(super) async fn restore(program: &Program, options: &Options, flags: BackupFile) -> Result<ExitCode> {
    let Assembly { foundation, .. } = Assembly::new(program, options)?;
    let file = File::open(&flags.file).map_err(|source| {
        Error::new(ErrorCode::FailedPrecondition, format!("`{}` cannot be opened", flags.file.display()))
            .with_source(source)
    })?;
    tell(&foundation.db.restore(BufReader::new(file)).await?)?;
    Ok(ExitCode::SUCCESS)
}

fn tell(report: &BackupReport) -> Result<()> {
    for (table, rows) in &report.tables {
        print(&format!("{rows:>10} {table}"))?;
    }
    print(&format!("{:>10} rows in all", report.rows))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn create(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn not_created(path: &Path) -> Error {
    Error::new(ErrorCode::FailedPrecondition, format!("`{}` cannot be written", path.display()))
}
