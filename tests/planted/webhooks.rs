//! Senders of webhooks that are believed and others that are not, with secrets where none belong; and an outcome that is
//! signed for whoever wanted to be told.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tests::http::{Answer, exchange};
use tests::senders::{Headers, hmac_hex, standard, stripe};

use crate::scene::{ANSWERS, LIMIT, Scene};
use crate::seeds::Seeds;
use crate::vendor::Vendor;

/// A workflow that needs nobody.
const WORKFLOW: &str = "document: {dsl: '1.0.0', namespace: planted, name: told, version: '1.0.0'}\n\
                        do:\n- answer: {set: {done: true}}\n";

pub(crate) struct Webhooks {
    /// In the settings.
    hub: String,
    std: String,
    /// In the vault.
    pay: String,
    outcomes: String,
    /// Where no token belongs.
    misplaced: String,
}

impl Webhooks {
    pub(crate) fn plant(seeds: &mut Seeds) -> Self {
        Self {
            hub: seeds.plain("secret of a sender in the settings"),
            std: standard_secret(&seeds.plain("secret of a sender by Standard Webhooks in the settings")),
            pay: seeds.plain("secret of a sender in the vault"),
            outcomes: standard_secret(&seeds.plain("secret that outcomes are signed with")),
            misplaced: seeds.plain("token that a sender shows"),
        }
    }

    pub(crate) fn settings(&self) -> String {
        let (hub, std) = (&self.hub, &self.std);
        format!(
            "[[orchestrator.sources]]\nname = 'hub'\nkind = 'hmac'\nsecret = '{hub}'\n\
             [[orchestrator.sources]]\nname = 'std'\nkind = 'standard_webhooks'\nsecret = '{std}'\n\
             [[orchestrator.sources]]\nname = 'pay'\nkind = 'stripe'\n"
        )
    }

    pub(crate) async fn keep(&self, scene: &mut Scene, settings: &Path) {
        for (name, value) in [("orchestrator/sources/pay", &self.pay), ("orchestrator/callbacks", &self.outcomes)] {
            let command = scene.command("luminar", settings, &["secrets", "set", name]);
            let (is_success, said) = scene.run(command, value).await;
            assert!(is_success, "{said}");
        }
    }

    pub(crate) async fn send(&self, scene: &mut Scene, address: SocketAddr) {
        let body = json!({"id": "evt_1", "type": "order.paid"}).to_string();
        #[expect(clippy::disallowed_methods, reason = "the programs have the system's clock")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now_ms = i64::try_from(now.as_millis()).unwrap();
        let wrong = &self.misplaced;
        for (source, headers, status) in [
            ("hub", hmac_hex(&self.hub, "d1", &body), 200),
            ("std", standard(&self.std, "msg_1", now_ms, &body), 200),
            ("pay", stripe(&self.pay, now_ms / 1_000, &body), 200),
            ("hub", hmac_hex(wrong, "d2", &body), 401),
            ("pay", stripe(wrong, now_ms / 1_000, &body), 401),
            ("nobody", hmac_hex(wrong, "d3", &body), 401),
        ] {
            let answer = self.deliver(address, source, &headers, &body).await;
            assert_eq!(answer.status, status, "{source}: {answer:?}");
            note(scene, &answer);
        }
    }

    /// With a token beside the signature, in a header and in the query.
    async fn deliver(&self, address: SocketAddr, source: &str, headers: &Headers, body: &str) -> Answer {
        let authorization = format!("Bearer {}", self.misplaced);
        let mut headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        headers.push(("Authorization", &authorization));
        headers.push(("X-Api-Key", &self.misplaced));
        let path = format!("/webhooks/{source}/local?access_token={}", self.misplaced);
        exchange(address, "POST", &path, &headers, body).await
    }

    /// A run whose outcome is told, events as they are shown, and failures.
    pub(crate) async fn follow(&self, scene: &mut Scene, vendor: &Vendor, (address, admin): (SocketAddr, &str)) {
        let authorization = format!("Bearer {admin}");
        let headers = [("Content-Type", "application/json"), ("Authorization", authorization.as_str())];
        let told = json!({"callback_url": format!("http://{}/outcomes", vendor.address)});
        for (path, body) in [
            ("/api/orchestrator/tools/save_workflow", json!({"definition": WORKFLOW, "apply": true})),
            ("/webhook/told", told),
            ("/api/orchestrator/tools/list_events", json!({})),
            ("/api/orchestrator/tools/list_failures", json!({})),
        ] {
            let answer = exchange(address, "POST", path, &headers, &body.to_string()).await;
            assert!((200..300).contains(&answer.status), "{path}: {answer:?}");
            if path.ends_with("list_events") {
                assert_eq!(answer.json()["items"].as_array().map(Vec::len), Some(3), "{answer:?}");
            }
            note(scene, &answer);
        }
        let is_told = async {
            while !vendor.was_shown("run.completed") {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LIMIT, is_told).await.expect("the outcome is told");
    }
}

/// The form in which Standard Webhooks has secrets.
fn standard_secret(value: &str) -> String {
    format!("whsec_{}", STANDARD.encode(value))
}

fn note(scene: &mut Scene, answer: &Answer) {
    scene.note(ANSWERS, format!("{answer:?}"));
    scene.note(ANSWERS, answer.body.clone());
}
