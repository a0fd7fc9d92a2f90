//! The process around the code: environment and clock for whoever talks to AWS, and with the feature `lambda`
//! the Lambda shell: log, payload bytes, the loop around a handler. The only place that reads the process.

#[cfg(feature = "lambda")]
mod log;
#[cfg(feature = "lambda")]
mod payload;
mod process;
#[cfg(feature = "lambda")]
mod shell;
#[cfg(feature = "lambda")]
mod sink;

pub use process::{ProcessVars, SystemClock};
#[cfg(feature = "lambda")]
pub use shell::{serve, start};
#[cfg(feature = "lambda")]
pub use sink::Sink;
