//! A small healthy cluster for tests.

use std::collections::BTreeMap;

use crate::audit::seen::{Cluster, Instance, Member, Service, Snapshot, Task};
use crate::drain::auto_scaling::LifecycleState;
use crate::drain::container_instance::Status;
use crate::event::Timestamp;

/// The present of the tests.
pub(super) const NOW: Timestamp = Timestamp::from_millis(1_795_417_500_000);

/// A cluster in which nothing is.
pub(super) fn snapshot() -> Snapshot {
    let cluster = Cluster {
        arn: "arn:aws:ecs:eu-central-1:111122223333:cluster/harbor".into(),
        name: "harbor".into(),
        status: "ACTIVE".into(),
        ..Cluster::default()
    };
    Snapshot {
        cluster,
        services: Ok(Vec::new()),
        instances: Ok(Vec::new()),
        tasks: Ok(Vec::new()),
        members: Ok(BTreeMap::new()),
        jobs: Ok(Vec::new()),
    }
}

/// An active service of one task that does not run.
pub(super) fn service(name: &str) -> Service {
    Service { name: name.into(), status: "ACTIVE".into(), desired: 1, ..Service::default() }
}

/// An active instance that runs nothing.
pub(super) fn instance(id: &str) -> Instance {
    Instance {
        arn: format!("arn:aws:ecs:eu-central-1:111122223333:container-instance/harbor/of-{id}"),
        ec2_instance: Some(id.into()),
        status: Status::Active,
        agent_connected: true,
        tasks: 0,
        has_drain_mark: false,
        capacity_provider: None,
    }
}

/// A task on an instance.
pub(super) fn task(id: &str, group: &str, status: &str, on: Option<&str>) -> Task {
    Task {
        arn: format!("arn:aws:ecs:eu-central-1:111122223333:task/harbor/{id}"),
        group: Some(group.into()),
        last_status: status.into(),
        container_instance: on.map(|on| instance(on).arn),
        ..Task::default()
    }
}

/// An instance in the group `web`, with its key.
pub(super) fn member(id: &str, state: &str, is_protected: bool) -> (String, Member) {
    let member = Member {
        instance_id: id.into(),
        group: "web".into(),
        state: LifecycleState::from_word(state),
        is_protected,
    };
    (id.into(), member)
}
