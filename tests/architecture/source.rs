//! The sources as the rules see them: where a file lies, how long it is, and every path that it names.

use std::collections::BTreeSet;
use std::path::Path;

use syn::visit::{self, Visit};

/// One Rust file of the workspace.
pub(crate) struct Source {
    /// From the root of the workspace, with forward slashes: `common/src/http/retry.rs`.
    pub(crate) path: String,
    pub(crate) lines: usize,
    /// Every path outside of test code, `use` groups expanded: `["crate", "tenant", "TenantId"]`.
    pub(crate) names: BTreeSet<Vec<String>>,
    /// Every string literal outside of test code.
    pub(crate) literals: BTreeSet<String>,
}

impl Source {
    /// # Panics
    /// If the text is no Rust.
    pub(crate) fn parse(path: &str, text: &str) -> Self {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{path} is no Rust: {error}"));
        let mut reader = Reader { names: BTreeSet::new(), literals: BTreeSet::new() };
        reader.visit_file(&file);
        Self { path: path.to_owned(), lines: text.lines().count(), names: reader.names, literals: reader.literals }
    }

    /// The crate's folder, `common`, and the way below its `src`, `["http", "retry"]`. The root package's folder is empty.
    pub(crate) fn place(&self) -> (&str, Vec<&str>) {
        let (folder, inside) = self.path.split_once("src/").unwrap_or((&self.path, ""));
        let inside = inside.strip_suffix(".rs").unwrap_or(inside);
        (folder.trim_end_matches('/'), inside.split('/').collect())
    }

    /// Whether a path beginning with these segments is named.
    pub(crate) fn names_any(&self, beginning: &[&str]) -> bool {
        self.names.iter().any(|name| name.len() >= beginning.len() && beginning.iter().zip(name).all(|(a, b)| a == b))
    }
}

/// Every Rust file of the product: the `src` folders of the workspace.
pub(crate) fn read_all(workspace: &Path) -> Vec<Source> {
    let mut sources = Vec::new();
    let members = workspace.read_dir().expect("the workspace is readable").map(Result::unwrap);
    let folders = members.map(|member| member.path().join("src")).chain([workspace.join("src")]);
    for folder in folders.filter(|folder| folder.is_dir()) {
        read_folder(workspace, &folder, &mut sources);
    }
    assert!(sources.len() > 5, "the sources were not found");
    sources
}

fn read_folder(workspace: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in folder.read_dir().expect("the folder is readable").map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            read_folder(workspace, &path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(workspace).expect("inside the workspace").to_string_lossy().replace('\\', "/");
            sources.push(Source::parse(&name, &std::fs::read_to_string(&path).expect("the file is readable")));
        }
    }
}

struct Reader {
    names: BTreeSet<Vec<String>>,
    literals: BTreeSet<String>,
}

impl Reader {
    fn expand(&mut self, tree: &syn::UseTree, way: &mut Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => {
                way.push(path.ident.to_string());
                self.expand(&path.tree, way);
                way.pop();
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.expand(item, way)),
            syn::UseTree::Name(name) => self.take(way, &name.ident.to_string()),
            syn::UseTree::Rename(rename) => self.take(way, &rename.ident.to_string()),
            syn::UseTree::Glob(_) => self.take(way, "*"),
        }
    }

    fn take(&mut self, way: &[String], last: &str) {
        let mut name = way.to_vec();
        if last != "self" || name.is_empty() {
            name.push(last.to_owned());
        }
        self.names.insert(name);
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_test_code(&item.attrs) {
            self.expand(&item.tree, &mut Vec::new());
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            self.names.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test_code(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        if !is_test_code(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.literals.insert(literal.value());
    }
}

fn is_test_code(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}
