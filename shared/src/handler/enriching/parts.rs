//! The parts of an alert's details, each asked for by itself.

use std::sync::Arc;
use std::time::Duration;

use super::culprit::{culprit, stream};
use super::wanted::Wanted;
use super::{Enriching, reason};
use crate::alert::deployment::relation;
use crate::alert::details::{DeploymentNote, Details, Memory};
use crate::alert::log_lines::{LINES, LogLine, LogStream};
use crate::event::arn::last_part;
use crate::event::{TaskStateChange, Timestamp};
use crate::judge::background::{Background, Lookup, TaskDefinition};
use crate::ports::facts::{LogTail, MemoryOf, MemoryPeak};
use crate::ports::{Clock, TaskFacts};
use crate::verdict::Verdict;

/// How long before a stop memory is looked at.
const BEFORE: Duration = Duration::from_hours(1);
/// The minute of the stop itself is not over.
const AFTER: Duration = Duration::from_mins(1);

/// A log stream and what it ends with; either may be missing, with its reason.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Where the log is.
    stream: Option<LogStream>,
    /// Its last lines.
    found: Vec<LogLine>,
    /// Why there are none.
    missing: Option<String>,
}

impl Lines {
    /// Without lines.
    fn missing(stream: Option<LogStream>, why: String) -> Self {
        Self { stream, found: Vec::new(), missing: Some(why) }
    }
}

/// The task definition and the log lines that need it.
#[derive(Debug)]
pub(super) struct LogPart {
    /// The task definition.
    pub(super) definition: Lookup<Arc<TaskDefinition>>,
    /// The log lines.
    pub(super) lines: Lines,
}

/// What is known without asking anybody: image, digest, revision, and limits where the definition is known.
pub(super) fn of_event(
    task: &TaskStateChange,
    verdict: &Verdict,
    definition: Option<&TaskDefinition>,
) -> Details {
    let found = culprit(task, verdict, definition);
    let defined = definition
        .zip(found)
        .and_then(|(definition, container)| definition.container(container.name.as_deref()?));
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let memory = Memory {
        container_limit_mib: defined.and_then(|defined| defined.memory_mib),
        task_limit_mib: definition.and_then(|definition| definition.memory_mib),
        ..Memory::default()
    };
    Details {
        image: owned(found.and_then(|container| container.image.as_deref()))
            .or_else(|| defined.and_then(|defined| defined.image.clone())),
        image_digest: owned(found.and_then(|container| container.image_digest.as_deref())),
        revision: owned(task.task_definition_arn.as_deref().map(last_part)),
        // Limits are told where memory is what it is about.
        memory: if Wanted::of(task, verdict).memory { memory } else { Memory::default() },
        ..Details::default()
    }
}

/// Adds a log and its lines, or why there are none.
pub(super) fn add_lines(details: &mut Details, lines: Lines) {
    details.log_stream = lines.stream;
    details.log_lines = lines.found;
    details.missing.extend(lines.missing);
}

/// Adds a peak of memory; one that nobody measured is missing.
pub(super) fn add_peak(details: &mut Details, peak: Option<MemoryPeak>) {
    let Some(peak) = peak else { return };
    if peak == MemoryPeak::default() {
        details.missing.push("memory peak: CloudWatch has no values".to_owned());
    }
    details.memory.peak_mib = peak.mib;
    details.memory.peak_percent = peak.percent;
}

impl<F: TaskFacts, C: Clock> Enriching<F, C> {
    /// The task definition and the last lines of the container it is about.
    pub(super) async fn log_part(
        &self,
        task: &TaskStateChange,
        verdict: &Verdict,
        background: &Background,
        wanted: Wanted,
        until: Timestamp,
    ) -> LogPart {
        let definition = match &background.definition {
            // What was asked for in vain a moment ago is not asked for again.
            known @ (Lookup::Found(_) | Lookup::Missing(_)) => known.clone(),
            Lookup::NotAsked if wanted.log_lines || wanted.memory => self.definition(task, until).await,
            Lookup::NotAsked => Lookup::NotAsked,
        };
        let lines = match definition.found().filter(|_| wanted.log_lines) {
            Some(definition) => self.lines(task, verdict, definition, until).await,
            None => Lines::default(),
        };
        LogPart { definition, lines }
    }

    /// The last lines of the container an alert is about.
    async fn lines(
        &self,
        task: &TaskStateChange,
        verdict: &Verdict,
        definition: &TaskDefinition,
        until: Timestamp,
    ) -> Lines {
        let Some(container) = culprit(task, verdict, Some(definition)) else {
            return Lines::missing(
                None,
                "log lines: nothing says which container they should be of".to_owned(),
            );
        };
        let stream = match stream(task, container, definition) {
            Ok(stream) => stream,
            Err(why) => return Lines::missing(None, format!("log lines: {why}")),
        };
        let Some(within) = self.left(until) else {
            return Lines::missing(Some(stream), reason::no_time("log lines"));
        };
        match self.facts.last_log_lines(&stream, LINES, within).await {
            Ok(LogTail::Events(events)) => {
                let found: Vec<_> =
                    events.iter().map(|event| LogLine::new(event.at, &event.message)).collect();
                let missing = found.is_empty().then(|| "log lines: the log stream is empty".to_owned());
                Lines { stream: Some(stream), found, missing }
            }
            Ok(LogTail::NoStream) => Lines::missing(
                None,
                format!("log lines: no log stream {} in {}", stream.stream, stream.group),
            ),
            Ok(LogTail::OtherRegion) => {
                let region = stream.region.as_deref().unwrap_or_default();
                let why = format!("log lines: they are in {region}, and this function is not");
                Lines::missing(Some(stream), why)
            }
            Err(error) => Lines::missing(Some(stream), reason::of("log lines", "logs:GetLogEvents", &error)),
        }
    }

    /// How the task stands to its service's deployments.
    pub(super) async fn deployment(
        &self,
        task: &TaskStateChange,
        until: Timestamp,
    ) -> Result<Option<DeploymentNote>, String> {
        let cluster = task.cluster_arn.as_deref().or(task.cluster());
        let names = cluster.zip(task.service()).zip(task.started_by.as_deref());
        let Some(((cluster, service), started_by)) = names else { return Ok(None) };
        let within = self.left(until).ok_or_else(|| reason::no_time("deployment"))?;
        let deployments = self.facts.deployments(cluster, service, within).await;
        let deployments =
            deployments.map_err(|error| reason::of("deployment", "ecs:DescribeServices", &error))?;
        Ok(relation(started_by, &deployments).map(|(relation, own)| DeploymentNote {
            relation,
            since: own.and_then(|own| own.created),
            failed_tasks: own.map(|own| own.failed_tasks),
        }))
    }

    /// The peak of memory in the hour before the stop.
    pub(super) async fn memory_peak(
        &self,
        task: &TaskStateChange,
        until: Timestamp,
    ) -> Result<Option<MemoryPeak>, String> {
        let Some(cluster) = task.cluster() else { return Ok(None) };
        let stopped = task.stopped().unwrap_or_else(|| self.clock.now());
        let of = MemoryOf {
            cluster,
            service: task.service(),
            family: task.family(),
            from: stopped.minus(BEFORE),
            until: stopped.plus(AFTER),
        };
        let within = self.left(until).ok_or_else(|| reason::no_time("memory peak"))?;
        let peak = self.facts.memory_peak(of, within).await;
        peak.map(Some).map_err(|error| reason::of("memory peak", "cloudwatch:GetMetricData", &error))
    }
}
