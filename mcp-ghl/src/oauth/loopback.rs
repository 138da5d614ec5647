//! The little door through which a browser brings the vendor's answer. It knows one path and the head of a `GET`.

use std::collections::HashMap;
use std::time::Duration;

use common::clock::Clock;
use common::error::{Error, ErrorCode, Result};
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// Longest head of a request, in bytes; codes and states are a few hundred.
const HEAD_BYTES_MAX: usize = 16_384;

/// How long one browser may take to send it.
const PATIENCE: Duration = Duration::from_secs(5);

/// The query of the redirect.
pub(super) struct Answer(HashMap<String, SecretString>);

impl Answer {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(ExposeSecret::expose_secret)
    }
}

/// Answers until a request for `path` has come, and returns what `judge` says of it; the browser is told the same.
///
/// # Errors
/// Those of `judge`; `internal` if the port is lost.
pub(super) async fn first_answer<T>(
    listener: &TcpListener,
    clock: &Clock,
    path: &str,
    judge: impl Fn(&Answer) -> Result<T>,
) -> Result<T> {
    loop {
        let (mut stream, _) =
            listener.accept().await.map_err(|source| Error::internal("the login's port was lost", source))?;
        // One after the other: a browser that opens a connection in advance and sends nothing may not hold up the next.
        let head = tokio::select! {
            head = read_head(&mut stream) => head,
            () = clock.sleep(PATIENCE) => None,
        };
        let Some(target) = head.as_deref().and_then(target) else { continue };
        if target.path() != path {
            write(&mut stream, "404 Not Found", "Nothing is here.").await;
            continue;
        }
        let answer =
            Answer(target.query_pairs().map(|(name, value)| (name.into_owned(), value.as_ref().into())).collect());
        let judged = judge(&answer);
        match &judged {
            Ok(_) => {
                let text = "Luminar has received your answer. This window can be closed; the terminal says the rest.";
                write(&mut stream, "200 OK", text).await;
            }
            Err(error) => {
                let status = if error.code() == ErrorCode::PermissionDenied { "200 OK" } else { "400 Bad Request" };
                write(&mut stream, status, &format!("The login has failed: {}.", error.message())).await;
            }
        }
        return judged;
    }
}

/// The request up to its empty line; `None` if the browser leaves or sends too much.
async fn read_head(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let mut piece = [0; 1_024];
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let count = stream.read(&mut piece).await.ok().filter(|count| *count > 0)?;
        head.extend_from_slice(piece.get(..count)?);
        if head.len() > HEAD_BYTES_MAX {
            return None;
        }
    }
    Some(head)
}

/// What a `GET` asks for, as an address. The host is of no matter: who answers is decided by `state`.
fn target(head: &[u8]) -> Option<Url> {
    let line = std::str::from_utf8(head.split(|byte| *byte == b'\r').next()?).ok()?;
    let mut words = line.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let is_http = version.starts_with("HTTP/1.") && words.next().is_none();
    (method == "GET" && is_http && target.starts_with('/')).then(|| format!("http://loopback{target}").parse().ok())?
}

/// Best effort: what counts is in our hands already. `text` is ours and holds no markup.
async fn write(stream: &mut TcpStream, status: &str, text: &str) {
    let body = format!("<!doctype html><meta charset=\"utf-8\"><title>Luminar</title><p>{text}</p>");
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
         referrer-policy: no-referrer\r\ncontent-security-policy: default-src 'none'\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    drop(stream.write_all(answer.as_bytes()).await);
    drop(stream.shutdown().await);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_get_of_a_path_is_understood() {
        let path = |head: &str| target(head.as_bytes()).map(|url| url.path().to_owned());
        assert_eq!(path("GET /oauth/callback?code=a HTTP/1.1\r\nHost: x\r\n\r\n").as_deref(), Some("/oauth/callback"));
        for head in
            ["POST /a HTTP/1.1\r\n\r\n", "GET http://evil.example/a HTTP/1.1\r\n\r\n", "GET /a\r\n\r\n", "\r\n\r\n", ""]
        {
            assert_eq!(path(head), None, "{head:?}");
        }
    }
}
