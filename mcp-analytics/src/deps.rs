//! What tools are given.

use std::path::PathBuf;

use common::clock::Clock;
use common::db::Db;
use common::http::HttpClient;
use common::peer::Peers;

use crate::settings::Settings;

/// The way to data sets and what is made of them.
#[derive(Debug)]
pub(crate) struct Deps {
    pub(crate) clock: Clock,
    pub(crate) db: Db,
    pub(crate) http: HttpClient,
    pub(crate) peers: Peers,
    pub(crate) settings: Settings,
    /// Where state lives.
    pub(crate) data_dir: PathBuf,
}
