//! The world: everything there is at one virtual time, and what happens next.

pub mod agenda;
mod happening;
pub mod ledger;
mod names;
mod settings;

pub use settings::Settings;

use std::time::Duration;

use shared::event::Timestamp;

use crate::api::{ApiState, Call};
use crate::auto_scaling::{Group, GroupNo};
use crate::dice::Dice;
use crate::ec2::{Instance, InstanceNo};
use crate::ecs::{Cluster, Service, ServiceNo, Task, TaskNo};
use crate::outbox::{Delivery, Outbox};
use crate::run_command::RunCommand;
use crate::sim::told::Told;
use crate::span::after;
use agenda::Agenda;
pub(crate) use happening::Happening;
use ledger::{Deed, Entry};

/// When a run begins that is not told otherwise: 2026-11-23T07:05:00Z.
pub const BEGINNING: Timestamp = Timestamp::from_millis(1_795_417_500_000);

/// Everything there is.
pub struct World {
    /// When the run began.
    beginning: Timestamp,
    /// The present.
    pub(crate) now: Timestamp,
    /// How long things take.
    pub settings: Settings,
    /// What chance decides in the world itself.
    pub(crate) dice: Dice,
    /// What happens next.
    agenda: Agenda<Happening>,
    /// ECS's clusters.
    pub(crate) clusters: Vec<Cluster>,
    /// ECS's services.
    pub(crate) services: Vec<Service>,
    /// Every task there ever was.
    pub(crate) tasks: Vec<Task>,
    /// Every EC2 instance there ever was.
    pub(crate) instances: Vec<Instance>,
    /// Auto Scaling's groups.
    pub(crate) groups: Vec<Group>,
    /// Events on their way.
    pub outbox: Outbox,
    /// What is done to calls, and what was.
    pub api: ApiState,
    /// Commands that instances run.
    pub run_command: RunCommand,
    /// What handlers told people and metrics.
    pub told: Told,
    /// What happened.
    deeds: Vec<Entry>,
}

impl World {
    /// A world with nothing in it.
    #[must_use]
    pub fn empty(seed: u64, beginning: Timestamp) -> Self {
        let mut dice = Dice::new(seed);
        let (outbox, api) = (Outbox::new(dice.fork()), ApiState::new(dice.fork(), beginning));
        let mut world = Self {
            beginning,
            now: beginning,
            settings: Settings::default(),
            dice,
            agenda: Agenda::default(),
            clusters: Vec::new(),
            services: Vec::new(),
            tasks: Vec::new(),
            instances: Vec::new(),
            groups: Vec::new(),
            outbox,
            api,
            // A chance of its own, so that it changes nothing of what else happens.
            run_command: RunCommand::new(Dice::new(seed ^ 0x55A7)),
            told: Told::default(),
            deeds: Vec::new(),
        };
        world.note(beginning, Happening::SchedulerPass);
        world
    }

    /// When the run began.
    #[must_use]
    pub const fn beginning(&self) -> Timestamp {
        self.beginning
    }

    /// The present.
    #[must_use]
    pub const fn now(&self) -> Timestamp {
        self.now
    }

    /// Lets everything happen that is due by then, and makes it the present.
    pub fn advance_to(&mut self, at: Timestamp) {
        while let Some((due, happening)) = self.agenda.take_due(at) {
            self.now = self.now.max(due);
            self.happen(happening);
        }
        self.now = self.now.max(at);
    }

    /// Lets a span pass.
    pub fn advance_by(&mut self, span: Duration) {
        self.advance_to(after(self.now, span));
    }

    /// When the next thing happens by itself; ECS's scheduler makes its rounds for ever.
    #[must_use]
    pub fn next_happening(&self) -> Option<Timestamp> {
        self.agenda.next_at()
    }

    /// Does something at a later time.
    pub fn at(&mut self, at: Timestamp, act: impl FnOnce(&mut Self) + Send + 'static) {
        self.note(at, Happening::Act(Box::new(act)));
    }

    /// Does something after a while.
    pub fn after(&mut self, span: Duration, act: impl FnOnce(&mut Self) + Send + 'static) {
        self.at(after(self.now, span), act);
    }

    /// Events that have arrived by now, each once per delivery, in the order of their arrival.
    pub fn due_deliveries(&mut self) -> Vec<Delivery> {
        self.outbox.due(self.now)
    }

    /// What happened so far.
    #[must_use]
    pub fn deeds(&self) -> &[Entry] {
        &self.deeds
    }

    /// The calls so far.
    #[must_use]
    pub fn calls(&self) -> &[Call] {
        &self.api.calls
    }

    /// An EC2 instance.
    #[must_use]
    pub fn instance(&self, instance: InstanceNo) -> &Instance {
        &self.instances[instance.0]
    }

    /// A task.
    #[must_use]
    pub fn task(&self, task: TaskNo) -> &Task {
        &self.tasks[task.0]
    }

    /// A service.
    #[must_use]
    pub fn service(&self, service: ServiceNo) -> &Service {
        &self.services[service.0]
    }

    /// A group.
    #[must_use]
    pub fn group(&self, group: GroupNo) -> &Group {
        &self.groups[group.0]
    }

    /// Notes what is to happen.
    pub(crate) fn note(&mut self, at: Timestamp, happening: Happening) {
        self.agenda.note(at, happening);
    }

    /// Notes what is to happen after a while.
    pub(crate) fn note_after(&mut self, span: Duration, happening: Happening) {
        self.note(after(self.now, span), happening);
    }

    /// Writes down what happened.
    pub(crate) fn record(&mut self, deed: Deed) {
        self.deeds.push(Entry { at: self.now, deed });
    }
}
