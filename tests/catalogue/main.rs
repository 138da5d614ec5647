//! The catalogue of operations against the vendor's specifications.
