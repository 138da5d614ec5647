//! How far a connection may reach, judged by the address at its other end.

use std::error::Error as StdError;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::error::{Error, ErrorCode};

/// Which addresses a connection may have at its other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Anything on the public internet: the rule.
    Public,
    /// Also private networks and this machine: a listed host over `https`.
    Listed,
    /// This machine only: a listed host over plain `http`.
    Loopback,
}

impl Reach {
    pub(super) fn covers(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        match self {
            Self::Public => is_public(address),
            Self::Listed => is_public(address) || is_private(address) || address.is_loopback(),
            Self::Loopback => address.is_loopback(),
        }
    }
}

/// Resolves names and drops the addresses that may not be reached.
pub(super) struct AddressFilter(pub(super) Reach);

impl Resolve for AddressFilter {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let within_reach: Vec<SocketAddr> = found.filter(|address| reach.covers(address.ip())).collect();
            if within_reach.is_empty() {
                return Err(OutOfReach.into());
            }
            let addresses: Addrs = Box::new(within_reach.into_iter());
            Ok(addresses)
        })
    }
}

/// Every address of a name was dropped.
#[derive(Debug)]
struct OutOfReach;

impl fmt::Display for OutOfReach {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("no address of the host may be reached")
    }
}

impl StdError for OutOfReach {}

/// The error for a connection that was refused by the filter, if `source` is one.
pub(super) fn refusal(host: &str, source: &(dyn StdError + 'static)) -> Option<Error> {
    let mut cause = Some(source);
    while let Some(error) = cause {
        if error.is::<OutOfReach>() {
            return Some(refused(host, "its address may not be reached"));
        }
        cause = error.source();
    }
    None
}

/// The error for a host that may not be called.
pub(super) fn refused(host: &str, reason: &str) -> Error {
    Error::new(ErrorCode::FailedPrecondition, format!("`{host}` is not called: {reason}"))
        .with_hint("use an `https` address on the public internet, or have the host listed in `http.egress_allow`")
}

/// Globally reachable by the IANA special-purpose registries (RFC 6890 and its updates).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_special = match address.octets() {
        [0 | 10 | 127 | 224..=255, ..]
        | [169, 254, ..]
        | [172, 16..=31, ..]
        | [192, 168, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _] => true,
        // Shared by carriers (RFC 6598), where some clouds keep their metadata.
        [100, second, ..] => second & 0xc0 == 64,
        _ => false,
    };
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        // NAT64 (RFC 6052): as public as the address inside.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let [[a, b], [c, d]] = [high.to_be_bytes(), low.to_be_bytes()];
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Protocol assignments with Teredo, documentation, 6to4: special inside the global range.
        [0x2001, 0..=0x1ff | 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || matches!(address.octets(), [100, 64..=127, ..]),
        IpAddr::V6(address) => address.is_unique_local(),
    }
}
