//! What AWS sends: the EventBridge envelope and one module per detail-type.
//!
//! Only types and their reading; no judgement, no I/O.

pub mod affected;
pub mod arn;
pub mod container_instance;
pub mod envelope;
pub mod health_notice;
pub mod instance_health;
pub mod instance_state;
pub mod lenient;
pub mod lifecycle;
pub mod service;
pub mod spot_warning;
pub mod stop_code;
pub mod task;
pub mod tick;
pub mod timestamp;

pub use affected::Affected;
pub use container_instance::ContainerInstanceChange;
pub use envelope::{Detail, Envelope, Event};
pub use health_notice::HealthNotice;
pub use instance_health::InstanceHealth;
pub use instance_state::InstanceState;
pub use lifecycle::LifecycleAction;
pub use service::ServiceEvent;
pub use spot_warning::SpotWarning;
pub use stop_code::StopCode;
pub use task::{Container, TaskStateChange};
pub use timestamp::Timestamp;
