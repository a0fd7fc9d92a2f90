//! The group most tests begin with.

use std::time::Duration;

use fleet_sim::{GroupPlan, HookPlan};

pub const HOUR: Duration = Duration::from_hours(1);

pub fn hook() -> HookPlan {
    HookPlan::named("ecs-steward").heartbeat_timeout(HOUR)
}

pub fn group(instances: usize) -> GroupPlan {
    GroupPlan::named("web-group", instances).in_cluster("harbor").capacity(8).hook(hook())
}
