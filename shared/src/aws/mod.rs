//! The ports fulfilled against AWS: the only place that names its crates.

pub mod access;
pub mod cloudwatch;
pub mod sns;

pub use access::Aws;
