//! A person's login and what our client then asks of the vendor's OAuth endpoints, judged by the specification.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use common::bootstrap::{self, Foundation};
use common::clock::Clock;
use common::tasks::Tasks;
use mcp_ghl::oauth::OAuthSettings;
use mcp_ghl::sandbox::{DEMO_APP, DEMO_LOCATIONS};
use serde_json::json;
use tests::binary;
use tests::http::{Answer, exchange};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use url::Url;

use crate::client::Session;
use crate::emulator::Emulator;
use crate::plain_http::Client;
use crate::prism::{Judge, Oracles, Verdict};

/// How long the program may take to say where to go.
const LIMIT: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_login_keeps_to_the_official_specification() {
    let Some(oracles) = Oracles::find() else { return };
    let tasks = Tasks::new();
    let emulator = Emulator::start(&tasks).await;
    let judge = Judge::start(&oracles, emulator.address).await;
    let data = tempfile::tempdir().unwrap();

    log_in(data.path(), judge.address, emulator.address).await;
    // A minute before the access token ends it is renewed.
    let ends_at_ms = Clock::system().now_ms() + 86_399_000;
    let session = session(data, judge.address, Clock::manual(ends_at_ms - 50_000));
    session.call("search_contacts", json!({"location": DEMO_LOCATIONS[1].id, "limit": 1})).await;
    let grant = json!({
        "clientId": DEMO_APP.client_id, "clientSecret": DEMO_APP.client_secret, "grantType": "refresh_token",
        "refreshToken": "unknown", "userType": "Company"
    });
    let refused = Client::new(judge.address, "v3").send("POST", "/oauth/token", &grant.to_string()).await;
    assert_eq!(refused.status, 401, "{}", refused.body);

    let verdicts = judge.take_verdicts().await;
    let faulty: Vec<&Verdict> = verdicts.iter().filter(|verdict| !verdict.violations.is_empty()).collect();
    assert!(faulty.is_empty(), "{faulty:#?}");
    let asked: Vec<(&str, &str, u16)> = verdicts
        .iter()
        .filter_map(|verdict| Some((verdict.generation.as_str(), verdict.operation.as_deref()?, verdict.status)))
        .filter(|(_, operation, _)| operation.starts_with("oauth."))
        .collect();
    let exchanges = asked.iter().filter(|asked| **asked == ("v2", "oauth.get-access-token", 200)).count();
    assert_eq!(exchanges, 2, "the code, and the refresh: {asked:?}");
    let distinct: BTreeSet<_> = asked.into_iter().collect();
    let expected = [
        ("v2", "oauth.get-access-token", 200),
        ("v2", "oauth.get-installed-location", 200),
        ("v2", "oauth.get-location-access-token", 200),
        ("v3", "oauth.get-access-token", 401),
    ];
    assert_eq!(distinct, expected.into());
    println!("{} calls of a login, 0 violations", verdicts.len());
}

async fn log_in(data: &Path, api: SocketAddr, pages: SocketAddr) {
    let (key, settings) = (data.join("key"), data.join("settings.toml"));
    std::fs::write(&key, [7; 32]).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let text = format!(
        "[secrets]\nkey = \"file:{}\"\n[http]\negress_allow = [\"127.0.0.1\"]\n[ghl]\nbase_url = \"http://{api}\"\n\
         [ghl.oauth]\nclient_id = \"{}\"\nclient_secret = \"{}\"\nauthorize_url = \"http://{pages}/v2/oauth/chooselocation\"\n",
        key.display(),
        DEMO_APP.client_id,
        DEMO_APP.client_secret
    );
    std::fs::write(&settings, text).unwrap();
    let mut command = Command::new(binary::path("mcp-ghl"));
    command.args(["login", "--no-browser", "--port", "0", "--data-dir"]).arg(data).arg("--config").arg(&settings);
    command.env_clear().env("HOME", data).stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let page = loop {
        let line = tokio::time::timeout(LIMIT, lines.next_line()).await.expect("it says where to go").unwrap();
        if let Ok(page) = line.expect("it waits").trim().parse::<Url>() {
            break page;
        }
    };
    let text = get(&page).await.body;
    let choices = text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let link = choices.map(|link| link.replace("&amp;", "&")).find(|link| link.ends_with("choice=agency"));
    let link = link.unwrap_or_else(|| panic!("nothing to choose: {text}"));
    let redirect = get(&page.join(&link).unwrap()).await;
    assert_eq!(get(&redirect.header("location").unwrap().parse().unwrap()).await.status, 200);
    while let Some(line) = lines.next_line().await.unwrap() {
        println!("{line}");
    }
    assert!(child.wait().await.unwrap().success());
}

/// What a browser does, without following anything.
async fn get(url: &Url) -> Answer {
    let address = format!("127.0.0.1:{}", url.port().unwrap()).parse().unwrap();
    exchange(address, "GET", &format!("{}?{}", url.path(), url.query().unwrap_or_default()), &[], "").await
}

fn session(data: tempfile::TempDir, api: SocketAddr, clock: Clock) -> Session {
    let mut settings = bootstrap::Settings::default();
    settings.http.egress_allow = vec![api.to_string()];
    settings.secrets.key = format!("file:{}", data.path().join("key").display()).parse().unwrap();
    let foundation = Foundation::lay_for(&[mcp_ghl::SERVER], &settings, data.path().to_owned(), clock).unwrap();
    let ghl = mcp_ghl::Settings {
        base_url: format!("http://{api}"),
        oauth: OAuthSettings {
            client_id: Some(DEMO_APP.client_id.to_owned()),
            client_secret: Some(DEMO_APP.client_secret.into()),
            ..OAuthSettings::default()
        },
        ..mcp_ghl::Settings::default()
    };
    Session::over(&foundation, ghl, "local", data)
}
