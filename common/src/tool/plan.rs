//! What became of a call whose answer was lost.

/// What became of a call whose answer was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReadBack<T> {
    /// It was done; this is what the answer would have been.
    Done(T),
    /// It was not done: the call can be made again.
    NotDone,
    /// Nobody can tell.
    Unknown,
}
