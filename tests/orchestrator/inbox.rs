//! Webhooks at the door: who is believed, what is stored, and what a sender is told when it cannot be.

pub(crate) mod stage;

use common::clock::Clock;
use serde_json::json;
use tests::database::{TestDatabase, on_each_database};
use tests::senders::{GhlSender, hmac_hex, slack, standard, stripe};

use stage::{NOW_MS, Stage};

const NOW_S: i64 = NOW_MS / 1_000;

const SOURCES: &str = r#"
[[orchestrator.sources]]
name = "pay"
kind = "stripe"
secret = "stripe-secret"

[[orchestrator.sources]]
name = "chat"
kind = "slack"
secret = "slack-secret"

[[orchestrator.sources]]
name = "std"
kind = "standard_webhooks"
secret = "whsec_c3RhbmRhcmQtc2VjcmV0"

[[orchestrator.sources]]
name = "git"
kind = "hmac"
secret = "git-secret"
id_header = "x-github-delivery"
kind_header = "x-github-event"

[[orchestrator.sources]]
name = "git"
tenant = "acme"
kind = "hmac"
secret = "secret of acme"

[[orchestrator.sources]]
name = "vaulted"
kind = "hmac"

[[orchestrator.sources]]
name = "ghl"
kind = "gohighlevel"

[[orchestrator.sources]]
name = "script"
kind = "none"
"#;

async fn stage(database: TestDatabase) -> Stage {
    Stage::open(database, Clock::manual(NOW_MS), SOURCES).await
}

#[tokio::test]
async fn only_what_is_signed_well_recently_and_for_this_tenant_is_stored() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let body = r#"{"id":"evt_1","type":"charge.succeeded","event_id":"Ev1"}"#;
        let cases = [
            ("a good one", "pay", "local", stripe("stripe-secret", NOW_S, body), 200),
            ("another key", "pay", "local", stripe("other", NOW_S, body), 401),
            ("an old one", "pay", "local", stripe("stripe-secret", NOW_S - 301, body), 401),
            ("a tampered one", "pay", "local", stripe("stripe-secret", NOW_S, "{}"), 401),
            ("no signature", "pay", "local", Vec::new(), 401),
            ("good", "chat", "local", slack("slack-secret", NOW_S, body), 200),
            ("old", "chat", "local", slack("slack-secret", NOW_S - 301, body), 401),
            ("good", "std", "local", standard("whsec_c3RhbmRhcmQtc2VjcmV0", "m1", NOW_MS, body), 200),
            ("ahead", "std", "local", standard("whsec_c3RhbmRhcmQtc2VjcmV0", "m2", NOW_MS + 400_000, body), 401),
            ("good", "git", "local", hmac_hex("git-secret", "d1", body), 200),
            ("of the other tenant", "git", "acme", hmac_hex("git-secret", "d2", body), 401),
            ("good", "git", "acme", hmac_hex("secret of acme", "d2", body), 200),
            ("an unknown tenant", "git", "nobody", hmac_hex("git-secret", "d3", body), 401),
            ("no tenant at all", "git", "No+One", hmac_hex("git-secret", "d3", body), 401),
            ("an unknown source", "fake", "local", hmac_hex("git-secret", "d3", body), 401),
            ("an unsigned one", "ghl", "local", Vec::new(), 401),
            ("its old signature", "ghl", "local", vec![("x-wh-signature".to_owned(), "AAAA".to_owned())], 401),
        ];
        let mut refusals = Vec::new();
        for (what, source, tenant, headers, status) in &cases {
            let answer = stage.post(&format!("/webhooks/{source}/{tenant}"), headers, body).await;
            assert_eq!(answer.status, *status, "{what} to {source} of {tenant}: {}", answer.body);
            refusals.extend((answer.status == 401).then_some(answer.body));
        }
        refusals.dedup();
        assert_eq!(refusals.len(), 1, "from outside all refusals look the same: {refusals:?}");
        assert_eq!(stage.count().await, 5, "what is not believed is not stored");
    })
    .await;
}

#[tokio::test]
async fn what_is_stored_is_what_came() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let pool = stage.bypass().await;
        for (id, body) in [("text", "{ \"a\" : 1,\t\"é\":[] }\n"), ("nul", "\0 and more"), ("empty", "")] {
            let answer = stage.post("/webhooks/git/local", &hmac_hex("git-secret", id, body), body).await;
            assert_eq!(answer.status, 200, "{id}: {}", answer.body);
            let (stored, encoding, headers): (String, String, String) =
                sqlx::query_as("select body, body_encoding, headers from orchestrator_events where dedupe_key = $1")
                    .bind(id)
                    .fetch_one(&pool)
                    .await
                    .unwrap();
            let stored = match encoding.as_str() {
                "text" => stored.into_bytes(),
                _ => base64::Engine::decode(&base64::engine::general_purpose::STANDARD, stored).unwrap(),
            };
            assert_eq!(stored, body.as_bytes(), "{id}");
            assert!(headers.contains("x-github-delivery"), "{headers}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_event_that_comes_often_and_at_once_is_stored_once() {
    on_each_database(async |database| {
        let (stage, body) = (stage(database).await, r#"{"n":1}"#);
        let headers = hmac_hex("git-secret", "the-same", body);
        let sending = (0..64).map(|_| stage.post("/webhooks/git/local", &headers, body));
        let answers = futures_util::future::join_all(sending).await;
        let taken: Vec<_> = answers.iter().map(tests::http::Answer::json).collect();
        assert!(answers.iter().all(|answer| answer.status == 200));
        assert!(taken.iter().all(|answer| answer["event_id"] == taken[0]["event_id"]), "all name the first");
        assert_eq!(taken.iter().filter(|answer| answer["duplicate"] == json!(false)).count(), 1);
        assert_eq!(stage.count().await, 1);
        // Without an id of its own the bytes tell.
        let script = |body: &'static str| stage.post("/webhooks/script/local", &[], body);
        let (one, again, other) = (script("a").await.json(), script("a").await.json(), script("b").await.json());
        assert_eq!((&again["event_id"], &again["duplicate"]), (&one["event_id"], &json!(true)));
        assert_ne!(other["event_id"], one["event_id"]);
    })
    .await;
}

#[tokio::test]
async fn slack_gets_its_challenge_back_and_nothing_is_stored() {
    let stage = stage(TestDatabase::sqlite()).await;
    let body = r#"{"token":"x","challenge":"3eZbrw1aB1","type":"url_verification"}"#;
    let answer = stage.post("/webhooks/chat/local", &slack("slack-secret", NOW_S, body), body).await;
    assert_eq!((answer.status, answer.json()), (200, json!({"challenge": "3eZbrw1aB1"})));
    assert_eq!(stage.post("/webhooks/chat/local", &[], body).await.status, 401, "nobody else is answered");
    assert_eq!(stage.count().await, 0);
}

#[tokio::test]
async fn what_is_too_large_is_refused_for_good() {
    let settings = format!("{SOURCES}\n[orchestrator.inbox]\nbody_bytes_max = 100\n");
    let stage = Stage::open(TestDatabase::sqlite(), Clock::manual(NOW_MS), &settings).await;
    let body = "x".repeat(101);
    for source in ["git", "unknown"] {
        let answer = stage.post(&format!("/webhooks/{source}/local"), &hmac_hex("git-secret", "d", &body), &body).await;
        assert_eq!(answer.status, 413, "{source}: {}", answer.body);
    }
}

#[tokio::test]
async fn the_unsigned_is_taken_from_programs_on_this_machine_alone() {
    let stage = stage(TestDatabase::sqlite()).await;
    let owned = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    for (header, status) in [
        (owned("x-any", "1"), 200),
        (owned("Host", "evil.example"), 401),
        (owned("Origin", "http://127.0.0.1:1"), 401),
        (owned("Sec-Fetch-Site", "cross-site"), 401),
        (owned("X-Forwarded-For", "203.0.113.9"), 401),
    ] {
        let answer = stage.post("/webhooks/script/local", std::slice::from_ref(&header), "{}").await;
        assert_eq!(answer.status, status, "{header:?}: {}", answer.body);
    }
    // Whoever signs may come by any name.
    let mut signed = hmac_hex("git-secret", "d", "{}");
    signed.push(owned("Host", "hooks.example.com"));
    assert_eq!(stage.post("/webhooks/git/local", &signed, "{}").await.status, 200);
}

#[tokio::test]
async fn a_secret_of_the_vault_is_used_and_its_change_noticed() {
    let stage = stage(TestDatabase::sqlite()).await;
    let send = |secret: &'static str, id: &'static str| {
        let headers = hmac_hex(secret, id, id);
        let stage = &stage;
        async move { stage.post("/webhooks/vaulted/local", &headers, id).await.status }
    };
    assert_eq!(send("first", "a").await, 503, "whatever is ours to mend is asked for again");
    stage.keep_secret("orchestrator/sources/vaulted", "first").await;
    assert_eq!((send("first", "a").await, send("second", "b").await), (200, 401));
    stage.keep_secret("orchestrator/sources/vaulted", "second\nfirst").await;
    stage.foundation.clock.advance(std::time::Duration::from_mins(1));
    assert_eq!((send("first", "c").await, send("second", "d").await), (200, 200), "both while it changes");
}

#[tokio::test]
async fn while_the_database_is_locked_senders_are_told_to_come_again_and_nothing_is_lost() {
    on_each_database(async |database| {
        let settings =
            format!("{SOURCES}\n[orchestrator.inbox]\nanswer_ms = 150\nconcurrency_max = 8\nqueue_max = 4\n");
        let stage = Stage::open(database, Clock::system(), &settings).await;
        let send = |id: usize| {
            let (stage, body) = (&stage, format!("{{\"n\":{id}}}"));
            async move {
                let headers = hmac_hex("git-secret", &format!("d{id}"), &body);
                stage.post("/webhooks/git/local", &headers, &body).await
            }
        };
        let pool = stage.bypass().await;
        assert_eq!(send(0).await.status, 200);
        let mut lock = stage.lock(&pool).await;
        let answers = futures_util::future::join_all((1..=32).map(send)).await;
        for answer in &answers {
            assert_eq!(answer.status, 429, "{}", answer.body);
            assert_eq!(answer.header("retry-after"), Some("2"));
        }
        sqlx::raw_sql("rollback").execute(&mut *lock).await.unwrap();
        for id in 1..=32 {
            let mut answer = send(id).await;
            while answer.status == 429 {
                answer = send(id).await;
            }
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
        assert_eq!(stage.count().await, 33, "all there, each once");
    })
    .await;
}

#[tokio::test]
async fn without_a_database_nobody_hears_a_yes_and_gohighlevel_nothing_but_429() {
    let mut database = TestDatabase::sqlite();
    database.settings.url = Some("postgres://nobody:x@127.0.0.1:9/none".to_owned().into());
    database.settings.timeout_ms = 100;
    let seed = GhlSender::steady();
    let settings = format!(
        "{}\n[[orchestrator.sources]]\nname = \"crm\"\nkind = \"gohighlevel\"\nsecret = \"{}\"\n",
        SOURCES, seed.public_key
    );
    let stage = Stage::open(database, Clock::system(), &settings).await;
    let body = r#"{"type":"ContactCreate","webhookId":"w"}"#;
    let other = stage.post("/webhooks/git/local", &hmac_hex("git-secret", "d", body), body).await;
    assert_eq!((other.status, other.header("retry-after")), (503, Some("2")), "{}", other.body);
    let ghl = stage.post("/webhooks/crm/local", &seed.sign(body), body).await;
    assert_eq!((ghl.status, ghl.header("retry-after")), (429, Some("2")), "{}", ghl.body);
    let figures = stage.get("/metrics").await.body;
    assert!(figures.contains(r#"luminar_http_requests_total{door="webhooks",status="429"} 1"#), "{figures}");
}

#[tokio::test]
async fn gohighlevel_is_believed_for_the_accounts_that_are_named() {
    let seed = GhlSender::steady();
    let settings = format!(
        "[[orchestrator.sources]]\nname = \"crm\"\nkind = \"gohighlevel\"\nsecret = \"{}\"\naccounts = [\"loc1\", \"agency\"]\n",
        seed.public_key
    );
    let stage = Stage::open(TestDatabase::sqlite(), Clock::manual(NOW_MS), &settings).await;
    for (body, status) in [
        (r#"{"type":"ContactCreate","locationId":"loc1","webhookId":"w1"}"#, 200),
        (r#"{"type":"INSTALL","companyId":"agency"}"#, 200),
        (r#"{"type":"ContactCreate","locationId":"loc2","webhookId":"w2"}"#, 401),
        (r#"{"type":"ContactCreate","webhookId":"w3"}"#, 401),
    ] {
        let answer = stage.post("/webhooks/crm/local", &seed.sign(body), body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
    }
}

/// The vendor's documented events, as far as they are at hand: each gets its kind, and none is taken for another.
#[tokio::test]
async fn every_documented_event_of_gohighlevel_is_taken() {
    let fixtures = tests::oracles::workspace().join("../shared/data/webhooks/events.json");
    let Ok(text) = std::fs::read_to_string(&fixtures) else {
        assert!(!tests::oracles::is_ci(), "{} is not there", fixtures.display());
        eprintln!("skipped: {} is not there", fixtures.display());
        return;
    };
    let seed = GhlSender::steady();
    let settings = format!(
        "[[orchestrator.sources]]\nname = \"crm\"\nkind = \"gohighlevel\"\nsecret = \"{}\"\ntolerance_s = 0\n",
        seed.public_key
    );
    let stage = Stage::open(TestDatabase::sqlite(), Clock::manual(NOW_MS), &settings).await;
    let events: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
    let mut distinct = std::collections::HashSet::new();
    for (name, event) in &events {
        for example in event["examples"].as_array().into_iter().flatten() {
            let body = example.to_string();
            let answer = stage.post("/webhooks/crm/local", &seed.sign(&body), &body).await;
            assert_eq!(answer.status, 200, "{name}: {}", answer.body);
            let is_new = distinct.insert(body);
            assert_eq!(answer.json()["duplicate"], json!(!is_new), "{name}");
        }
    }
    assert!(distinct.len() >= 50, "only {} events", distinct.len());
    assert_eq!(stage.count().await, i64::try_from(distinct.len()).unwrap());
}

#[tokio::test]
async fn events_are_forgotten_by_what_became_of_them() {
    on_each_database(async |database| {
        let stage = stage(database).await;
        let pool = stage.bypass().await;
        for state in ["new", "routed", "unrouted", "failed"] {
            stage.post("/webhooks/git/local", &hmac_hex("git-secret", state, state), state).await;
            sqlx::query("update orchestrator_events set state = $1 where dedupe_key = $1")
                .bind(state)
                .execute(&pool)
                .await
                .unwrap();
        }
        for (days, left) in [(13, 4), (2, 3), (20, 2), (60, 1), (10_000, 1)] {
            stage.foundation.clock.advance(std::time::Duration::from_hours(24) * days);
            stage.foundation.sweeps.once().await.unwrap();
            assert_eq!(stage.count().await, left, "{days} days later");
        }
    })
    .await;
}

#[test]
fn a_source_that_cannot_be_is_refused_at_the_start() {
    for (settings, says) in [
        ("[[orchestrator.sources]]\nname = 'self'\nkind = 'none'\n", "what runs emit"),
        ("[[orchestrator.sources]]\nname = 'A'\nkind = 'none'\n", "no name"),
        ("[[orchestrator.sources]]\nname = 'a'\nkind = 'standard_webhooks'\nsecret = 'whsec_%'\n", "Standard Webhooks"),
        ("[[orchestrator.sources]]\nname = 'a'\nkind = 'gohighlevel'\nsecret = 'abc'\n", "public key"),
        (
            "[[orchestrator.sources]]\nname = 'a'\nkind = 'none'\n[[orchestrator.sources]]\nname = 'a'\nkind = 'none'\n",
            "twice",
        ),
        ("[orchestrator.retention]\nrouted_days = 3\n", "shorter"),
    ] {
        let refused = stage::refusal(settings);
        assert!(refused.contains(says), "{refused}");
    }
}
