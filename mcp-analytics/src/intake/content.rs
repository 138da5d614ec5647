//! Where a table comes from: text in the call, a file in a folder that may be read, or an address.

use std::fs::File;
use std::io::{BufWriter, Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use common::clock::time_ordered_uuid;
use common::error::{Error, ErrorCode, Result};
use common::http::HttpRequest;
use common::tenant::TenantId;
use common::tool::Call;
use futures_util::StreamExt;
use http::{Method, StatusCode};
use serde::Serialize;
use url::Url;

use crate::deps::Deps;

/// The folder in the data folder that files are imported from.
const IMPORTS: &str = "imports";

/// The folder in the data folder where what is downloaded lies until it is read.
const DOWNLOADS: &str = "downloads";

/// One of the ways in which a table can be given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SourceArgs<'a> {
    pub(crate) file: Option<&'a str>,
    pub(crate) text: Option<&'a str>,
    pub(crate) url: Option<&'a str>,
}

/// Bytes that can be read more than once. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Text(Bytes),
    File(PathBuf),
    /// Removed with its last clone.
    Download(Arc<Download>),
}

/// A file that somebody else's server gave us.
#[derive(Debug)]
pub(crate) struct Download {
    path: PathBuf,
    host: String,
    /// The last part of its address, for its extension.
    name: String,
}

impl Drop for Download {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(error = %error, "a downloaded file could not be removed");
        }
    }
}

impl Content {
    /// Brings it here.
    ///
    /// # Errors
    /// `invalid_argument` unless one source is given; `not_found` if there is no such file where files may be read;
    /// `failed_precondition` if it is too large; those of the way out.
    pub(crate) async fn fetch(deps: &Deps, call: &Call, source: SourceArgs<'_>) -> Result<Self> {
        match (source.file, source.text, source.url) {
            (Some(file), None, None) => find(deps, call.tenant(), file),
            (None, Some(text), None) => Ok(Self::Text(Bytes::copy_from_slice(text.as_bytes()))),
            (None, None, Some(url)) => download(deps, call, url).await,
            _ => {
                let problem = "none or several of `file`, `text` and `url` are given";
                Err(Error::invalid_argument("file", problem, "one of them", Some("\"orders.csv\"")))
            }
        }
    }

    /// Where it came from, in few words and without secrets.
    pub(crate) fn origin(&self) -> String {
        match self {
            Self::Text(_) => "text".to_owned(),
            Self::File(path) => format!("file {}", path.file_name().unwrap_or_default().to_string_lossy()),
            Self::Download(download) => format!("{} {}", download.host, download.name),
        }
    }

    /// What its name ends in, in lower case.
    pub(crate) fn extension(&self) -> String {
        let name = match self {
            Self::Text(_) => return String::new(),
            Self::File(path) => path.as_path(),
            Self::Download(download) => Path::new(&download.name),
        };
        name.extension().unwrap_or_default().to_string_lossy().to_lowercase()
    }

    /// The bytes from the beginning.
    pub(crate) fn read(&self) -> Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Text(bytes) => Box::new(Cursor::new(bytes.clone())),
            Self::File(path) => Box::new(File::open(path).map_err(unreadable)?),
            Self::Download(download) => Box::new(File::open(&download.path).map_err(unreadable)?),
        })
    }

    /// The file that it is; none for text.
    pub(crate) fn file(&self) -> Result<Option<File>> {
        match self {
            Self::Text(_) => Ok(None),
            Self::File(path) => File::open(path).map(Some).map_err(unreadable),
            Self::Download(download) => File::open(&download.path).map(Some).map_err(unreadable),
        }
    }
}

/// A file in one of the folders, whatever links say.
fn find(deps: &Deps, tenant: &TenantId, file: &str) -> Result<Content> {
    let settings = &deps.settings.imports;
    let configured = settings.folders.iter().cloned();
    let usual = settings.folders.is_empty().then(|| deps.data_dir.join(IMPORTS));
    // The local tenant is whoever operates this installation.
    let of_tenant = |folder: PathBuf| if *tenant == TenantId::local() { folder } else { folder.join(tenant.as_str()) };
    let folders = configured.chain(usual).map(of_tenant);
    let found = folders.filter_map(|folder| folder.canonicalize().ok()).find_map(|folder| {
        let path = folder.join(file).canonicalize().ok()?;
        (path.starts_with(&folder) && path.is_file()).then_some(path)
    });
    let path = found.ok_or_else(|| {
        Error::new(ErrorCode::NotFound, "there is no such file where files may be imported from")
            .with_hint("put it into the folder `imports` in the data folder, or a folder of `analytics.imports.folders`; or give text or url")
    })?;
    let size = path.metadata().map_err(unreadable)?.len();
    if size > settings.file_bytes_max { Err(too_large(settings.file_bytes_max)) } else { Ok(Content::File(path)) }
}

async fn download(deps: &Deps, call: &Call, url: &str) -> Result<Content> {
    let parsed: Url = url.parse().map_err(|_| {
        Error::invalid_argument("url", "is no address", "an https address", Some("\"https://example.com/orders.csv\""))
    })?;
    let name = parsed.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default().to_owned();
    let host = parsed.host_str().unwrap_or_default().to_owned();
    let mut request = HttpRequest::new(Method::GET, parsed);
    request.cancel = Some(call.cancel.clone());
    let mut answer = deps.http.open(call.tenant(), request).await?;
    if answer.status != StatusCode::OK {
        let message = format!("`{host}` answered {} instead of the file", answer.status.as_u16());
        return Err(Error::new(ErrorCode::UpstreamRejected, message)
            .with_hint("give the address that the file itself has: redirects are not followed"));
    }
    let (mut file, download) = scratch(deps, host, name)?;
    let mut bytes = 0_u64;
    while let Some(chunk) = answer.body.next().await {
        let chunk = chunk?;
        bytes = bytes.saturating_add(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
        if bytes > deps.settings.imports.file_bytes_max {
            return Err(too_large(deps.settings.imports.file_bytes_max));
        }
        file.write_all(&chunk).map_err(unwritable)?;
    }
    file.flush().map_err(unwritable)?;
    Ok(Content::Download(Arc::new(download)))
}

/// A new file for what comes from elsewhere; it goes with the value, whatever happens.
fn scratch(deps: &Deps, host: String, name: String) -> Result<(File, Download)> {
    let folder = deps.data_dir.join(DOWNLOADS);
    std::fs::create_dir_all(&folder).map_err(unwritable)?;
    let path = folder.join(time_ordered_uuid(deps.clock.now_ms()).simple().to_string());
    let file = private_file(&path).map_err(unwritable)?;
    Ok((file, Download { path, host, name }))
}

/// JSON Lines that are written record by record, such as pages of a peer.
#[derive(Debug)]
pub(crate) struct Scroll {
    file: BufWriter<File>,
    download: Download,
    pub(crate) lines: u64,
}

impl Scroll {
    /// An empty one; `origin` is where its records come from, in few words.
    ///
    /// # Errors
    /// `failed_precondition` if the data folder cannot be written to.
    pub(crate) fn new(deps: &Deps, origin: &str) -> Result<Self> {
        let (file, download) = scratch(deps, origin.to_owned(), "records.jsonl".to_owned())?;
        Ok(Self { file: BufWriter::new(file), download, lines: 0 })
    }

    /// Adds a record.
    ///
    /// # Errors
    /// As [`Scroll::new`].
    pub(crate) fn write(&mut self, record: &impl Serialize) -> Result<()> {
        serde_json::to_writer(&mut self.file, record).map_err(|source| unwritable(source.into()))?;
        self.file.write_all(b"\n").map_err(unwritable)?;
        self.lines += 1;
        Ok(())
    }

    /// All of it, to be read.
    ///
    /// # Errors
    /// As [`Scroll::new`].
    pub(crate) fn finish(mut self) -> Result<Content> {
        self.file.flush().map_err(unwritable)?;
        Ok(Content::Download(Arc::new(self.download)))
    }
}

/// A new file that its owner alone can read.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn too_large(bytes_max: u64) -> Error {
    Error::new(ErrorCode::FailedPrecondition, format!("the file is larger than {bytes_max} bytes"))
        .with_hint("split it and append the parts, or raise `analytics.imports.file_bytes_max`")
}

pub(super) fn unreadable(source: std::io::Error) -> Error {
    Error::new(ErrorCode::FailedPrecondition, "the file cannot be read").with_source(source)
}

fn unwritable(source: std::io::Error) -> Error {
    Error::new(ErrorCode::FailedPrecondition, "the data folder cannot be written to").with_source(source)
}
