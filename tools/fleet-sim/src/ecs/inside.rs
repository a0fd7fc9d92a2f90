//! What is inside a task: an essential container that carries its family's name, and a log router beside it.

use serde_json::{Value, json};

use super::{ACCOUNT, REGION, TaskNo};
use crate::ec2::{Kind, id_of};
use crate::world::World;

/// The container that is not essential.
const SIDECAR: &str = "log-router";
/// Seconds from its SIGTERM to its SIGKILL, which it never needs.
const SIDECAR_STOP_TIMEOUT: u64 = 2;

/// The image of a container's name.
fn image(name: &str) -> String {
    format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}:1")
}

/// The ARN of a family's first revision.
pub(crate) fn definition_arn(family: &str) -> String {
    format!("arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{family}:1")
}

/// `containerDefinitions` of a family. Each container writes to a log group of the family.
pub(crate) fn container_definitions(family: &str, stop_timeout: u64) -> Value {
    let definition = |name: &str, essential: bool, stop_timeout: u64| {
        let options = json!({
            "awslogs-group": format!("/ecs/{family}"),
            "awslogs-region": REGION,
            "awslogs-stream-prefix": "ecs",
        });
        json!({
            "name": name,
            "image": image(name),
            "essential": essential,
            "memory": 512,
            "stopTimeout": stop_timeout,
            "logConfiguration": {"logDriver": "awslogs", "options": options},
        })
    };
    json!([definition(family, true, stop_timeout), definition(SIDECAR, false, SIDECAR_STOP_TIMEOUT)])
}

impl World {
    /// `containers` of a task, in the API and in events alike. The log router ends well when it is told to.
    pub(crate) fn containers_of(&self, number: TaskNo) -> Value {
        let task = self.task(number);
        let has_ended = task.ended_at.is_some() || task.is_stopped();
        let last = match (has_ended, task.started_at) {
            (true, _) => "STOPPED",
            (false, Some(_)) => "RUNNING",
            (false, None) => "PENDING",
        };
        let exit_code = task.ending.as_ref().and_then(|ending| ending.exit_code).filter(|_| has_ended);
        let (cluster, id) = (&self.clusters[task.cluster.0].name, id_of(Kind::Task, number.0));
        let container = |place: u8, name: &str, exit_code: Option<i32>| {
            let mut container = json!({
                "containerArn": format!(
                    "arn:aws:ecs:{REGION}:{ACCOUNT}:container/{cluster}/{id}/c0000000-0000-4000-8000-{place:012x}"
                ),
                "taskArn": task.arn,
                "name": name,
                "image": image(name),
                "lastStatus": last,
            });
            if let (Some(code), Some(fields)) = (exit_code, container.as_object_mut()) {
                fields.insert("exitCode".to_owned(), code.into());
            }
            container
        };
        json!([container(1, &task.family, exit_code), container(2, SIDECAR, exit_code.map(|_| 0))])
    }
}
