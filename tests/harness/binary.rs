//! The programs under test, as `tests/run` built them beside this test.

use std::path::PathBuf;

/// The path of a program of the workspace, from the same build folder and profile as the running test.
///
/// # Panics
/// If it has not been built.
#[must_use]
pub fn path(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    // target/<profile>/deps/<test>
    let profile = test.ancestors().nth(2).expect("tests lie in target/<profile>/deps");
    let program = profile.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(
        program.is_file(),
        "{} is not built: run `cargo build --workspace --bins`, or `tests/run`",
        program.display()
    );
    program
}
