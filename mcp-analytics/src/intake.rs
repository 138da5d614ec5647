//! How data come in: a source is brought here, read as a table, and its rows become records of a load, or all of it is left.

pub(crate) mod content;
mod load;
mod producer;
mod table;

pub(crate) use content::{Content, Scroll, SourceArgs};
pub(crate) use load::{Loaded, Order, load};
pub(crate) use table::{Form, Table};
