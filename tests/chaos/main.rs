//! What holds when the process dies at any moment.

mod kill_in_mid_write;
