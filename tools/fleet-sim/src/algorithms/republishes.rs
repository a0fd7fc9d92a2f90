//! Looks once in an invocation, and publishes a message to itself to look again.
//!
//! Lambda takes that for a loop and ends it after about 16 invocations; then nobody looks any more
//! (ecs-cid-sample #30).

use std::time::Duration;

use shared::ports::ApiError;

use super::errand::{Errand, Habits, drive as drive_errands};
use crate::drive::Drive;
use crate::sim::Sim;

/// After how many invocations Lambda ends a loop.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html>.
const HOPS: usize = 16;
/// Before it publishes.
const PUBLISHES_AFTER: Duration = Duration::from_secs(30);

/// Drives it in a world.
#[must_use]
pub fn drive(sim: &Sim) -> Box<dyn Drive> {
    drive_errands(sim, Habits { time_limit: None }, see_out)
}

/// Sees one instance out.
async fn see_out(errand: Errand) -> Result<(), ApiError> {
    for _ in 0..HOPS {
        let Some(place) = errand.place().await? else { return errand.let_go().await };
        errand.set_draining(&place).await?;
        if errand.is_empty(&place).await? || !errand.holds().await? {
            return errand.let_go().await;
        }
        errand.pause(PUBLISHES_AFTER).await;
        errand.publish().await?;
    }
    Ok(())
}
