//! Servers of the suite that run as programs of their own: they are told who calls, and what they answer is believed.

use common::auth::Role;
use common::clock::Clock;
use common::error::ErrorCode;
use common::peer::{PeerSettings, PeersSettings};
use serde_json::json;
use tests::binary;
use tests::http_server::HttpServer;

use crate::stage::{PATIENCE, Stage, ann, call, caller};

/// A contact of the emulator's seed (see `docs/emulator.md`), and whose it is.
const PLACE: &str = "Brightside Dental Group";
const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

fn ours() -> PeerSettings {
    PeerSettings { name: "ghl".to_owned(), allow: vec!["*".to_owned()], suite: true, ..PeerSettings::default() }
}

async fn works(stage: &Stage) {
    let found =
        stage.call(&ann(), call("ghl", "get_contact", json!({ "location": PLACE, "contact": HUGO }))).await.unwrap();
    assert!(found.to_string().contains("Laurent"), "{found}");
    let wrong =
        stage.call(&ann(), call("ghl", "get_contact", json!({ "location": PLACE, "contct": HUGO }))).await.unwrap_err();
    assert_eq!(wrong.code(), ErrorCode::InvalidArgument, "{wrong:?}");
    assert!(!wrong.details().faults.is_empty() && wrong.details().said.is_none(), "{wrong:?}");
    let send = call(
        "ghl",
        "send_message",
        json!({ "location": PLACE, "contact": HUGO, "channel": "sms", "text": "See you at 3" }),
    );
    let proposed = stage.call(&ann(), send).await.unwrap_err();
    assert_eq!(proposed.code(), ErrorCode::ApprovalRequired, "{proposed:?}");
    assert!(proposed.details().plan.as_ref().unwrap().plan.summary.contains("Hugo Laurent"), "{proposed:?}");
    let viewer = caller("val", "acme", Role::Viewer);
    stage.call(&viewer, call("ghl", "get_contact", json!({ "location": PLACE, "contact": HUGO }))).await.unwrap();
    let refused =
        stage.call(&viewer, call("ghl", "add_note", json!({ "location": PLACE, "contact": HUGO, "text": "x" }))).await;
    assert_eq!(refused.unwrap_err().code(), ErrorCode::PermissionDenied);
}

#[tokio::test]
async fn as_a_child_process_it_acts_for_whoever_calls() {
    let data = tempfile::tempdir().unwrap();
    let program = PeerSettings {
        command: Some(binary::path("mcp-ghl").display().to_string()),
        args: ["stdio", "--data-dir", &data.path().display().to_string(), "--toolsets", "all"]
            .map(str::to_owned)
            .into(),
        ..ours()
    };
    let stage = Stage::beside(program);
    works(&stage).await;
    // The role that it is told is the one that it keeps: what only administrators may is refused by itself.
    let destroy = call("ghl", "delete_contact", json!({ "location": PLACE, "contact": HUGO }));
    let refused = stage.call(&ann(), destroy).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::PermissionDenied, "{refused:?}");
    assert!(stage.foundation.tasks.shutdown(PATIENCE).await);
}

#[tokio::test]
async fn over_http_it_is_spoken_to_in_the_newer_era() {
    let data = tempfile::tempdir().unwrap();
    let server = HttpServer::start("mcp-ghl", data.path(), &["--toolsets", "all"]).await;
    let settings = PeersSettings {
        servers: vec![PeerSettings { url: Some(format!("http://{}/ghl/mcp", server.address)), ..ours() }],
        ..PeersSettings::default()
    };
    let stage = Stage::with(settings, vec![server.address.to_string()], Clock::system());
    works(&stage).await;
}
