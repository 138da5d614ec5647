//! The tools, in the order in which clients see them. One file each, named after it.

mod delete_dataset;
mod describe_dataset;
mod import_dataset;
mod list_datasets;

use std::sync::Arc;

use common::tool::{Registry, Tools};

use crate::deps::Deps;

/// All of them.
pub(crate) fn all(deps: Arc<Deps>) -> Registry {
    Tools::new(deps)
        .with::<list_datasets::ListDatasets>()
        .with::<describe_dataset::DescribeDataset>()
        .with::<import_dataset::ImportDataset>()
        .with::<delete_dataset::DeleteDataset>()
        .build()
}

/// The toolsets, which clients can choose among.
pub(crate) mod toolset {
    /// What everything else stands on.
    pub(crate) const DATA: &str = "data";
}
