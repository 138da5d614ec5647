//! Other servers of the suite that run as programs of their own: found beside this one, or on the PATH.

use std::path::{Path, PathBuf};

use crate::bootstrap::{Options, own_path};
use crate::peer::{PeerSettings, PeersSettings};

/// A server that a program calls although it is another program.
#[derive(Debug, Clone, Copy)]
pub struct Companion {
    /// What it is called: `ghl`.
    pub name: &'static str,
    /// Its program: `mcp-ghl`.
    pub program: &'static str,
}

/// Adds the companions that are installed, unless the settings have a server of that name. They work on the same state;
/// their settings are their own, since a settings file may hold sections that they do not know.
pub(super) fn add(settings: &mut PeersSettings, companions: &[Companion], options: &Options) {
    for companion in companions {
        let is_set = settings.servers.iter().any(|server| server.name == companion.name);
        let found = (!is_set).then(|| find(companion.program)).flatten();
        if let Some(path) = found {
            settings.servers.push(PeerSettings {
                name: companion.name.to_owned(),
                command: Some(path.display().to_string()),
                args: args(options),
                allow: vec!["*".to_owned()],
                suite: true,
                ..PeerSettings::default()
            });
        }
    }
}

fn args(options: &Options) -> Vec<String> {
    let mut args = vec!["stdio".to_owned()];
    if let Some(folder) = &options.data_dir {
        let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
        args.extend(["--data-dir".to_owned(), absolute.display().to_string()]);
    }
    args.extend(["--toolsets".to_owned(), "all".to_owned()]);
    if options.read_only {
        args.push("--read-only".to_owned());
    }
    args
}

fn find(program: &str) -> Option<PathBuf> {
    let own = own_path();
    let beside = own.parent().map(Path::to_owned);
    let on_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default();
    let folders = beside.into_iter().chain::<Vec<PathBuf>>(on_path);
    let files = folders.filter(|folder| folder.is_absolute()).map(|folder| folder.join(program));
    files.map(|file| file.with_extension(std::env::consts::EXE_EXTENSION)).find(|file| file.is_file())
}
