//! A healthy account for the checks' tests, and hands to break it with.

use std::collections::BTreeMap;
use std::time::Duration;

use shared::aws::account::seen::{
    Attempt, CapacityProviderSeen, ClusterSeen, FunctionSeen, GroupSeen, HookSeen, MappingSeen, NotRead,
    QueueSeen, Read, RuleSeen, SubscriptionSeen, TableSeen, TargetSeen,
};
use shared::drain::auto_scaling::{Group, GroupInstance, Hook, LifecycleState, TERMINATING};
use shared::policy::Policy;
use shared::ports::ApiError;

use super::finding::Finding;
use super::snapshot::{Deployed, Role, Simulated, Snapshot};

/// A way to break a healthy account.
pub type Case = fn(&mut Snapshot);

/// The group's ARN.
pub const GROUP_ARN: &str =
    "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:0a1b:autoScalingGroupName/blue";
/// The topic's ARN.
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";

/// Holds a check to what it has to find in each case.
pub fn hold(check: fn(&Snapshot) -> Vec<Finding>, cases: &[(Case, &[&str])]) {
    for (place, (break_it, want)) in cases.iter().enumerate() {
        let mut seen = healthy();
        break_it(&mut seen);
        let found = check(&seen);
        let words: Vec<_> = found.iter().map(|finding| finding.word).collect();
        assert_eq!(words, *want, "case {place}: {found:#?}");
        for finding in &found {
            assert!(!finding.resource.is_empty() && !finding.what.is_empty(), "{finding:?}");
            assert!(finding.why.ends_with('.') && finding.fix.ends_with('.'), "{finding:?}");
        }
    }
}

/// An account in which all is well: the group `blue` of the cluster `harbor`, beside an empty cluster.
pub fn healthy() -> Snapshot {
    let queue_names = [
        "task-monitor",
        "task-monitor-dead",
        "instance-drain",
        "instance-drain-dead",
        "instance-protection",
        "instance-protection-dead",
    ];
    let queues = queue_names.map(|name| (sqs(name), Ok(a_queue(name))));
    let functions = Role::ALL.map(deployed);
    let rules = functions.iter().flat_map(|function| {
        let (queue, own) = (sqs(function.role.word()), lambda(function.role));
        [(queue, Ok(rules_of(function.role))), (own, Ok(vec![]))]
    });
    Snapshot {
        region: "eu-west-1".into(),
        policy: Some(Policy::default()),
        groups: Ok(vec![a_group()]),
        clusters: Ok(vec![a_cluster("harbor", &["i-1"]), a_cluster("quay", &[])]),
        providers: Ok(vec![]),
        rules: rules.collect(),
        functions: functions.into(),
        queues: queues.into(),
        topics: BTreeMap::from([(TOPIC.to_owned(), Ok(vec![subscription(false, Ok(false))]))]),
        tables: BTreeMap::from([("incidents".to_owned(), Ok(a_table()))]),
        simulated: vec![],
    }
}

fn sqs(name: &str) -> String {
    format!("arn:aws:sqs:eu-west-1:111122223333:{name}")
}

fn lambda(role: Role) -> String {
    format!("arn:aws:lambda:eu-west-1:111122223333:function:ecs-steward-{}", role.word())
}

fn a_group() -> GroupSeen {
    let instance = GroupInstance {
        instance_id: "i-1".into(),
        group: "blue".into(),
        state: LifecycleState::from_word("InService"),
    };
    let heartbeat_timeout = Duration::from_hours(1);
    let hook = Hook {
        name: "ecs-steward".into(),
        group: "blue".into(),
        transition: TERMINATING.into(),
        heartbeat_timeout,
        global_timeout: Hook::longest_hold(heartbeat_timeout),
        notification_metadata: Some(r#"{"cluster":"harbor"}"#.into()),
    };
    GroupSeen {
        group: Group {
            name: "blue".into(),
            tags: vec![],
            instances: vec![instance],
            retains_on_abandon: true,
        },
        arn: GROUP_ARN.into(),
        protects_new: false,
        hooks: Ok(vec![HookSeen { hook, default_result: "ABANDON".into() }]),
    }
}

fn a_cluster(name: &str, instances: &[&str]) -> ClusterSeen {
    ClusterSeen {
        arn: format!("arn:aws:ecs:eu-west-1:111122223333:cluster/{name}"),
        name: name.into(),
        registered: u64::try_from(instances.len()).expect("few"),
        capacity_providers: vec!["blue-provider".to_owned()]
            .into_iter()
            .filter(|_| name == "harbor")
            .collect(),
        instances: Ok(instances.iter().map(|id| (*id).to_owned()).collect()),
    }
}

fn deployed(role: Role) -> Deployed {
    let (name, concurrency) = match role {
        Role::TaskMonitor => ("task-monitor", None),
        Role::InstanceDrain => ("instance-drain", Some(1)),
        Role::ServiceMonitor => ("service-monitor", None),
        Role::InstanceMonitor => ("instance-monitor", None),
        Role::InstanceProtection => ("instance-protection", Some(1)),
        Role::VolumeMonitor => ("volume-monitor", None),
        Role::ClusterAudit => ("cluster-audit", Some(1)),
    };
    let variables = [("ALERT_TOPIC_ARN", TOPIC), ("ALERT_TABLE", "incidents")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Deployed {
        role,
        name: format!("ecs-steward-{name}"),
        function: Ok(FunctionSeen {
            arn: lambda(role),
            role: format!("arn:aws:iam::111122223333:role/{name}"),
            timeout: Duration::from_secs(30),
            variables: Ok(variables.into()),
            dead_letters: Some(sqs(&format!("{name}-dead"))),
            log_group: None,
        }),
        concurrency: Ok(concurrency),
        mappings: Ok(vec![MappingSeen {
            id: "0a1b".into(),
            source: sqs(name),
            state: "Enabled".into(),
            reports_failures: true,
        }]),
    }
}

fn a_queue(name: &str) -> QueueSeen {
    let dead = (!name.ends_with("-dead")).then(|| sqs(&format!("{name}-dead")));
    QueueSeen { dead_letters: dead, visibility: Duration::from_mins(3), messages: 0 }
}

fn rules_of(role: Role) -> Vec<RuleSeen> {
    let (detail_type, tick) = match role {
        Role::TaskMonitor => (Some("ECS Task State Change"), "rate(1 minute)"),
        Role::InstanceDrain => (Some("EC2 Instance-terminate Lifecycle Action"), "rate(1 minute)"),
        Role::ServiceMonitor => (Some("ECS Service Action"), "rate(1 minute)"),
        Role::InstanceMonitor => (Some("ECS Container Instance State Change"), "rate(1 minute)"),
        Role::InstanceProtection | Role::ClusterAudit => (None, "rate(1 minute)"),
        Role::VolumeMonitor => (None, "rate(5 minutes)"),
    };
    let target = TargetSeen {
        id: role.word().into(),
        arn: sqs(role.word()),
        dead_letters: Some(sqs(&format!("{}-dead", role.word()))),
    };
    let one = |name: &str, pattern: Option<String>, schedule: Option<&str>| RuleSeen {
        name: name.into(),
        state: "ENABLED".into(),
        schedule: schedule.map(str::to_owned),
        pattern,
        targets: Ok(vec![target.clone()]),
    };
    let pattern = |detail_type| Some(format!(r#"{{"detail-type":["{detail_type}"]}}"#));
    let of_events = detail_type.map(|detail_type| one(role.word(), pattern(detail_type), None));
    of_events.into_iter().chain([one("tick", None, Some(tick))]).collect()
}

fn a_table() -> TableSeen {
    TableSeen {
        arn: "arn:aws:dynamodb:eu-west-1:111122223333:table/incidents".into(),
        indexes: vec!["due".into()],
        expires_by: Ok(Some("expires".into())),
    }
}

/// A refusal for want of a permission.
pub fn denied(action: &'static str) -> NotRead {
    let why = ApiError::Refused { code: "AccessDenied".into(), message: "not authorized".into() };
    NotRead { action, why }
}

/// The answer of a thing that does not exist.
pub fn absent() -> NotRead {
    let why = ApiError::Refused { code: "ResourceNotFoundException".into(), message: "gone".into() };
    NotRead { action: "a:Get", why }
}

/// Denies all of a kind.
pub fn each<T>(all: &mut BTreeMap<String, Read<T>>, action: &'static str) {
    for one in all.values_mut() {
        *one = Err(denied(action));
    }
}

/// Removes all of a kind.
pub fn each_absent<T>(all: &mut BTreeMap<String, Read<T>>) {
    for one in all.values_mut() {
        *one = Err(absent());
    }
}

/// The group.
pub fn group(seen: &mut Snapshot) -> &mut GroupSeen {
    &mut seen.groups.as_mut().expect("groups")[0]
}

/// The group's hook.
pub fn hook(seen: &mut Snapshot) -> &mut HookSeen {
    &mut group(seen).hooks.as_mut().expect("hooks")[0]
}

/// The cluster.
pub fn cluster(seen: &mut Snapshot) -> &mut ClusterSeen {
    &mut seen.clusters.as_mut().expect("clusters")[0]
}

/// A capacity provider over the group.
pub fn provider(drains: bool) -> CapacityProviderSeen {
    let (name, group) = ("blue-provider".into(), GROUP_ARN.into());
    CapacityProviderSeen { name, group, drains, scales: true, protects: false }
}

/// The same with managed termination protection.
pub fn protecting(provider: CapacityProviderSeen, scales: bool) -> CapacityProviderSeen {
    CapacityProviderSeen { scales, protects: true, ..provider }
}

/// A function's settings, in the order of [`Role::ALL`].
pub fn function(seen: &mut Snapshot, place: usize) -> &mut FunctionSeen {
    seen.functions[place].function.as_mut().expect("a function")
}

/// Sets a variable of every function.
pub fn vary(seen: &mut Snapshot, name: &str, value: &str) {
    for place in 0..seen.functions.len() {
        let variables = function(seen, place).variables.as_mut().expect("variables");
        variables.insert(name.into(), value.into());
    }
}

/// The mapping of `task-monitor`.
pub fn mapping(seen: &mut Snapshot) -> &mut MappingSeen {
    &mut seen.functions[0].mappings.as_mut().expect("mappings")[0]
}

/// A rule of `task-monitor`: 0 is the one for its events, 1 the tick.
pub fn rule(seen: &mut Snapshot, place: usize) -> &mut RuleSeen {
    let rules = seen.rules.get_mut(&sqs("task-monitor")).expect("the queue's");
    &mut rules.as_mut().expect("rules")[place]
}

/// The tick of `volume-monitor`.
pub fn volume_tick(seen: &mut Snapshot) -> &mut RuleSeen {
    let rules = seen.rules.get_mut(&sqs("volume-monitor")).expect("the queue's");
    &mut rules.as_mut().expect("rules")[0]
}

/// Takes `task-monitor` its rules.
pub fn unruled(seen: &mut Snapshot) {
    seen.rules.insert(sqs("task-monitor"), Ok(vec![]));
}

/// A target of the queue of `task-monitor`.
pub fn target(dead_letters: Option<&str>) -> TargetSeen {
    let dead_letters = dead_letters.map(str::to_owned);
    TargetSeen { id: "task-monitor".into(), arn: sqs("task-monitor"), dead_letters }
}

/// A queue by its name.
pub fn queue<'a>(seen: &'a mut Snapshot, name: &str) -> &'a mut QueueSeen {
    seen.queues.get_mut(&sqs(name)).expect("a queue").as_mut().expect("read")
}

/// Deletes a queue.
pub fn lose(seen: &mut Snapshot, name: &str) {
    seen.queues.insert(sqs(name), Err(absent()));
}

/// The topic.
pub fn topic(seen: &mut Snapshot) -> &mut Read<Vec<SubscriptionSeen>> {
    seen.topics.get_mut(TOPIC).expect("the topic")
}

/// A subscription.
pub fn subscription(is_pending: bool, is_filtered: Read<bool>) -> SubscriptionSeen {
    let (protocol, endpoint) = ("email".into(), "ops@example.com".into());
    SubscriptionSeen { protocol, endpoint, is_pending, is_filtered }
}

/// The alert table.
pub fn table(seen: &mut Snapshot) -> &mut TableSeen {
    seen.tables.get_mut("incidents").expect("the table").as_mut().expect("read")
}

/// Gives a policy with a route to a topic of its own.
pub fn route(seen: &mut Snapshot) {
    let text = "[[route]]\ntopic = \"arn:aws:sns:eu-west-1:111122223333:pages\"\nseverity = [\"high\"]\n";
    seen.policy = Some(Policy::parse(text).expect("a policy"));
}

/// A simulation of one action.
pub fn simulated(is_optional: bool, denied: Read<Vec<&'static str>>) -> Simulated {
    let attempt = Attempt { actions: vec!["sns:Publish"], resource: TOPIC.into(), context: vec![] };
    Simulated { function: "ecs-steward-task-monitor".into(), is_optional, attempt, denied }
}

/// Gives a policy that collects the logs of hosts.
pub fn collect_logs(seen: &mut Snapshot) {
    seen.policy = Some(Policy::parse("[collect-logs]\nbucket = \"harbor-logs\"").expect("a policy"));
}
