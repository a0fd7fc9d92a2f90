//! What AWS sends: the EventBridge envelope and one module per detail-type.
//!
//! Only types and their reading; no judgement, no I/O.

pub mod arn;
pub mod envelope;
pub mod lenient;
pub mod stop_code;
pub mod task;
pub mod timestamp;

pub use envelope::{Detail, Envelope, Event};
pub use stop_code::StopCode;
pub use task::{Container, TaskStateChange};
pub use timestamp::Timestamp;
