//! What a hostile reviewer tried: faults, odd answers and limits that must neither kill a task nor lose a hook
//! in silence.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod ends;
mod heartbeats;
mod marks;
mod messages;
mod places;
mod ports;

use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use fleet_sim::algorithms::ours;
use fleet_sim::drive::{Drive, Feed};
use fleet_sim::ec2::InstanceNo;
use fleet_sim::ecs::StandalonePlan;
use fleet_sim::report::Drain;
use fleet_sim::world::ledger::Deed;
use fleet_sim::{GroupPlan, HookPlan, Sim};
use shared::alert::Message;
use shared::handler::instance_drain::Settings;
use shared::policy::Policy;

const HOUR: Duration = Duration::from_hours(1);

fn mins(minutes: u64) -> Duration {
    Duration::from_mins(minutes)
}

fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// What a future gives at once: the simulation never waits.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("the simulation waits"),
    }
}

fn hook(timeout: Duration) -> HookPlan {
    HookPlan::named("ecs-steward").heartbeat_timeout(timeout)
}

/// A group whose hook needs no heartbeat within the hour.
fn group(instances: usize) -> GroupPlan {
    GroupPlan::named("web-group", instances).in_cluster("harbor").capacity(20).hook(hook(HOUR))
}

/// A group whose hook ends after five minutes without a heartbeat.
fn restless(instances: usize) -> GroupPlan {
    GroupPlan::named("batch", instances).in_cluster("harbor").hook(hook(mins(5)))
}

fn instance(sim: &Sim, number: usize) -> InstanceNo {
    sim.world().all_instances().nth(number).expect("an instance")
}

fn container_arn(sim: &Sim, number: usize) -> String {
    let instance = instance(sim, number);
    sim.world().container_view(instance).expect("a container instance").arn
}

/// Runs a task that no service has on an instance: for so long, or for ever.
fn job(sim: &Sim, number: usize, runs: Option<Duration>) {
    let plan = StandalonePlan::of_family("nightly");
    let plan = match runs {
        Some(runs) => plan.runs_for(runs),
        None => plan,
    };
    let instance = instance(sim, number);
    sim.world().run_standalone(instance, &plan).expect("room for a task");
}

fn terminate(sim: &Sim, number: usize) {
    let instance = instance(sim, number);
    assert!(sim.world().terminate(instance), "it was not in service");
}

/// The agent of an instance disconnects for ever, three minutes from now.
fn lose_agent(sim: &Sim, number: usize) {
    let instance = instance(sim, number);
    sim.world().after(mins(3), move |world| world.disconnect_agent(instance, None));
}

fn drive(sim: &Sim, policy: &str) -> Box<dyn Drive> {
    let policy = Policy::parse(policy).expect("a policy");
    ours::drive(sim, Feed::default(), policy, Settings::default())
}

/// What people were told.
fn told(sim: &Sim) -> Vec<Message> {
    sim.world().told.messages.iter().map(|(_, message)| message.clone()).collect()
}

/// The subjects of what people were told.
fn subjects(sim: &Sim) -> Vec<String> {
    told(sim).into_iter().map(|message| message.subject).collect()
}

/// The subjects of messages with these words in their body.
fn subjects_saying(sim: &Sim, words: &str) -> Vec<String> {
    let saying = told(sim).into_iter().filter(|message| message.body.contains(words));
    saying.map(|message| message.subject).collect()
}

/// How many deeds there are of a kind.
fn count(sim: &Sim, of_kind: impl Fn(&Deed) -> bool) -> usize {
    sim.world().deeds().iter().filter(|entry| of_kind(&entry.deed)).count()
}

/// Minutes from the beginning of a drain to its completion.
fn minutes(drain: &Drain) -> Option<i64> {
    Some(drain.completed?.millis_since(drain.began) / 60_000)
}
