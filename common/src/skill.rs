//! Skills over MCP (extension `io.modelcontextprotocol/skills`, SEP-2640): playbooks that agents read and follow. A server
//! brings its `skills/<name>/` folders along; digests and sizes are computed once, with the first use.

mod folder;
mod frontmatter;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use rmcp::model::{Resource as Listing, ResourceContents};
use serde::Serialize;

use crate::error::Result;

pub(crate) use folder::Child;
use folder::Skill;
pub use folder::{File, Folder};

/// The name of the extension (SEP-2640).
pub(crate) const EXTENSION_ID: &str = "io.modelcontextprotocol/skills";

/// All skills of a server, in the order in which clients see them.
#[derive(Debug, Default)]
pub struct Skills {
    folders: &'static [Folder],
    read: OnceLock<Vec<Skill>>,
}

/// One entry of `skills/list` (SEP-2640, `SkillEntry`).
#[derive(Debug, Serialize)]
pub(crate) struct Entry<'skill> {
    uri: &'skill str,
    frontmatter: &'skill BTreeMap<String, String>,
    resources: &'skill [Piece],
}

/// One file of a skill, with what a client checks it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Piece {
    uri: String,
    /// `sha256:` and 64 lower-case hexadecimal digits.
    digest: String,
    /// In bytes.
    size: u64,
}

impl Skills {
    /// The folders as they were at compile time. Nothing is read before somebody asks.
    #[must_use]
    pub const fn new(folders: &'static [Folder]) -> Self {
        Self { folders, read: OnceLock::new() }
    }

    /// Whether every folder is a skill; the server's own test asks.
    ///
    /// # Errors
    /// `failed_precondition` naming the first that is none, and why.
    pub fn check(&self) -> Result<()> {
        self.folders.iter().try_for_each(|folder| Skill::read(folder).map(drop))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.folders.is_empty()
    }

    pub(crate) fn entries(&self) -> Vec<Entry<'_>> {
        self.all().iter().map(Skill::entry).collect()
    }

    /// The entry of the skill whose `SKILL.md` has this address.
    pub(crate) fn entry(&self, uri: &str) -> Option<Entry<'_>> {
        self.all().iter().find(|skill| skill.uri() == uri).map(Skill::entry)
    }

    /// Each skill's `SKILL.md`, for `resources/list`.
    pub(crate) fn listings(&self) -> Vec<Listing> {
        self.all().iter().map(Skill::listing).collect()
    }

    /// A file of a skill.
    pub(crate) fn contents(&self, uri: &str) -> Option<ResourceContents> {
        self.all().iter().find_map(|skill| skill.contents(uri))
    }

    /// What lies directly in a folder of a skill; `None` if the address is no such folder.
    pub(crate) fn children(&self, uri: &str) -> Option<Vec<Child>> {
        self.all().iter().find_map(|skill| skill.children(uri))
    }

    fn all(&self) -> &[Skill] {
        self.read.get_or_init(|| {
            let read = self.folders.iter().map(|folder| (folder, Skill::read(folder)));
            read.filter_map(|(folder, skill)| match skill {
                Ok(skill) => Some(skill),
                Err(error) => {
                    tracing::error!(skill.name = folder.name, "a skill is not served: {error}");
                    None
                }
            })
            .collect()
        })
    }
}
