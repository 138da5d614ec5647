//! Brings a data set up to date from the CRM.

use common::clock::UnixMillis;
use common::error::{Error, Result};
use common::tool::{Access, Call, Tool, one_line};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::dataset::DatasetName;
use crate::deps::Deps;
use crate::instant::{DateForm, rfc3339};
use crate::intake::{Form, Order, Table, load};
use crate::mapping::{Mapping, Said};
use crate::record::RecordKind;
use crate::store::datasets;
use crate::sync::{Read, Reading, contacts, deals};
use crate::tools::toolset;

pub(crate) struct SyncDataset;

/// How far before the last time is read again, for records that were on their way.
const OVERLAP_MS: UnixMillis = 86_400_000;

/// Longest origin kept, in characters.
const ORIGIN_LENGTH_MAX: usize = 120;

/// Bad records that are tolerated, in percent: the CRM is as it is.
const REFUSED_PERCENT_MAX: u32 = 50;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name; new ones are made.
    dataset: String,
    /// The CRM server.
    #[serde(default = "server")]
    server: String,
    /// Name or id.
    location: Option<String>,
    /// Also won deals, as transactions in this currency (ISO 4217).
    deals_currency: Option<String>,
    /// Who has it has given consent.
    consent_tag: Option<String>,
    /// All anew, in place of earlier rows.
    #[serde(default)]
    full: bool,
}

fn server() -> String {
    "ghl".to_owned()
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Its name.
    dataset: String,
    /// The current one; absent while nothing was ever read.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    /// New rows.
    customers: u64,
    /// New rows.
    transactions: u64,
    /// Deals that are there already.
    known: u64,
    /// Records that could not be used.
    left_out: u64,
    /// Since when contacts were read, RFC 3339; absent: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
    /// How to understand it.
    remarks: Vec<String>,
}

impl Tool for SyncDataset {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "sync_dataset";
    const TITLE: &'static str = "Sync data set";
    const DESCRIPTION: &'static str = "Read contacts (and won deals) of the CRM into a data set; the next time only new ones. Consent is taken \
        from do-not-disturb and consent_tag alone.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::DATA;
    const IS_IDEMPOTENT: bool = true;
    const IS_LONG: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let name = DatasetName::parse(&args.dataset)?;
        let began_ms = deps.clock.now_ms();
        let since_ms = if args.full { None } else { read_until(deps, call, &name, &args).await? };
        let since_ms = since_ms.map(|until_ms| until_ms.saturating_sub(OVERLAP_MS));
        let reading = Reading {
            server: &args.server,
            location: args.location.as_deref(),
            consent_tag: args.consent_tag.as_deref(),
            since_ms,
        };
        let mut output = Output {
            dataset: name.to_string(),
            version: None,
            customers: 0,
            transactions: 0,
            known: 0,
            left_out: 0,
            since: since_ms.map(rfc3339),
            remarks: Vec::new(),
        };
        let step = Step { deps, call, name: &name, args: &args, began_ms };
        let read = contacts(deps, call, reading).await?;
        output.customers = step.take(read, RecordKind::Customers, &mut output).await?;
        if args.deals_currency.is_some() {
            let read = deals(deps, call, reading).await?;
            output.transactions = step.take(read, RecordKind::Transactions, &mut output).await?;
            output.remarks.push("a won deal counts from when it came into its stage".to_owned());
        }
        if since_ms.is_some() {
            output.remarks.push("contacts that were only changed are read by full: true".to_owned());
        }
        output.remarks.push("no do-not-disturb is not taken for consent".to_owned());
        Ok(output)
    }
}

/// Until when contacts of this server and location had been read; none if the version that counts has none of them.
async fn read_until(deps: &Deps, call: &Call, name: &DatasetName, args: &Args) -> Result<Option<UnixMillis>> {
    let Some(listed) = datasets::named(&deps.db, call.tenant(), name.as_str()).await? else { return Ok(None) };
    let loads = datasets::loads(&deps.db, &listed).await?;
    let of_server = loads.iter().filter(|load| load.kind == RecordKind::Customers && load.origin == origin(args));
    Ok(of_server.filter_map(|load| load.read_until_ms).max())
}

fn origin(args: &Args) -> String {
    let location = args.location.as_deref().unwrap_or("by default");
    one_line(&format!("server {}, location {location}", args.server), ORIGIN_LENGTH_MAX)
}

struct Step<'a> {
    deps: &'a Deps,
    call: &'a Call,
    name: &'a DatasetName,
    args: &'a Args,
    began_ms: UnixMillis,
}

impl Step<'_> {
    /// Loads what was read. Returns how many rows are new.
    async fn take(&self, read: Read, kind: RecordKind, output: &mut Output) -> Result<u64> {
        output.left_out += read.left_out;
        if read.is_cut {
            output.remarks.push(format!("there are more {kind} than are read at once: only the newest are here"));
        }
        if read.scroll.lines == 0 {
            return Ok(0);
        }
        let table = Table::open(read.scroll.finish()?, Some(Form::JsonLines))?;
        let said = Said {
            columns: table.columns.iter().map(|column| (column.clone(), column.clone())).collect(),
            currency: self.args.deals_currency.clone(),
            dates: Some(DateForm::Iso),
        };
        let mapping = Mapping::propose(kind, &table.columns, &[], &said)?;
        if let Some(question) = mapping.questions().into_iter().next() {
            return Err(Error::internal("records of the CRM lack a field", question));
        }
        let order = Order {
            dataset: self.name.as_str(),
            table,
            mapping,
            appends: !self.args.full,
            refused_percent_max: REFUSED_PERCENT_MAX,
            origin: origin(self.args),
            read_until_ms: Some(self.began_ms),
        };
        let loaded = load(self.deps, self.call, order).await?;
        output.version = Some(loaded.version);
        output.known += loaded.known;
        output.left_out += loaded.refusals.total;
        Ok(loaded.profile.rows)
    }
}
