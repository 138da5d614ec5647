//! Every list that has pages says how the next one is asked for, in names that the operation knows.

use common::audit::Access;
use mcp_ghl::catalogue::{Catalogue, Operation, Position};

/// The names that an operation takes outside of its path.
fn takes(operation: &Operation, name: &str) -> bool {
    let body = operation.body.as_ref().and_then(|body| body.shape.field(name));
    operation.query(name).is_some() || body.is_some()
}

fn names(operation: &Operation) -> Vec<&str> {
    let Some(paging) = &operation.paging else { return Vec::new() };
    let mut names: Vec<&str> = match &paging.position {
        Position::Records(name) | Position::Number { name, .. } => vec![name],
        Position::After(marks) => marks.iter().map(|mark| &*mark.name).collect(),
    };
    names.extend(paging.size.as_deref());
    names
}

#[test]
fn a_page_is_asked_for_by_names_that_the_operation_takes() {
    let catalogue = Catalogue::embedded().unwrap();
    let paged: Vec<&Operation> = catalogue.operations().filter(|operation| operation.paging.is_some()).collect();
    assert!(paged.len() > 80, "{}", paged.len());
    for operation in paged {
        assert_eq!(operation.access, Access::Read, "{}", operation.id);
        for name in names(operation) {
            assert!(takes(operation, name), "{} does not take {name}", operation.id);
        }
    }
}

#[test]
fn what_takes_a_position_has_pages() {
    const POSITIONS: [&str; 10] = [
        "skip",
        "offset",
        "searchAfter",
        "startAfter",
        "cursor",
        "pageToken",
        "lastMessageId",
        "lastDoc",
        "lastFaqId",
        "next",
    ];
    let catalogue = Catalogue::embedded().unwrap();
    let reading = catalogue.operations().filter(|operation| operation.access == Access::Read);
    for operation in reading.filter(|operation| POSITIONS.iter().any(|name| takes(operation, name))) {
        assert!(operation.paging.is_some(), "{}", operation.id);
    }
}
