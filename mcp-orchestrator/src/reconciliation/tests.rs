//! What is found to be missing, and what is not.

use super::*;

fn contact(number: usize, added_ms: UnixMillis) -> Contact {
    Contact {
        id: format!("contact{number:06}"),
        name: Some(format!("Contact {number}")),
        email: None,
        phone: None,
        tags: vec!["src_paid".to_owned()],
        source: None,
        added_at: Timestamp::from_millisecond(added_ms).ok().map(|at| at.to_string()),
    }
}

#[test]
fn what_is_left_in_the_sieve_was_not_told() {
    let mut random = fastrand::Rng::with_seed(7);
    let mut sieve = Sieve::default();
    let contacts: Vec<_> = (0..1_000).map(|number| contact(number, 1_000_000 + random.i64(0..1_000))).collect();
    for contact in &contacts {
        sieve.put(contact.clone(), contact.added_ms().unwrap());
    }
    let planted: std::collections::BTreeSet<_> = (0..20).map(|_| random.usize(..1_000)).collect();
    let mut told: Vec<_> = (0..1_000).filter(|number| !planted.contains(number)).collect();
    random.shuffle(&mut told);
    for number in told {
        sieve.told(&format!("contact{number:06}"));
        sieve.told("somebody else");
    }
    let found = sieve.gaps("loc1");
    let mut subjects: Vec<_> = found.iter().map(|gap| gap.subject.clone()).collect();
    subjects.sort();
    assert_eq!(subjects, planted.iter().map(|number| format!("contact{number:06}")).collect::<Vec<_>>());
    assert!(found.iter().all(|gap| gap.detail["locationId"] == "loc1" && gap.detail["reconciled"] == true));
}

#[test]
fn a_contact_that_two_pages_show_is_one() {
    let mut sieve = Sieve::default();
    sieve.put(contact(1, 5_000), 5_000);
    sieve.put(contact(1, 5_000), 5_000);
    assert_eq!((sieve.len(), sieve.span()), (1, Some((5_000 - SKEW_MS, 5_000 + SKEW_MS))));
}

#[test]
fn only_what_came_after_a_workflow_was_published_is_expected_of_it() {
    let event = Event {
        event_id: "evt_1".to_owned(),
        source: "ghl".to_owned(),
        kind: "ContactCreate".to_owned(),
        dedupe_key: "w1".to_owned(),
        received_ms: 1_000,
        data: json!({}),
    };
    let filters = |kind: &str| [EventFilter { kind: Some(kind.to_owned()), ..EventFilter::default() }];
    let (fitting, other) = (filters("ContactCreate"), filters("Booked"));
    let expected = [
        Expectation { workflow: "welcome", filters: &fitting, since_ms: 1_000 },
        Expectation { workflow: "later", filters: &fitting, since_ms: 1_001 },
        Expectation { workflow: "booked", filters: &other, since_ms: 0 },
    ];
    let run = RunId::of_key("welcome", "ghl/w1");
    assert_eq!(runs_due(&event, &expected), [("welcome".to_owned(), run)]);
}

#[test]
fn tags_are_the_same_in_any_case() {
    let contact = Contact { tags: vec!["N8N_Success ".to_owned()], ..contact(1, 0) };
    assert!(contact.has_tag("n8n_success") && !contact.has_tag("n8n"));
}
