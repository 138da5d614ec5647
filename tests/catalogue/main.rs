//! The catalogue of operations: against the vendor's specifications, which are the judge, and as a reader of newer ones.

mod access;
mod facts;
mod loading;
mod official;
mod paging;
mod signatures;
