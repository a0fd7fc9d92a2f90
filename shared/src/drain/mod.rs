//! May this instance be terminated now? Pure: what is seen of it in, the next step out.
//!
//! Level-triggered: an event only says which instance to look at. What to do follows from what is seen, so
//! events that come twice, late or never change nothing.

pub mod auto_scaling;
pub mod class;
pub mod container_instance;
mod decide;
pub mod marks;
pub mod settings;
pub mod snapshot;
pub mod step;
pub mod task;
pub mod times;
pub mod words;

pub use class::{Class, ClassedTask};
pub use decide::{not_held, step};
pub use marks::{Marks, Stage};
pub use snapshot::{Place, Snapshot, Tasks};
pub use step::{Because, Ending, Leave, Step, Wait};
