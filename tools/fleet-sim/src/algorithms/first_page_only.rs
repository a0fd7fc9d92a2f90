//! Never asks for a second page.
//!
//! It looks for its instance among the first hundred of the cluster and lets go of any other as one that never
//! joined; of an instance's tasks it sees the first hundred (ecs-cid-sample #20; widdix #313).

use std::time::Duration;

use shared::drain::task::DesiredStatus;
use shared::ports::ApiError;

use super::errand::{Errand, Habits, Place, drive as drive_errands};
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
    let Some(place) = place(&errand).await? else { return errand.let_go().await };
    errand.set_draining(&place).await?;
    while !is_empty(&errand, &place).await? && errand.holds().await? {
        errand.pause(LOOKS_EVERY).await;
    }
    errand.let_go().await
}

/// Finds the instance on the first page of all.
async fn place(errand: &Errand) -> Result<Option<Place>, ApiError> {
    let Some(cluster) = &errand.order.cluster else { return Ok(None) };
    let arns = errand.first_page_of_all(cluster).await?;
    if arns.is_empty() {
        return Ok(None);
    }
    let wanted = Some(errand.order.instance_id.as_str());
    let all = errand.described(cluster, &arns).await?;
    let found = all.into_iter().find(|one| one.ec2_instance_id.as_deref() == wanted);
    Ok(found.map(|one| Place { cluster: cluster.clone(), arn: one.arn }))
}

/// Whether all tasks on the first pages have stopped.
async fn is_empty(errand: &Errand, place: &Place) -> Result<bool, ApiError> {
    Ok(errand.tasks_page(place, DesiredStatus::Running, None).await?.items.is_empty() && {
        let stopped = errand.tasks_page(place, DesiredStatus::Stopped, None).await?.items;
        errand.have_stopped(place, &stopped).await?
    })
}
