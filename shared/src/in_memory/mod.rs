//! Ports fulfilled in the process, for local runs, replays and tests.

mod absent;
mod alert_table;

pub use absent::Absent;
pub use alert_table::TableInMemory;
