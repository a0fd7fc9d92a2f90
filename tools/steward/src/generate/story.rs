//! What happens to the fleet: routine that nobody should hear of, and misfortune that somebody should.

use super::end::End;
use super::fleet::Launch;
use super::queue::What;
use super::stream::Stream;
use super::task::{Task, ZONES};

/// Something that goes on for a while.
#[derive(Clone, Copy, Debug)]
pub enum Story {
    /// A service's tasks are replaced one by one: workload, tasks left, the deployment's number.
    Deployment(usize, usize, u64),
    /// A service's tasks fail again and again until a time: workload, how, until, milliseconds between two.
    Failing(usize, End, i64, i64),
    /// A task ends.
    Ends(Task, End),
    /// A zone of the first cluster is lost.
    ZoneLost,
    /// Something goes wrong somewhere, and the next misfortune is on its way.
    Misfortune,
}

/// A minute in milliseconds.
const MINUTE: i64 = 60_000;
/// Every how many jobs one fails, in a thousand.
const JOBS_FAIL: u32 = 15;
/// The cluster that loses a zone.
const STRUCK: &str = "harbor";

impl Stream {
    /// Begins something ordinary.
    pub(super) fn begin_routine(&mut self, now: i64) {
        let choice = self.dice.below(100);
        if choice < 55 {
            return self.begin_job(now);
        }
        let number = self.any_service();
        let (running, desired) = (self.fleet[number].running.len(), self.fleet[number].desired);
        if choice < 65 {
            self.fleet[number].revision += 1;
            let story = Story::Deployment(number, running.max(1), self.deployment());
            self.queue.push(now, What::Story(story));
        } else if choice < 66 && running > 0 {
            self.replace(number, End::User, now);
        } else if running > desired {
            let code = self.exit_code_of_stop();
            let end = End::Scaled(self.deployment(), code);
            let task = self.fleet[number].running.remove(0);
            self.stop(task, end, now);
        } else {
            self.start(number, now);
        }
    }

    /// Goes on with a story.
    pub(super) fn go_on(&mut self, story: Story, now: i64) {
        match story {
            Story::Deployment(number, left, deployment) => self.deploy(number, left, deployment, now),
            Story::Failing(number, end, until, gap) => {
                if end.is_at_start() {
                    self.fail_to_start(number, end, now);
                } else {
                    self.replace(number, end, now);
                }
                let next = now + gap + self.millis(gap / 4);
                if next < until {
                    self.queue.push(next, What::Story(story));
                }
            }
            Story::Ends(task, end) => self.stop(task, end, now),
            Story::ZoneLost => self.lose_zone(now),
            Story::Misfortune => {
                self.begin_misfortune(now);
                let next = now + self.millis(2 * self.pace.misfortune);
                self.queue.push(next, What::Story(Story::Misfortune));
            }
        }
    }

    /// A job runs and ends, mostly well.
    fn begin_job(&mut self, now: i64) {
        let jobs = self.fleet.iter().filter(|workload| workload.is_job).count();
        let number = self.fleet.len() - 1 - self.dice.place(jobs);
        let task = self.start(number, now);
        let end = End::Exited(u8::from(self.dice.happens(JOBS_FAIL)));
        let after = 70_000 + self.millis(15 * MINUTE);
        self.queue.push(now + after, What::Story(Story::Ends(task, end)));
    }

    /// One step of a rolling deployment.
    fn deploy(&mut self, number: usize, left: usize, deployment: u64, now: i64) {
        self.start(number, now);
        if !self.fleet[number].running.is_empty() {
            let code = self.exit_code_of_stop();
            let task = self.fleet[number].running.remove(0);
            let after = 60_000 + self.millis(MINUTE / 2);
            self.queue.push(now + after, What::Story(Story::Ends(task, End::Scaled(deployment, code))));
        }
        if left > 1 {
            let next = now + 20_000 + self.millis(MINUTE / 2);
            self.queue.push(next, What::Story(Story::Deployment(number, left - 1, deployment)));
        }
    }

    /// A task of a service ends, and another takes its place.
    fn replace(&mut self, number: usize, end: End, now: i64) {
        if !self.fleet[number].running.is_empty() {
            let task = self.fleet[number].running.remove(0);
            self.stop(task, end, now);
        }
        self.start(number, now + 1_500);
    }

    /// Something goes wrong with one service, for some minutes or hours.
    fn begin_misfortune(&mut self, now: i64) {
        let choice = self.dice.below(10);
        if choice == 0 {
            return self.take_spot_back(now);
        }
        let end = match choice {
            1 | 2 => End::Exited(1),
            3 => End::Exited(137),
            4 => End::Exited(139),
            5 | 6 => End::OutOfMemory,
            7 => End::ImagePull,
            8 => End::Secrets,
            _ => End::Unhealthy,
        };
        let until = now + 20 * MINUTE + self.millis(self.pace.longest);
        let number = self.any_service();
        self.queue.push(now, What::Story(Story::Failing(number, end, until, self.pace.gap)));
    }

    /// Every other task on Spot is interrupted within two minutes.
    fn take_spot_back(&mut self, now: i64) {
        for number in 0..self.fleet.len() {
            if self.fleet[number].launch != Launch::Spot {
                continue;
            }
            for _ in 0..self.fleet[number].running.len() / 2 {
                let at = now + self.millis(2 * MINUTE);
                self.replace(number, End::Spot, at);
            }
        }
    }

    /// The hosts of a zone are gone within a minute, and what runs there on Fargate fails its checks.
    fn lose_zone(&mut self, now: i64) {
        let zone = self.dice.place(ZONES.len());
        for number in 0..self.fleet.len() {
            if self.fleet[number].cluster != STRUCK {
                continue;
            }
            let running = std::mem::take(&mut self.fleet[number].running);
            let (lost, left): (Vec<_>, Vec<_>) =
                running.into_iter().partition(|task| usize::from(task.zone) == zone);
            self.fleet[number].running = left;
            for task in lost {
                let (end, within) = match self.fleet[number].launch {
                    Launch::Ec2 => (End::HostGone, 40_000),
                    Launch::Fargate | Launch::Spot => (End::Unhealthy, 3 * MINUTE),
                };
                let at = now + self.millis(within);
                self.queue.push(at, What::Story(Story::Ends(task, end)));
                self.start(number, at + 20_000);
            }
        }
    }

    /// The number of a service.
    fn any_service(&mut self) -> usize {
        let services = self.fleet.iter().filter(|workload| !workload.is_job).count();
        self.dice.place(services)
    }

    /// The number of a new deployment.
    fn deployment(&mut self) -> u64 {
        1_000_000_000_000_000_000 + self.dice.below(8_000_000_000_000_000_000)
    }

    /// How a container ends that was asked to: by SIGTERM, killed after its time, or cleanly.
    fn exit_code_of_stop(&mut self) -> u8 {
        match self.dice.below(10) {
            0..=5 => 143,
            6 | 7 => 137,
            _ => 0,
        }
    }
}
