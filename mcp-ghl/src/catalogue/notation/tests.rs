//! What is written can be read, whatever it is; what cannot be read is refused at its line.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Number;

use super::*;
use crate::catalogue::operation::Operation;
use crate::catalogue::shape::{Bounds, List, Literal, Name, Named, Object, Rest, Text};

/// Families that are made up.
const FAMILIES: u64 = 400;

#[test]
fn what_is_written_is_read_as_the_same() {
    for seed in 0..FAMILIES {
        let mut dice = Dice { random: fastrand::Rng::with_seed(seed), names: Vec::new() };
        let family = dice.family();
        let text = write(&family);
        let read = read(text.clone().leak()).unwrap_or_else(|error| panic!("seed {seed}: {error:?} in\n{text}"));
        assert_eq!(write(&read), text, "seed {seed}");
        assert_eq!(read.operations, family.operations, "seed {seed}:\n{text}");
    }
}

#[test]
fn what_is_embedded_is_written_as_it_stands() {
    for (name, text) in crate::catalogue::Catalogue::embedded_files() {
        let family = read(text).unwrap();
        assert!(write(&family) == text, "{name} is not as it would be written");
    }
}

#[test]
fn what_leaves_the_notation_is_refused_at_its_line() {
    let operation = "family x\n\nop: Does something\n call GET /x/{id} v3\n access read\n";
    for (name, rest, expected) in [
        ("an unknown key", " colour red\n", "a known key"),
        ("an unknown class", " access maybe\n", "an access class"),
        ("an open brace", " query {a, b\n", "`}`"),
        ("an open quotation mark", " query {a: 'b}\n", "a closing quotation mark"),
        ("a type that nobody tells", " answer 200 Gone\n", "a type Gone"),
        ("more after a shape", " answer 200 string string\n", "the end of the line after a shape"),
        ("a name that the path has not", " path {other: number}\n", "a name that the path has"),
        ("a bound that is no number", " answer 200 number(a..)\n", "a number"),
        ("a bad page", " pages sideways\n", "a way of paging"),
    ] {
        let text = format!("{operation}{rest}");
        let error = read(text.leak()).unwrap_err();
        assert_eq!((error.line, error.expected.as_str()), (6, expected), "{name}");
    }
    let deep = format!("{operation} answer 200 {}any{}\n", "(".repeat(100), ")".repeat(100));
    assert!(read(deep.leak()).unwrap_err().expected.starts_with("at most 48"));
    assert!(read("").is_err());
    assert!(read("family x\n call GET / v3\n").is_err(), "a fact of no operation");
    assert!(read("family x\n\nop: Does something\n access read\n").is_err(), "an operation without a call");
    let twice = read("family x\n\ntype A = any\ntype A = null\n").unwrap_err();
    assert_eq!(twice.line, 4);
}

/// Makes families up.
struct Dice {
    random: fastrand::Rng,
    names: Vec<Arc<Named>>,
}

impl Dice {
    fn family(&mut self) -> Family {
        for number in 0..self.random.usize(..4) {
            self.names.push(Arc::new(Named::new(Cow::Owned(format!("T{number}")))));
        }
        for named in self.names.clone() {
            let shape = self.shape(3);
            named.tell(shape);
        }
        let operations = (0..self.random.usize(1..4)).map(|number| self.operation(number)).collect();
        Family { name: Cow::Borrowed("x"), operations }
    }

    fn operation(&mut self, number: usize) -> Operation {
        let mut operation = Operation::unknown(&Cow::Borrowed("x"), &format!("op{number}"), Cow::Borrowed("Does: it"));
        operation.path = Cow::Borrowed("/x/{id}/");
        operation.parameters = vec![crate::catalogue::Parameter::of_path(Cow::Borrowed("id"))];
        let fields = self.object(2).fields;
        let query = fields.into_iter().map(|field| crate::catalogue::Parameter {
            name: field.name,
            place: crate::catalogue::Place::Query,
            is_required: field.is_required,
            shape: field.shape,
        });
        operation.parameters.extend(query);
        operation.answer = self.random.bool().then(|| self.shape(4));
        operation.is_deprecated = self.random.bool();
        operation
    }

    fn shape(&mut self, depth: usize) -> Shape {
        let kinds = if depth == 0 { 7 } else { 11 };
        match self.random.usize(..kinds) {
            0 => Shape::Any,
            1 => Shape::Null,
            2 => Shape::Flag,
            3 => Shape::Text(self.text()),
            4 => Shape::Number(self.bounds()),
            5 => Shape::OneOf(self.literals()),
            6 if self.names.is_empty() => Shape::TEXT,
            6 => Shape::Named(Arc::clone(&self.names[self.random.usize(..self.names.len())])),
            7 => Shape::List(Box::new(List {
                item: self.shape(depth - 1),
                items_min: self.count(),
                items_max: self.count(),
            })),
            8 => Shape::union((0..3).map(|_| self.shape(depth - 1)).collect()),
            9 => Shape::Integer(self.bounds()),
            _ => Shape::Object(self.object(depth)),
        }
    }

    fn object(&mut self, depth: usize) -> Object {
        let mut fields: Vec<Field> = Vec::new();
        for _ in 0..self.random.usize(..5) {
            let name = self.word();
            if !fields.iter().any(|field| field.name == name) {
                fields.push(Field { name, is_required: self.random.bool(), shape: self.shape(depth - 1) });
            }
        }
        let rest = match self.random.usize(..4) {
            0 => Rest::Any,
            1 => Rest::Of(Box::new(self.shape(depth - 1))),
            _ => Rest::None,
        };
        Object { fields, rest }
    }

    fn text(&mut self) -> Text {
        Text {
            format: self.random.bool().then_some(Cow::Borrowed("date-time")),
            length_min: self.count(),
            length_max: self.count(),
            pattern: self.random.bool().then(|| self.word()),
        }
    }

    fn bounds(&mut self) -> Bounds {
        Bounds { min: self.random.bool().then(|| self.number()), max: self.random.bool().then(|| self.number()) }
    }

    fn literals(&mut self) -> Vec<Literal> {
        let mut values: Vec<Literal> = Vec::new();
        for _ in 0..self.random.usize(1..5) {
            let value = match self.random.usize(..4) {
                0 => Literal::Number(self.number()),
                1 => Literal::Flag(self.random.bool()),
                _ => Literal::Text(self.word()),
            };
            if !values.contains(&value) {
                values.push(value);
            }
        }
        values
    }

    fn number(&mut self) -> Number {
        let whole = self.random.i64(-1000..1000);
        if self.random.bool() {
            whole.into()
        } else {
            Number::from_f64(f64::from(i32::try_from(whole).unwrap()) / 8.0).unwrap()
        }
    }

    fn count(&mut self) -> Option<u64> {
        self.random.bool().then(|| self.random.u64(..100))
    }

    /// Words as the vendor might invent them, with all that the notation itself is made of.
    fn word(&mut self) -> Name {
        let letters =
            ['a', 'B', '7', '_', '-', '$', ' ', '\'', '\\', '{', '}', '|', ':', ',', '?', '.', '[', '(', 'é', '…'];
        let length = self.random.usize(1..6);
        Cow::Owned((0..length).map(|_| letters[self.random.usize(..letters.len())]).collect())
    }
}
