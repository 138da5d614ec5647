//! Egress guard: what may be reached, judged by the address that is connected to.

use common::error::{ErrorCode, Result};
use common::http::{HttpRequest, HttpResponse, HttpSettings, Repeat};
use http::Method;
use tests::faults::{Answer, FaultyServer};

use crate::stage::Stage;

/// Sends while the clock stands still: look-ups of names take place on other threads, in real time.
async fn send_at_once(stage: &Stage, request: HttpRequest) -> Result<HttpResponse> {
    let request = HttpRequest { repeat: Repeat::Never, ..request };
    stage.client.send(&stage.tenant, request).await
}

/// What the guard says to a URL, with nothing listed.
async fn refusal(url: &str) -> (ErrorCode, String) {
    let stage = Stage::play([Answer::new(200).into()]).await;
    let error = send_at_once(&stage, HttpRequest::new(Method::GET, url.parse().unwrap())).await.unwrap_err();
    (error.code(), error.to_string())
}

#[tokio::test]
async fn special_addresses_are_refused_however_they_are_written() {
    let addresses = [
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0/",
        "https://10.0.0.1/",
        "https://172.16.0.1/",
        "https://172.31.255.255/",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://100.127.255.255/",
        "https://100.100.100.200/",
        "https://169.254.169.254/latest/meta-data/",
        "https://192.0.0.192/",
        "https://198.18.0.1/",
        "https://224.0.0.1/",
        "https://240.0.0.1/",
        "https://255.255.255.255/",
        "https://[::1]/",
        "https://[::]/",
        "https://[fe80::1]/",
        "https://[fd00:ec2::254]/",
        "https://[ff02::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[2001:0:7f00:1::]/",
        "https://[2001:db8::1]/",
        "https://[::127.0.0.1]/",
    ];
    for url in addresses {
        let (code, text) = refusal(url).await;
        assert_eq!(code, ErrorCode::FailedPrecondition, "{url}: {text}");
        assert!(text.contains("may not be reached"), "{url}: {text}");
    }
}

#[tokio::test]
async fn a_name_is_judged_by_what_it_resolves_to() {
    for url in ["https://localhost/", "https://LOCALHOST:8443/"] {
        let (code, text) = refusal(url).await;
        assert_eq!(code, ErrorCode::FailedPrecondition, "{url}: {text}");
        assert!(text.contains("may not be reached"), "{url}: {text}");
    }
}

#[tokio::test]
async fn plain_http_and_other_schemes_are_refused() {
    for url in ["http://example.com/", "http://127.0.0.1:1/", "ftp://example.com/", "file:///etc/passwd", "data:,x"] {
        assert_eq!(refusal(url).await.0, ErrorCode::FailedPrecondition, "{url}");
    }
}

#[tokio::test]
async fn credentials_in_the_url_are_refused_and_not_repeated() {
    let (code, text) = refusal("https://someone:secret@example.com/").await;
    assert_eq!(code, ErrorCode::FailedPrecondition);
    assert!(!text.contains("someone") && !text.contains("secret"), "{text}");
}

#[tokio::test]
async fn a_listed_port_opens_no_other_port_and_a_listed_name_no_other_address() {
    let stage = Stage::play([Answer::new(200).into()]).await;
    let other = FaultyServer::play(&stage.clock, [Answer::new(200).into()]).await.unwrap();
    let error = send_at_once(&stage, HttpRequest::new(Method::GET, other.url("/"))).await.unwrap_err();
    assert_eq!((error.code(), other.count()), (ErrorCode::FailedPrecondition, 0));

    let metadata = "http://169.254.169.254/";
    let stage = stage.with(|settings: &mut HttpSettings| settings.egress_allow.push("169.254.169.254".to_owned()));
    for url in [metadata, "https://169.254.169.254/"] {
        let error = send_at_once(&stage, HttpRequest::new(Method::GET, url.parse().unwrap())).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::FailedPrecondition, "{url}");
    }
}

#[tokio::test]
async fn a_listed_name_on_loopback_may_speak_plain_http() {
    let stage = Stage::play([Answer::new(200).into()])
        .await
        .with(|settings| settings.egress_allow.push("localhost".to_owned()));
    let url = stage.server.url("/").as_str().replace("127.0.0.1", "localhost").parse().unwrap();
    assert_eq!(send_at_once(&stage, HttpRequest::new(Method::GET, url)).await.unwrap().status.as_u16(), 200);
}

#[tokio::test]
async fn redirects_are_returned_and_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let stage = Stage::play([Answer::new(status).header("location", "/elsewhere").into()]).await;
        let answer = stage.send(stage.get("/")).await.unwrap();
        assert_eq!((answer.status.as_u16(), stage.server.count()), (status, 1));
    }
}
