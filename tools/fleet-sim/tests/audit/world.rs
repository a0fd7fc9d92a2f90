//! `cluster-audit` in a simulated account, with an alert table that outlives its processes.

use std::time::Duration;

use fleet_sim::Sim;
use fleet_sim::drive::{Answer, Driver, Feed};
use serde_json::Value;
use shared::alert::HttpsBody;
use shared::event::Timestamp;
use shared::handler::cluster_audit::{AuditSettings, ClusterAudit};
use shared::handler::monitor::{Beat, Monitor};
use shared::in_memory::{Absent, TableInMemory};
use shared::policy::Policy;
use shared::ports::Clock as _;

/// How long an invocation may take.
pub const TIME_LIMIT: Duration = Duration::from_mins(1);

/// A handler that never ends before it is asked to.
pub trait Run {
    fn minutes(&mut self, minutes: u64);
}

impl<M, H> Run for Driver<M, H>
where
    M: FnMut(Sim) -> H,
    H: AsyncFnMut(Vec<u8>) -> Answer,
{
    fn minutes(&mut self, minutes: u64) {
        self.run_for(Duration::from_mins(minutes));
    }
}

/// The function, a tick a minute, after a crash in a new process.
pub fn audit(sim: &Sim, policy: &str, settings: AuditSettings) -> Box<dyn Run> {
    audit_with(sim, policy, settings, Beat::Nothing, Feed { events: false, ..Feed::default() })
}

/// The same with another beat, and what it hears.
pub fn audit_with(
    sim: &Sim,
    policy: &str,
    settings: AuditSettings,
    beat: Beat,
    mut feed: Feed,
) -> Box<dyn Run> {
    let policy = Policy::parse(policy).expect("a policy");
    let table: &'static TableInMemory = Box::leak(Box::default());
    feed.time_limit = TIME_LIMIT;
    Box::new(Driver::new(sim, feed, move |sim: Sim| {
        let port = || sim.clone();
        let monitor: Monitor<_, _, _, _, Absent, Absent> =
            Monitor::new(beat, policy.clone(), port(), port(), port(), HttpsBody::Json)
                .with_table(Some(table));
        let audit = ClusterAudit::new(monitor, port(), settings.clone());
        async move |payload: Vec<u8>| {
            let deadline = audit.monitor.clock.now().plus(TIME_LIMIT);
            match audit.handle(&payload, deadline).await {
                Ok(answer) if answer.batch_item_failures.is_empty() => Answer::Done,
                Ok(_) | Err(_) => Answer::Failed,
            }
        }
    }))
}

/// What people were told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// When, in minutes since the world began.
    pub minute: u64,
    /// `alert`, `reminder`, `recovery`, …
    pub notice: String,
    /// The cause.
    pub cause: String,
    /// What it is about.
    pub fingerprint: String,
    /// The sentence.
    pub summary: String,
    /// How loud.
    pub severity: String,
}

/// All that people were told so far.
pub fn told(sim: &Sim) -> Vec<Told> {
    let world = sim.world();
    let since = |at: Timestamp| at.elapsed_since(world.beginning()).as_secs() / 60;
    let read = |(at, message): &(Timestamp, shared::alert::Message)| {
        let body: Value = serde_json::from_str(&message.body).expect("JSON");
        let default: Value =
            body["default"].as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(body.clone());
        let sqs = body["sqs"].as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(default);
        let text = |name: &str| sqs[name].as_str().unwrap_or_default().to_owned();
        Told {
            minute: since(*at),
            notice: sqs["notice"].as_str().unwrap_or("alert").to_owned(),
            cause: text("cause"),
            fingerprint: text("fingerprint"),
            summary: text("summary"),
            severity: text("severity"),
        }
    };
    world.told.messages.iter().map(read).collect()
}

/// Notice, cause and minute of all that was told.
pub fn in_short(sim: &Sim) -> Vec<(String, String, u64)> {
    told(sim).into_iter().map(|one| (one.notice, one.cause, one.minute)).collect()
}

/// What a port answers, which it does at once.
pub fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    match future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(answer) => answer,
        std::task::Poll::Pending => panic!("no answer"),
    }
}
