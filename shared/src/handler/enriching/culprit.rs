//! Which container an alert is about, and where its log is.

use crate::alert::log_lines::LogStream;
use crate::event::arn::Arn;
use crate::event::{Container, TaskStateChange};
use crate::judge::background::TaskDefinition;
use crate::verdict::Verdict;

/// The container to blame; where the verdict blames none, the only one, the only essential one, or the one that
/// carries the name of the service or family.
pub(super) fn culprit<'a>(
    task: &'a TaskStateChange,
    verdict: &Verdict,
    definition: Option<&TaskDefinition>,
) -> Option<&'a Container> {
    if let Some(name) = &verdict.container {
        // Two containers may share a name (AWS Batch); the exit code tells them apart.
        let named = || task.containers.iter().filter(|container| container.name.as_ref() == Some(name));
        return named().find(|container| container.exit_code == verdict.exit_code).or_else(|| named().next());
    }
    let is_essential = |container: &&Container| {
        let defined = definition.and_then(|definition| definition.container(container.name.as_deref()?));
        defined.is_some_and(|defined| defined.essential)
    };
    let carries_name = |container: &&Container| {
        let name = container.name.as_deref();
        name.is_some() && [task.service(), task.family()].contains(&name)
    };
    only(task.containers.iter())
        .or_else(|| only(task.containers.iter().filter(is_essential)))
        .or_else(|| only(task.containers.iter().filter(carries_name)))
}

/// The only element there is.
fn only<'a>(mut all: impl Iterator<Item = &'a Container>) -> Option<&'a Container> {
    all.next().filter(|_| all.next().is_none())
}

/// Where a container's log is, or why there is none to ask for.
///
/// A stream is `prefix/container/task-id`; without a prefix it has the id of the container on its host. Source:
/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html>.
///
/// # Errors
/// Why, in a few words.
pub(super) fn stream(
    task: &TaskStateChange,
    container: &Container,
    definition: &TaskDefinition,
) -> Result<LogStream, String> {
    let name = container.name.as_deref().unwrap_or_default();
    let defined =
        definition.container(name).ok_or_else(|| "the task definition has no such container".to_owned())?;
    let Some(logs) = &defined.logs else {
        return Err(match defined.log_driver.as_deref() {
            Some("awslogs") => "awslogs names no log group".to_owned(),
            Some(driver) => format!("the log driver is {driver}, not awslogs"),
            None => "the container has no log driver".to_owned(),
        });
    };
    let stream = match (&logs.stream_prefix, task.task_id(), container.runtime_id.as_deref()) {
        (Some(prefix), Some(id), _) => format!("{prefix}/{name}/{id}"),
        (None, _, Some(id)) => id.to_owned(),
        (Some(_), None, _) | (None, _, None) => return Err("the event names no log stream".to_owned()),
    };
    let own_region = task.task_arn.as_deref().and_then(Arn::parse).map(|arn| arn.region.to_owned());
    Ok(LogStream { group: logs.group.clone(), stream, region: logs.region.clone().or(own_region) })
}

#[cfg(test)]
mod tests {
    use super::{culprit, stream};
    use crate::event::TaskStateChange;
    use crate::judge::background::{AwsLogs, ContainerDefinition, TaskDefinition};
    use crate::judge::rules::testing::{task, verdict};

    fn definition(containers: &[(&str, bool)]) -> TaskDefinition {
        let containers = containers.iter().map(|(name, essential)| ContainerDefinition {
            name: (*name).to_owned(),
            essential: *essential,
            ..ContainerDefinition::default()
        });
        TaskDefinition { containers: containers.collect(), memory_mib: None }
    }

    #[test]
    fn an_alert_is_about_one_container() {
        let check = "Task failed ELB health checks in (target-group x)";
        for (names, defined, want) in [
            (&["app"][..], &[][..], Some("app")),
            (&["app", "log"], &[("app", true), ("log", false)], Some("app")),
            (&["web", "log"], &[], Some("web")),
            (&["web", "log"], &[("web", true), ("log", true)], Some("web")),
            (&["web", "log"], &[("web", false), ("log", true)], Some("log")),
            (&["app", "log"], &[], None),
            (&[], &[], None),
        ] {
            let containers: Vec<_> = names.iter().map(|name| (*name, Some(143), "")).collect();
            let task = task("service:web", "ServiceSchedulerInitiated", check, &containers);
            let found = culprit(&task, &verdict(&task), Some(&definition(defined)));
            assert_eq!(found.and_then(|found| found.name.as_deref()), want, "{names:?} {defined:?}");
        }
        let twins = [("default", Some(0), ""), ("default", Some(3), "")];
        let task = task("family:job", "EssentialContainerExited", "", &twins);
        let found = culprit(&task, &verdict(&task), None).expect("a container");
        assert_eq!(found.exit_code, Some(3), "the one that failed");
    }

    #[test]
    fn a_stream_is_where_awslogs_writes() {
        let logs = |prefix: Option<&str>, region: Option<&str>| AwsLogs {
            group: "/ecs/web".into(),
            region: region.map(Into::into),
            stream_prefix: prefix.map(Into::into),
        };
        let mut task: TaskStateChange = task("service:web", "", "", &[("app", Some(1), "")]);
        let defined = |driver: Option<&str>, logs: Option<AwsLogs>| TaskDefinition {
            containers: vec![ContainerDefinition {
                name: "app".into(),
                log_driver: driver.map(Into::into),
                logs,
                ..ContainerDefinition::default()
            }],
            memory_mib: None,
        };
        let awslogs = |logs| defined(Some("awslogs"), Some(logs));
        for (definition, runtime_id, want) in [
            (awslogs(logs(Some("web"), None)), None, Ok(("web/app/0a1b2c", "eu-west-1"))),
            (awslogs(logs(Some("web"), Some("us-east-1"))), Some("f00"), Ok(("web/app/0a1b2c", "us-east-1"))),
            (awslogs(logs(None, None)), Some("f00"), Ok(("f00", "eu-west-1"))),
            (awslogs(logs(None, None)), None, Err("the event names no log stream")),
            (defined(Some("awsfirelens"), None), None, Err("the log driver is awsfirelens, not awslogs")),
            (defined(Some("awslogs"), None), None, Err("awslogs names no log group")),
            (defined(None, None), None, Err("the container has no log driver")),
            (TaskDefinition::default(), None, Err("the task definition has no such container")),
        ] {
            task.containers[0].runtime_id = runtime_id.map(Into::into);
            let found = stream(&task, &task.containers[0], &definition);
            let found =
                found.as_ref().map(|found| (found.stream.as_str(), found.region.as_deref().unwrap_or("")));
            assert_eq!(found.map_err(String::as_str), want);
        }
    }
}
