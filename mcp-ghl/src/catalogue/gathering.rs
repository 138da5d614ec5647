//! What the vendor's files say, together with what is known.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use common::error::{Error, ErrorCode, Result};

use super::openapi::{self, Document, Folder};
use super::operation::{Generation, Operation, Version};
use super::{Catalogue, Family, errata, judging};

/// Most operations that an error names.
const FAULTS_NAMED_MAX: usize = 5;

/// What is known, with the operations of the folder in place of those of the same id, and those that are new.
pub(super) fn with(known: &Catalogue, folder: &Folder) -> Result<Catalogue> {
    let mut families: Vec<Family> = known.families().to_vec();
    for Family { name, operations } in self::families(known, folder)? {
        let at = families.iter().position(|family| family.name == name).unwrap_or_else(|| {
            families.push(Family { name, operations: Vec::new() });
            families.len() - 1
        });
        let Some(family) = families.get_mut(at) else { continue };
        for operation in operations {
            match family.operations.iter_mut().find(|known| known.id.eq_ignore_ascii_case(&operation.id)) {
                Some(known) => *known = operation,
                None => family.operations.push(operation),
            }
        }
    }
    Ok(Catalogue::new(families))
}

/// The families of the folder: all of v3, and what only the dated versions have.
pub(super) fn families(known: &Catalogue, folder: &Folder) -> Result<Vec<Family>> {
    let (newest, dated): (Vec<_>, Vec<_>) =
        read(folder)?.into_iter().partition(|operation| operation.generation == Generation::V3);
    let mut gathered = Gathered { families: Vec::new(), known, ids: HashSet::new() };
    for operation in newest {
        gathered.add(operation);
    }
    gathered.add_dated(dated);
    let mut families = gathered.families;
    for family in &mut families {
        for operation in &mut family.operations {
            judge(operation, known);
        }
    }
    errata::apply(&mut families)?;
    families.iter_mut().for_each(openapi::fold);
    families.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(families)
}

fn read(folder: &Folder) -> Result<Vec<Operation>> {
    let mut found = Vec::new();
    for document in folder.documents() {
        found.extend(openapi::operations(document, folder).map_err(|faults| refused(document, &faults))?);
    }
    Ok(found)
}

fn refused(document: &Document, faults: &[openapi::Unreadable]) -> Error {
    let named = faults.iter().take(FAULTS_NAMED_MAX).map(|fault| match &fault.place {
        Some(place) => format!("{place}: {}", fault.why),
        None => fault.why.clone(),
    });
    let named = named.collect::<Vec<_>>().join("; ");
    let (file, count) = (document.file.display(), faults.len());
    let text = format!("the specification `{file}` has {count} operations that cannot be read: {named}");
    Error::new(ErrorCode::FailedPrecondition, text).with_hint("mend the file, or take it out of `ghl.spec_dir`")
}

/// The families as far as they are gathered.
struct Gathered<'k> {
    families: Vec<Family>,
    known: &'k Catalogue,
    /// In small letters.
    ids: HashSet<String>,
}

impl Gathered<'_> {
    fn add(&mut self, operation: Operation) {
        self.ids.insert(operation.id.to_ascii_lowercase());
        match self.families.iter_mut().find(|family| family.name == operation.family) {
            Some(family) => family.operations.push(operation),
            None => self.families.push(Family { name: operation.family.clone(), operations: vec![operation] }),
        }
    }

    /// Adds what only the dated versions have; of the others, v3's operation learns the date.
    fn add_dated(&mut self, operations: Vec<Operation>) {
        let seats = self.families.iter().enumerate().flat_map(|(at, family)| {
            let operations = family.operations.iter().enumerate();
            operations.map(move |(number, each)| ((each.method.clone(), each.path.to_string()), (at, number)))
        });
        let seats: HashMap<_, _> = seats.collect();
        for mut operation in operations {
            let seat = seats.get(&(operation.method.clone(), operation.path.to_string()));
            let newer = seat.and_then(|(at, number)| self.families.get_mut(*at)?.operations.get_mut(*number));
            if let Some(newer) = newer {
                learn_date(newer, &operation.version);
            } else if !self.is_known_in_v3(&operation) {
                if self.ids.contains(&operation.id.to_ascii_lowercase()) {
                    operation.id = Cow::Owned(format!("{}-v2", operation.id));
                }
                self.add(operation);
            }
        }
    }

    /// Whether the build has it from v3: files of the dated versions alone do not make it older.
    fn is_known_in_v3(&self, operation: &Operation) -> bool {
        let known = self.known.by_route(&operation.method, &operation.path);
        known.is_some_and(|known| known.generation == Generation::V3 && known.path == operation.path)
    }
}

fn learn_date(operation: &mut Operation, version: &Version) {
    if let Version::Dated(date) = version
        && operation.version != *version
    {
        operation.older = Some(date.clone());
    }
}

/// What the vendor's files do not say: from what is known of it, by rule where it is unknown.
fn judge(operation: &mut Operation, known: &Catalogue) {
    let by_rule = judging::access(operation);
    let Some(known) = known.operation(&operation.id) else {
        operation.access = by_rule;
        operation.paging = judging::paging(operation);
        if operation.summary.is_empty() {
            operation.summary = Cow::Owned(judging::summary(operation));
        }
        return;
    };
    let is_same = (&known.method, &known.path) == (&operation.method, &operation.path);
    operation.access = if is_same { known.access } else { judging::stricter(known.access, by_rule) };
    operation.summary = known.summary.clone();
    operation.paging = if is_same { known.paging.clone() } else { judging::paging(operation) };
    if operation.older.is_none() && operation.version == Version::V3 {
        operation.older.clone_from(&known.older);
    }
}
