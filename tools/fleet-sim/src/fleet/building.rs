//! From plans to a world.

use std::collections::BTreeMap;

use shared::drain::container_instance::Status;
use shared::drain::task::SchedulingStrategy;

use super::Fleet;
use crate::auto_scaling::{Destination, Group, GroupNo, Membership, Stage};
use crate::ec2::{Instance, InstanceNo, Kind, Power, id_of};
use crate::ecs::{
    ACCOUNT, Cluster, ClusterNo, Container, REGION, Service, ServiceNo, ServicePlan, ServiceStatus,
};
use crate::sim::Sim;
use crate::world::{BEGINNING, World};

impl Fleet {
    /// The world, with every task of every service RUNNING as far as there is room, and no event under way.
    #[must_use]
    pub fn build(&self) -> World {
        let mut world = World::empty(self.seed, self.beginning.unwrap_or(BEGINNING));
        world.settings = self.settings;
        world.outbox.road = crate::outbox::Road { kinds: Vec::new(), ..self.road.clone() };
        for name in &self.clusters {
            world.cluster(name);
        }
        for plan in &self.groups {
            let group = GroupNo(world.groups.len());
            world.groups.push(Group {
                name: plan.name.clone(),
                tags: plan.tags.clone(),
                retains_on_abandon: plan.retains_on_abandon,
                hooks: plan.hooks.clone(),
                capacity_provider: plan.capacity_provider.clone(),
            });
            for _ in 0..plan.instances {
                world.launch(group, plan.cluster.as_deref(), plan.capacity);
            }
        }
        for plan in &self.services {
            world.start_service(plan);
        }
        world.outbox.road = self.road.clone();
        world
    }

    /// A handle on the world.
    #[must_use]
    pub fn simulate(&self) -> Sim {
        Sim::new(self.build())
    }
}

impl World {
    /// The cluster of a name, which is made where there is none.
    pub fn cluster(&mut self, name: &str) -> ClusterNo {
        self.cluster_named(name).unwrap_or_else(|| {
            self.clusters.push(Cluster::named(name));
            ClusterNo(self.clusters.len() - 1)
        })
    }

    /// Auto Scaling launches an instance, which is `InService` at once and joins the cluster, if any.
    pub fn launch(&mut self, group: GroupNo, cluster: Option<&str>, capacity: usize) -> InstanceNo {
        let instance = self.launch_alone(cluster, capacity);
        self.instances[instance.0].membership = Some(Membership {
            group,
            stage: Stage::InService,
            destination: Destination::Ec2,
            actions: Vec::new(),
            protected_from_scale_in: false,
        });
        instance
    }

    /// An instance of no group starts, and joins the cluster, if any.
    pub fn launch_alone(&mut self, cluster: Option<&str>, capacity: usize) -> InstanceNo {
        let number = self.instances.len();
        self.instances.push(Instance {
            id: format!("i-{}", id_of(Kind::Instance, number)),
            power: Power::Running,
            membership: None,
            container: None,
            spot_ends_at: None,
            ended_at: None,
        });
        if let Some(cluster) = cluster {
            self.join(InstanceNo(number), cluster, capacity);
        }
        InstanceNo(number)
    }

    /// An instance joins a cluster.
    pub fn join(&mut self, instance: InstanceNo, cluster: &str, capacity: usize) {
        let id = id_of(Kind::Container, instance.0);
        let number = self.cluster(cluster);
        self.instances[instance.0].container = Some(Container {
            arn: format!("arn:aws:ecs:{REGION}:{ACCOUNT}:container-instance/{cluster}/{id}"),
            cluster: number,
            status: Status::Active,
            agent_connected: true,
            capacity,
            attributes: BTreeMap::new(),
            tasks: Vec::new(),
            occupied: 0,
            version: 1,
            deregistered_at: None,
        });
    }

    /// A service, whose tasks run at once as far as there is room.
    pub fn start_service(&mut self, plan: &ServicePlan) -> ServiceNo {
        let cluster = self.cluster(&plan.cluster);
        let service = ServiceNo(self.services.len());
        self.services.push(Service {
            plan: plan.clone(),
            cluster,
            tasks: Vec::new(),
            status: ServiceStatus::Active,
            deployed: self.now,
            rolls_out: false,
            events: Vec::new(),
        });
        let places: Vec<InstanceNo> = match plan.strategy {
            SchedulingStrategy::Replica => Vec::new(),
            SchedulingStrategy::Daemon => self
                .all_instances()
                .filter(|instance| {
                    let container = self.instance(*instance).container.as_ref();
                    container.is_some_and(|container| container.cluster == cluster && container.takes_tasks())
                })
                .collect(),
        };
        for instance in places {
            let task = self.start_of_service(service, instance);
            self.settle(task);
        }
        for _ in 0..plan.desired {
            let Some(instance) = self.room_in(cluster) else { break };
            let task = self.start_of_service(service, instance);
            self.settle(task);
        }
        service
    }

    /// Starts a task of no service that is RUNNING at once.
    pub fn run_standalone(
        &mut self,
        instance: InstanceNo,
        plan: &crate::ecs::StandalonePlan,
    ) -> Option<crate::ecs::TaskNo> {
        let task = self.start_standalone(instance, plan)?;
        self.settle(task);
        Some(task)
    }
}
