//! Every list that has pages says how the next one is asked for, in names that the operation knows.

use common::audit::Access;
use mcp_ghl::catalogue::{Catalogue, Operation, Position, Shape};

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

/// Where the vendor's answers and the specification's differ, or the specification says nothing of the answer.
const UNTOLD: [&str; 7] = [
    "ad-publishing.fb-get-ad-accounts",
    "ad-publishing.fb-get-entity",
    // As the search of opportunities has it; the specification leaves it out.
    "contacts.get-contacts",
    "contacts.search-contacts-advanced",
    // Messages are inside `messages` once more (highlevel-api-docs, issue 54).
    "conversations.get-messages",
    // Records have a `sort` of which the specification speaks in its prose only.
    "conversations.search-conversation",
    // Records have a `searchAfter` in the vendor's document 87cpx-424216 only.
    "opportunities.search-opportunities-advanced",
];

#[test]
fn what_asks_for_the_next_page_stands_in_the_answer() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut missing = Vec::new();
    for operation in catalogue.operations() {
        let Some(Position::After(marks)) = operation.paging.as_ref().map(|paging| &paging.position) else { continue };
        let answer = operation.answer.as_ref();
        if !marks.iter().all(|mark| answer.is_some_and(|answer| has(answer, &mark.source))) {
            missing.push(&*operation.id);
        }
    }
    missing.sort_unstable();
    assert_eq!(missing, UNTOLD);
}

/// Whether an answer has something at a place.
fn has(shape: &Shape, place: &str) -> bool {
    let (step, rest) = place.split_once('.').map_or((place, None), |(step, rest)| (step, Some(rest)));
    let inner = match shape.resolved() {
        Shape::List(list) if step.parse::<i32>().is_ok() => Some(&list.item),
        other => other.field(step).map(|field| &field.shape),
    };
    inner.is_some_and(|inner| rest.is_none_or(|rest| has(inner, rest)))
}
