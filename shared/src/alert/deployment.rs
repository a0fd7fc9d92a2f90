//! How a task stands to the deployments of its service.
//!
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Deployment.html>. A task's `startedBy`
//! is the id of the deployment that started it (`ecs-svc/…`).

use serde::{Deserialize, Serialize};

use crate::event::Timestamp;

/// A deployment of a service, as `DescribeServices` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployment {
    /// `ecs-svc/…`.
    pub id: String,
    /// Its place among the service's deployments.
    pub status: DeploymentStatus,
    /// How far it is; ECS says it only of rolling updates, and not behind a Classic Load Balancer.
    pub rollout: Option<RolloutState>,
    /// The ARN of the task definition it brings.
    pub task_definition: Option<String>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// Tasks of it that failed in a row.
    pub failed_tasks: i64,
}

/// Where a deployment stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DeploymentStatus {
    /// The newest one.
    Primary,
    /// An older one that still has tasks.
    Active,
    /// One that was replaced.
    Inactive,
    /// Any other, in AWS's own word.
    Other(Box<str>),
    /// ECS did not say.
    #[default]
    Missing,
}

impl DeploymentStatus {
    /// From AWS's word.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "PRIMARY" => Self::Primary,
            "ACTIVE" => Self::Active,
            "INACTIVE" => Self::Inactive,
            "" => Self::Missing,
            _ => Self::Other(word.into()),
        }
    }
}

/// How far a deployment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RolloutState {
    /// It goes on.
    InProgress,
    /// The service is in a steady state under it.
    Completed,
    /// The circuit breaker or an alarm ended it.
    Failed,
    /// Any other, in AWS's own word.
    Other(Box<str>),
}

impl RolloutState {
    /// From AWS's word.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "IN_PROGRESS" => Self::InProgress,
            "COMPLETED" => Self::Completed,
            "FAILED" => Self::Failed,
            _ => Self::Other(word.into()),
        }
    }
}

/// How a task stands to the deployments of its service. Told, and changes no severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// A new task of a deployment in progress.
    NewTask,
    /// An old task, while a deployment replaces it.
    OldTask,
    /// An old task that stays, since the deployment that was to replace it failed.
    Kept,
    /// A task of the service as it is: no deployment goes on.
    Steady,
    /// A task of a deployment that failed and was not rolled back.
    Failed,
    /// A task of a deployment that failed and is rolled back.
    RolledBack,
    /// A task of a deployment that is already gone.
    Gone,
}

impl Relation {
    /// Every relation.
    pub const ALL: [Self; 7] =
        [Self::NewTask, Self::OldTask, Self::Kept, Self::Steady, Self::Failed, Self::RolledBack, Self::Gone];

    /// The word in JSON.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NewTask => "new-task",
            Self::OldTask => "old-task",
            Self::Kept => "kept",
            Self::Steady => "steady",
            Self::Failed => "failed",
            Self::RolledBack => "rolled-back",
            Self::Gone => "gone",
        }
    }

    /// The relation as a person reads it.
    #[must_use]
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::NewTask => "new task of the deployment in progress",
            Self::OldTask => "old task, while a deployment replaces it",
            Self::Kept => "old task that stays: the deployment that was to replace it failed",
            Self::Steady => "steady: no deployment in progress",
            Self::Failed => "task of a deployment that failed",
            Self::RolledBack => "task of a deployment that failed and is rolled back",
            Self::Gone => "its deployment is already gone",
        }
    }
}

/// How a task with this `startedBy` stands to these deployments, and the deployment it belongs to. Nothing where
/// ECS does not say enough: another deployment controller, an unknown word, no deployments at all.
#[must_use]
pub fn relation<'a>(
    started_by: &str,
    deployments: &'a [Deployment],
) -> Option<(Relation, Option<&'a Deployment>)> {
    if !started_by.starts_with("ecs-svc/") || deployments.is_empty() {
        return None;
    }
    let Some(own) = deployments.iter().find(|deployment| deployment.id == started_by) else {
        return Some((Relation::Gone, None));
    };
    let primary = deployments.iter().find(|deployment| deployment.status == DeploymentStatus::Primary);
    let found = match own.status {
        DeploymentStatus::Primary => of_primary(own, deployments),
        DeploymentStatus::Active => of_active(own, primary),
        DeploymentStatus::Inactive => Some(Relation::Gone),
        DeploymentStatus::Other(_) | DeploymentStatus::Missing => None,
    };
    Some((found?, Some(own)))
}

/// The relation of a task of the newest deployment.
fn of_primary(own: &Deployment, deployments: &[Deployment]) -> Option<Relation> {
    match &own.rollout {
        Some(RolloutState::InProgress) => Some(Relation::NewTask),
        Some(RolloutState::Completed) => Some(Relation::Steady),
        Some(RolloutState::Failed) => Some(Relation::Failed),
        // Without a rollout state, tasks of an older deployment say that this one goes on.
        None => deployments
            .iter()
            .any(|other| other.status == DeploymentStatus::Active)
            .then_some(Relation::NewTask),
        Some(RolloutState::Other(_)) => None,
    }
}

/// The relation of a task of an older deployment.
fn of_active(own: &Deployment, primary: Option<&Deployment>) -> Option<Relation> {
    if own.rollout == Some(RolloutState::Failed) {
        return Some(Relation::RolledBack);
    }
    match primary?.rollout {
        Some(RolloutState::Failed) => Some(Relation::Kept),
        Some(RolloutState::InProgress | RolloutState::Completed) | None => Some(Relation::OldTask),
        Some(RolloutState::Other(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Deployment, DeploymentStatus, Relation, RolloutState, relation};

    /// A deployment by id, status and rollout state; `-` where ECS says none.
    fn deployment((id, status, rollout): (&str, &str, &str)) -> Deployment {
        Deployment {
            id: format!("ecs-svc/{id}"),
            status: DeploymentStatus::from_word(status),
            rollout: (rollout != "-").then(|| RolloutState::from_word(rollout)),
            ..Deployment::default()
        }
    }

    #[test]
    fn a_task_stands_to_its_services_deployments() {
        let new = ("1", "PRIMARY", "IN_PROGRESS");
        for (deployments, want) in [
            (&[new][..], Some(Relation::NewTask)),
            (&[new, ("0", "ACTIVE", "COMPLETED")], Some(Relation::NewTask)),
            (&[("1", "PRIMARY", "COMPLETED")], Some(Relation::Steady)),
            (&[("1", "PRIMARY", "FAILED")], Some(Relation::Failed)),
            (&[("1", "PRIMARY", "-"), ("0", "ACTIVE", "-")], Some(Relation::NewTask)),
            (&[("1", "PRIMARY", "-")], None),
            (&[("1", "PRIMARY", "PAUSED")], None),
            (&[("2", "PRIMARY", "IN_PROGRESS"), ("1", "ACTIVE", "COMPLETED")], Some(Relation::OldTask)),
            (&[("2", "PRIMARY", "IN_PROGRESS"), ("1", "ACTIVE", "IN_PROGRESS")], Some(Relation::OldTask)),
            (&[("2", "PRIMARY", "COMPLETED"), ("1", "ACTIVE", "COMPLETED")], Some(Relation::OldTask)),
            (&[("2", "PRIMARY", "-"), ("1", "ACTIVE", "-")], Some(Relation::OldTask)),
            (&[("2", "PRIMARY", "IN_PROGRESS"), ("1", "ACTIVE", "FAILED")], Some(Relation::RolledBack)),
            (&[("2", "PRIMARY", "FAILED"), ("1", "ACTIVE", "COMPLETED")], Some(Relation::Kept)),
            (&[("1", "ACTIVE", "COMPLETED")], None),
            (&[("2", "PRIMARY", "COMPLETED"), ("1", "INACTIVE", "COMPLETED")], Some(Relation::Gone)),
            (&[("2", "PRIMARY", "COMPLETED")], Some(Relation::Gone)),
            (&[("1", "DEGRADED", "COMPLETED")], None),
            (&[("1", "", "COMPLETED")], None),
            (&[], None),
        ] {
            let all: Vec<_> = deployments.iter().copied().map(deployment).collect();
            let found = relation("ecs-svc/1", &all);
            assert_eq!(found.map(|(relation, _)| relation), want, "{deployments:?}");
            let of_own = found.is_none_or(|(_, own)| own.is_none_or(|own| own.id == "ecs-svc/1"));
            assert!(of_own, "{deployments:?}");
        }
        for started_by in ["", "events-rule/nightly", "1"] {
            assert_eq!(relation(started_by, &[deployment(new)]), None, "{started_by}");
        }
    }

    #[test]
    fn words_are_those_of_the_json() {
        for relation in Relation::ALL {
            let json = serde_json::to_string(&relation).expect("JSON");
            assert_eq!(json, format!("\"{}\"", relation.word()));
            assert!(!relation.in_words().is_empty());
        }
    }
}
