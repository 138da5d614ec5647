//! Contacts and won deals of the CRM, page by page through its own tools, as the caller.

use std::time::Duration;

use common::error::{Error, ErrorCode, Result};
use common::peer::PeerCall;
use common::tool::Call;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::deps::Deps;
use crate::instant::rfc3339;
use crate::intake::Scroll;

/// Records of a page: the most that its tools show.
const PAGE: usize = 100;

/// How long a page may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// Pages that are read before the rest is left.
const PAGES_MAX: u32 = 20_000;

/// What is read, and from whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) server: &'a str,
    pub(crate) location: Option<&'a str>,
    /// Contacts with this tag have given their consent.
    pub(crate) consent_tag: Option<&'a str>,
    /// Only contacts that were added since then.
    pub(crate) since_ms: Option<i64>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) scroll: Scroll,
    /// Records that could not be used: deals without a contact, value or date.
    pub(crate) left_out: u64,
    /// Whether there was more than is read at once.
    pub(crate) is_cut: bool,
}

#[derive(Debug, Deserialize)]
struct Page<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

/// A contact as `search_contacts` shows it.
#[derive(Debug, Deserialize)]
struct Contact {
    id: String,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    source: Option<String>,
    added_at: Option<String>,
    #[serde(default)]
    do_not_disturb: bool,
}

/// A deal as `search_opportunities` shows it.
#[derive(Debug, Deserialize)]
struct Deal {
    id: String,
    value: Option<f64>,
    contact: Option<Reference>,
    stage_since: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Reference {
    id: String,
}

/// A row of customers. Every field is written, so that the table has every column.
#[derive(Debug, Serialize)]
struct CustomerRow<'a> {
    customer_id: &'a str,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    name: Option<&'a str>,
    consent: Option<bool>,
    since: Option<&'a str>,
    channel: Option<&'a str>,
    source: &'a str,
}

/// A row of transactions.
#[derive(Debug, Serialize)]
struct TransactionRow<'a> {
    customer_id: &'a str,
    at: &'a str,
    amount: f64,
    transaction_id: &'a str,
}

impl Contact {
    /// A contact who does not want to be disturbed has refused. One who has not said so has not thereby agreed.
    fn consent(&self, tag: Option<&str>) -> Option<bool> {
        if self.do_not_disturb {
            return Some(false);
        }
        let has = |tag: &str| self.tags.iter().any(|own| own.eq_ignore_ascii_case(tag));
        tag.filter(|tag| has(tag)).map(|_| true)
    }
}

/// Contacts as rows of customers.
///
/// # Errors
/// Those of the peer; `upstream_rejected` if its contacts are of another form.
pub(crate) async fn contacts(deps: &Deps, call: &Call, reading: Reading<'_>) -> Result<Read> {
    let since = reading.since_ms.map(rfc3339);
    let asked = Asked { added_after: since.as_deref(), ..Asked::default() };
    let mut read = Read { scroll: Scroll::new(deps, reading.server)?, left_out: 0, is_cut: false };
    let tool = "search_contacts";
    pages(deps, call, (reading, tool, asked), &mut read, |read, contact: Contact| {
        read.scroll.write(&CustomerRow {
            customer_id: &contact.id,
            email: contact.email.as_deref(),
            phone: contact.phone.as_deref(),
            name: contact.name.as_deref(),
            consent: contact.consent(reading.consent_tag),
            since: contact.added_at.as_deref(),
            channel: contact.source.as_deref(),
            source: reading.server,
        })
    })
    .await?;
    Ok(read)
}

/// Won deals as rows of transactions; a deal counts from when it came into its stage.
///
/// # Errors
/// As [`contacts`].
pub(crate) async fn deals(deps: &Deps, call: &Call, reading: Reading<'_>) -> Result<Read> {
    let asked = Asked { status: Some("won"), ..Asked::default() };
    let mut read = Read { scroll: Scroll::new(deps, reading.server)?, left_out: 0, is_cut: false };
    let tool = "search_opportunities";
    pages(deps, call, (reading, tool, asked), &mut read, |read, deal: Deal| {
        let (Some(contact), Some(amount), Some(at)) = (&deal.contact, deal.value, &deal.stage_since) else {
            read.left_out += 1;
            return Ok(());
        };
        read.scroll.write(&TransactionRow { customer_id: &contact.id, at, amount, transaction_id: &deal.id })
    })
    .await?;
    Ok(read)
}

/// What both tools take.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Asked<'a> {
    limit: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    added_after: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
}

async fn pages<T: DeserializeOwned>(
    deps: &Deps,
    call: &Call,
    (reading, tool, asked): (Reading<'_>, &'static str, Asked<'_>),
    read: &mut Read,
    mut write: impl FnMut(&mut Read, T) -> Result<()>,
) -> Result<()> {
    let mut cursor: Option<String> = None;
    for number in 0..PAGES_MAX {
        let asked = Asked { limit: PAGE, location: reading.location, cursor: cursor.as_deref(), ..asked };
        let page: Page<T> = page(deps, call, (reading.server, tool), &asked).await?;
        for item in page.items {
            write(read, item)?;
        }
        call.progress.report(number.saturating_add(1), None, format!("{} records read", read.scroll.lines));
        match page.next_cursor {
            // The same place again would never end.
            Some(next) if cursor.as_deref() != Some(next.as_str()) => cursor = Some(next),
            _ => return Ok(()),
        }
    }
    read.is_cut = true;
    Ok(())
}

async fn page<T: DeserializeOwned>(
    deps: &Deps,
    call: &Call,
    (server, tool): (&str, &str),
    asked: &Asked<'_>,
) -> Result<Page<T>> {
    let encoded = |source| Error::internal("what a server is asked could not be encoded", source);
    let peer_call = PeerCall {
        server: server.to_owned(),
        tool: tool.to_owned(),
        arguments: serde_json::from_value(serde_json::to_value(asked).map_err(encoded)?).map_err(encoded)?,
        idempotency_key: None,
        approval: None,
        trace_id: call.trace_id.clone(),
        deadline: PATIENCE,
        cancel: call.cancel.clone(),
    };
    let answer = deps.peers.call(&call.caller, peer_call).await?;
    serde_json::from_value(answer).map_err(|source| {
        Error::new(ErrorCode::UpstreamRejected, format!("what `{server}` answered is not in the form of `{tool}`"))
            .with_hint("`server` has to be an mcp-ghl of this suite")
            .with_source(source)
    })
}
