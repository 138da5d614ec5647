//! The whole way from a data set's version to segments that are kept: consent, features, search, gates, names.

mod run;
mod settings;

pub(crate) use run::{Eyes, Segmented, Wish};
pub use settings::SegmentSettings;
