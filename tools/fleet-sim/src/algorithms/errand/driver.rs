//! Starts errands when their events arrive, and goes on with each when its time has come.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde_json::Value;
use shared::event::Timestamp;
use shared::ports::ApiError;

use super::{Errand, Order};
use crate::dice::Dice;
use crate::drive::{Drive, Invocations, nobody_leaves};
use crate::outbox::{Delivery, Kind};
use crate::report::Report;
use crate::sim::Sim;
use crate::span::after;
use crate::world::World;
use crate::world::agenda::Agenda;

/// Pauses of Lambda before it tries an asynchronous invocation again that failed.
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>.
const RETRIES_AFTER: [Duration; 2] = [Duration::from_mins(1), Duration::from_mins(2)];

/// What a tool runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habits {
    /// How long an errand may take; for ever where there is none, as a chain of invocations may.
    pub time_limit: Option<Duration>,
}

/// An errand as the driver has it.
type Doing = Pin<Box<dyn Future<Output = Result<(), ApiError>>>>;

/// An errand under way.
struct Running {
    /// The errand.
    doing: Doing,
    /// When it wants to go on.
    alarm: Rc<Cell<Option<Timestamp>>>,
    /// When it is ended.
    ends_at: Option<Timestamp>,
    /// What to try again where it fails.
    order: Order,
    /// How often the order was tried before.
    retries: usize,
}

/// What is due at a time.
enum Due {
    /// An errand begins, after so many retries.
    Begin(Order, usize),
    /// An errand goes on.
    GoOn(u64),
}

/// A tool: its errands, under way all at once.
pub struct Errands {
    /// The world.
    sim: Sim,
    /// What the tool runs in.
    habits: Habits,
    /// Begins an errand.
    see_out: Box<dyn Fn(Errand) -> Doing>,
    /// How long a call takes; errands wait for themselves, so that one's calls do not hold up another's.
    latency: (Duration, Duration),
    /// Decides for the errands.
    dice: Dice,
    /// Errands by number.
    running: BTreeMap<u64, Running>,
    /// What comes next.
    agenda: Agenda<Due>,
    /// How often each event was delivered or tried.
    deliveries: BTreeMap<String, u32>,
    /// How errands ended.
    invocations: Invocations,
}

impl Errands {
    /// A tool that has heard of nothing yet.
    pub(super) fn new(sim: &Sim, habits: Habits, see_out: impl Fn(Errand) -> Doing + 'static) -> Self {
        let mut world = sim.world();
        let latency = (world.settings.latency_least, world.settings.latency_most);
        (world.settings.latency_least, world.settings.latency_most) = (Duration::ZERO, Duration::ZERO);
        let dice = world.dice.fork();
        drop(world);
        Self {
            sim: sim.clone(),
            habits,
            see_out: Box::new(see_out),
            latency,
            dice,
            running: BTreeMap::new(),
            agenda: Agenda::default(),
            deliveries: BTreeMap::new(),
            invocations: Invocations::default(),
        }
    }

    /// Goes on to whatever comes next, `end` at the latest, and lets it happen.
    fn step(&mut self, end: Timestamp) {
        let now = {
            let mut world = self.sim.world();
            let comes = [world.next_happening(), world.outbox.next_at(), self.agenda.next_at()];
            let next = comes.into_iter().flatten().min().unwrap_or(end).min(end).max(world.now());
            world.advance_to(next);
            for delivery in world.due_deliveries() {
                if let Some(order) = order_of(&world, &delivery) {
                    self.agenda.note(next, Due::Begin(order, 0));
                }
            }
            world.now()
        };
        while let Some((_, due)) = self.agenda.take_due(now) {
            match due {
                Due::Begin(order, retries) => self.begin(order, retries),
                Due::GoOn(number) => self.go_on(number),
            }
        }
    }

    /// Begins an errand.
    fn begin(&mut self, order: Order, retries: usize) {
        let now = self.sim.world().now();
        let delivery = self.deliveries.entry(order.event_id.clone()).or_default();
        *delivery += 1;
        let alarm = Rc::new(Cell::new(None));
        let errand = Errand {
            order: order.clone(),
            delivery: *delivery,
            began: now,
            sim: self.sim.clone(),
            alarm: Rc::clone(&alarm),
            latency: self.latency,
            dice: RefCell::new(self.dice.fork()),
            heard: Cell::new(now),
        };
        let ends_at = self.habits.time_limit.map(|limit| after(now, limit));
        let number = self.invocations.all;
        self.invocations.all += 1;
        self.running
            .insert(number, Running { doing: (self.see_out)(errand), alarm, ends_at, order, retries });
        self.go_on(number);
    }

    /// Goes on with an errand until it pauses or is over.
    fn go_on(&mut self, number: u64) {
        let Some(running) = self.running.get_mut(&number) else { return };
        self.sim.world().api.begin_invocation(None);
        let now = self.sim.world().now();
        let in_time = running.ends_at.is_none_or(|end| now < end);
        let polled = in_time.then(|| running.doing.as_mut().poll(&mut Context::from_waker(Waker::noop())));
        let died = self.sim.world().api.end_invocation();
        let done = match polled {
            Some(Poll::Ready(result)) if !died => {
                self.invocations.failed += u64::from(result.is_err());
                result.is_ok()
            }
            Some(Poll::Pending) if !died && running.alarm.get().is_some() => {
                let at = running.alarm.take().into_iter().chain(running.ends_at).min().unwrap_or(now);
                self.agenda.note(at, Due::GoOn(number));
                return;
            }
            Some(Poll::Ready(_) | Poll::Pending) | None => {
                self.invocations.died += 1;
                false
            }
        };
        let Some(Running { order, retries, .. }) = self.running.remove(&number).filter(|_| !done) else {
            return;
        };
        match RETRIES_AFTER.get(retries) {
            Some(pause) => self.agenda.note(after(now, *pause), Due::Begin(order, retries + 1)),
            None => self.invocations.dead_letters += 1,
        }
    }

    /// Whether nothing is about to end, nothing is under way and nobody is at work.
    fn is_quiet(&self) -> bool {
        let world = self.sim.world();
        self.agenda.is_empty() && world.outbox.next_at().is_none() && nobody_leaves(&world)
    }
}

/// What a lifecycle event orders; nothing for any other event.
fn order_of(world: &World, delivery: &Delivery) -> Option<Order> {
    if delivery.kind != Kind::LifecycleAction {
        return None;
    }
    let event: Value = serde_json::from_str(&delivery.event).ok()?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let detail = &event["detail"];
    let instance_id = text(&detail["EC2InstanceId"]);
    let container = world.instance(world.instance_of_id(&instance_id)?).container.as_ref();
    Some(Order {
        event_id: text(&event["id"]),
        group: text(&detail["AutoScalingGroupName"]),
        hook: text(&detail["LifecycleHookName"]),
        instance_id,
        cluster: container.map(|container| world.clusters[container.cluster.0].name.clone()),
    })
}

impl Drive for Errands {
    fn run_for(&mut self, span: Duration) {
        let end = after(self.sim.world().now(), span);
        while self.sim.world().now() < end {
            self.step(end);
        }
    }

    fn run_until_quiet(&mut self, longest: Duration) -> bool {
        let end = after(self.sim.world().now(), longest);
        while self.sim.world().now() < end && !self.is_quiet() {
            self.step(end);
        }
        self.is_quiet()
    }

    fn report(&self) -> Report {
        let mut report = Report::of(&self.sim.world());
        report.invocations = self.invocations;
        report
    }
}
