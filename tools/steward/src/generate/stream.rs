//! The events one by one, in the order they are delivered, in constant memory.

use fleet_sim::dice::Dice;

use super::end::End;
use super::fleet::{Launch, Workload, workloads};
use super::queue::{Queue, What};
use super::story::Story;
use super::task::{Snapshot, Status, Task};

/// Entries on their way, at most; beyond it nothing new begins until some have come.
const IN_FLIGHT: usize = 20_000;
/// How many of a thousand events are delivered twice.
const TWICE: u32 = 5;
/// How many of a thousand events are late, behind later ones.
const LATE: u32 = 5;

/// How fast things happen, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Between two misfortunes, on average.
    pub misfortune: i64,
    /// Between two failures of one service.
    pub gap: i64,
    /// How long a service fails, at most.
    pub longest: i64,
}

/// The events of a made-up fleet.
#[derive(Debug)]
pub struct Stream {
    /// Chance.
    pub(super) dice: Dice,
    /// The workloads and their tasks.
    pub(super) fleet: Vec<Workload>,
    /// What comes next.
    pub(super) queue: Queue,
    /// How fast things happen.
    pub(super) pace: Pace,
    /// When it begins.
    start: i64,
    /// How long it lasts.
    span: i64,
    /// How many events it has.
    events: u64,
    /// How many were given.
    given: u64,
    /// When the last one was.
    now: i64,
}

impl Stream {
    /// `events` events from `start` on, over `span` milliseconds.
    #[must_use]
    pub fn new(seed: u64, events: u64, start: i64, span: i64) -> Self {
        let mut dice = Dice::new(seed);
        let fleet = workloads(&mut dice, start);
        let between = span / i64::try_from(events).unwrap_or(i64::MAX).max(1);
        let hour = 3_600_000;
        let pace = Pace {
            misfortune: (span / 10).clamp(1_000, 2 * hour),
            gap: (25 * between).max(45_000),
            longest: (span / 5).clamp(1_000, 5 * hour),
        };
        let mut queue = Queue::default();
        queue.push(start + span / 20, What::Story(Story::Misfortune));
        queue.push(start + span / 8 * 5, What::Story(Story::ZoneLost));
        Self { dice, fleet, queue, pace, start, span, events, given: 0, now: start }
    }

    /// The next event and its workload; none after the last one.
    pub fn next_event(&mut self) -> Option<(Snapshot, &Workload)> {
        if self.given == self.events {
            return None;
        }
        let done = i128::from(self.span) * i128::from(self.given) / i128::from(self.events);
        let due = self.now.max(self.start + i64::try_from(done).unwrap_or(i64::MAX));
        loop {
            let is_idle = self.queue.next_at().is_none_or(|next| next > due);
            if is_idle && self.queue.len() < IN_FLIGHT {
                self.begin_routine(due);
                continue;
            }
            match self.queue.pop()? {
                (at, What::Story(story)) => self.go_on(story, at),
                (at, What::Event(snapshot)) => {
                    self.given += 1;
                    self.now = at;
                    return Some((snapshot, &self.fleet[snapshot.task.workload]));
                }
            }
        }
    }

    /// A span up to `most` milliseconds.
    pub(super) fn millis(&mut self, most: i64) -> i64 {
        i64::try_from(self.dice.below(u64::try_from(most).unwrap_or(0))).unwrap_or(0)
    }

    /// A task starts; what a service starts is replaced or removed some time.
    pub(super) fn start(&mut self, number: usize, at: i64) -> Task {
        let workload = &self.fleet[number];
        let (revision, is_job, launch) = (workload.revision, workload.is_job, workload.launch);
        let mut task = Task::new(&mut self.dice, number, revision, at);
        let before: &[_] = match launch {
            Launch::Ec2 => &[(0, Status::Pending)],
            Launch::Fargate | Launch::Spot => {
                &[(0, Status::Provisioning), (8_000, Status::Pending), (20_000, Status::Activating)]
            }
        };
        for (version, (after, status)) in (1..).zip(before) {
            self.deliver(Snapshot { task, at: at + after, status: *status, version, end: None });
        }
        let started = at + 25_000 + self.millis(20_000);
        task.started = Some(started);
        let version = version_when_running(launch);
        self.deliver(Snapshot { task, at: started, status: Status::Running, version, end: None });
        if !is_job {
            self.fleet[number].running.push(task);
        }
        task
    }

    /// A task ends.
    pub(super) fn stop(&mut self, task: Task, end: End, at: i64) {
        let launch = self.fleet[task.workload].launch;
        let of_itself = matches!(end, End::Exited(_) | End::OutOfMemory);
        let takes = if of_itself { 2_000 } else { 5_000 + self.millis(30_000) };
        let steps: &[_] = match (launch, of_itself) {
            (Launch::Ec2, false) => &[(0, Status::Running), (takes, Status::Stopped)],
            (Launch::Ec2, true) => &[(takes, Status::Stopped)],
            (Launch::Fargate | Launch::Spot, true) => {
                &[(0, Status::Deprovisioning), (takes + 12_000, Status::Stopped)]
            }
            (Launch::Fargate | Launch::Spot, false) => &[
                (0, Status::Deactivating),
                (1_500, Status::Stopping),
                (takes, Status::Deprovisioning),
                (takes + 12_000, Status::Stopped),
            ],
        };
        let steps = if end == End::HostGone { &[(0, Status::Stopped)] } else { steps };
        self.end(task, end, at, version_when_running(launch), steps);
    }

    /// A task of a service ends before it started.
    pub(super) fn fail_to_start(&mut self, number: usize, end: End, at: i64) {
        let (revision, launch) = (self.fleet[number].revision, self.fleet[number].launch);
        let task = Task::new(&mut self.dice, number, revision, at);
        let (first, steps): (_, &[_]) = match launch {
            Launch::Ec2 => (Status::Pending, &[(15_000, Status::Stopped)]),
            Launch::Fargate | Launch::Spot => {
                (Status::Provisioning, &[(15_000, Status::Deprovisioning), (27_000, Status::Stopped)])
            }
        };
        self.deliver(Snapshot { task, at, status: first, version: 1, end: None });
        self.end(task, end, at, 1, steps);
    }

    /// The events of an end, each so long after `at`.
    fn end(&mut self, task: Task, end: End, at: i64, version: u8, steps: &[(i64, Status)]) {
        for (number, (after, status)) in (1..).zip(steps) {
            self.deliver(Snapshot {
                task,
                at: at + after,
                status: *status,
                version: version + number,
                end: Some((at, end)),
            });
        }
    }

    /// An event goes on its way: some are late, some come twice.
    fn deliver(&mut self, snapshot: Snapshot) {
        let late = if self.dice.happens(LATE) { 1_000 + self.millis(20_000) } else { 0 };
        self.queue.push(snapshot.at + late, What::Event(snapshot));
        if self.dice.happens(TWICE) {
            let again = late + 200 + self.millis(60_000);
            self.queue.push(snapshot.at + again, What::Event(snapshot));
        }
    }
}

/// The version of a task that came to RUNNING.
const fn version_when_running(launch: Launch) -> u8 {
    match launch {
        Launch::Ec2 => 2,
        Launch::Fargate | Launch::Spot => 4,
    }
}
