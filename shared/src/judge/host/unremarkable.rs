//! All goes its way: quiet.

use super::{Happening, Report};
use crate::judge::{Cause, Finding, Severity};

/// What is left: nothing is wrong.
pub(super) fn finding(report: &Report<'_>) -> Finding {
    let quiet = |cause, summary: String| Finding::new(cause, Severity::Info, summary);
    match report.happening {
        Happening::Change(change) => match change.status.as_deref().unwrap_or("without a status") {
            "DRAINING" => quiet(Cause::Drained, "is being drained.".to_owned()),
            status if change.agent_connected == Some(true) => {
                quiet(Cause::Steady, format!("is {status}, with its agent connected."))
            }
            status => quiet(Cause::Steady, format!("is {status}; nothing is said of its agent.")),
        },
        Happening::Health(health) => {
            let status = health.overall_status.as_deref().unwrap_or("unknown");
            quiet(Cause::Steady, format!("has health checks that are {status}."))
        }
        Happening::State(state) => quiet(Cause::Steady, format!("is {}.", state.word())),
        Happening::Spot(_) | Happening::Rebalance(_) | Happening::Notice(_) => {
            quiet(Cause::UnknownEvent, "has an event that is not judged here.".to_owned())
        }
    }
}
