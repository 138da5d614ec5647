//! One attempt of a person to log in: the address to open, and the answer that comes back to this machine.

use std::net::Ipv4Addr;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::clock::Clock;
use common::error::{Error, ErrorCode, Result};
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpListener;
use url::Url;

use super::loopback::{self, Answer};
use super::settings::OAuthSettings;

/// Length of `state`, in random bytes: not to be guessed.
const STATE_BYTES: usize = 32;

/// What the person is asked, and where the answer is to go.
#[derive(Debug)]
pub(crate) struct Question<'a> {
    pub(crate) settings: &'a OAuthSettings,
    pub(crate) client_id: &'a str,
    pub(crate) scopes: &'a [&'a str],
    /// In place of the one in the settings; 0 takes a free one, for an app that may redirect to any.
    pub(crate) port: Option<u16>,
}

/// An open port that waits for the vendor's redirect, once.
#[derive(Debug)]
pub(crate) struct Attempt {
    listener: TcpListener,
    redirect_uri: Url,
    page: Url,
    state: SecretString,
}

impl Attempt {
    /// Opens the port.
    ///
    /// # Errors
    /// `failed_precondition` if an address in the settings is none, leads elsewhere than to this machine, or its port
    /// is taken.
    pub(crate) async fn begin(question: &Question<'_>) -> Result<Self> {
        let mut redirect_uri = address("redirect_url", &question.settings.redirect_url)?;
        if redirect_uri.scheme() != "http" || !matches!(redirect_uri.host_str(), Some("127.0.0.1" | "localhost")) {
            return Err(Error::new(ErrorCode::FailedPrecondition, "`ghl.oauth.redirect_url` is no loopback address")
                .with_hint("make it `http://127.0.0.1:<port>/<path>` or `http://localhost:<port>/<path>`"));
        }
        let port = question.port.or(redirect_uri.port()).unwrap_or(80);
        let taken = |source| {
            Error::new(ErrorCode::FailedPrecondition, format!("port {port} cannot be taken"))
                .with_hint("end what uses it, or choose another `--port` that is registered with the app")
                .with_source(source)
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(taken)?;
        let port = listener.local_addr().map_err(taken)?.port();
        redirect_uri
            .set_port(Some(port))
            .map_err(|()| Error::internal("a loopback address has no port", "set_port"))?;
        let state = random_state()?;
        let mut page = address("authorize_url", &question.settings.authorize_url)?;
        page.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("redirect_uri", redirect_uri.as_str())
            .append_pair("client_id", question.client_id)
            .append_pair("scope", &question.scopes.join(" "))
            .append_pair("state", state.expose_secret());
        Ok(Self { listener, redirect_uri, page, state })
    }

    /// What the person has to open.
    pub(crate) fn page(&self) -> &Url {
        &self.page
    }

    pub(crate) fn redirect_uri(&self) -> &Url {
        &self.redirect_uri
    }

    /// Waits for the redirect and returns its code. The first answer ends the attempt, whatever it is.
    ///
    /// # Errors
    /// `deadline_exceeded` if nobody comes; `permission_denied` if the person or the vendor refuses; `unauthenticated`
    /// if the answer does not belong to this attempt.
    pub(crate) async fn answer(&self, clock: &Clock, patience: Duration) -> Result<SecretString> {
        let late = || {
            Error::new(ErrorCode::DeadlineExceeded, "nobody has answered the login in time")
                .with_hint("start it again; `ghl.oauth.login_ms` says how long it waits")
        };
        let judge = |answer: &Answer| self.judge(answer);
        tokio::select! {
            answer = loopback::first_answer(&self.listener, clock, self.redirect_uri.path(), judge) => answer,
            () = clock.sleep(patience) => Err(late()),
        }
    }

    fn judge(&self, answer: &Answer) -> Result<SecretString> {
        if answer.get("state") != Some(self.state.expose_secret()) {
            return Err(Error::new(ErrorCode::Unauthenticated, "the answer does not belong to this login")
                .with_hint("start the login again, and open only the address that it prints"));
        }
        if let Some(error) = answer.get("error") {
            let told = [Some(error), answer.get("error_description")].into_iter().flatten();
            let told = told.map(plain).collect::<Vec<_>>().join(": ");
            return Err(Error::new(ErrorCode::PermissionDenied, format!("GoHighLevel refused the login ({told})"))
                .with_hint("start the login again and allow the app"));
        }
        let code = answer.get("code").filter(|code| !code.is_empty());
        code.map(SecretString::from).ok_or_else(|| {
            Error::new(ErrorCode::UpstreamRejected, "GoHighLevel's answer holds no code")
                .with_hint("start the login again")
        })
    }
}

/// Text from the address bar, for the person's terminal: letters and plain signs only, and not much of it.
fn plain(text: &str) -> String {
    let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || " _-.,'".contains(*letter);
    text.chars().filter(is_plain).take(200).collect()
}

fn address(setting: &str, text: &str) -> Result<Url> {
    let not_an_address = || Error::new(ErrorCode::FailedPrecondition, format!("`ghl.oauth.{setting}` is no address"));
    let url: Url = text.parse().map_err(|source: url::ParseError| not_an_address().with_source(source))?;
    if url.has_host() { Ok(url) } else { Err(not_an_address()) }
}

fn random_state() -> Result<SecretString> {
    let mut bytes = [0; STATE_BYTES];
    getrandom::fill(&mut bytes).map_err(|source| Error::internal("the system gives no random numbers", source))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_the_address_bar_cannot_move_the_cursor() {
        assert_eq!(plain("access_denied"), "access_denied");
        assert_eq!(plain("\u{1b}[2Jgone <b>"), "2Jgone b");
        assert_eq!(plain(&"a".repeat(999)).len(), 200);
    }
}
