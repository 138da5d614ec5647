//! Egress guard: where requests may go. `https` to public addresses, and what the settings name.
//!
//! Names are judged by the addresses they resolve to, in the resolver of the connection itself ([`super::reach::AddressFilter`]),
//! so that no second look-up can answer differently. Redirects are not followed.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};

use url::{Host, Url};

use super::call::{Call, Failure};
use super::message::HttpResponse;
use super::reach::{Reach, refused};
use super::send::Sender;
use super::settings::HttpSettings;
use super::stream::HttpStream;

pub(super) struct Egress {
    inner: Sender,
    allow: Vec<String>,
    own: OwnPorts,
}

/// Ports of this very process, such as an emulator's: reachable by plain `http` although nobody listed them. Cheap to
/// clone; all clones are one list.
#[derive(Debug, Clone, Default)]
pub(super) struct OwnPorts {
    addresses: Arc<RwLock<Vec<SocketAddr>>>,
}

impl OwnPorts {
    pub(super) fn add(&self, address: SocketAddr) {
        self.addresses.write().unwrap_or_else(PoisonError::into_inner).push(address);
    }

    fn contains(&self, url: &Url) -> bool {
        let address = match (url.host(), url.port()) {
            (Some(Host::Ipv4(ip)), Some(port)) => SocketAddr::from((ip, port)),
            (Some(Host::Ipv6(ip)), Some(port)) => SocketAddr::from((ip, port)),
            _ => return false,
        };
        self.addresses.read().unwrap_or_else(PoisonError::into_inner).contains(&address)
    }
}

impl Egress {
    pub(super) fn new(settings: &HttpSettings, own: OwnPorts, inner: Sender) -> Self {
        let allow = settings.egress_allow.iter().map(|entry| entry.to_ascii_lowercase()).collect();
        Self { inner, allow, own }
    }

    pub(super) async fn send(&self, call: &Call<'_>) -> Result<HttpResponse, Failure> {
        let reach = self.reach(&call.request.url).map_err(|reason| Failure::NotSent(refused(call.host(), reason)))?;
        self.inner.send(call, reach).await
    }

    pub(super) async fn open(&self, call: &Call<'_>) -> Result<HttpStream, Failure> {
        let reach = self.reach(&call.request.url).map_err(|reason| Failure::NotSent(refused(call.host(), reason)))?;
        self.inner.open(call, reach).await
    }

    fn reach(&self, url: &Url) -> Result<Reach, &'static str> {
        let Some(host) = url.host_str() else { return Err("it names no host") };
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it carries a user name or password");
        }
        let with_port = url.port_or_known_default().map(|port| format!("{host}:{port}"));
        let is_listed =
            self.allow.iter().any(|entry| entry == host || Some(entry) == with_port.as_ref()) || self.own.contains(url);
        let reach = match (url.scheme(), is_listed) {
            ("https", false) => Reach::Public,
            ("https", true) => Reach::Listed,
            ("http", true) => Reach::Loopback,
            _ => return Err("it is not `https`"),
        };
        // Addresses written as such never meet the resolver.
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) | None => None,
        };
        if literal.is_some_and(|address| !reach.covers(address)) {
            return Err("its address may not be reached");
        }
        Ok(reach)
    }
}
