//! JSON Lines: an object a line. What is nested is reached by names with dots; lists are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{BufRead, BufReader, Read};

use common::error::{Error, ErrorCode, Result};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{ROW_BYTES_MAX, Row, Rows, check_columns, empty};
use crate::cell::Cell;
use crate::intake::content::{Content, unreadable};

/// Objects in objects that are looked into.
const DEPTH_MAX: usize = 3;

type Object = BTreeMap<String, Cell>;

/// The names that the first lines have, by alphabet.
pub(super) fn columns(content: &Content, lines: usize) -> Result<Vec<String>> {
    let mut lines_read = Lines::open(content)?;
    let mut names = BTreeSet::new();
    for _ in 0..lines {
        let Some(line) = lines_read.next_line() else { break };
        if let Ok(object) = parse(&line?.1) {
            names.extend(object.into_keys());
            check_columns(names.len())?;
        }
    }
    if names.is_empty() {
        return Err(empty().with_hint("JSON Lines has one object in each line"));
    }
    Ok(names.into_iter().collect())
}

struct Lines {
    reader: BufReader<Box<dyn Read + Send>>,
    number: u64,
}

impl Lines {
    fn open(content: &Content) -> Result<Self> {
        Ok(Self { reader: BufReader::new(content.read()?), number: 0 })
    }

    /// The next line that is not blank, and its number.
    fn next_line(&mut self) -> Option<Result<(u64, Vec<u8>)>> {
        loop {
            self.number += 1;
            let mut line = Vec::new();
            let bound = u64::try_from(ROW_BYTES_MAX).unwrap_or(u64::MAX);
            match self.reader.by_ref().take(bound).read_until(b'\n', &mut line) {
                Ok(0) => return None,
                Ok(count) if count == ROW_BYTES_MAX && !line.ends_with(b"\n") => return Some(Err(too_long())),
                Ok(_) if line.iter().all(u8::is_ascii_whitespace) => {}
                Ok(_) => return Some(Ok((self.number, line))),
                Err(source) => return Some(Err(unreadable(source))),
            }
        }
    }
}

fn too_long() -> Error {
    Error::new(ErrorCode::FailedPrecondition, format!("a line is longer than {ROW_BYTES_MAX} bytes"))
        .with_hint("JSON Lines has one object in each line")
}

fn parse(line: &[u8]) -> Result<Object, String> {
    let mut object = Object::new();
    let mut deserializer = serde_json::Deserializer::from_slice(line);
    let flat = Flat { into: &mut object, name: String::new(), depth: 0 };
    let read = flat.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    read.map(|()| object).map_err(|_| "the line is no JSON object".to_owned())
}

/// Puts a value under its name; of objects, what is in them.
struct Flat<'a> {
    into: &'a mut Object,
    name: String,
    depth: usize,
}

impl Flat<'_> {
    fn put<E: serde::de::Error>(self, cell: Cell) -> Result<(), E> {
        if self.depth == 0 {
            return Err(E::custom("not an object"));
        }
        self.into.insert(self.name, cell);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Flat<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Flat<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_bool<E: serde::de::Error>(self, flag: bool) -> Result<(), E> {
        self.put(Cell::Flag(flag))
    }

    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<(), E> {
        self.put(Cell::Integer(number))
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<(), E> {
        self.put(i64::try_from(number).map_or_else(|_| Cell::Text(number.to_string()), Cell::Integer))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<(), E> {
        self.put(Cell::Real(number))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.put(Cell::Text(text.to_owned()))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.put(Cell::Absent)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        self.put(Cell::Absent)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if self.depth >= DEPTH_MAX {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let name = if self.name.is_empty() { key } else { format!("{}.{key}", self.name) };
            map.next_value_seed(Flat { into: self.into, name, depth: self.depth + 1 })?;
        }
        Ok(())
    }
}

/// Rows of a file of JSON Lines.
pub(super) struct JsonRows {
    lines: Lines,
    wanted: Vec<String>,
}

impl JsonRows {
    pub(super) fn open(content: &Content, wanted: Vec<String>) -> Result<Self> {
        Ok(Self { lines: Lines::open(content)?, wanted })
    }
}

impl Rows for JsonRows {
    fn next_row(&mut self) -> Option<Result<Row>> {
        let (line, text) = match self.lines.next_line()? {
            Ok(found) => found,
            Err(error) => return Some(Err(error)),
        };
        let cells = parse(&text)
            .map(|mut object| self.wanted.iter().map(|name| object.remove(name).unwrap_or_default()).collect());
        Some(Ok(Row { line, cells }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nested_has_a_name_with_dots() {
        let object =
            parse(br#"{"id": 7, "customer": {"email": "a@x.test", "tags": ["a"]}, "total": 1.5, "paid": true}"#);
        let object = object.unwrap();
        assert_eq!(object["customer.email"], Cell::Text("a@x.test".to_owned()));
        assert_eq!((&object["id"], &object["total"]), (&Cell::Integer(7), &Cell::Real(1.5)));
        assert_eq!(object["customer.tags"], Cell::Absent);
        for line in ["7", "[1]", "{", "{} {}", "NaN"] {
            assert!(parse(line.as_bytes()).is_err(), "{line}");
        }
    }
}
