//! Takes an instance for empty when ECS counts no running and no pending task.
//!
//! Both counts leave a task out as soon as its stop is asked for, so whatever takes time to stop is killed
//! with the instance (aws-cdk #13506, PR #13559). A daemon hides that: ECS stops it after all others have
//! stopped, and until then it counts as running.

use std::time::Duration;

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
    while errand.seen(&place).await?.is_some_and(|seen| seen.tasks_count() > 0) && errand.holds().await? {
        errand.pause(LOOKS_EVERY).await;
    }
    errand.let_go().await
}
