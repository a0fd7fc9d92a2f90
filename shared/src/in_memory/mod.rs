//! Ports fulfilled in the process, for local runs, replays and tests.

mod alert_table;

pub use alert_table::TableInMemory;
