//! From a row of a table to a record: every value becomes what its field holds, or the row is refused with the reason.

use common::clock::UnixMillis;

use crate::cell::Cell;
use crate::instant::DateForm;
use crate::mapping::Mapping;
use crate::money;
use crate::record::{Field, FieldType};

/// Longest text kept, in characters.
const TEXT_LENGTH_MAX: usize = 200;

/// How far ahead of our clock an instant may be, for clocks that differ and days of other zones.
const AHEAD_MS: UnixMillis = 86_400_000;

/// A value as the database keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// What the data set calls a person; the database keeps their number.
    Customer(String),
    Integer(Option<i64>),
    Text(Option<String>),
}

/// What a row holds, in the order of the kind's fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub values: Vec<Value>,
    /// Whether decimals beyond the minor unit were rounded.
    pub is_rounded: bool,
}

/// Turns rows of one table into records.
#[derive(Debug)]
pub struct Drafter {
    fields: &'static [Field],
    /// For each field its place in the row, and how instants are written there.
    places: Vec<(Option<usize>, DateForm)>,
    currency_at: Option<usize>,
    decimals: money::DecimalSign,
    currency: Option<String>,
    latest_ms: UnixMillis,
}

impl Drafter {
    /// For rows that hold the columns of [`Mapping::wanted`] alone, in that order.
    #[must_use]
    pub fn new(mapping: &Mapping, now_ms: UnixMillis) -> Self {
        let wanted = mapping.wanted();
        let within = |place: &Option<usize>| place.and_then(|place| wanted.binary_search(&place).ok());
        let dates = mapping.dates.iter().map(|forms| forms.first().copied().unwrap_or(DateForm::Iso));
        let fields = mapping.kind.fields();
        let places: Vec<_> = mapping.places.iter().map(within).zip(dates).collect();
        let currency = fields.iter().position(|field| field.holds == FieldType::Currency);
        let currency_at = currency.and_then(|at| places.get(at)).and_then(|(place, _)| *place);
        Self {
            fields,
            places,
            currency_at,
            decimals: mapping.decimals,
            currency: mapping.currency.clone(),
            latest_ms: now_ms.saturating_add(AHEAD_MS),
        }
    }

    /// The record of a row.
    ///
    /// # Errors
    /// Why the row is refused: a field and what is wrong with it, never the value.
    pub fn draft(&self, row: &[Cell]) -> Result<Draft, String> {
        let currency = self.currency_of(row)?;
        let mut draft = Draft { values: Vec::with_capacity(self.fields.len()), is_rounded: false };
        for (field, (place, form)) in self.fields.iter().zip(&self.places) {
            let cell = place.and_then(|place| row.get(place)).unwrap_or(&Cell::Absent);
            let value = match field.holds {
                FieldType::Customer => match cell.text() {
                    Some(text) => Value::Customer(cut(&text)),
                    None => return Err(format!("{}: there is none", field.name)),
                },
                FieldType::Text => Value::Text(cell.text().map(|text| cut(&text))),
                FieldType::Instant => Value::Integer(self.instant(cell, *form).map_err(|why| in_field(field, why))?),
                FieldType::Money => Value::Integer(match cell.text() {
                    Some(text) => {
                        let unit = currency.as_deref().ok_or_else(|| in_field(field, "its currency is not known"))?;
                        let read = money::minor_units(&text, unit, self.decimals);
                        let (minor, is_rounded) = read.map_err(|why| in_field(field, why))?;
                        draft.is_rounded |= is_rounded;
                        Some(minor)
                    }
                    None => None,
                }),
                FieldType::Currency => Value::Text(currency.clone()),
                FieldType::Flag => Value::Integer(flag(cell).map_err(|why| in_field(field, why))?),
                FieldType::Count => Value::Integer(count(cell).map_err(|why| in_field(field, why))?),
            };
            if field.is_required && matches!(value, Value::Integer(None) | Value::Text(None)) {
                return Err(format!("{}: there is none", field.name));
            }
            draft.values.push(value);
        }
        Ok(draft)
    }

    fn currency_of(&self, row: &[Cell]) -> Result<Option<String>, String> {
        let given = self.currency_at.and_then(|place| row.get(place)).and_then(Cell::text);
        match given {
            Some(text) => money::currency(&text).map(Some).ok_or_else(|| "currency: it is no ISO 4217 code".to_owned()),
            None => Ok(self.currency.clone()),
        }
    }

    fn instant(&self, cell: &Cell, form: DateForm) -> Result<Option<UnixMillis>, &'static str> {
        let at_ms = match cell {
            Cell::Instant(at_ms) => *at_ms,
            _ => match cell.text() {
                Some(text) => form.parse(&text).ok_or("it is no date of the form of this column")?,
                None => return Ok(None),
            },
        };
        if at_ms > self.latest_ms {
            return Err("it lies in the future");
        }
        Ok(Some(at_ms))
    }
}

fn in_field(field: &Field, why: &str) -> String {
    format!("{}: {why}", field.name)
}

fn flag(cell: &Cell) -> Result<Option<i64>, &'static str> {
    match (cell.text(), cell.flag()) {
        (None, _) => Ok(None),
        (Some(_), Some(flag)) => Ok(Some(i64::from(flag))),
        (Some(_), None) => Err("it is neither yes nor no"),
    }
}

fn count(cell: &Cell) -> Result<Option<i64>, &'static str> {
    let Some(text) = cell.text() else { return Ok(None) };
    let whole = text.strip_suffix(".0").unwrap_or(&text).replace(',', "");
    let number: i64 = whole.parse().map_err(|_| "it is not a whole number")?;
    if number < 0 { Err("it is negative") } else { Ok(Some(number)) }
}

fn cut(text: &str) -> String {
    // Control characters have no place in a name or an id; PostgreSQL keeps no zero byte.
    text.chars().filter(|character| !character.is_control()).take(TEXT_LENGTH_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::Said;
    use crate::record::RecordKind;

    const NOW_MS: i64 = 1_795_132_800_000;

    fn drafter() -> Drafter {
        let columns: Vec<String> = ["customer", "date", "amount", "currency"].map(str::to_owned).to_vec();
        let sample = [["1", "2026-01-01", "5.00", "EUR"].map(|text| Cell::Text(text.to_owned())).to_vec()];
        let mapping = Mapping::propose(RecordKind::Transactions, &columns, &sample, &Said::default()).unwrap();
        Drafter::new(&mapping, NOW_MS)
    }

    #[test]
    fn each_bad_value_is_named_by_its_field() {
        let drafter = drafter();
        for (row, why) in [
            (["", "2026-01-01", "5", "EUR"], "customer_id: there is none"),
            (["1", "soon", "5", "EUR"], "at: it is no date of the form of this column"),
            (["1", "2026-12-24", "5", "EUR"], "at: it lies in the future"),
            (["1", "2026-01-01", "NaN", "EUR"], "amount: the amount is not a finite number"),
            (["1", "2026-01-01", "", "EUR"], "amount: there is none"),
            (["1", "2026-01-01", "5", "euros"], "currency: it is no ISO 4217 code"),
            (["1", "2026-01-01", "5", ""], "amount: its currency is not known"),
        ] {
            let cells = row.map(|text| Cell::Text(text.to_owned()));
            assert_eq!(drafter.draft(&cells), Err(why.to_owned()));
        }
        assert!(drafter.draft(&[]).is_err(), "a row that is too short");
        let infinite = [Cell::Integer(1), Cell::Instant(0), Cell::Real(f64::INFINITY), Cell::Text("EUR".to_owned())];
        assert!(drafter.draft(&infinite).is_err());
    }

    #[test]
    fn a_good_row_is_a_record() {
        let cells = ["7", "2026-01-01", "5.005", "eur"].map(|text| Cell::Text(text.to_owned()));
        let draft = drafter().draft(&cells).unwrap();
        assert!(draft.is_rounded);
        assert_eq!(draft.values.first(), Some(&Value::Customer("7".to_owned())));
        assert_eq!(draft.values.get(2), Some(&Value::Integer(Some(501))));
        assert_eq!(draft.values.get(3), Some(&Value::Text(Some("EUR".to_owned()))));
    }
}
