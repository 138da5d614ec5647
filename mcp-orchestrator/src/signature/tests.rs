//! What vendors publish as examples, and what must not be believed.

use http::HeaderMap;

use super::*;

const FIVE_MINUTES_MS: i64 = 300_000;

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect()
}

fn request<'a>(headers: &'a HeaderMap, body: &'a [u8], seconds: i64) -> Request<'a> {
    Request { headers, body, now_ms: seconds * 1_000, tolerance_ms: Some(FIVE_MINUTES_MS) }
}

fn sha256_key(secret: &[u8]) -> mac::Key {
    mac::Key::new(mac::HMAC_SHA256, secret)
}

/// The example of docs.slack.dev, "Verifying requests from Slack".
const SLACK_BODY: &[u8] = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";

#[test]
fn slack_is_believed_as_its_guide_shows() {
    let scheme = Scheme::Slack(vec![sha256_key(b"8f742231b10e8888abcd99yyyzzz85a5")]);
    let headers = headers(&[
        ("x-slack-signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
        ("x-slack-request-timestamp", "1531420618"),
    ]);
    assert_eq!(scheme.verify(&request(&headers, SLACK_BODY, 1_531_420_618)), Ok(()));
    assert_eq!(scheme.verify(&request(&headers, SLACK_BODY, 1_531_420_919)), Err(Rejection::Stale));
    assert_eq!(scheme.verify(&request(&headers, b"token=other", 1_531_420_618)), Err(Rejection::Wrong));
    let other = Scheme::Slack(vec![sha256_key(b"another secret")]);
    assert_eq!(other.verify(&request(&headers, SLACK_BODY, 1_531_420_618)), Err(Rejection::Wrong));
}

/// The example of the specification's own test suites.
#[test]
fn standard_webhooks_are_believed_as_their_reference_implementation_signs() {
    let scheme = |secret: &str| Scheme::StandardWebhooks(standard_webhooks::Keys::parse(secret).unwrap());
    let mut all = headers(&[
        ("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
        ("webhook-timestamp", "1614265330"),
        ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    ]);
    let (body, secret) = (br#"{"test": 2432232314}"#, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let verify = |secret: &str, headers: &HeaderMap, seconds| scheme(secret).verify(&request(headers, body, seconds));
    assert_eq!(verify(secret, &all, 1_614_265_330), Ok(()));
    assert_eq!(verify(secret, &all, 1_614_265_631), Err(Rejection::Stale));
    assert_eq!(
        verify("whsec_AAAA\nwhsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &all, 1_614_265_330),
        Ok(()),
        "two secrets"
    );
    assert_eq!(verify("whsec_AAAA", &all, 1_614_265_330), Err(Rejection::Wrong));
    let signer = Signer::of(secret).unwrap();
    let made = signer.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330_999, body);
    assert_eq!(made, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "we sign as they do");
    all.insert("webhook-id", "msg_other".parse().unwrap());
    assert_eq!(verify(secret, &all, 1_614_265_330), Err(Rejection::Wrong), "the id is signed");
    all.remove("webhook-signature");
    assert_eq!(verify(secret, &all, 1_614_265_330), Err(Rejection::Missing));
}

#[test]
fn standard_webhooks_may_be_signed_with_ed25519() {
    use ring::signature::KeyPair as _;
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let public = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pair.public_key());
    let signature = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pair.sign(b"m.5.{}"));
    let scheme = Scheme::StandardWebhooks(standard_webhooks::Keys::parse(&format!("whpk_{public}")).unwrap());
    let value = format!("v1,AAAA v1a,{signature}");
    let good = headers(&[("webhook-id", "m"), ("webhook-timestamp", "5"), ("webhook-signature", &value)]);
    assert_eq!(scheme.verify(&request(&good, b"{}", 5)), Ok(()));
    assert_eq!(scheme.verify(&request(&good, b"{ }", 5)), Err(Rejection::Wrong));
}

/// `HMAC-SHA256("whsec_test_secret", "1492774577." + body)`, made with OpenSSL.
#[test]
fn stripe_is_believed_by_any_good_v1() {
    let scheme = Scheme::Stripe(vec![sha256_key(b"whsec_test_secret")]);
    let body = br#"{"id":"evt_1","type":"charge.succeeded"}"#;
    let good = "4ee5e8d695c9619e003fd480d3d51700d924e29697337d379a6ef6e06e703ab4";
    for (value, expected) in [
        (format!("t=1492774577,v1={good}"), Ok(())),
        (format!("t=1492774577,v1={},v1={good},v0=00", "00".repeat(32)), Ok(())),
        (format!("t=1492774577,v0={good}"), Err(Rejection::Malformed)),
        (format!("t=1492774578,v1={good}"), Err(Rejection::Wrong)),
        (format!("v1={good}"), Err(Rejection::Malformed)),
        (format!("t=1492774577,v1={}", &good[..62]), Err(Rejection::Wrong)),
    ] {
        let headers = headers(&[("stripe-signature", &value)]);
        assert_eq!(scheme.verify(&request(&headers, body, 1_492_774_577)), expected, "{value}");
    }
    let old = headers(&[("stripe-signature", &format!("t=1492774577,v1={good}"))]);
    assert_eq!(scheme.verify(&request(&old, body, 1_492_774_877)), Ok(()), "five minutes are allowed");
    assert_eq!(scheme.verify(&request(&old, body, 1_492_774_878)), Err(Rejection::Stale));
    assert_eq!(scheme.verify(&request(&old, body, 1_492_774_276)), Err(Rejection::Stale), "nor from the future");
    assert_eq!(scheme.verify(&request(&HeaderMap::new(), body, 0)), Err(Rejection::Missing));
}

/// The example of docs.github.com, "Validating webhook deliveries".
#[test]
fn plain_digests_are_believed_as_github_shows() {
    let header = HmacHeader::default();
    let scheme = Scheme::Hmac { keys: vec![header.key(b"It's a Secret to Everybody")], header };
    let value = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    let headers = headers(&[("x-hub-signature-256", value)]);
    assert_eq!(scheme.verify(&request(&headers, b"Hello, World!", 0)), Ok(()));
    assert_eq!(scheme.verify(&request(&headers, b"Hello, World?", 0)), Err(Rejection::Wrong));
}

#[test]
fn digests_come_in_several_forms() {
    let header = HmacHeader {
        header: "x-shop-hmac".to_owned(),
        algorithm: Algorithm::Sha512,
        encoding: Encoding::Base64,
        prefix: String::new(),
    };
    let key = header.key(b"secret");
    let tag = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, mac::sign(&key, b"body"));
    let scheme = Scheme::Hmac { keys: vec![header.key(b"newer"), key], header };
    assert_eq!(scheme.verify(&request(&headers(&[("x-shop-hmac", &tag)]), b"body", 0)), Ok(()));
    assert_eq!(scheme.verify(&request(&headers(&[("x-shop-hmac", "%")]), b"body", 0)), Err(Rejection::Malformed));
}

#[test]
fn gohighlevel_is_believed_by_its_key_alone_and_an_hour_late() {
    use ring::signature::KeyPair as _;
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&[9; 32]).unwrap();
    let base64 = |bytes: &[u8]| base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    let scheme = Scheme::GoHighLevel(PublicKeys::parse(&base64(pair.public_key().as_ref())).unwrap());
    let body = br#"{"type":"ContactCreate","timestamp":"2026-11-20T10:00:00.000Z","webhookId":"w"}"#;
    let headers = headers(&[("x-ghl-signature", &base64(pair.sign(body).as_ref()))]);
    let at = |minutes: i64| Request {
        headers: &headers,
        body,
        now_ms: 1_795_168_800_000 + minutes * 60_000,
        tolerance_ms: Some(90 * 60_000),
    };
    assert_eq!(scheme.verify(&at(60)), Ok(()), "its sixth attempt comes after an hour");
    assert_eq!(scheme.verify(&at(91)), Err(Rejection::Stale));
    assert_eq!(Scheme::GoHighLevel(PublicKeys::vendor().unwrap()).verify(&at(0)), Err(Rejection::Wrong));
    let tampered = Request { body: br#"{"type":"ContactDelete"}"#, ..at(0) };
    assert_eq!(scheme.verify(&tampered), Err(Rejection::Wrong));
    let rsa_only: HeaderMap =
        [("x-wh-signature".parse::<http::HeaderName>().unwrap(), "AAAA".parse().unwrap())].into_iter().collect();
    assert_eq!(scheme.verify(&Request { headers: &rsa_only, ..at(0) }), Err(Rejection::Missing));
}
