//! The tools, in the order in which clients see them. One file each, named after it.

mod compare_segments;
mod delete_dataset;
mod describe_dataset;
mod export_segment;
mod get_segment_members;
mod import_dataset;
mod list_datasets;
mod segment_customers;
mod sync_dataset;

use std::sync::Arc;

use common::tool::{Registry, Tools};

use crate::deps::Deps;

/// All of them.
pub(crate) fn all(deps: Arc<Deps>) -> Registry {
    Tools::new(deps)
        .with::<list_datasets::ListDatasets>()
        .with::<describe_dataset::DescribeDataset>()
        .with::<import_dataset::ImportDataset>()
        .with::<sync_dataset::SyncDataset>()
        .with::<delete_dataset::DeleteDataset>()
        .with::<segment_customers::SegmentCustomers>()
        .with::<get_segment_members::GetSegmentMembers>()
        .with::<compare_segments::CompareSegments>()
        .with::<export_segment::ExportSegment>()
        .build()
}

/// The toolsets, which clients can choose among.
pub(crate) mod toolset {
    /// What everything else stands on.
    pub(crate) const DATA: &str = "data";
    /// Who customers are.
    pub(crate) const EYES: &str = "eyes";
}
