//! `instance-protection` itself, over the simulated ports.

use std::time::Duration;

use shared::alert::HttpsBody;
use shared::handler::instance_protection::InstanceProtection;
use shared::policy::Policy;
use shared::ports::Clock as _;

use crate::drive::{Answer, Drive, Driver, Feed};
use crate::sim::Sim;

/// The function over a simulated world.
pub type Function = InstanceProtection<Sim, Sim, Sim, Sim, Sim>;

/// A new process of the function.
#[must_use]
pub fn function(sim: &Sim, policy: &Policy) -> Function {
    let port = || sim.called_by("protection");
    InstanceProtection::new(policy.clone(), port(), port(), port(), port(), port(), HttpsBody::Json)
}

/// Invokes the function with a payload.
pub async fn invoke(function: &Function, payload: &[u8], time_limit: Duration) -> Answer {
    let deadline = function.clock.now().plus(time_limit);
    match function.handle(payload, deadline).await {
        Ok(response) => {
            let failed: Vec<_> =
                response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
            if failed.is_empty() { Answer::Done } else { Answer::FailedItems(failed) }
        }
        Err(_) => Answer::Failed,
    }
}

/// Drives the function in a world, with ticks alone; after a crash with a new process.
#[must_use]
pub fn drive(sim: &Sim, feed: &Feed, policy: Policy) -> Box<dyn Drive> {
    let feed = Feed { events: false, ..feed.clone() };
    let time_limit = feed.time_limit;
    Box::new(Driver::new(sim, feed, move |sim: Sim| {
        let function = function(&sim, &policy);
        async move |payload: Vec<u8>| invoke(&function, &payload, time_limit).await
    }))
}
