//! The whole way from a data set's version to segments that are kept: consent, features, search, gates, names.

mod run;

pub(crate) use run::{Eyes, Segmented, Wish};
