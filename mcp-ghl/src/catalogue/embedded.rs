//! The files that are part of the program.

use std::sync::OnceLock;

use common::error::Result;

use super::notation::{self, Unreadable};
use super::{Catalogue, Family};

/// Every file: its name and its text.
pub(super) const FILES: &[(&str, &str)] = &[];

/// Parsed once, and whole: a search goes through all families anyway.
pub(super) fn catalogue() -> Result<&'static Catalogue> {
    static PARSED: OnceLock<Result<Catalogue, (&'static str, Unreadable)>> = OnceLock::new();
    PARSED.get_or_init(parse).as_ref().map_err(|(file, error)| error.clone().in_file(file))
}

fn parse() -> Result<Catalogue, (&'static str, Unreadable)> {
    let families = FILES.iter().map(|(file, text)| notation::read(text).map_err(|error| (*file, error)));
    Ok(Catalogue::new(families.collect::<Result<Vec<Family>, _>>()?))
}
