//! Waits well, inside one invocation; but where a call fails, or where the same event comes again, it
//! completes the hook so that nothing is stuck.
//!
//! An invocation that Lambda ended is tried again, and so a drain of more than a quarter of an hour ends with
//! the tasks that caused it still running; so does one whose event is delivered twice, which `EventBridge` may
//! do at any time.

use std::time::Duration;

use shared::ports::ApiError;

use super::errand::{Errand, Habits, drive as drive_errands};
use crate::drive::Drive;
use crate::sim::Sim;

/// Between two looks.
const LOOKS_EVERY: Duration = Duration::from_secs(30);
/// What Lambda gives an invocation at most.
const TIME_LIMIT: Duration = Duration::from_mins(15);

/// Drives it in a world.
#[must_use]
pub fn drive(sim: &Sim) -> Box<dyn Drive> {
    drive_errands(sim, Habits { time_limit: Some(TIME_LIMIT) }, see_out)
}

/// Sees one instance out.
async fn see_out(errand: Errand) -> Result<(), ApiError> {
    if errand.delivery == 1 {
        // Why it failed makes no difference to what it does next.
        drop(wait(&errand).await);
    }
    errand.let_go().await
}

/// Waits until the instance is empty, or no longer held.
async fn wait(errand: &Errand) -> Result<(), ApiError> {
    let Some(place) = errand.place().await? else { return Ok(()) };
    errand.set_draining(&place).await?;
    while !errand.is_empty(&place).await? && errand.holds().await? {
        errand.pause(LOOKS_EVERY).await;
    }
    Ok(())
}
