//! Takes an instance for empty when `ListTasks`, asked without a desired status, lists nothing.
//!
//! It lists desired status RUNNING unless asked otherwise, so whatever takes time to stop is killed with the
//! instance (ecs-cid-sample #29, aws-cdk PR #13559). A daemon hides that, as with [`super::count_only`].

use std::time::Duration;

use shared::drain::task::DesiredStatus;
use shared::ports::ApiError;

use super::errand::{Errand, Habits, drive as drive_errands};
use crate::drive::Drive;
use crate::sim::Sim;

/// Between two looks.
const LOOKS_EVERY: Duration = Duration::from_secs(30);

/// Drives it in a world.
#[must_use]
pub fn drive(sim: &Sim) -> Box<dyn Drive> {
    drive_errands(sim, Habits { time_limit: None }, see_out)
}

/// Sees one instance out.
async fn see_out(errand: Errand) -> Result<(), ApiError> {
    let Some(place) = errand.place().await? else { return errand.let_go().await };
    errand.set_draining(&place).await?;
    while !errand.tasks(&place, DesiredStatus::Running).await?.is_empty() && errand.holds().await? {
        errand.pause(LOOKS_EVERY).await;
    }
    errand.let_go().await
}
