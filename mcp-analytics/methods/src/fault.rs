//! Why a method cannot be used on what it was given.

use std::fmt;

/// Says what is wrong with the data, in numbers that whoever brought it can act on.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// Fewer rows than the method can work with.
    TooFewRows {
        /// How many there are.
        rows: usize,
        /// How many it takes.
        needed: usize,
    },
    /// Fewer records of the rarer of two classes than the method can work with.
    TooFewOfClass {
        /// How many there are.
        rows: usize,
        /// How many it takes.
        needed: usize,
    },
    /// Not as many values as rows times columns, or two inputs of different length.
    Shape {
        /// How many values there are.
        values: usize,
        /// How many it takes.
        needed: usize,
    },
    /// A value that is not a number, or infinite.
    NotFinite {
        /// Its row, from 0.
        row: usize,
        /// Its column, from 0.
        column: usize,
    },
    /// A row that cannot be, such as a last purchase after today.
    Row {
        /// Which, from 0.
        row: usize,
        /// What it must be.
        expected: &'static str,
    },
    /// A value so large that its square, or a sum of such squares, is more than a number can be.
    TooLarge {
        /// Its row, from 0.
        row: usize,
        /// Its column, from 0.
        column: usize,
    },
    /// A parameter outside of what it may be.
    Parameter {
        /// Its name.
        name: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// All rows are alike where the method needs a difference, such as labels of one class.
    Constant {
        /// What is alike.
        what: &'static str,
    },
    /// An iteration that did not come to an end.
    NotConverged {
        /// How many steps it took.
        iterations: usize,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewRows { rows, needed } => write!(to, "{rows} rows; at least {needed} are needed"),
            Self::TooFewOfClass { rows, needed } => {
                write!(to, "{rows} rows of the rarer class; at least {needed} are needed")
            }
            Self::Shape { values, needed } => write!(to, "{values} values where {needed} are needed"),
            Self::NotFinite { row, column } => {
                write!(to, "the value in row {row}, column {column} is not a finite number")
            }
            Self::Row { row, expected } => write!(to, "row {row}: {expected}"),
            Self::TooLarge { row, column } => {
                write!(to, "the value in row {row}, column {column} is too large to be squared")
            }
            Self::Parameter { name, expected } => write!(to, "`{name}` must be {expected}"),
            Self::Constant { what } => write!(to, "{what} are all alike"),
            Self::NotConverged { iterations } => write!(to, "no solution after {iterations} iterations"),
        }
    }
}

impl std::error::Error for Fault {}
