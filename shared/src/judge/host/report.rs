//! An event about a host, as the rules see it.

use super::Context;
use super::known::{Known, Member};
use crate::event::Affected;
use crate::event::{
    ContainerInstanceChange, Detail, HealthNotice, InstanceHealth, InstanceState, SpotWarning,
};

/// Entities that are named one by one in evidence.
const NAMED: usize = 10;
/// Characters of AWS's own description that are told.
const DESCRIPTION_CHARS: usize = 300;

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum Happening<'a> {
    /// A container instance changed.
    Change(&'a ContainerInstanceChange),
    /// Its health checks did.
    Health(&'a InstanceHealth),
    /// A Spot instance is interrupted.
    Spot(&'a SpotWarning),
    /// One may be.
    Rebalance(&'a InstanceState),
    /// An EC2 instance changed its state.
    State(&'a InstanceState),
    /// AWS Health has something to say.
    Notice(&'a HealthNotice),
}

impl<'a> Happening<'a> {
    /// Of an event, where it is one about hosts.
    #[must_use]
    pub fn of(detail: &'a Detail) -> Option<Self> {
        match detail {
            Detail::ContainerInstance(change) => Some(Self::Change(change)),
            Detail::InstanceHealth(health) => Some(Self::Health(health)),
            Detail::SpotWarning(warning) => Some(Self::Spot(warning)),
            Detail::Rebalance(state) => Some(Self::Rebalance(state)),
            Detail::InstanceState(state) => Some(Self::State(state)),
            Detail::HealthNotice(notice) => Some(Self::Notice(notice)),
            Detail::Task(_)
            | Detail::Lifecycle(_)
            | Detail::TestNotification
            | Detail::Service(_)
            | Detail::Tick
            | Detail::Other { .. } => None,
        }
    }

    /// The EC2 instances it names, each once.
    #[must_use]
    pub fn instances(self) -> Vec<&'a str> {
        let id = |id: &'a Option<Box<str>>| id.as_deref().map(str::trim).filter(|id| !id.is_empty());
        match self {
            Self::Change(change) => id(&change.ec2_instance_id).into_iter().collect(),
            Self::Health(health) => id(&health.ec2_instance_id).into_iter().collect(),
            Self::Spot(warning) => id(&warning.instance_id).into_iter().collect(),
            Self::Rebalance(state) | Self::State(state) => state.id().into_iter().collect(),
            Self::Notice(notice) => {
                let mut ids: Vec<_> = notice.affected().filter_map(Affected::instance).collect();
                ids.sort_unstable();
                ids.dedup();
                ids
            }
        }
    }
}

/// An event, and what is known beyond it.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What happened.
    pub happening: Happening<'a>,
    /// What is known.
    pub context: Context<'a>,
}

impl<'a> Report<'a> {
    /// Looks at an event.
    #[must_use]
    pub const fn new(happening: Happening<'a>, context: Context<'a>) -> Self {
        Self { happening, context }
    }

    /// The one EC2 instance it is about.
    #[must_use]
    pub fn instance(&self) -> Option<&'a str> {
        match self.happening.instances()[..] {
            [id] => Some(id),
            _ => None,
        }
    }

    /// What is known of that instance.
    #[must_use]
    pub fn known(&self) -> Option<&'a Known> {
        self.context.known.get(self.instance()?)
    }

    /// The container instance that instance is.
    #[must_use]
    pub fn member(&self) -> Option<&'a Member> {
        self.known()?.member()
    }

    /// The cluster's name.
    #[must_use]
    pub fn cluster(&self) -> Option<&'a str> {
        let own = match self.happening {
            Happening::Change(change) => change.cluster(),
            Happening::Health(health) => health.cluster(),
            Happening::Notice(notice) => notice.cluster(),
            Happening::Spot(_) | Happening::Rebalance(_) | Happening::State(_) => None,
        };
        own.or_else(|| Some(self.member()?.cluster.as_str()))
    }

    /// The service's name.
    #[must_use]
    pub fn service(&self) -> Option<&'a str> {
        match self.happening {
            Happening::Notice(notice) => notice.service(),
            Happening::Change(_)
            | Happening::Health(_)
            | Happening::Spot(_)
            | Happening::Rebalance(_)
            | Happening::State(_) => None,
        }
    }

    /// The container instance's id.
    #[must_use]
    pub fn container_instance(&self) -> Option<&'a str> {
        let own = match self.happening {
            Happening::Change(change) => change.id(),
            Happening::Health(health) => health.id(),
            Happening::Notice(_) | Happening::Spot(_) | Happening::Rebalance(_) | Happening::State(_) => None,
        };
        own.or_else(|| Some(self.member()?.id.as_str()))
    }

    /// What tells its incident from others of its cluster: the instance, or the notice. What nobody can place has
    /// none: it is told together.
    pub(super) fn part(&self) -> Option<&'a str> {
        match self.happening {
            Happening::Change(_) | Happening::Health(_) => {
                self.instance().or_else(|| self.container_instance())
            }
            Happening::Notice(notice) => notice.name(),
            Happening::Spot(_) | Happening::Rebalance(_) | Happening::State(_) => {
                self.instance().filter(|_| self.member().is_some())
            }
        }
    }

    /// `Instance i-0a1b of harbor`, `Container instance 0a1b of harbor`, `AWS Health`.
    pub(super) fn in_words(&self) -> String {
        if matches!(self.happening, Happening::Notice(_)) {
            return "AWS Health".to_owned();
        }
        let what = match (self.instance(), self.container_instance()) {
            (Some(id), _) => format!("Instance {id}"),
            (None, Some(id)) => format!("Container instance {id}"),
            (None, None) => "An instance".to_owned(),
        };
        match self.cluster() {
            Some(cluster) => format!("{what} of {cluster}"),
            None => what,
        }
    }

    /// The fields a verdict rests on, as evidence.
    pub(super) fn facts(&self) -> Vec<String> {
        let mut facts = match self.happening {
            Happening::Change(change) => of_a_change(change),
            Happening::Health(health) => of_health(health),
            Happening::Spot(warning) => {
                let action = warning.instance_action.as_deref();
                vec![format!("instance-action {}", action.unwrap_or("missing"))]
            }
            Happening::Rebalance(_) => vec!["EC2 recommends to rebalance".to_owned()],
            Happening::State(state) => vec![format!("state {}", state.state.as_deref().unwrap_or("missing"))],
            Happening::Notice(notice) => of_a_notice(notice),
        };
        if let Some(known) = self.known() {
            facts.extend(known.facts());
        }
        facts
    }
}

/// A label and a text, where there is one.
fn text(label: &str, text: Option<&str>) -> Option<String> {
    Some(format!("{label} {}", text?))
}

/// The facts of a container instance.
fn of_a_change(change: &ContainerInstanceChange) -> Vec<String> {
    let agent = match change.agent_connected {
        Some(true) => "agentConnected true",
        Some(false) => "agentConnected false",
        None => "agentConnected missing",
    };
    let mut facts = vec![
        text("status", change.status.as_deref()).unwrap_or_else(|| "no status".to_owned()),
        agent.to_owned(),
    ];
    facts.extend(text("statusReason:", change.status_reason.as_deref()));
    facts.extend(change.running_tasks_count.map(|count| format!("running tasks {count}")));
    facts.extend(change.version.map(|version| format!("version {version}")));
    if let Some(health) = &change.health_status {
        facts.extend(of_health(health));
    }
    facts
}

/// The facts of health checks: the whole, and each that is not well.
fn of_health(health: &InstanceHealth) -> Vec<String> {
    let overall = text("overallStatus", health.overall_status.as_deref());
    let mut facts = vec![overall.unwrap_or_else(|| "no overallStatus".to_owned())];
    for check in health.checks() {
        let status = check.status.as_deref().unwrap_or("without a status");
        if status == "OK" {
            continue;
        }
        let kind = check.kind.as_deref().unwrap_or("a check");
        let why = check.status_reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        let since = check.last_status_change.as_deref().map(|at| format!(" since {at}")).unwrap_or_default();
        facts.push(format!("{kind} {status}{since}{why}"));
    }
    facts.extend(text("capacity provider", health.capacity_provider_name.as_deref()));
    facts
}

/// The facts of a notice: its type, when, what is affected, and what AWS says of it.
fn of_a_notice(notice: &HealthNotice) -> Vec<String> {
    let mut facts: Vec<_> = [
        Some(text("service", notice.service.as_deref()).unwrap_or_else(|| "no service".to_owned())),
        text("eventTypeCode", notice.event_type_code.as_deref()),
        text("eventTypeCategory", notice.event_type_category.as_deref()),
        text("statusCode", notice.status_code.as_deref()),
        text("from", notice.start_time.as_deref()),
        text("until", notice.end_time.as_deref()),
        text("region", notice.event_region.as_deref()),
        text("of account", notice.affected_account.as_deref()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let affected: Vec<_> = notice.affected().map(Affected::in_words).collect();
    facts.extend(affected.iter().take(NAMED).map(|affected| format!("affected: {affected}")));
    if affected.len() > NAMED {
        facts.push(format!("and {} more", affected.len() - NAMED));
    }
    if let Some((page, pages)) = notice.page.zip(notice.total_pages).filter(|(_, pages)| *pages > 1) {
        facts.push(format!("page {page} of {pages}"));
    }
    let description = notice.event_description.iter().find_map(|text| text.latest_description.as_deref());
    facts.extend(description.map(|text| format!("AWS says: {}", shortened(text))));
    facts
}

/// A description in one line, cut. AWS writes its line ends as `\n`, with a backslash.
fn shortened(text: &str) -> String {
    let text = text.replace("\\n", " ");
    let words: Vec<_> = text.split_whitespace().collect();
    let line = words.join(" ");
    let cut: String = line.chars().take(DESCRIPTION_CHARS).collect();
    if cut.len() < line.len() { format!("{cut}…") } else { cut }
}
