//! mcp-ghl's tools against the emulator, one file per tool.

mod bench;
mod smoke;
