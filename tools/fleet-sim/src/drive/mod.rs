//! Gives a handler the events and ticks that Lambda would give it, one invocation at a time.

mod invocation;
pub mod invocations;
mod queue;
#[cfg(test)]
mod tests;

pub use invocation::{Answer, Ended};
pub use invocations::Invocations;
pub use queue::Queue;

use std::time::{Duration, Instant};

use serde_json::json;
use shared::event::Timestamp;

use crate::dice::Dice;
use crate::ec2::Power;
use crate::events;
use crate::report::Report;
use crate::sim::Sim;
use crate::span::after;
use crate::world::World;

/// How a handler is fed.
#[derive(Clone, Debug)]
pub struct Feed {
    /// Between two ticks; no ticks where there is none.
    pub tick_every: Option<Duration>,
    /// `source` of a tick's event.
    pub tick_source: &'static str,
    /// How many of a thousand ticks are lost.
    pub ticks_lost_per_mille: u32,
    /// Whether events come; without them a handler has its ticks only.
    pub events: bool,
    /// How long SQS gathers messages.
    pub batch_window: Duration,
    /// Messages of a batch.
    pub batch_size: usize,
    /// When a message comes again that was not done with.
    pub visibility_timeout: Duration,
    /// How often a message comes at most.
    pub receives: u32,
    /// How long an invocation may take.
    pub time_limit: Duration,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            tick_every: Some(Duration::from_mins(1)),
            tick_source: "aws.scheduler",
            ticks_lost_per_mille: 0,
            events: true,
            batch_window: Duration::from_secs(1),
            batch_size: 10,
            visibility_timeout: Duration::from_secs(90),
            receives: 5,
            time_limit: Duration::from_mins(1),
        }
    }
}

/// Drives one handler in one world. `make` makes a handler, at first and again after each crash; a handler
/// is an async closure that takes a payload.
pub struct Driver<M, H> {
    /// The world.
    sim: Sim,
    /// How it is fed.
    feed: Feed,
    /// Makes a handler.
    make: M,
    /// The handler, until it crashes.
    handler: Option<H>,
    /// Messages.
    queue: Queue,
    /// When the next tick comes.
    next_tick: Option<Timestamp>,
    /// Which ticks are lost.
    dice: Dice,
    /// How invocations ended.
    pub invocations: Invocations,
    /// Real time the handler took for itself, the simulation of its calls not counted.
    pub worked: Duration,
}

/// Whether no instance is about to end.
pub(crate) fn nobody_leaves(world: &World) -> bool {
    world.all_instances().all(|number| {
        let instance = world.instance(number);
        let leaving = instance.membership.as_ref().is_some_and(|member| member.stage.is_leaving());
        instance.power != Power::Running || (instance.spot_ends_at.is_none() && !leaving)
    })
}

/// A driver, whatever its handler.
pub trait Drive {
    /// As [`Driver::run_for`].
    fn run_for(&mut self, span: Duration);
    /// As [`Driver::run_until_quiet`].
    fn run_until_quiet(&mut self, longest: Duration) -> bool;
    /// As [`Driver::report`].
    fn report(&self) -> Report;
}

impl<M, H> Drive for Driver<M, H>
where
    M: FnMut(Sim) -> H,
    H: AsyncFnMut(Vec<u8>) -> Answer,
{
    fn run_for(&mut self, span: Duration) {
        self.run_for(span);
    }

    fn run_until_quiet(&mut self, longest: Duration) -> bool {
        self.run_until_quiet(longest)
    }

    fn report(&self) -> Report {
        self.report()
    }
}

impl<M, H> Driver<M, H>
where
    M: FnMut(Sim) -> H,
    H: AsyncFnMut(Vec<u8>) -> Answer,
{
    /// A driver whose first tick comes one interval from now.
    pub fn new(sim: &Sim, feed: Feed, make: M) -> Self {
        let mut world = sim.world();
        let (now, dice) = (world.now(), world.dice.fork());
        drop(world);
        let next_tick = feed.tick_every.map(|every| after(now, every));
        let queue = Queue::new(&feed);
        let (invocations, worked) = (Invocations::default(), Duration::ZERO);
        Self { sim: sim.clone(), feed, make, handler: None, queue, next_tick, dice, invocations, worked }
    }

    /// Runs until then.
    pub fn run_until(&mut self, end: Timestamp) {
        while self.sim.world().now() < end {
            self.step(end);
        }
    }

    /// Runs for a while.
    pub fn run_for(&mut self, span: Duration) {
        let end = after(self.sim.world().now(), span);
        self.run_until(end);
    }

    /// Runs until nothing is about to end, no event is under way and no message waits, for `longest` at most;
    /// whether it came to that.
    pub fn run_until_quiet(&mut self, longest: Duration) -> bool {
        let end = after(self.sim.world().now(), longest);
        let mut look_at = self.sim.world().now();
        while self.sim.world().now() < end {
            // Once a second: it looks at every instance.
            if look_at <= self.sim.world().now() {
                if self.is_quiet() {
                    return true;
                }
                look_at = after(self.sim.world().now(), Duration::from_secs(1));
            }
            self.step(end);
        }
        self.is_quiet()
    }

    /// What became of it all.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut report = Report::of(&self.sim.world());
        report.invocations = self.invocations;
        report
    }

    /// Whether nothing is about to end and nothing waits to be told.
    fn is_quiet(&self) -> bool {
        let world = self.sim.world();
        let told = !self.feed.events || (self.queue.is_empty() && world.outbox.next_at().is_none());
        told && nobody_leaves(&world)
    }

    /// Goes on to whatever comes next, `end` at the latest, and lets it happen.
    fn step(&mut self, end: Timestamp) {
        let next = {
            let mut world = self.sim.world();
            let comes =
                [world.next_happening(), world.outbox.next_at(), self.queue.next_at(), self.next_tick];
            let next = comes.into_iter().flatten().min().unwrap_or(end).min(end).max(world.now());
            world.advance_to(next);
            for delivery in world.due_deliveries() {
                if self.feed.events {
                    self.queue.add(delivery.at, delivery.event);
                }
            }
            world.now()
        };
        if let Some(tick) = self.next_tick.filter(|tick| *tick <= next) {
            self.next_tick = self.feed.tick_every.map(|every| after(tick, every));
            if !self.dice.happens(self.feed.ticks_lost_per_mille) {
                let payload = self.tick(tick);
                self.invoke(payload);
            }
        } else if let Some((batch, payload)) = self.queue.take_batch(next) {
            let ended = self.invoke(payload);
            let now = self.sim.world().now();
            self.invocations.dead_letters += self.queue.settle(batch, &ended, now);
        }
    }

    /// A tick's event.
    fn tick(&self, at: Timestamp) -> Vec<u8> {
        let id = format!("71c00000-0000-4000-8000-{:012x}", at.as_millis());
        let (source, arn) = (self.feed.tick_source, "arn:aws:scheduler:::schedule/default/tick");
        let event = json!({});
        events::in_envelope(&id, at, source, "Scheduled Event", &[arn], &event).to_string().into_bytes()
    }

    /// Invokes the handler.
    fn invoke(&mut self, payload: Vec<u8>) -> Ended {
        let sim = &self.sim;
        let mut handler = self.handler.take().unwrap_or_else(|| (self.make)(sim.clone()));
        let lent = &mut handler;
        let (begun, simulated) = (Instant::now(), sim.world().api.simulating);
        let ended = invocation::run(sim, self.feed.time_limit, move || lent(payload));
        let simulated = sim.world().api.simulating.saturating_sub(simulated);
        self.worked += begun.elapsed().saturating_sub(simulated);
        self.invocations.all += 1;
        match &ended {
            Ended::Answered(Answer::Done) => {}
            Ended::Answered(Answer::Failed | Answer::FailedItems(_)) => self.invocations.failed += 1,
            Ended::Died => self.invocations.died += 1,
            Ended::Panicked => self.invocations.panicked += 1,
        }
        if matches!(ended, Ended::Answered(_)) {
            self.handler = Some(handler);
        }
        ended
    }
}
