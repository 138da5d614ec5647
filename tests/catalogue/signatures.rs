//! What a model reads of an operation is short, and says all that a request needs.

use mcp_ghl::catalogue::{Catalogue, Operation};

#[test]
fn signatures_are_short() {
    let catalogue = Catalogue::embedded().unwrap();
    let mut lengths: Vec<usize> = catalogue.operations().map(|operation| operation.signature().len()).collect();
    lengths.sort_unstable();
    let [median, most, longest] = [50, 90, 100].map(|percent| lengths[(lengths.len() - 1) * percent / 100]);
    let bytes: usize = Catalogue::embedded_files().values().map(|text| text.len()).sum();
    println!("signatures: median {median}, 9 in 10 up to {most}, longest {longest} characters; files {bytes} bytes");
    assert!(median <= 170 && most <= 800, "median {median}, 9 in 10 up to {most}");
}

#[test]
fn a_signature_says_what_a_request_needs() {
    let catalogue = Catalogue::embedded().unwrap();
    for (id, wanted) in [
        ("workflows.get-workflow", "query {locationId}"),
        ("contacts.add-tags", "path {contactId} body {tags: string[]}"),
        (
            "contacts.create-association",
            "path {type: 'add'|'remove'} body {contacts: string[], tags: string[], locationId, removeAllTags?: boolean}",
        ),
        ("companies.get-company", "path {companyId}"),
        ("contacts.update-task-completed", "path {contactId, taskId} body {completed: boolean}"),
    ] {
        assert_eq!(catalogue.operation(id).map(Operation::signature).as_deref(), Some(wanted), "{id}");
    }
}

#[test]
fn every_shape_makes_a_schema_that_a_validator_takes() {
    let operations = Catalogue::embedded().unwrap().operations();
    let mut shapes = 0;
    for operation in operations {
        for shape in operation.body.iter().map(|body| &body.shape).chain(&operation.answer) {
            let schema = shape.json_schema();
            jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{}: {error}", operation.id));
            shapes += 1;
        }
    }
    assert!(shapes > 700, "{shapes}");
}

#[test]
fn summaries_are_one_line_of_our_own() {
    let mut summaries: Vec<&str> = Vec::new();
    for operation in Catalogue::embedded().unwrap().operations() {
        let summary = &*operation.summary;
        assert!((4..=80).contains(&summary.len()) && !summary.ends_with('.'), "{}: {summary}", operation.id);
        summaries.push(summary);
    }
    summaries.sort_unstable();
    let repeated = summaries.windows(2).find(|pair| pair[0] == pair[1]);
    assert_eq!(repeated, None, "two operations that nobody can tell apart");
}

#[test]
fn an_operation_is_found_by_id_in_any_case_and_by_its_exact_path() {
    let catalogue = Catalogue::embedded().unwrap();
    let upsert = catalogue.operation("opportunities.upsert-opportunity").expect("it is there");
    assert_eq!(upsert.id, "opportunities.Upsert-opportunity");
    let [with, without] = ["/contacts/", "/contacts"].map(|path| catalogue.by_route(&http::Method::POST, path));
    assert_eq!((with.map(|it| &*it.id), without.map(|it| &*it.id)), (Some("contacts.create-contact"), None));
    let other_names = catalogue.by_route(&http::Method::GET, "/contacts/{id}/notes/{note}");
    assert_eq!(other_names.map(|it| &*it.id), Some("contacts.get-note"));
}
