//! What the test suites share: finding and driving the things under test and the things that judge them.

pub mod http;
pub mod oracles;
