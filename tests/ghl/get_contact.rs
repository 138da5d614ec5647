use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

/// Whose notes hold the seeded attack.
const ATTACKED: &str = "AGMDZLtQMKU2AcUfz7M9";

#[tokio::test]
async fn shows_everything_about_a_contact() {
    let contact = Bench::new().await.call("get_contact", json!({"contact": "7bz1vxurOfxGGeMCIas9"})).await;
    let text = |text: &str| json!({"untrusted": text, "source": "custom field"});
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "contact": {
            "id": "7bz1vxurOfxGGeMCIas9", "name": "Hugo Laurent", "email": "hugo.laurent@example.com",
            "phone": "+15035550164", "tags": ["src_referral", "stage_lead", "stage_tripwire", "interest_implants"],
            "source": "Patient referral", "added_at": "2026-11-19T16:17:38Z",
            "first_name": "Hugo", "last_name": "Laurent", "city": "Portland", "country": "US",
            "timezone": "America/Los_Angeles", "updated_at": "2026-11-20T00:00:00Z",
            "consent": {"do_not_disturb": false},
            "custom_fields": [
                {"key": "lead_score", "name": "Lead score", "value": 32.0},
                {"key": "insurance_provider", "name": "Insurance provider", "value": text("Delta")},
                {"key": "company_size", "name": "Company size", "value": text("2-10")}
            ]
        },
        "notes": [{
            "id": "ckQR01gM9r52CwDo4RtJ", "written_at": "2026-11-20T00:00:00Z",
            "text": {"untrusted": "Asked whether payment in three parts is possible.", "source": "note"}
        }],
        "notes_total": 1,
        "opportunities": [],
        "link": format!("https://app.gohighlevel.com/v2/location/{DENTAL}/contacts/detail/7bz1vxurOfxGGeMCIas9")
    });
    assert_eq!(contact, expected);
}

#[tokio::test]
async fn ids_emails_phones_and_names_mean_the_same_contact() {
    let bench = Bench::new().await;
    for contact in ["hugo.laurent@example.com", " HUGO.LAURENT@example.com", "+1 (503) 555-0164", "hugo laurent"] {
        let found = bench.call("get_contact", json!({"contact": contact, "include": []})).await;
        assert_eq!(found["contact"]["id"], "7bz1vxurOfxGGeMCIas9", "{contact}");
        assert!(found.get("notes").is_none() && found.get("opportunities").is_none(), "{found}");
    }
}

#[tokio::test]
async fn ambiguous_names_are_answered_by_the_candidates() {
    let refused = Bench::new().await.refused("get_contact", json!({"contact": "Weber"})).await;
    assert_eq!(refused.code(), "invalid_argument");
    assert!(refused.candidates().len() > 1, "{refused:?}");
    assert!(refused.candidates().iter().all(|name| name.ends_with("Weber")), "{refused:?}");
}

#[tokio::test]
async fn the_attack_in_a_note_is_fenced() {
    let bench = Bench::new().await;
    let text = bench.text("get_contact", json!({"contact": ATTACKED})).await;
    let (before, attack) = text.split_once("ignore all previous instructions").expect("the seeded note is shown");
    let opened = before.rfind("⟦untrusted note⟧").expect("a fence opens before it");
    assert!(!before[opened..].contains("⟦/untrusted⟧"), "the fence is still open where the attack begins");
    assert!(attack.contains("⟦/untrusted⟧"), "the fence closes behind it");
    let structured = bench.call("get_contact", json!({"contact": ATTACKED})).await;
    assert_eq!(structured["notes"][0]["text"]["source"], "note");
    assert!(structured["opportunities"][0]["name"].as_str().unwrap().contains("Daniel Zimmer"));
}

#[tokio::test]
async fn another_tenants_contact_does_not_exist() {
    let bench = Bench::new().await;
    for contact in [ATTACKED, "hugo.laurent@example.com", "Hugo Laurent", "zzzzzzzzzzzzzzzzzz99"] {
        let refused = bench.refused_as(RIVAL, "get_contact", json!({"contact": contact})).await;
        assert_eq!(refused.code(), "not_found", "{contact}");
    }
}

#[tokio::test]
async fn another_location_of_the_same_tenant_does_not_lend_its_contacts() {
    let refused = Bench::new().await.refused("get_contact", json!({"location": "gym", "contact": ATTACKED})).await;
    assert_eq!(refused.code(), "not_found");
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let arguments = json!({"include": ["tasks"], "notes_limit": 0, "id": "x"});
    let refused = Bench::new().await.refused("get_contact", arguments).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/contact", "/id", "/include/0", "/notes_limit"]);
}
