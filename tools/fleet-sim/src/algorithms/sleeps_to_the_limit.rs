//! Waits inside one invocation for each instance, looking every 15 to 30 seconds, and gives up before Lambda
//! ends it; no heartbeat is sent.
//!
//! A drain of more than a quarter of an hour is left to the hook's own end, and many drains at once spend the
//! account's allowance on looks (komoju/barcelona #762, widdix #260, aws-node-termination-handler #1174).

use std::time::Duration;

use shared::drain::container_instance::ContainerInstance;
use shared::ports::ApiError;

use super::errand::{Errand, Habits, drive as drive_errands};
use crate::drive::Drive;
use crate::sim::Sim;

/// Between two looks.
const LOOKS_AFTER: (Duration, Duration) = (Duration::from_secs(15), Duration::from_secs(30));
/// What Lambda gives an invocation at most.
const TIME_LIMIT: Duration = Duration::from_mins(15);
/// Kept back to give up in good order.
const RESERVE: Duration = Duration::from_secs(40);

/// Drives it in a world.
#[must_use]
pub fn drive(sim: &Sim) -> Box<dyn Drive> {
    drive_errands(sim, Habits { time_limit: Some(TIME_LIMIT) }, see_out)
}

/// Sees one instance out.
async fn see_out(errand: Errand) -> Result<(), ApiError> {
    let Some(place) = errand.place().await? else { return errand.let_go().await };
    errand.set_draining(&place).await?;
    loop {
        let counted = errand.seen(&place).await?.as_ref().map_or(0, ContainerInstance::tasks_count);
        if counted == 0 && errand.is_empty(&place).await? {
            return errand.let_go().await;
        }
        if errand.lasts() > TIME_LIMIT.saturating_sub(RESERVE) {
            return Ok(());
        }
        errand.pause_between(LOOKS_AFTER.0, LOOKS_AFTER.1).await;
    }
}
