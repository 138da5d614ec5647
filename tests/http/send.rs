//! Send: what goes over the wire and what comes back, up to its limits.

use bytes::Bytes;
use common::error::ErrorCode;
use common::http::HttpRequest;
use http::Method;
use tests::faults::{Answer, Fault};

use crate::stage::Stage;

#[tokio::test]
async fn the_request_arrives_as_it_was_written() {
    let stage = Stage::play([Answer::new(201).header("x-trace", "t1").body("{\"id\":1}").into()]).await;
    let mut request = HttpRequest { body: Some(Bytes::from_static(b"{\"a\":1}")), ..stage.post("/contacts/?x=a%20b") };
    request.method = Method::DELETE;
    request.headers.insert("authorization", "Bearer t".parse().unwrap());
    request.headers.insert("version", "2021-07-28".parse().unwrap());
    let answer = stage.send(request).await.unwrap();
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (201, &b"{\"id\":1}"[..]));
    assert_eq!(answer.headers["x-trace"], "t1");
    assert!(!answer.is_cached);
    let arrivals = stage.server.arrivals();
    let [arrival] = arrivals.as_slice() else { panic!("{} arrivals", arrivals.len()) };
    assert_eq!((&arrival.method, arrival.target.as_str()), (&Method::DELETE, "/contacts/?x=a%20b"));
    assert_eq!(
        (&arrival.headers["authorization"], &arrival.headers["version"]),
        (&"Bearer t".parse().unwrap(), &"2021-07-28".parse().unwrap())
    );
    assert_eq!(&arrival.body[..], b"{\"a\":1}");
}

#[tokio::test]
async fn an_answer_at_the_limit_passes_and_one_byte_more_is_refused() {
    for (size, passes) in [(100_000, true), (100_001, false), (5_000_000, false)] {
        let stage = Stage::play([Answer::new(200).body(vec![b'x'; size]).into()]).await;
        let stage = stage.with(|settings| settings.response_bytes_max = 100_000);
        match stage.send(stage.get("/")).await {
            Ok(answer) => assert!(passes && answer.body.len() == size, "{size}"),
            Err(error) => {
                assert!(!passes, "{size}: {error:?}");
                assert_eq!(error.code(), ErrorCode::FailedPrecondition);
            }
        }
        assert_eq!(stage.server.count(), 1, "{size}: asking again brings the same");
    }
}

#[tokio::test]
async fn a_reset_connection_is_reported_as_unavailable() {
    let stage = Stage::play([Fault::Reset]).await;
    let error = stage.send(stage.post("/")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::UpstreamUnavailable);
    assert!(error.hint().unwrap().contains("read back"));
}

#[tokio::test]
async fn a_closed_port_is_reported_as_unavailable() {
    let stage = Stage::play([Answer::new(200).into()]).await;
    let request = stage.post("/");
    let authority = stage.server.authority();
    let Stage { clock, server, client, tenant } = stage;
    drop(server);
    let gone = async {
        // The server lets go of its port in its own time.
        loop {
            if let Err(error) = client.send(&tenant, request.clone()).await {
                break error;
            }
        }
    };
    let error = tests::time::drive(&clock, crate::stage::STEP, gone).await;
    assert_eq!(error.code(), ErrorCode::UpstreamUnavailable, "{authority}");
}
