//! The world over HTTP, for the AWS SDKs and the command line: ECS's and Systems Manager's JSON, Auto
//! Scaling's query and XML, and an admin API below `/_fleet`.

mod admin;
mod auto_scaling;
mod ecs;
mod ecs_shapes;
mod filter;
mod form;
mod json;
mod relay;
mod ssm;
#[cfg(test)]
mod tests;
mod xml;

pub use relay::relay;

use std::io;
use std::time::{Duration, Instant};

use loopback::{Reply, Request, Server};
use shared::event::Timestamp;

use crate::api::Called;
use crate::api::faults::Failing;
use crate::sim::Sim;
use crate::span::after;

/// How long a call hangs that gets no answer: longer than any client waits.
const NO_ANSWER: Duration = Duration::from_mins(10);

/// How virtual time follows real time.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// When it began to.
    since: Instant,
    /// The virtual time then.
    from: Timestamp,
    /// Virtual seconds in a real one.
    speed: u32,
}

impl Pace {
    /// From now on, so much faster than real time.
    #[must_use]
    pub fn of(sim: &Sim, speed: u32) -> Self {
        Self { since: Instant::now(), from: sim.world().now(), speed }
    }

    /// The virtual time it has become.
    fn now(&self) -> Timestamp {
        after(self.from, self.since.elapsed() * self.speed)
    }
}

/// Serves a world on a free port of 127.0.0.1. Time stands still between calls, but for the admin API's
/// `advance`, unless it has a pace.
///
/// # Errors
/// Where no port can be had.
pub fn serve(sim: Sim, pace: Option<Pace>) -> io::Result<Server> {
    Server::start(move |request| answer(&sim, pace, request))
}

/// Answers a request.
fn answer(sim: &Sim, pace: Option<Pace>, request: &Request) -> Reply {
    if let Some(pace) = pace {
        sim.world().advance_to(pace.now());
    }
    if request.path.starts_with("/_fleet/") {
        admin::answer(sim, request)
    } else if let Some(target) = request.headers.get("x-amz-target") {
        if target.starts_with(ssm::TARGET) {
            ssm::answer(sim, request, target)
        } else {
            ecs::answer(sim, request, target)
        }
    } else {
        auto_scaling::answer(sim, request)
    }
}

/// The reply to a call: an answer, an error in the protocol's form, or none.
fn reply<T>(
    sim: &Sim,
    called: Called<T>,
    answered: impl FnOnce(T) -> Reply,
    error: impl FnOnce(u16, &str, &str) -> Reply,
) -> Reply {
    // Who calls over HTTP does not die of it, and may call again.
    sim.world().api.end_invocation();
    match called {
        Called::Answered(answer) => answered(answer),
        Called::Refused(refusal) => {
            let (code, message) = json::code_and_message(&refusal);
            error(400, &code, &message)
        }
        Called::Failed(Failing::ServerError) => error(500, "ServerException", "Injected."),
        Called::Failed(Failing::Reset) => Reply::Hang,
        Called::Failed(Failing::TimedOut) | Called::Never => Reply::Late(NO_ANSWER, Box::new(Reply::Hang)),
    }
}
