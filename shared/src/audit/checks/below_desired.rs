//! A service runs fewer tasks than it should.
//!
//! ECS says so once, if at all, and a service that wants one task and runs none can be forgotten for weeks. What a
//! deployment takes away by its own settings is left to it for an hour.
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-configure-deployment.html>.

use std::time::Duration;

use crate::alert::deployment::{Deployment, RolloutState};
use crate::audit::finding::{State, Thing};
use crate::audit::seen::{Read, Service, Snapshot, Unread, all};
use crate::event::Timestamp;
use crate::policy::Policy;
use crate::verdict::{Cause, Severity};

/// So long a deployment may run fewer tasks than desired, where its settings let it.
const DEPLOYMENT: Duration = Duration::from_hours(1);

/// Every service that runs fewer tasks than it should.
pub(super) fn look(snapshot: &Snapshot, policy: &Policy, now: Timestamp) -> Read<Vec<State>> {
    let services = all(&snapshot.services)?;
    if let Some(odd) = services.iter().find(|service| service.status.is_empty()) {
        return Err(Unread(format!("services: the reply does not say the status of {}", odd.name)));
    }
    let below = services.iter().filter(|service| is_below(service, now));
    Ok(below.map(|service| state(service, policy)).collect())
}

/// Whether a service runs fewer tasks than it should. One that is being deleted is left.
fn is_below(service: &Service, now: Timestamp) -> bool {
    service.status == "ACTIVE"
        && service.desired > service.running
        && !(service.running > 0 && is_deployed_as_configured(service, now))
}

/// Whether a deployment goes on, and as many tasks run as it has to leave.
fn is_deployed_as_configured(service: &Service, now: Timestamp) -> bool {
    let goes_on = |deployment: &Deployment| {
        deployment.rollout == Some(RolloutState::InProgress)
            && deployment.created.is_some_and(|created| now.elapsed_since(created) < DEPLOYMENT)
    };
    // Rounded up, as ECS does it.
    let least = |percent: i64| service.desired.saturating_mul(percent).saturating_add(99) / 100;
    service.deployments.iter().any(goes_on)
        && service.minimum_percent.is_some_and(|percent| service.running >= least(percent))
}

/// The state of a service.
fn state(service: &Service, policy: &Policy) -> State {
    let Service { name, desired, running, pending, .. } = service;
    let severity = if *running == 0 { Severity::High } else { Severity::Medium };
    let kind = if service.is_daemon { "Daemon service" } else { "Service" };
    let thing = Thing {
        service: Some(name.clone()),
        service_arn: Some(service.arn.clone()).filter(|arn| !arn.is_empty()),
        words: format!("{kind} {name}"),
        ..Thing::default()
    };
    let summary = match running {
        0 => format!("should run {desired} {} and runs none.", tasks(*desired)),
        _ => format!("should run {desired} {} and runs {running}.", tasks(*desired)),
    };
    let event = service.last_event.as_ref().map(|event| {
        let at = event.at.map_or_else(String::new, |at| format!(" at {at}"));
        format!("last event of the service{at}: {}", event.text)
    });
    State::new(thing, Cause::ServiceBelowDesired, severity, summary, policy.audit.below_desired_after)
        .with([format!("{running} of {desired} run, {pending} wait to start")])
        .with(service.deployments.first().map(deployment))
        .with(event)
}

/// `task` or `tasks`.
const fn tasks(count: i64) -> &'static str {
    if count == 1 { "task" } else { "tasks" }
}

/// A deployment in words.
fn deployment(deployment: &Deployment) -> String {
    let rollout = match &deployment.rollout {
        Some(RolloutState::InProgress) => " is in progress",
        Some(RolloutState::Completed) => " is completed",
        Some(RolloutState::Failed) => " has failed",
        Some(RolloutState::Other(_)) | None => "",
    };
    let since = deployment.created.map_or_else(String::new, |created| format!(", since {created}"));
    let failed = match deployment.failed_tasks {
        0 => String::new(),
        count => format!(", {count} of its tasks failed"),
    };
    format!("deployment {}{rollout}{since}{failed}", deployment.id)
}

#[cfg(test)]
mod tests {
    use super::{Deployment, RolloutState, Service, Severity, Timestamp, look};
    use crate::audit::checks::testing::{NOW, service, snapshot};
    use crate::audit::seen::ServiceMessage;
    use crate::policy::Policy;

    fn deployed(minutes_ago: i64, rollout: RolloutState) -> Vec<Deployment> {
        let created = Some(Timestamp::from_millis(NOW.as_millis() - minutes_ago * 60_000));
        vec![Deployment { id: "ecs-svc/1".into(), rollout: Some(rollout), created, ..Deployment::default() }]
    }

    #[test]
    fn it_is_loud_where_nothing_runs_and_quiet_where_that_is_wanted() {
        use RolloutState::{Completed, InProgress};
        let of = |desired, running| Service { desired, running, ..service("web") };
        let deploying = |running, minutes, rollout| Service {
            minimum_percent: Some(50),
            deployments: deployed(minutes, rollout),
            ..of(4, running)
        };
        for (what, service, want) in [
            ("all run", of(3, 3), None),
            ("more run", of(3, 5), None),
            ("none is wanted", of(0, 0), None),
            ("one of three", of(3, 1), Some(Severity::Medium)),
            ("none of one", of(1, 0), Some(Severity::High)),
            ("a daemon", Service { is_daemon: true, ..of(2, 1) }, Some(Severity::Medium)),
            ("on its way out", Service { status: "DRAINING".into(), ..of(1, 0) }, None),
            ("gone", Service { status: "INACTIVE".into(), ..of(1, 0) }, None),
            ("a deployment within its settings", deploying(2, 20, InProgress), None),
            ("a deployment below its settings", deploying(1, 20, InProgress), Some(Severity::Medium)),
            ("a deployment that does not end", deploying(2, 61, InProgress), Some(Severity::Medium)),
            ("a deployment under which nothing runs", deploying(0, 1, InProgress), Some(Severity::High)),
            ("a deployment that is over", deploying(2, 5, Completed), Some(Severity::Medium)),
        ] {
            let mut seen = snapshot();
            seen.services = Ok(vec![service]);
            let found = look(&seen, &Policy::default(), NOW).unwrap();
            assert_eq!(found.first().map(|state| state.finding.severity), want, "{what}");
        }
    }

    #[test]
    fn a_service_of_unknown_status_is_not_taken_for_well() {
        let mut seen = snapshot();
        seen.services = Ok(vec![Service { status: String::new(), ..service("web") }]);
        assert!(look(&seen, &Policy::default(), NOW).unwrap_err().0.contains("status of web"));
    }

    #[test]
    fn it_says_what_ecs_says() {
        let at = Some(NOW);
        let event = ServiceMessage { at, text: "(service web) was unable to place a task.".into() };
        let mut deployments = deployed(20, RolloutState::Failed);
        deployments[0].failed_tasks = 7;
        let mut seen = snapshot();
        seen.services = Ok(vec![Service { last_event: Some(event), deployments, ..service("web") }]);
        let found = look(&seen, &Policy::default(), NOW).unwrap().remove(0);
        assert_eq!(found.finding.summary, "should run 1 task and runs none.");
        assert_eq!(
            found.facts,
            [
                "0 of 1 run, 0 wait to start",
                "deployment ecs-svc/1 has failed, since 2026-11-23T06:45:00Z, 7 of its tasks failed",
                "last event of the service at 2026-11-23T07:05:00Z: (service web) was unable to place a task.",
            ]
        );
    }
}
