//! The files of a specification, and where their references lead.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use common::error::{Error, ErrorCode, Result};
use serde_json::{Map, Value};

use crate::catalogue::operation::Generation;

/// Largest file that is read, in bytes. The largest merged specification of 2026-06-19 has 3.9 MB.
const FILE_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// Most files that are read. The vendor has 42 of each generation.
const FILES_MAX: usize = 500;

/// Which file holds what several families share, in the vendor's layout.
const COMMON: &str = "common-schemas";

/// The files of a folder.
#[derive(Debug)]
pub(in crate::catalogue) struct Folder {
    documents: Vec<Document>,
}

/// A file.
#[derive(Debug)]
pub(in crate::catalogue) struct Document {
    /// Without folder and ending.
    pub(super) stem: String,
    pub(in crate::catalogue) file: PathBuf,
    json: Value,
}

impl Folder {
    /// Reads `*.json` in the folder, and in `common` inside of it.
    ///
    /// # Errors
    /// `failed_precondition` with the file that is not JSON or not a specification.
    pub(in crate::catalogue) fn read(folder: &Path) -> Result<Self> {
        let mut files = json_files(folder)?;
        let common = folder.join("common");
        if common.is_dir() {
            files.extend(json_files(&common)?);
        }
        Self::of(files)
    }

    /// Reads these files.
    ///
    /// # Errors
    /// As [`Folder::read`].
    pub(in crate::catalogue) fn of(mut files: Vec<PathBuf>) -> Result<Self> {
        files.sort();
        if files.is_empty() || files.len() > FILES_MAX {
            let (count, most) = (files.len(), FILES_MAX);
            let error =
                Error::new(ErrorCode::FailedPrecondition, format!("found {count} specifications of 1 to {most}"));
            return Err(error.with_hint("name a folder with the vendor's OpenAPI files (*.json) in `ghl.spec_dir`"));
        }
        Ok(Self { documents: files.into_iter().map(Document::read).collect::<Result<_>>()? })
    }

    /// Those that have operations.
    pub(in crate::catalogue) fn documents(&self) -> impl Iterator<Item = &Document> {
        self.documents.iter().filter(|document| document.json.get("paths").is_some())
    }

    /// The schema that a reference in this document leads to.
    pub(super) fn schema(&self, from: &Document, reference: &str) -> Option<&Value> {
        let (file, name) = reference.split_once("#/components/schemas/")?;
        if file.is_empty() {
            // Some of the vendor's references lead nowhere but to the common schemas.
            let common = self.documents.iter().find(|document| document.stem == COMMON);
            let own = self.documents.iter().find(|document| document.file == from.file);
            return own.and_then(|own| own.schema(name)).or_else(|| common.and_then(|common| common.schema(name)));
        }
        let stem = Path::new(file).file_stem()?.to_str()?;
        self.documents.iter().find(|document| document.stem == stem)?.schema(name)
    }
}

fn json_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = |source: std::io::Error| {
        let is_missing = source.kind() == ErrorKind::NotFound;
        let why = if is_missing { "does not exist" } else { "cannot be read" };
        let text = format!("the folder of specifications `{}` {why}", folder.display());
        Error::new(ErrorCode::FailedPrecondition, text).with_source(source)
    };
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.extension().is_some_and(|extension| extension == "json") && path.is_file() {
            files.push(path);
        }
    }
    Ok(files)
}

impl Document {
    fn read(file: PathBuf) -> Result<Self> {
        let refused = |why: &str| {
            Error::new(ErrorCode::FailedPrecondition, format!("the specification `{}` {why}", file.display()))
        };
        let size = fs::metadata(&file).map_err(|source| refused("cannot be read").with_source(source))?.len();
        if size > FILE_BYTES_MAX {
            return Err(refused(&format!("has more than {FILE_BYTES_MAX} bytes")));
        }
        let text = fs::read(&file).map_err(|source| refused("cannot be read").with_source(source))?;
        let json: Value = serde_json::from_slice(&text).map_err(|source| refused("is not JSON").with_source(source))?;
        let is_third = json.get("openapi").and_then(Value::as_str).is_some_and(|version| version.starts_with("3."));
        let has_paths = json.get("paths").is_some_and(Value::is_object);
        // A file that others refer to may have schemas only.
        let has_schemas = json.pointer("/components/schemas").is_some_and(Value::is_object);
        let is_specification = has_schemas || (is_third && has_paths);
        if !is_specification {
            return Err(refused("is not OpenAPI 3: `openapi` or `paths` is missing"));
        }
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Self { stem, file, json })
    }

    fn schema(&self, name: &str) -> Option<&Value> {
        self.json.get("components")?.get("schemas")?.get(name)
    }

    /// The path items by path.
    pub(super) fn paths(&self) -> impl Iterator<Item = (&String, &Map<String, Value>)> {
        let paths = self.json.get("paths").and_then(Value::as_object);
        paths.into_iter().flatten().filter_map(|(path, item)| Some((path, item.as_object()?)))
    }

    /// What operations belong to that do not say: the file's name.
    pub(super) fn family(&self) -> &str {
        self.stem.strip_suffix("-v3").unwrap_or(&self.stem)
    }

    /// By its name, by what it says of itself, or by what any of its operations asks for.
    pub(super) fn generation(&self) -> Generation {
        let says_v3 = self.json.pointer("/info/version").and_then(Value::as_str) == Some("v3");
        let asks_v3 = || {
            let operations = self.paths().flat_map(|(_, item)| item.values());
            operations.filter_map(super::operations::version_of).any(|version| version == "v3")
        };
        if self.stem.ends_with("-v3") || says_v3 || asks_v3() { Generation::V3 } else { Generation::V2 }
    }
}
