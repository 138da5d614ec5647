//! Brings a table into a data set: shows first how its columns are understood.

use std::collections::BTreeMap;

use common::error::{Error, ErrorCode, Fault, Result};
use common::tool::{Access, Call, Tool, Untrusted, UntrustedData, one_line};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{Grid, Scalar};
use crate::cell::Cell;
use crate::dataset::DatasetName;
use crate::deps::Deps;
use crate::draft::Drafter;
use crate::instant::DateForm;
use crate::intake::{Content, Form, Loaded, Order, SourceArgs, Table, load};
use crate::mapping::{Mapping, Said};
use crate::record::RecordKind;
use crate::refusals::Refusals;
use crate::tools::toolset;

pub(crate) struct ImportDataset;

/// Columns that a proposal names.
const COLUMNS_SHOWN: usize = 60;

/// Rows of the sample that are shown.
const ROWS_SHOWN: usize = 3;

/// Longest value shown, in characters.
const VALUE_LENGTH_MAX: usize = 60;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name; new ones are made.
    dataset: String,
    kind: RecordKind,
    /// In the import folder.
    file: Option<String>,
    /// Instead: CSV or JSON Lines.
    text: Option<String>,
    /// Instead: its https address.
    url: Option<String>,
    /// Default: guessed.
    form: Option<Form>,
    /// Field to column, where the proposal is wrong; "" leaves a field out.
    #[serde(default)]
    columns: BTreeMap<String, String>,
    /// Of rows that name none, ISO 4217.
    currency: Option<String>,
    /// How dates are written.
    dates: Option<DateForm>,
    /// Keep earlier rows of the kind.
    #[serde(default)]
    append: bool,
    /// Percent of bad rows tolerated.
    #[serde(default = "refused_max")]
    #[schemars(range(max = 100))]
    refused_max: u32,
    /// False: only shown.
    #[serde(default)]
    apply: bool,
}

const fn refused_max() -> u32 {
    5
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// False: nothing was changed, this is how it would be read.
    applied: bool,
    /// Its name.
    dataset: String,
    /// The version that this made.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i64>,
    /// How the table is written.
    form: Form,
    /// Field to column.
    mapping: BTreeMap<String, Untrusted>,
    /// How each date is written.
    dates: BTreeMap<String, DateForm>,
    /// Columns that are not imported.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    left_out: Vec<Untrusted>,
    /// To be answered before it can be applied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    questions: Vec<String>,
    /// The first rows, as read.
    #[serde(skip_serializing_if = "Option::is_none")]
    sample: Option<UntrustedData>,
    /// Rows that were imported; of a proposal, those of the sample that would be.
    rows: u64,
    /// Rows that were not.
    refused: u64,
    /// Left out because an earlier import had their `transaction_id`.
    #[serde(skip_serializing_if = "is_zero")]
    known: u64,
    /// How many rows, for which reason.
    reasons: Grid,
    /// The first refused ones: line and reason.
    refused_rows: Grid,
    /// What was done to make it fit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remarks: Vec<String>,
    /// What comes next.
    next_step: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Tool for ImportDataset {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "import_dataset";
    const TITLE: &'static str = "Import data set";
    const DESCRIPTION: &'static str = "Bring CSV, JSON Lines or Parquet into a data set. Without apply: proposed mapping, sample, bad rows. With apply: \
        all or nothing, as a new version.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::DATA;
    const IS_LONG: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let name = DatasetName::parse(&args.dataset)?;
        let source = SourceArgs { file: args.file.as_deref(), text: args.text.as_deref(), url: args.url.as_deref() };
        let content = Content::fetch(deps, call, source).await?;
        let table = Table::open(content, args.form)?;
        let sample = table.sample()?;
        if sample.is_empty() {
            return Err(Error::new(ErrorCode::FailedPrecondition, "there is no row in it that can be read")
                .with_hint("a table has a row for each record, each as long as the first"));
        }
        let said = Said { columns: args.columns, currency: args.currency, dates: args.dates };
        let mapping = Mapping::propose(args.kind, &table.columns, &sample, &said)?;
        let shown = Shown { name: &name, table: &table, mapping: &mapping };
        if !args.apply {
            return Ok(proposal(&shown, &sample, deps.clock.now_ms()));
        }
        let questions = mapping.questions();
        if !questions.is_empty() {
            let fault = |question: String| Fault::of_argument("columns", question, "an answer", None);
            return Err(Error::invalid_arguments(questions.into_iter().map(fault).collect()));
        }
        let mut output = shown.output();
        let order = Order {
            dataset: name.as_str(),
            origin: table.content.origin(),
            table: table.clone(),
            mapping: mapping.clone(),
            appends: args.append,
            refused_percent_max: args.refused_max,
            read_until_ms: None,
        };
        let loaded = load(deps, call, order).await?;
        output.take(&loaded);
        Ok(output)
    }
}

/// How a table is understood.
struct Shown<'a> {
    name: &'a DatasetName,
    table: &'a Table,
    mapping: &'a Mapping,
}

impl Shown<'_> {
    fn output(&self) -> Output {
        let Self { table, mapping, .. } = self;
        let pairs = mapping.pairs(&table.columns);
        let left_out = table.columns.iter().filter(|column| !pairs.values().any(|used| used == *column));
        let left_out = left_out.take(COLUMNS_SHOWN).map(|column| name_of(column)).collect();
        let forms = mapping.kind.fields().iter().zip(&mapping.dates);
        let dates = forms.filter_map(|(field, forms)| Some((field.name.to_owned(), *forms.first()?))).collect();
        Output {
            applied: false,
            dataset: self.name.to_string(),
            version: None,
            form: table.form,
            mapping: pairs.into_iter().map(|(field, column)| (field, name_of(&column))).collect(),
            dates,
            left_out,
            questions: Vec::new(),
            sample: None,
            rows: 0,
            refused: 0,
            known: 0,
            reasons: Grid::default(),
            refused_rows: Grid::default(),
            remarks: Vec::new(),
            next_step: String::new(),
        }
    }
}

fn name_of(column: &str) -> Untrusted {
    Untrusted::new(one_line(column, VALUE_LENGTH_MAX), "column name")
}

/// What an import would make of the sample.
fn proposal(shown: &Shown<'_>, sample: &[Vec<Cell>], now_ms: i64) -> Output {
    let mut output = shown.output();
    let drafter = Drafter::new(shown.mapping, now_ms);
    let wanted = shown.mapping.wanted();
    let mut refusals = Refusals::default();
    for (row, line) in sample.iter().zip(1_u64..) {
        let cells: Vec<Cell> = wanted.iter().map(|place| row.get(*place).cloned().unwrap_or_default()).collect();
        match drafter.draft(&cells) {
            Ok(_) => output.rows += 1,
            Err(reason) => refusals.note(line, reason),
        }
    }
    output.refuse(&refusals, "row of the sample");
    output.questions = shown.mapping.questions();
    let text = |cell: &Cell| cell.text().map(|text| one_line(&text, VALUE_LENGTH_MAX));
    let first: Vec<Vec<Option<String>>> =
        sample.iter().take(ROWS_SHOWN).map(|row| row.iter().take(COLUMNS_SHOWN).map(text).collect()).collect();
    output.sample = serde_json::to_value(first).ok().map(|rows| UntrustedData::new(rows, "sample"));
    let is_open = !output.questions.is_empty();
    output.next_step = String::from(if is_open { "answer the questions" } else { "the same with apply: true" });
    output
}

impl Output {
    fn take(&mut self, loaded: &Loaded) {
        self.applied = true;
        self.version = Some(loaded.version);
        self.rows = loaded.profile.rows;
        self.known = loaded.known;
        self.refuse(&loaded.refusals, "line");
        let currencies = &loaded.profile.currencies;
        if currencies.len() > 1 {
            let codes: Vec<&str> = currencies.keys().map(String::as_str).collect();
            self.remarks.push(format!("amounts are in {}: analyses of money need one of them", codes.join(", ")));
        }
        if loaded.profile.rounded > 0 {
            let rounded = loaded.profile.rounded;
            self.remarks.push(format!("{rounded} amounts had more decimals than their currency and were rounded"));
        }
        self.next_step = String::from("describe_dataset shows what is in it");
    }

    fn refuse(&mut self, refusals: &Refusals, place: &'static str) {
        self.refused = refusals.total;
        self.reasons = Grid::new(&["reason", "rows"]);
        for (reason, count) in &refusals.reasons {
            self.reasons.push(vec![Scalar::text(reason), Scalar::count(*count)]);
        }
        self.refused_rows = Grid::new(&[place, "reason"]);
        for (line, reason) in &refusals.named {
            self.refused_rows.push(vec![Scalar::count(*line), Scalar::text(reason)]);
        }
    }
}
