//! The vendor's limit of 100 requests in 10 s, met by waiting. It takes the real seconds: in the full run only.

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::auth::{Caller, Role};
use common::bootstrap::{self, Foundation};
use common::clock::Clock;
use common::http::HttpRequest;
use common::tool::{Call, Surface};
use futures_util::future::join_all;
use http::Method;
use mcp_ghl::connections::ConnectionSettings;
use mcp_ghl::sandbox::{DEMO_LOCATIONS, Sandbox, SandboxSettings};
use serde_json::{Map, Value};
use tests::time::is_full_run;
use tokio_util::sync::CancellationToken;

const CALLS: usize = 125;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_over_the_limit_waits_and_nobody_is_refused() {
    if !is_full_run() {
        println!("skipped: takes 10 s; set LUMINAR_FULL=1, or run tests/run --full");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let foundation = lay(folder.path());
    let settings = SandboxSettings { test_levers: true, ..SandboxSettings::default() };
    let sandbox = Sandbox::in_folder(folder.path(), Clock::system(), settings);
    let emulator = sandbox.open(0, &foundation.tasks).await.unwrap();
    foundation.http.allow_own_port(emulator);
    let [dental, ..] = DEMO_LOCATIONS;
    let connection = ConnectionSettings {
        tenant: "acme".parse().unwrap(),
        token: dental.token.into(),
        location_id: Some(dental.id.parse().unwrap()),
        company_id: None,
    };
    let ghl = mcp_ghl::Settings {
        base_url: format!("http://{emulator}"),
        connections: vec![connection],
        ..mcp_ghl::Settings::default()
    };
    let server = mcp_ghl::build(&foundation, ghl, None).unwrap();
    let dispatch = foundation.dispatch(bootstrap::Settings::default().tools);
    let caller = Caller::local("tester", "acme".parse().unwrap(), Role::Member);
    let (server, dispatch, surface) = (Arc::new(server), Arc::new(dispatch), Surface::whole());

    let began = Instant::now();
    let calls = (0..CALLS).map(|_| async {
        let call = Call::new(caller.clone(), CancellationToken::new(), Duration::from_mins(1));
        dispatch.run(&server.tools, &surface, &call, "search_contacts", Map::new()).await.unwrap()
    });
    let results = join_all(calls).await;
    let seconds = began.elapsed().as_secs_f64();

    let refused: Vec<_> = results.iter().filter(|result| result.is_err()).collect();
    assert!(refused.is_empty(), "{} of {CALLS} were refused, the first: {:?}", refused.len(), refused.first());
    let seen = requests(&foundation, &format!("http://{emulator}/__sandbox/requests")).await;
    let limited = seen.iter().filter(|request| request["status"] == 429).count();
    println!("{CALLS} parallel calls at 100 per 10 s: {seconds:.2} s, {} requests, {limited} answered 429", seen.len());
    assert_eq!(limited, 0);
    assert!((10.0..14.0).contains(&seconds), "{seconds} s");
}

fn lay(folder: &std::path::Path) -> Foundation {
    Foundation::lay_for(&[mcp_ghl::SERVER], &bootstrap::Settings::default(), folder.to_owned(), Clock::system())
        .unwrap()
}

async fn requests(foundation: &Foundation, url: &str) -> Vec<Value> {
    let request = HttpRequest::new(Method::GET, url.parse().unwrap());
    let answer = foundation.http.send(&"tests".parse().unwrap(), request).await.unwrap();
    serde_json::from_slice(&answer.body).unwrap()
}
