//! What every server needs in order to be a server. Knows no server, no vendor and no business noun.
//! Modules are listed floor by floor: each imports only from the floors below it.

// floor 1: words
pub mod clock;
pub mod error;
pub mod page;
pub mod plan;
pub mod tenant;

// floor 2: what the outside world is made of
pub mod config;
pub mod db;
pub mod health;
pub mod http;
pub mod tasks;
pub mod telemetry;

// floor 3: who, and with what key
pub mod auth;
pub mod secrets;

// floor 4: what was done
pub mod audit;

// floor 5: MCP
pub mod completion;
pub mod peer;
pub mod prompt;
pub mod resource;
pub mod server;
pub mod skill;
mod store;
pub mod tool;

// floor 6: the door
pub mod transport;

// floor 7: putting it together
pub mod bootstrap;
