//! Which column of a table is which field: proposed from names and from what a sample holds, or as somebody has said.

use std::collections::BTreeMap;

use common::error::{Candidate, Error, ErrorCode, Result};

use crate::cell::Cell;
use crate::instant::DateForm;
use crate::money::{self, DecimalSign};
use crate::record::{Field, FieldType, RecordKind};

/// Candidates that an error shows.
const CANDIDATES_MAX: usize = 20;

/// What somebody has said about a table; the rest is proposed.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// Field to column.
    pub columns: BTreeMap<String, String>,
    pub currency: Option<String>,
    pub dates: Option<DateForm>,
}

/// Which column is which field, and how its values are written.
#[derive(Debug, Clone)]
pub struct Mapping {
    pub kind: RecordKind,
    /// For each field of the kind, in their order: the place of its column.
    pub places: Vec<Option<usize>>,
    /// For each field: how its column writes instants; two where the sample does not tell them apart.
    pub dates: Vec<Vec<DateForm>>,
    pub decimals: DecimalSign,
    /// Of rows that name none.
    pub currency: Option<String>,
}

impl Mapping {
    /// Proposes a mapping; what was said counts.
    ///
    /// # Errors
    /// `invalid_argument` for a field or column that there is not, or a currency that is none.
    pub fn propose(kind: RecordKind, columns: &[String], sample: &[Vec<Cell>], said: &Said) -> Result<Self> {
        let fields = kind.fields();
        check_fields(kind, &said.columns)?;
        let normal: Vec<String> = columns.iter().map(|column| normal(column)).collect();
        let mut places = Vec::with_capacity(fields.len());
        for field in fields {
            let place = match said.columns.get(field.name) {
                Some(column) if column.is_empty() => None,
                Some(column) => Some(place_of(column, columns)?),
                None => field.known_as.iter().find_map(|known| normal.iter().position(|column| column == known)),
            };
            places.push(place);
        }
        drop_shared(fields, &mut places, said);
        let texts = |place: usize| -> Vec<String> {
            let cells = sample.iter().filter_map(|row| row.get(place)).filter_map(Cell::text);
            cells.map(std::borrow::Cow::into_owned).collect()
        };
        let mut dates = Vec::with_capacity(fields.len());
        let mut money = Vec::new();
        for (field, place) in fields.iter().zip(&places) {
            let sampled = place.map(texts).unwrap_or_default();
            dates.push(match (field.holds, said.dates) {
                (FieldType::Instant, Some(form)) if place.is_some() => vec![form],
                (FieldType::Instant, None) => {
                    DateForm::of_sample(&sampled.iter().map(String::as_str).collect::<Vec<_>>())
                }
                _ => Vec::new(),
            });
            if field.holds == FieldType::Money {
                money.extend(sampled);
            }
        }
        let currency = match &said.currency {
            Some(text) => Some(money::currency(text).ok_or_else(|| {
                Error::invalid_argument("currency", "is no currency", "ISO 4217, three letters", Some("\"EUR\""))
            })?),
            None => None,
        };
        let decimals = money::decimal_sign(money.iter().map(String::as_str));
        Ok(Self { kind, places, dates, decimals, currency })
    }

    /// What has to be said before anything can be imported, one line each.
    #[must_use]
    pub fn questions(&self) -> Vec<String> {
        let mut open = Vec::new();
        for ((field, place), dates) in self.kind.fields().iter().zip(&self.places).zip(&self.dates) {
            let is_given = place.is_some() || (field.holds == FieldType::Currency && self.currency.is_some());
            if field.is_required && !is_given {
                let hint = if field.holds == FieldType::Currency {
                    "name its column in `columns`, or give `currency`"
                } else {
                    "name its column in `columns`"
                };
                open.push(format!("`{}` is required: {hint}", field.name));
            }
            if field.holds == FieldType::Instant && place.is_some() {
                match dates.as_slice() {
                    [] if field.is_required => {
                        open.push(format!(
                            "the column of `{}` holds no dates that are known: choose another column, or say `dates`",
                            field.name
                        ));
                    }
                    [] | [_] => {}
                    _ => open.push(format!("day and month of `{}` cannot be told apart: say `dates`", field.name)),
                }
            }
        }
        open
    }

    /// Places of the columns that are read at all, each once, in order.
    #[must_use]
    pub fn wanted(&self) -> Vec<usize> {
        let mut wanted: Vec<usize> = self.places.iter().flatten().copied().collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }

    /// Each field with its column, as a person confirms it.
    #[must_use]
    pub fn pairs(&self, columns: &[String]) -> BTreeMap<String, String> {
        let pairs = self.kind.fields().iter().zip(&self.places);
        let named = pairs.filter_map(|(field, place)| Some((field.name.to_owned(), columns.get((*place)?)?.clone())));
        named.collect()
    }
}

/// One column is one field: the first by order that has a right to it. Only an email may be a person's id, too.
fn drop_shared(fields: &[Field], places: &mut [Option<usize>], said: &Said) {
    let mut taken: Vec<(usize, &'static str)> = Vec::new();
    for (field, place) in fields.iter().zip(places.iter_mut()) {
        let Some(found) = *place else { continue };
        let is_email = field.name == "email";
        let is_shared = taken.iter().any(|(other, name)| *other == found && !(is_email && *name == "customer_id"));
        if is_shared && !said.columns.contains_key(field.name) {
            *place = None;
        } else {
            taken.push((found, field.name));
        }
    }
}

fn check_fields(kind: RecordKind, columns: &BTreeMap<String, String>) -> Result<()> {
    let unknown = columns.keys().any(|name| !kind.fields().iter().any(|field| field.name == name));
    if !unknown {
        return Ok(());
    }
    let names: Vec<&str> = kind.fields().iter().map(|field| field.name).collect();
    let expected = format!("fields of {kind}: {}", names.join(", "));
    Err(Error::invalid_argument("columns", "names a field that there is not", expected, None))
}

fn place_of(column: &str, columns: &[String]) -> Result<usize> {
    let exact = columns.iter().position(|known| known == column);
    let close = || columns.iter().position(|known| normal(known) == normal(column));
    exact.or_else(close).ok_or_else(|| {
        let candidates = columns.iter().take(CANDIDATES_MAX);
        let candidates = candidates.map(|name| Candidate { id: name.clone(), name: name.clone() }).collect();
        Error::new(ErrorCode::InvalidArgument, "`columns` names a column that the table does not have")
            .with_hint("field to column, as import_dataset without apply shows them")
            .with_candidates(candidates)
    })
}

/// Without case, space and signs.
fn normal(name: &str) -> String {
    name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn row(texts: &[&str]) -> Vec<Cell> {
        texts.iter().map(|text| Cell::Text((*text).to_owned())).collect()
    }

    #[test]
    fn an_export_of_orders_is_understood() {
        let columns = columns(&["Order ID", "Email", "Created at", "Total", "Currency"]);
        let sample = [row(&["#1", "a@x.test", "2026-11-01 08:00:00 +0100", "12.50", "EUR"])];
        let mapping = Mapping::propose(RecordKind::Transactions, &columns, &sample, &Said::default()).unwrap();
        let pairs = mapping.pairs(&columns);
        assert_eq!(pairs["customer_id"], "Email");
        assert_eq!(pairs["at"], "Created at");
        assert_eq!(pairs["amount"], "Total");
        assert_eq!(pairs["transaction_id"], "Order ID");
        assert_eq!(mapping.questions(), Vec::<String>::new());
    }

    #[test]
    fn what_nobody_can_know_is_asked() {
        let columns = columns(&["customer", "date", "amount"]);
        let sample = [row(&["1", "01/02/2026", "5"])];
        let mapping = Mapping::propose(RecordKind::Transactions, &columns, &sample, &Said::default()).unwrap();
        let questions = mapping.questions().join("\n");
        assert!(questions.contains("`currency`") && questions.contains("day and month"), "{questions}");
        let said = Said { currency: Some("eur".to_owned()), dates: Some(DateForm::DayFirst), ..Said::default() };
        let mapping = Mapping::propose(RecordKind::Transactions, &columns, &sample, &said).unwrap();
        assert_eq!(mapping.questions(), Vec::<String>::new());
    }

    #[test]
    fn a_column_that_is_not_there_is_refused_with_those_that_are() {
        let said = Said { columns: BTreeMap::from([("at".to_owned(), "when".to_owned())]), ..Said::default() };
        let error = Mapping::propose(RecordKind::Touches, &columns(&["a"]), &[], &said).unwrap_err();
        assert_eq!(error.details().candidates[0].name, "a");
    }
}
