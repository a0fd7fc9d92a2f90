//! Which events a function judges.

use crate::event::Detail;

/// The kinds of events a function judges. What else reaches it is quiet, as `unknown-event`: functions of different
/// beats may get the same events, and one of them tells of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// Stops of tasks: `task-monitor`.
    Tasks,
    /// What ECS says of services, deployments, daemons and hooks: `service-monitor`.
    Services,
    /// None: `cluster-audit` and `volume-monitor` look by themselves, and tell what they see.
    Nothing,
    /// What ECS, EC2 and AWS Health say of hosts: `instance-monitor`.
    Hosts,
    /// All of it: `steward`.
    Everything,
}

impl Beat {
    /// Whether an event is judged.
    #[must_use]
    pub const fn judges(self, detail: &Detail) -> bool {
        match detail {
            Detail::Task(_) => matches!(self, Self::Tasks | Self::Everything),
            Detail::Service(_) => matches!(self, Self::Services | Self::Everything),
            Detail::SpotWarning(_)
            | Detail::ContainerInstance(_)
            | Detail::InstanceHealth(_)
            | Detail::InstanceState(_)
            | Detail::Rebalance(_)
            | Detail::HealthNotice(_) => matches!(self, Self::Hosts | Self::Everything),
            Detail::Lifecycle(_) | Detail::TestNotification | Detail::Tick | Detail::Other { .. } => false,
        }
    }
}
