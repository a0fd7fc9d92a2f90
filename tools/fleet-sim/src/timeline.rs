//! What our function does in one scenario, instance by instance.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;
use shared::drain::auto_scaling::ActionResult;
use shared::drain::container_instance::Status;
use shared::drain::settings::Settings;
use shared::event::Timestamp;
use shared::policy::Policy;
use shared::ports::Clock as _;

use crate::algorithms::ours;
use crate::drive::Driver;
use crate::ec2::InstanceNo;
use crate::report::Report;
use crate::scenario::Scenario;
use crate::sim::Sim;
use crate::world::World;
use crate::world::ledger::Deed;

/// What invoked the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A batch of events.
    Events,
    /// The tick of each minute.
    Tick,
}

impl Trigger {
    /// Of a payload.
    fn of(payload: &[u8]) -> Self {
        let batch: Value = serde_json::from_slice(payload).unwrap_or_default();
        if batch.get("Records").is_some() { Self::Events } else { Self::Tick }
    }

    /// In a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Events => "event",
            Self::Tick => "tick",
        }
    }
}

/// How a termination came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The function completed the hook, invoked by this.
    Completed(ActionResult, Trigger),
    /// The hook's time was over.
    Expired,
    /// Not yet.
    Held,
}

/// One termination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The EC2 instance's id.
    pub instance_id: String,
    /// The cluster's name.
    pub cluster: String,
    /// Tasks that were on it, those of daemon services not counted.
    pub tasks: usize,
    /// When Auto Scaling decided.
    pub terminated: Timestamp,
    /// When it was set DRAINING.
    pub draining: Option<Timestamp>,
    /// When its last task stopped that is of no daemon service.
    pub last_stop: Option<Timestamp>,
    /// When its hook was completed, or expired.
    pub ended: Option<Timestamp>,
    /// Milliseconds from the last stop to the completion.
    pub late_millis: Option<i64>,
    /// Tasks that were killed with it, those of daemon services not counted.
    pub killed: usize,
    /// How it came to its end.
    pub ending: Ending,
}

/// A run of our function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    /// Real time our function took for itself.
    pub worked: Duration,
    /// What became of it.
    pub report: Report,
    /// Each termination, in the order of instances.
    pub rows: Vec<Row>,
    /// When people were told, with the subject.
    pub notifications: Vec<(Timestamp, String)>,
}

/// Runs our function in a scenario until all is over.
#[must_use]
pub fn run(scenario: &Scenario) -> Timeline {
    let sim = scenario.simulate();
    let tasks = tasks_of(&sim.world());
    let (feed, policy, settings) = (scenario.feed(), Policy::default(), Settings::default());
    let (limit, invoked) = (feed.time_limit, Rc::new(RefCell::new(Vec::new())));
    let noted = Rc::clone(&invoked);
    let mut driver = Driver::new(&sim, feed, move |sim: Sim| {
        let (function, noted) = (ours::function(&sim, &policy, &settings), Rc::clone(&noted));
        async move |payload: Vec<u8>| {
            noted.borrow_mut().push((function.clock.now(), Trigger::of(&payload)));
            ours::invoke(&function, &payload, limit).await
        }
    });
    // Where it does not come to its end, rows say what is still held.
    scenario.run(&mut driver);
    let report = driver.report();
    let invoked = invoked.take();
    let world = sim.world();
    let rows = rows(&world, &report, &tasks, &invoked);
    let messages = world.told.messages.iter();
    let notifications = messages.map(|(at, message)| (*at, message.subject.clone())).collect();
    Timeline { report, rows, notifications, worked: driver.worked }
}

/// How many tasks of no daemon service each instance has.
fn tasks_of(world: &World) -> BTreeMap<InstanceNo, usize> {
    let occupied =
        |number| world.instance(number).container.as_ref().map_or(0, |container| container.occupied);
    world.all_instances().map(|number| (number, occupied(number))).collect()
}

/// What the ledger says of each termination.
fn rows(
    world: &World,
    report: &Report,
    tasks: &BTreeMap<InstanceNo, usize>,
    invoked: &[(Timestamp, Trigger)],
) -> Vec<Row> {
    let mut rows: BTreeMap<InstanceNo, Row> = BTreeMap::new();
    for drain in &report.drains {
        let instance = world.instance(drain.instance);
        let cluster = instance.container.as_ref().map(|container| &world.clusters[container.cluster.0].name);
        let row = Row {
            instance_id: instance.id.clone(),
            cluster: cluster.cloned().unwrap_or_default(),
            tasks: tasks.get(&drain.instance).copied().unwrap_or_default(),
            terminated: drain.began,
            draining: None,
            last_stop: drain.last_stop,
            ended: drain.completed,
            late_millis: drain.lateness(),
            killed: 0,
            ending: Ending::Held,
        };
        rows.insert(drain.instance, row);
    }
    for entry in world.deeds() {
        match &entry.deed {
            Deed::StatusChanged(instance, Status::Draining) => {
                if let Some(row) = rows.get_mut(instance) {
                    row.draining = row.draining.or(Some(entry.at));
                }
            }
            Deed::HookCompleted(instance, _, result) => {
                if let Some(row) = rows.get_mut(instance) {
                    row.ending = Ending::Completed(*result, invoked_before(invoked, entry.at));
                }
            }
            Deed::HookExpired(instance, ..) => {
                if let Some(row) = rows.get_mut(instance) {
                    (row.ending, row.ended) = (Ending::Expired, Some(entry.at));
                }
            }
            Deed::TaskKilled { instance, class, .. } if *class != crate::ecs::Class::Daemon => {
                if let Some(row) = rows.get_mut(instance) {
                    row.killed += 1;
                }
            }
            Deed::StatusChanged(..)
            | Deed::TaskKilled { .. }
            | Deed::TerminationBegan(_)
            | Deed::SpotWarned(_)
            | Deed::Terminated(..)
            | Deed::Parked(_)
            | Deed::Protection { .. }
            | Deed::Retained(_)
            | Deed::Heartbeat(..)
            | Deed::HookSkipped(..)
            | Deed::Agent(..)
            | Deed::StopAsked { .. }
            | Deed::TaskStopped { .. } => {}
        }
    }
    rows.into_values().collect()
}

/// What invoked the function last before then.
fn invoked_before(invoked: &[(Timestamp, Trigger)], at: Timestamp) -> Trigger {
    let count = invoked.partition_point(|(began, _)| *began <= at);
    count.checked_sub(1).and_then(|last| invoked.get(last)).map_or(Trigger::Tick, |(_, trigger)| *trigger)
}
