//! Tags as callers write them, held against those that the location knows.

use common::error::{ErrorCode, Fault, Result};

use crate::client::Site;
use crate::deps::Deps;
use crate::names::{Wanted, find};
use crate::tag::{NotATag, Tag};

/// Reads the tags of an argument; what is none adds to the faults.
pub(crate) fn parse(field: &str, texts: &[String], faults: &mut Vec<Fault>) -> Vec<Tag> {
    let mut read = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        match text.parse() {
            Ok(tag) => read.push(tag),
            Err(NotATag) => faults.push(Fault {
                field: format!("/{field}/{index}"),
                problem: "is not a tag".to_owned(),
                expected: "1 to 100 characters".to_owned(),
                example: Some("\"src_paid\"".to_owned()),
            }),
        }
    }
    read
}

/// Tags as the location spells them: a search for a tag that does not exist would find nobody and say nothing.
pub(crate) async fn known(deps: &Deps, site: &Site, texts: &[String]) -> Result<Vec<Tag>> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let known = match deps.directory.tags(site).await {
        // Without the scope to list tags, they are taken as they are given.
        Err(error) if error.code() == ErrorCode::PermissionDenied => {
            return Ok(texts.iter().map(|text| Tag::on_record(text)).collect());
        }
        known => known?,
    };
    let find_tag = |text: &String| find(Wanted { noun: "tag", text }, &known).map(|tag| Tag::on_record(&tag.name));
    texts.iter().map(find_tag).collect()
}

/// Tags that the location does not know; none where its list of tags cannot be read.
pub(crate) async fn new_to_location(deps: &Deps, site: &Site, added: &[Tag]) -> Result<Vec<Tag>> {
    if added.is_empty() {
        return Ok(Vec::new());
    }
    match deps.directory.tags(site).await {
        Ok(known) => {
            let is_known = |tag: &&Tag| known.iter().any(|known| Tag::on_record(&known.name) == **tag);
            Ok(added.iter().filter(|tag| !is_known(tag)).cloned().collect())
        }
        Err(error) if error.code() == ErrorCode::PermissionDenied => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
