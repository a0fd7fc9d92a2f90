//! May this instance be terminated now? Pure: what is seen of it in, the next step out.

pub mod auto_scaling;
pub mod container_instance;
pub mod task;
