use super::*;
use crate::contact::Consent;

fn contact(consent: Option<Consent>) -> Contact {
    Contact {
        id: "c1".parse().unwrap(),
        location_id: None,
        first_name: None,
        last_name: None,
        name: Some("Ada Lovelace".to_owned()),
        email: Some("ada@example.com".to_owned()),
        phone: Some("+15550100199".to_owned()),
        company: None,
        source: None,
        city: None,
        country: None,
        timezone: None,
        tags: Vec::new(),
        owner_id: None,
        custom_values: Vec::new(),
        consent,
        added_at: None,
        updated_at: None,
    }
}

const ALL: [Channel; 8] = [
    Channel::Sms,
    Channel::Email,
    Channel::Whatsapp,
    Channel::Rcs,
    Channel::Facebook,
    Channel::Instagram,
    Channel::LiveChat,
    Channel::Tiktok,
];

fn blocked(channel: contact::Channel) -> Consent {
    Consent { is_do_not_disturb: false, blocked: vec![channel] }
}

#[test]
fn do_not_disturb_closes_every_channel() {
    let left_alone = contact(Some(Consent { is_do_not_disturb: true, blocked: Vec::new() }));
    for channel in ALL {
        assert_eq!(address(&left_alone, channel), Err(Obstacle::DoNotDisturb), "{channel:?}");
    }
}

#[test]
fn a_refused_channel_is_closed_and_the_others_stay_open() {
    let cases = [
        (contact::Channel::Sms, vec![Channel::Sms, Channel::Rcs]),
        (contact::Channel::Email, vec![Channel::Email]),
        (contact::Channel::Whatsapp, vec![Channel::Whatsapp]),
        (contact::Channel::Facebook, vec![Channel::Facebook, Channel::Instagram]),
        (contact::Channel::Call, vec![]),
        (contact::Channel::GoogleBusiness, vec![]),
    ];
    for (refused, closed) in cases {
        let contact = contact(Some(blocked(refused)));
        for channel in ALL {
            let outcome = address(&contact, channel);
            assert_eq!(outcome == Err(Obstacle::ChannelRefused), closed.contains(&channel), "{refused:?} {channel:?}");
            assert_eq!(outcome.is_ok(), !closed.contains(&channel), "{refused:?} {channel:?}");
        }
    }
}

#[test]
fn silence_about_consent_is_no_consent() {
    for channel in ALL {
        assert_eq!(address(&contact(None), channel), Err(Obstacle::ConsentUnknown), "{channel:?}");
    }
}

#[test]
fn a_channel_without_an_address_is_closed() {
    let mut nowhere = contact(Some(Consent::default()));
    assert_eq!(address(&nowhere, Channel::Sms), Ok(Some("+15550100199")));
    assert_eq!(address(&nowhere, Channel::Email), Ok(Some("ada@example.com")));
    assert_eq!(address(&nowhere, Channel::LiveChat), Ok(None));
    nowhere.phone = None;
    for channel in [Channel::Sms, Channel::Rcs, Channel::Whatsapp] {
        assert_eq!(address(&nowhere, channel), Err(Obstacle::NoPhone), "{channel:?}");
    }
    for email in [None, Some("ada at home".to_owned())] {
        nowhere.email = email;
        assert_eq!(address(&nowhere, Channel::Email), Err(Obstacle::NoEmail));
    }
}

#[test]
fn every_refusal_says_that_nothing_was_sent_and_what_to_do() {
    let all = [
        Obstacle::DoNotDisturb,
        Obstacle::ChannelRefused,
        Obstacle::ConsentUnknown,
        Obstacle::NoEmail,
        Obstacle::NoPhone,
    ];
    for obstacle in all {
        let error = obstacle.refusal(Channel::Sms);
        assert_eq!(error.code(), ErrorCode::FailedPrecondition);
        assert!(error.message().starts_with("nothing was sent"), "{error}");
        assert!(error.hint().is_some(), "{error}");
    }
}

fn faulty(channel: Channel, wording: Wording<'_>) -> Vec<String> {
    let error = Content::parse(channel, wording).unwrap_err();
    error.details().faults.iter().map(|fault| fault.field.clone()).collect()
}

#[test]
fn an_email_is_made_of_plain_text_or_html() {
    let wording = Wording { text: Some("Hi <Ada>\n\nBye"), subject: Some(" Visit "), ..Wording::default() };
    let Content::Email { subject, html, text } = Content::parse(Channel::Email, wording).unwrap() else {
        panic!("an email")
    };
    assert_eq!((&*subject, &*html, &*text), ("Visit", "<p>Hi &lt;Ada&gt;</p>\n<p>Bye</p>", "Hi <Ada>\n\nBye"));
    let wording = Wording { html: Some("<p>Hi <b>Ada</b></p>"), subject: Some("Visit"), ..Wording::default() };
    let content = Content::parse(Channel::Email, wording).unwrap();
    assert_eq!(content.text(), "Hi Ada");
}

#[test]
fn all_faults_of_the_wording_come_at_once() {
    assert_eq!(faulty(Channel::Email, Wording::default()), ["/text", "/subject"]);
    let blank = Wording { text: Some("  "), html: None, subject: Some("x") };
    assert_eq!(faulty(Channel::Sms, blank), ["/text", "/subject"]);
    let twice = Wording { text: Some("a"), html: Some("b"), subject: Some("two\nlines") };
    assert_eq!(faulty(Channel::Email, twice), ["/html", "/subject"]);
    let html = Wording { html: Some("<p>a</p>"), ..Wording::default() };
    assert_eq!(faulty(Channel::Whatsapp, html), ["/html"]);
    let long = "x".repeat(1_601);
    let long = Wording { text: Some(&long), ..Wording::default() };
    assert_eq!(faulty(Channel::Sms, long), ["/text"]);
    assert!(Content::parse(Channel::Whatsapp, long).is_ok());
}

#[test]
fn the_same_words_are_recognised_and_others_are_not() {
    let text = Content::Text("See you\nat 3".to_owned());
    assert!(text.is_said_by(None, " See you at 3 "));
    assert!(!text.is_said_by(None, "See you at 3. Reply STOP to unsubscribe"));
    let email = Content::Email { subject: "Visit".to_owned(), html: "<p>Hi</p>".to_owned(), text: "Hi".to_owned() };
    assert!(email.is_said_by(Some("Visit"), "Hi"));
    assert!(!email.is_said_by(Some("Re: Visit"), "Hi"));
    assert!(!email.is_said_by(None, "Hi"));
}
