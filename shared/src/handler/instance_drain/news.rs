//! The words of what people are told of a drain.

use crate::alert::{Alert, Subject};
use crate::drain::auto_scaling::Hook;
use crate::drain::class::ClassedTask;
use crate::drain::container_instance::ContainerInstance;
use crate::drain::times::Times;
use crate::drain::{Because, Ending, Snapshot, Stage, Step, Wait};
use crate::event::Timestamp;
use crate::event::arn::{Arn, last_part};
use crate::event::timestamp::span_in_words;
use crate::policy::drain::{AtDeadline, DrainPolicy};
use crate::verdict::{Cause, Decision, Severity, Verdict};

/// Instances and tasks that a message names; the rest is counted.
const NAMED: usize = 20;
/// A hook that hears nothing for less than this ends when two ticks are lost.
const SHORT_HEARTBEAT: std::time::Duration = std::time::Duration::from_mins(5);

/// A piece of news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// Drains that started.
    Started,
    /// Drains that take long.
    Stuck(Stage),
    /// Drains whose tasks have all stopped.
    Finished,
    /// Instances that were let go because no cluster has them.
    NeverJoined,
    /// Drains that end with tasks left, as the policy says.
    Forced,
    /// Drains that end with tasks left and the instance kept.
    Retained,
}

/// What a message says of one instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'a> {
    /// What is seen of it.
    pub(super) seen: &'a Snapshot,
    /// What is done.
    pub(super) step: Option<&'a Step>,
    /// What went wrong.
    pub(super) trouble: Option<&'a str>,
    /// What it is to ECS.
    pub(super) container_instance: Option<&'a ContainerInstance>,
    /// When its drain began.
    pub(super) begun: Option<Timestamp>,
    /// The hook that holds it.
    pub(super) hook: Option<&'a Hook>,
    /// Whether its spot capacity is taken back.
    pub(super) is_spot: bool,
}

impl News {
    /// The alert, before the policy has its word.
    pub(super) fn alert(
        self,
        cluster: &str,
        group: &str,
        instances: &[Told<'_>],
        policy: &DrainPolicy,
        now: Timestamp,
    ) -> Alert {
        let stopped_by_us: usize = instances.iter().map(Told::stopped_by_us).sum();
        let (cause, severity) = match self {
            Self::Started => (Cause::DrainStarted, Severity::Low),
            Self::Stuck(Stage::Deadline) | Self::Forced => (Cause::DrainStuck, Severity::High),
            Self::Stuck(Stage::Stuck50 | Stage::Stuck75) => (Cause::DrainStuck, Severity::Medium),
            Self::Stuck(Stage::Begun | Stage::Started | Stage::Stuck25 | Stage::Released) => {
                (Cause::DrainStuck, Severity::Low)
            }
            Self::Finished if stopped_by_us > 0 => (Cause::DrainFinished, Severity::Medium),
            Self::Finished | Self::NeverJoined => (Cause::DrainFinished, Severity::Low),
            Self::Retained => (Cause::InstanceRetained, Severity::Medium),
        };
        let held = instances.iter().filter(|told| told.hook.is_some()).count();
        let place = if cluster.is_empty() { "-" } else { last_part(cluster) };
        let group = if group.is_empty() { "-" } else { group };
        let who = match instances {
            [one] => format!("Instance {} on {place}", one.seen.instance_id),
            many => format!("{} instances of {group} on {place}", many.len()),
        };
        let begun = |told: &Told<'_>| told.begun.or(told.seen.waiting_since).or(told.seen.first_seen);
        let longest = instances.iter().filter_map(begun).min();
        let lasted =
            longest.map_or_else(|| "some time".to_owned(), |begun| span_in_words(now.millis_since(begun)));
        let what = match self {
            Self::Started if instances.iter().all(|told| told.is_spot) => {
                "lost its Spot capacity: DRAINING was set, EC2 takes it within two minutes".to_owned()
            }
            Self::Started if held == 0 => {
                "set to DRAINING, as somebody asked; no hook of ours waits for its tasks".to_owned()
            }
            Self::Started if held < instances.len() => {
                format!("set to DRAINING, as somebody asked; a hook of ours waits for the tasks of {held}")
            }
            Self::Started => "to be terminated: draining, and the termination waits for its tasks".to_owned(),
            Self::Stuck(Stage::Deadline) => {
                format!("draining for {lasted}: the deadline has come, and {}", at_deadline(policy))
            }
            Self::Stuck(stage) => format!(
                "draining for {lasted}, {} of the {} it may take: tasks have not stopped",
                share(stage),
                span_in_words(instances.iter().find_map(|told| told.may_take(policy)).unwrap_or_default())
            ),
            Self::Finished if stopped_by_us > 0 => {
                format!(
                    "drained after {lasted}; {stopped_by_us} tasks were asked to stop because their time was over"
                )
            }
            Self::Finished => format!("drained after {lasted}; the termination continues"),
            Self::NeverJoined => {
                "let go: none of the clusters that were asked has ever had it, or has it any more".to_owned()
            }
            Self::Forced => {
                format!(
                    "its termination goes on after {lasted} with tasks that have not stopped, as the policy says"
                )
            }
            Self::Retained => format!("kept after {lasted} with its tasks running (Terminating:Retained)"),
        };
        let verdict = Verdict {
            verdict: Decision::Alert,
            cause,
            severity,
            container: None,
            exit_code: None,
            summary: format!("{who}: {what}"),
            evidence: evidence(group, instances, policy),
            next_step: cause.next_step().into(),
            fingerprint: fingerprint(place, group, cause, instances),
        };
        Alert::new(verdict, subject(cluster, instances))
    }
}

/// What is said of calls that AWS refuses.
pub(super) fn of_refusals(refused: &[String]) -> Verdict {
    Verdict {
        verdict: Decision::Alert,
        cause: Cause::DrainStuck,
        severity: Severity::High,
        container: None,
        exit_code: None,
        summary: format!(
            "Drains cannot do their work, and instances may be terminated under running tasks: {}",
            refused.first().map_or("", String::as_str)
        ),
        evidence: refused.to_vec(),
        next_step: "Where a call was refused: compare the function's role with the IAM actions the README lists under Draining instances. Else: change what is named here.".into(),
        fingerprint: format!("-/-/{}/-/-", Cause::DrainStuck),
    }
}

/// The subject of what is about no instance.
pub(super) fn nowhere() -> Subject {
    Subject::default()
}

/// `a quarter`, for people.
const fn share(stage: Stage) -> &'static str {
    match stage {
        Stage::Begun | Stage::Started | Stage::Stuck25 => "25 %",
        Stage::Stuck50 => "50 %",
        Stage::Stuck75 => "75 %",
        Stage::Deadline | Stage::Released => "100 %",
    }
}

/// What the policy does at the deadline.
const fn at_deadline(policy: &DrainPolicy) -> &'static str {
    match policy.at_deadline {
        AtDeadline::Continue => "what is left is asked to stop before the termination continues",
        AtDeadline::Retain => {
            "the instance is retained where its group retains, else held until the hook ends"
        }
        AtDeadline::Hold => "the instance is held until the hook ends",
    }
}

/// The facts: each instance with what is left on it and what blocks that.
fn evidence(group: &str, instances: &[Told<'_>], policy: &DrainPolicy) -> Vec<String> {
    let mut facts = vec![format!("Auto Scaling group {group}")];
    if let Some(hook) = instances.iter().find_map(|told| told.hook) {
        facts.push(format!(
            "hook {}: heartbeat timeout {} s, limit {}",
            hook.name,
            hook.heartbeat_timeout.as_secs(),
            span_in_words(i64::try_from(hook.global_timeout.as_millis()).unwrap_or(i64::MAX))
        ));
        if hook.heartbeat_timeout < SHORT_HEARTBEAT {
            facts.push(
                "the hook's heartbeat timeout is shorter than 300 s: one lost tick or two would end it"
                    .to_owned(),
            );
        }
        if let Some(begun) = instances.iter().filter_map(|told| told.begun).min() {
            facts.push(format!("deadline {}", Times::new(begun, hook, policy).deadline));
        }
    }
    for told in instances.iter().take(NAMED) {
        facts.push(told.in_words());
        facts.extend(told.seen.unfinished().take(NAMED).map(|seen| format!("  {}", task_in_words(seen))));
        let unnamed = told.seen.unfinished().count().saturating_sub(NAMED);
        if unnamed > 0 {
            facts.push(format!("  and {unnamed} more tasks"));
        }
    }
    let unnamed = instances.len().saturating_sub(NAMED);
    if unnamed > 0 {
        facts.push(format!("and {unnamed} more instances"));
    }
    facts
}

/// `task 0a1b (service web, STOPPING): blocked by …`
pub(super) fn task_in_words(seen: &ClassedTask) -> String {
    let task = &seen.task;
    let status = task.last_status.as_deref().unwrap_or("unknown status");
    let of = task.group.as_deref().unwrap_or("no group").replace(':', " ");
    let why = if task.is_asked_to_stop() {
        "asked to stop and still stopping: its stopTimeout, or its target group's deregistration delay"
    } else {
        seen.class.blocked_by()
    };
    format!("task {} ({of}, {}, {status}): {why}", last_part(&task.arn), seen.class.word())
}

/// cluster / group / cause / instance or `-`: what a drain shares with itself.
fn fingerprint(cluster: &str, group: &str, cause: Cause, instances: &[Told<'_>]) -> String {
    let instance = match instances {
        [one] => one.seen.instance_id.as_str(),
        _ => "-",
    };
    format!(
        "{}/{}/{cause}/{}/-",
        cluster.replace('/', "_"),
        group.replace('/', "_"),
        instance.replace('/', "_")
    )
}

/// Where it is.
fn subject(cluster: &str, instances: &[Told<'_>]) -> Subject {
    let arn = instances.iter().find_map(|told| told.container_instance).map(|instance| instance.arn.as_str());
    let parsed = arn.and_then(Arn::parse).or_else(|| Arn::parse(cluster));
    let owned = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let only = match instances {
        [one] => one.container_instance.map(|instance| last_part(&instance.arn).to_owned()),
        _ => None,
    };
    Subject {
        partition: parsed.and_then(|arn| owned(arn.partition)),
        region: parsed.and_then(|arn| owned(arn.region)),
        account: parsed.and_then(|arn| owned(arn.account)),
        cluster: owned(last_part(cluster)),
        launch_type: Some("EC2".to_owned()),
        container_instance: only,
        ..Subject::default()
    }
}

impl Told<'_> {
    /// Tasks of it that we asked to stop.
    fn stopped_by_us(&self) -> usize {
        match self.step {
            Some(Step::Complete(_, Ending::Drained { stopped_by_us, .. })) => *stopped_by_us,
            _ => 0,
        }
    }

    /// How long its drain may take, in milliseconds: as the policy says, or as the hook allows.
    fn may_take(&self, policy: &DrainPolicy) -> Option<i64> {
        let begun = self.begun.or(self.seen.waiting_since).or(self.seen.first_seen)?;
        Some(Times::new(begun, self.hook?, policy).deadline.millis_since(begun))
    }

    /// `i-0a1b: 3 tasks by ECS's count`
    fn in_words(&self) -> String {
        let mut text = format!("{}:", self.seen.instance_id);
        if let Some(instance) = self.container_instance {
            let agent = if instance.agent_connected { "" } else { ", its agent is disconnected" };
            text = format!(
                "{text} {}, {} tasks by ECS's count{agent}",
                instance.status.word(),
                instance.tasks_count()
            );
        }
        if let Some(Step::Wait(Wait { because: Because::Trouble(why), .. })) = self.step {
            text = format!("{text}; its tasks could not be listed: {why}");
        }
        if let Some(trouble) = self.trouble {
            text = format!("{text}; {trouble}");
        }
        text
    }
}
