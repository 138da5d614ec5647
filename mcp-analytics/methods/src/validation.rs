//! How good a partition is.

pub mod adjusted_rand;
pub mod calinski_harabasz;
pub mod davies_bouldin;
mod groups;
pub mod silhouette;
pub mod stability;

/// How rows that are in no cluster are counted: a score over the rest alone gets better with each row that is called noise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Noise {
    /// As one more cluster: noise that lies all over lowers the score.
    #[default]
    AsCluster,
    /// Not at all; to be read together with the coverage.
    LeftOut,
}

#[cfg(test)]
mod tests;
