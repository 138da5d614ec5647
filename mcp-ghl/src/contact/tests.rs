use super::*;

fn contact(id: &str, email: Option<&str>, phone: Option<&str>) -> Contact {
    Contact {
        id: id.parse().unwrap(),
        location_id: None,
        first_name: None,
        last_name: None,
        name: None,
        email: email.map(str::to_owned),
        phone: phone.map(str::to_owned),
        company: None,
        source: None,
        city: None,
        country: None,
        timezone: None,
        tags: Vec::new(),
        owner_id: None,
        custom_values: Vec::new(),
        consent: None,
        added_at: None,
        updated_at: None,
    }
}

fn identity(email: &str, phone: &str) -> Identity {
    Identity::parse(Some(email), Some(phone)).unwrap()
}

#[test]
fn emails_are_compared_in_lower_case() {
    assert_eq!(" Ada@Example.COM ".parse::<Email>().unwrap().as_str(), "ada@example.com");
    for text in ["", "ada", "@x.com", "a@b", "a b@c.com", "a@b@c.com", "a@.com", "a@x..com", "<a@b.com>"] {
        assert_eq!(text.parse::<Email>(), Err(Malformed), "{text}");
    }
}

#[test]
fn phones_take_the_international_form() {
    for text in ["+1 (555) 010-0199", "0015550100199", "+1.555.010.0199"] {
        assert_eq!(text.parse::<Phone>().unwrap().as_str(), "+15550100199", "{text}");
    }
    for text in ["", "555 010 0199", "+0 555 0100", "+1555", "+12345678901234567", "+1555x100199"] {
        assert_eq!(text.parse::<Phone>(), Err(Malformed), "{text}");
    }
}

#[test]
fn all_faults_of_an_identity_come_at_once() {
    let error = Identity::parse(Some("ada"), Some("555")).unwrap_err();
    let fields: Vec<&str> = error.details().faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["/email", "/phone"]);
    assert_eq!(Identity::parse(None, None).unwrap_err().details().faults.len(), 2);
}

#[test]
fn nobody_found_means_create() {
    assert_eq!(recognise(&identity("a@x.com", "+15550100199"), None, None, None).unwrap(), Upsert::Create);
}

#[test]
fn one_person_found_twice_is_matched_by_both() {
    let person = contact("c1", Some("A@x.com"), Some("+1 555 010 0199"));
    let decided = recognise(&identity("a@x.com", "+15550100199"), Some(person.clone()), Some(person.clone()), None);
    let expected = Upsert::Update { contact: Box::new(person), matched_by: MatchedBy::EmailAndPhone, kept: vec![] };
    assert_eq!(decided.unwrap(), expected);
}

#[test]
fn another_phone_on_record_is_kept() {
    let person = contact("c1", Some("a@x.com"), Some("+442071838750"));
    let decided = recognise(&identity("a@x.com", "+15550100199"), Some(person.clone()), None, None).unwrap();
    let expected = Upsert::Update { contact: Box::new(person), matched_by: MatchedBy::Email, kept: vec![Kept::Phone] };
    assert_eq!(decided, expected);
}

#[test]
fn an_email_of_somebody_else_is_not_given_to_one_without_an_email() {
    let one = contact("c1", Some("a@x.com"), None);
    let other = contact("c2", None, Some("+15550100199"));
    let who = identity("a@x.com", "+15550100199");
    let chosen = recognise(&who, Some(one), Some(other.clone()), Some(Preference::Phone)).unwrap();
    let expected = Upsert::Update { contact: Box::new(other), matched_by: MatchedBy::Phone, kept: vec![Kept::Email] };
    assert_eq!(chosen, expected);
}

#[test]
fn two_different_people_are_a_conflict_until_the_caller_chooses() {
    let one = contact("c1", Some("a@x.com"), None);
    let other = contact("c2", Some("b@x.com"), Some("+15550100199"));
    let who = identity("a@x.com", "+15550100199");
    let refused = recognise(&who, Some(one.clone()), Some(other.clone()), None).unwrap_err();
    assert_eq!(refused.code(), ErrorCode::Conflict);
    let chosen = recognise(&who, Some(one), Some(other.clone()), Some(Preference::Phone)).unwrap();
    let expected = Upsert::Update { contact: Box::new(other), matched_by: MatchedBy::Phone, kept: vec![Kept::Email] };
    assert_eq!(chosen, expected);
}
