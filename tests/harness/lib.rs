//! What the test suites share: finding and driving the things under test and the things that judge them.

pub mod binary;
pub mod database;
pub mod definitions;
pub mod http;
pub mod load;
pub mod message;
pub mod oracles;
pub mod stdio;
