//! One skill's folder, and the addresses of what lies in it.

use std::collections::{BTreeMap, BTreeSet};

use rmcp::model::{Resource as Listing, ResourceContents};
use sha2::{Digest, Sha256};

use super::{Entry, Piece, frontmatter};
use crate::error::{Error, ErrorCode, Result};

/// The file that every skill has (Agent Skills specification).
const MANIFEST: &str = "SKILL.md";

/// What directories are called (SEP-2640, `resources/directory/read`).
const DIRECTORY: &str = "inode/directory";

/// Longest name and description, in characters (Agent Skills specification).
const NAME_LENGTH_MAX: usize = 64;
const DESCRIPTION_LENGTH_MAX: usize = 1_024;

/// A folder `skills/<name>` as it was at compile time.
#[derive(Debug, Clone, Copy)]
pub struct Folder {
    /// 1 to 64 of `a-z`, `0-9` and single hyphens; the folder's and the skill's name.
    pub name: &'static str,
    /// All of its files, `SKILL.md` among them.
    pub files: &'static [File],
}

/// One file, whole.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Below the skill's folder, with forward slashes: `references/approvals.md`.
    pub path: &'static str,
    pub text: &'static str,
}

/// What lies directly in a folder.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Child {
    uri: String,
    name: String,
    mime_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
}

/// A folder that is a skill.
#[derive(Debug)]
pub(super) struct Skill {
    folder: &'static Folder,
    root: String,
    uri: String,
    frontmatter: BTreeMap<String, String>,
    pieces: Vec<Piece>,
}

impl Skill {
    /// # Errors
    /// `failed_precondition` if the folder is no skill.
    pub(super) fn read(folder: &'static Folder) -> Result<Self> {
        let fault =
            |what: &str| Error::new(ErrorCode::FailedPrecondition, format!("the skill `{}` {what}", folder.name));
        if !is_name(folder.name) {
            return Err(fault("is not named with 1 to 64 of a-z, 0-9 and single hyphens"));
        }
        let manifest = folder.files.iter().find(|file| file.path == MANIFEST);
        let text = manifest.ok_or_else(|| fault("has no SKILL.md"))?.text;
        let frontmatter = frontmatter::parse(text).map_err(|what| fault(&what))?;
        let field = |key: &str| frontmatter.get(key).map(String::as_str).unwrap_or_default();
        if field("name") != folder.name {
            return Err(fault("has another name in its frontmatter"));
        }
        if field("description").is_empty() || field("description").chars().count() > DESCRIPTION_LENGTH_MAX {
            return Err(fault("needs a description of at most 1024 characters"));
        }
        if folder.files.iter().map(|file| file.path).collect::<BTreeSet<_>>().len() < folder.files.len() {
            return Err(fault("has a file twice"));
        }
        let root = format!("skill://{}", folder.name);
        let pieces = folder.files.iter().map(|file| piece(&root, file)).collect();
        Ok(Self { folder, uri: format!("{root}/{MANIFEST}"), root, frontmatter, pieces })
    }

    pub(super) fn uri(&self) -> &str {
        &self.uri
    }

    pub(super) fn entry(&self) -> Entry<'_> {
        Entry { uri: &self.uri, frontmatter: &self.frontmatter, resources: &self.pieces }
    }

    pub(super) fn listing(&self) -> Listing {
        let description = self.frontmatter.get("description").map(String::as_str).unwrap_or_default();
        Listing::new(self.uri.clone(), self.folder.name)
            .with_description(description)
            .with_mime_type(mime_type(MANIFEST))
    }

    pub(super) fn contents(&self, uri: &str) -> Option<ResourceContents> {
        let path = uri.strip_prefix(&self.root)?.strip_prefix('/')?;
        let file = self.folder.files.iter().find(|file| file.path == path)?;
        Some(ResourceContents::text(file.text, uri).with_mime_type(mime_type(path)))
    }

    pub(super) fn children(&self, uri: &str) -> Option<Vec<Child>> {
        let below = uri.trim_end_matches('/').strip_prefix(&self.root)?;
        let prefix = match below.strip_prefix('/') {
            Some(path) => format!("{path}/"),
            None if below.is_empty() => String::new(),
            None => return None,
        };
        let inside: Vec<(&File, &str)> =
            self.folder.files.iter().filter_map(|file| Some((file, file.path.strip_prefix(&prefix)?))).collect();
        let folders: BTreeSet<&str> = inside.iter().filter_map(|(_, rest)| Some(rest.split_once('/')?.0)).collect();
        let files = inside.iter().filter(|(_, rest)| !rest.contains('/')).map(|(file, rest)| Child {
            uri: format!("{}/{}", self.root, file.path),
            name: (*rest).to_owned(),
            mime_type: mime_type(file.path),
            size: Some(size(file)),
        });
        let folders = folders.into_iter().map(|name| Child {
            uri: format!("{}/{prefix}{name}", self.root),
            name: name.to_owned(),
            mime_type: DIRECTORY,
            size: None,
        });
        Some(files.chain(folders).collect()).filter(|children: &Vec<Child>| !children.is_empty())
    }
}

fn is_name(name: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    name.len() <= NAME_LENGTH_MAX && name.split('-').all(is_word)
}

fn piece(root: &str, file: &File) -> Piece {
    let digest = format!("sha256:{}", hex::encode(Sha256::digest(file.text)));
    Piece { uri: format!("{root}/{}", file.path), digest, size: size(file) }
}

fn size(file: &File) -> u64 {
    u64::try_from(file.text.len()).unwrap_or(u64::MAX)
}

fn mime_type(path: &str) -> &'static str {
    match path.rsplit_once('.') {
        Some((_, "md")) => "text/markdown",
        _ => "text/plain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "---\nname: make-tea\ndescription: Makes tea.\n---\nBoil water.\n";
    static TEA: Folder = Folder {
        name: "make-tea",
        files: &[
            File { path: MANIFEST, text: TEXT },
            File { path: "references/kinds/green.md", text: "80 degrees" },
            File { path: "references/cups.txt", text: "two" },
        ],
    };

    #[test]
    fn digest_and_size_are_those_of_the_bytes() {
        let skill = Skill::read(&TEA).unwrap();
        let cups = skill.pieces.iter().find(|piece| piece.uri == "skill://make-tea/references/cups.txt").unwrap();
        // printf two | sha256sum
        let digest = "sha256:3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3";
        assert_eq!((cups.digest.as_str(), cups.size), (digest, 3));
    }

    #[test]
    fn folders_list_what_lies_directly_in_them() {
        let skill = Skill::read(&TEA).unwrap();
        let names = |uri: &str| {
            let children = skill.children(uri)?;
            Some(children.into_iter().map(|child| format!("{} {}", child.name, child.mime_type)).collect::<Vec<_>>())
        };
        assert_eq!(names("skill://make-tea").unwrap(), ["SKILL.md text/markdown", "references inode/directory"]);
        assert_eq!(names("skill://make-tea/references/").unwrap(), ["cups.txt text/plain", "kinds inode/directory"]);
        assert_eq!(names("skill://make-tea/references/kinds").unwrap(), ["green.md text/markdown"]);
        for none in ["skill://make-tea/SKILL.md", "skill://make-te", "skill://make-tea-2", "skill://make-tea/x"] {
            assert_eq!(names(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_no_skill_is_refused() {
        static OTHER_NAME: Folder = Folder { name: "tea", files: &[File { path: MANIFEST, text: TEXT }] };
        static UNDERSCORE: Folder = Folder { name: "make_tea", files: &[File { path: MANIFEST, text: TEXT }] };
        static EMPTY: Folder = Folder { name: "make-tea", files: &[] };
        static BARE: Folder = Folder { name: "make-tea", files: &[File { path: MANIFEST, text: "Boil water." }] };
        for folder in [&OTHER_NAME, &UNDERSCORE, &EMPTY, &BARE] {
            assert!(Skill::read(folder).is_err(), "{folder:?}");
        }
    }
}
