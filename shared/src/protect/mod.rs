//! May this instance be scaled in? Pure: what is seen of it in, the next step out.
//!
//! An instance that runs tasks which the policy names (`[[protect]]`) gets scale-in protection, and loses it when
//! they are gone. What was protected by somebody else is left alone, and what somebody else took back is not
//! protected again for the same tasks.
//! Source: <https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-instance-protection.html>.

mod decide;
pub mod host;
pub mod marks;
mod plan;
pub mod step;
pub mod task;
mod words;

pub use decide::{Managed, Snapshot, Tasks, step};
pub use host::{CapacityProvider, Host, Member};
pub use marks::{Mark, Stage};
pub use plan::{OnHost, Plan, plan};
pub use step::{Leave, Step, Wait};
pub use task::{HostedTask, TaskFilter};

#[cfg(test)]
mod tests;
