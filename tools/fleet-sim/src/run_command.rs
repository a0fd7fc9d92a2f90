//! Systems Manager's Run Command: commands that instances run, and how they end.
//! Source: <https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html>.

use std::collections::BTreeSet;
use std::time::Duration;

use shared::event::Timestamp;
use shared::ports::ApiError;

use crate::dice::Dice;
use crate::ec2::{InstanceNo, Power};
use crate::ecs::api::refused;
use crate::span::after;
use crate::world::World;

/// A command that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// To which instance.
    pub instance: InstanceNo,
    /// Its id.
    pub id: String,
    /// Its comment.
    pub comment: String,
    /// What the instance runs.
    pub script: String,
    /// When it was sent.
    pub at: Timestamp,
    /// When it ends by itself, and whether well; never where it hangs.
    ends: Option<(Timestamp, bool)>,
    /// When it is ended.
    times_out: Timestamp,
}

impl Sent {
    /// `Status` and `StatusDetails`, where the instance ended then, if it did.
    #[must_use]
    pub fn status(&self, instance_ended: Option<Timestamp>, now: Timestamp) -> (&'static str, &'static str) {
        let ends = self.ends.filter(|(at, _)| instance_ended.is_none_or(|ended| *at <= ended));
        match ends {
            Some((at, true)) if at <= now => ("Success", "Success"),
            Some((at, false)) if at <= now => ("Failed", "Failed"),
            Some(_) | None if self.times_out <= now => ("TimedOut", "ExecutionTimedOut"),
            Some(_) | None if now.elapsed_since(self.at) < Duration::from_secs(2) => ("Pending", "Pending"),
            Some(_) | None => ("InProgress", "InProgress"),
        }
    }
}

/// What is asked of one instance.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The instance's id.
    pub instance_id: &'a str,
    /// The comment.
    pub comment: &'a str,
    /// The script.
    pub script: &'a str,
    /// How long it may run.
    pub within: Duration,
}

/// How commands go.
#[derive(Debug)]
pub struct RunCommand {
    /// How long one takes at least and at most.
    pub takes: (Duration, Duration),
    /// How many of a thousand fail.
    pub fails_per_mille: u32,
    /// How many of a thousand hang until their time is over.
    pub hangs_per_mille: u32,
    /// Instances whose agent is not registered.
    pub unmanaged: BTreeSet<InstanceNo>,
    /// Every command there was.
    pub sent: Vec<Sent>,
    /// Decides how each goes.
    dice: Dice,
}

impl RunCommand {
    /// Every instance is managed, and all commands end well within a minute.
    pub(crate) fn new(dice: Dice) -> Self {
        let takes = (Duration::from_secs(20), Duration::from_mins(1));
        let (unmanaged, sent) = (BTreeSet::new(), Vec::new());
        Self { takes, fails_per_mille: 0, hangs_per_mille: 0, unmanaged, sent, dice }
    }
}

impl World {
    /// `SendCommand` to one instance; answers its id.
    pub(crate) fn send_command(&mut self, asked: Asked<'_>) -> Result<String, ApiError> {
        let now = self.now;
        let instance = self.instance_of_id(asked.instance_id).filter(|instance| {
            self.instance(*instance).power == Power::Running && !self.run_command.unmanaged.contains(instance)
        });
        let Some(instance) = instance else {
            let message = format!("Instances [[{}]] not in a valid state for account", asked.instance_id);
            return Err(refused("InvalidInstanceId", message));
        };
        let state = &mut self.run_command;
        let takes = state.dice.span(state.takes.0, state.takes.1);
        let hangs = state.dice.happens(state.hangs_per_mille);
        let fine = !state.dice.happens(state.fails_per_mille);
        let number = state.sent.len() + 1;
        let id = format!("00000000-0000-4000-8000-{number:012x}");
        state.sent.push(Sent {
            instance,
            id: id.clone(),
            comment: asked.comment.to_owned(),
            script: asked.script.to_owned(),
            at: now,
            ends: (!hangs).then(|| (after(now, takes), fine)),
            times_out: after(now, asked.within),
        });
        Ok(id)
    }

    /// `ListCommandInvocations` of one instance after a time.
    pub(crate) fn commands_of(&self, instance_id: &str, later_than: Timestamp) -> Vec<&Sent> {
        let instance = self.instance_of_id(instance_id);
        let of_it = |sent: &&Sent| Some(sent.instance) == instance && sent.at >= later_than;
        self.run_command.sent.iter().filter(of_it).collect()
    }

    /// Where a command stands.
    #[must_use]
    pub fn command_status(&self, sent: &Sent) -> (&'static str, &'static str) {
        sent.status(self.instance(sent.instance).ended_at, self.now)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Asked;
    use crate::fleet::{Fleet, GroupPlan};

    #[test]
    fn a_command_runs_and_ends_as_chance_or_time_says() {
        for (fails, hangs, after, want) in [
            (0, 0, 1, "Pending"),
            (0, 0, 10, "InProgress"),
            (0, 0, 61, "Success"),
            (1000, 0, 61, "Failed"),
            (0, 1000, 61, "InProgress"),
            (0, 1000, 121, "ExecutionTimedOut"),
        ] {
            let sim = Fleet::seeded(1).group(GroupPlan::named("web", 2).in_cluster("harbor")).simulate();
            let mut world = sim.world();
            (world.run_command.fails_per_mille, world.run_command.hangs_per_mille) = (fails, hangs);
            let first = world.all_instances().next().expect("an instance");
            let id = world.instance(first).id.clone();
            let begun = world.now();
            let asked = Asked { instance_id: &id, comment: "c", script: "s", within: Duration::from_mins(2) };
            world.send_command(asked).expect("it is managed");
            world.advance_by(Duration::from_secs(after));
            let found = world.commands_of(&id, begun);
            assert_eq!(world.command_status(found[0]).1, want, "after {after} s");
            let now = world.now();
            assert!(world.commands_of(&id, now).is_empty());
        }
    }

    #[test]
    fn an_instance_that_is_not_managed_takes_none() {
        let sim = Fleet::seeded(1).group(GroupPlan::named("web", 1).in_cluster("harbor")).simulate();
        let mut world = sim.world();
        let first = world.all_instances().next().expect("an instance");
        world.run_command.unmanaged.insert(first);
        let id = world.instance(first).id.clone();
        let within = Duration::from_mins(5);
        let asked = Asked { instance_id: &id, comment: "c", script: "s", within };
        let error = world.send_command(asked).expect_err("it is not");
        assert!(error.to_string().starts_with("refused: InvalidInstanceId"), "{error}");
    }
}
