//! What the test suites share: finding and driving the things under test and the things that judge them.

pub mod binary;
pub mod database;
pub mod definitions;
pub mod faults;
pub mod http;
pub mod http_server;
pub mod key_store;
pub mod load;
pub mod load_server;
pub mod long_tools;
pub mod message;
pub mod oracles;
pub mod planted;
pub mod restate;
pub mod senders;
pub mod stdio;
pub mod time;
pub mod tools_only;
