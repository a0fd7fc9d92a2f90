//! What each function does, as IAM's actions on the resources it does it to.

mod host_logs;
mod hosts;
mod incidents;
mod protection;
mod volumes;

use shared::aws::account::seen::{Attempt, FunctionSeen};
use shared::config::{Config, MetricsMode};
use shared::event::arn::Arn;

use super::super::super::snapshot::{Deployed, Role, Snapshot};
use super::super::dead_letters::dead_letters;
use super::super::topics::topics;
use incidents::{of_the_bus, of_the_table};

/// A cluster, a task, an instance by a name that nobody has, where none is known.
const ANY: &str = "steward-doctor";
/// What actions without resources are allowed on.
const NO_RESOURCE: &str = "*";

/// What a function does, and whether alerts go out without it too.
type Need = (Attempt, bool);

/// Collects attempts for one function.
struct Needs<'a> {
    /// Partition, region and account, from the function's own ARN.
    home: Arn<'a>,
    /// What was collected.
    all: Vec<Need>,
}

impl Needs<'_> {
    /// Actions that something depends on.
    fn must(&mut self, actions: &[&'static str], resource: String, context: &[(&'static str, &str)]) {
        self.add(actions, resource, context, false);
    }

    /// Actions that alerts can do without.
    fn may(&mut self, actions: &[&'static str], resource: String, context: &[(&'static str, &str)]) {
        self.add(actions, resource, context, true);
    }

    /// Some actions on a resource.
    fn add(
        &mut self,
        actions: &[&'static str],
        resource: String,
        context: &[(&'static str, &str)],
        is_optional: bool,
    ) {
        let context = context.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        self.all.push((Attempt { actions: actions.to_vec(), resource, context }, is_optional));
    }

    /// An ARN of the function's own account and region.
    fn arn(&self, service: &str, resource: &str) -> String {
        let Arn { partition, region, account, .. } = self.home;
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }
}

/// What a function does that is there and whose environment is known. Not in it: keys of KMS, whose own policies
/// no simulation sees, and log groups of tasks, which are allowed by choice.
pub fn needs(seen: &Snapshot, deployed: &Deployed) -> Vec<Need> {
    let (Ok(function), Some(Ok(config))) = (&deployed.function, seen.config(deployed.role)) else {
        return Vec::new();
    };
    let Some(home) = Arn::parse(&function.arn) else { return Vec::new() };
    let mut needs = Needs { home, all: Vec::new() };
    of_each(&mut needs, seen, deployed, function, &config);
    match deployed.role {
        Role::TaskMonitor => of_task_monitor(&mut needs, &config),
        Role::ServiceMonitor => {
            of_the_table(&mut needs, &config);
            of_the_bus(&mut needs, &config);
        }
        Role::VolumeMonitor => volumes::of_volume_monitor(&mut needs, &config),
        Role::InstanceMonitor => hosts::of_instance_monitor(&mut needs, seen, &config),
        Role::InstanceDrain => hosts::of_instance_drain(&mut needs, seen, &config),
        Role::InstanceProtection => protection::of_instance_protection(&mut needs, seen),
    }
    needs.all
}

/// Of each function: log, queue, dead letters, topics, metrics.
fn of_each(
    needs: &mut Needs<'_>,
    seen: &Snapshot,
    deployed: &Deployed,
    function: &FunctionSeen,
    config: &Config,
) {
    let log_group = function.log_group.clone().unwrap_or_else(|| format!("/aws/lambda/{}", deployed.name));
    let stream = needs.arn("logs", &format!("log-group:{log_group}:log-stream:{ANY}"));
    needs.must(&["logs:CreateLogStream", "logs:PutLogEvents"], stream, &[]);
    for mapping in deployed.mappings.as_deref().unwrap_or_default() {
        let actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
        needs.must(&actions, mapping.source.clone(), &[]);
    }
    // Rules and queues send to their dead-letter queues by themselves; only the function's own needs a right.
    for arn in dead_letters(seen, deployed)
        .into_iter()
        .filter(|arn| function.dead_letters.as_ref() == Some(arn))
        .take(1)
    {
        needs.must(&["sqs:SendMessage"], arn, &[]);
    }
    let (_, routed) = topics(seen);
    needs.must(&["sns:Publish"], config.topic_arn.clone(), &[]);
    for topic in routed {
        needs.must(&["sns:Publish"], topic, &[]);
    }
    match config.metrics {
        MetricsMode::Api => {
            let namespace = [("cloudwatch:namespace", config.namespace.as_str())];
            needs.must(&["cloudwatch:PutMetricData"], NO_RESOURCE.to_owned(), &namespace);
        }
        MetricsMode::Emf | MetricsMode::Off => {}
    }
}

/// Incidents and what is due of them, verdicts, and what alerts look up.
fn of_task_monitor(needs: &mut Needs<'_>, config: &Config) {
    if let Some(table) = of_the_table(needs, config) {
        needs.must(&["dynamodb:Query"], format!("{table}/index/due"), &[]);
        needs.must(&["dynamodb:DeleteItem"], table, &[]);
    }
    of_the_bus(needs, config);
    if !config.enrich_time.is_zero() {
        let instance = needs.arn("ecs", &format!("container-instance/{ANY}/{ANY}"));
        let service = needs.arn("ecs", &format!("service/{ANY}/{ANY}"));
        needs.may(&["ecs:DescribeContainerInstances"], instance, &[]);
        needs.may(&["ecs:DescribeServices"], service, &[]);
        needs.may(&["ecs:DescribeTaskDefinition", "cloudwatch:GetMetricData"], NO_RESOURCE.to_owned(), &[]);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::{fs, path::Path};

    use shared::policy::Policy;

    use super::super::super::super::snapshot::Role;
    use super::super::super::super::testing;
    use super::needs;

    /// What the template allows and no simulation here is about: who may take the role, keys, logs of tasks.
    const LEFT_OUT: [&str; 4] = ["sts:AssumeRole", "kms:Decrypt", "kms:GenerateDataKey", "logs:GetLogEvents"];

    /// Keys of conditions, which look like actions.
    const KEYS: [&str; 3] = ["aws:SourceAccount", "aws:ResourceTag", "kms:ViaService"];

    /// Every IAM action in the template's role of a function.
    fn of_template(role: Role) -> BTreeSet<String> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/template.yaml");
        let template = fs::read_to_string(file).expect("the template");
        let name = match role {
            Role::TaskMonitor => "TaskMonitor",
            Role::InstanceDrain => "InstanceDrain",
            Role::ServiceMonitor => "ServiceMonitor",
            Role::InstanceMonitor => "InstanceMonitor",
            Role::InstanceProtection => "InstanceProtection",
            Role::VolumeMonitor => "VolumeMonitor",
        };
        let role = template.split(&format!("\n  {name}Role:\n")).nth(1).expect("the role");
        let role = role.split(&format!("\n  {name}Function:\n")).next().expect("the role's end");
        let words = role.lines().filter(|line| !line.trim_start().starts_with('#')).flat_map(|line| {
            line.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != ':' && letter != '-')
        });
        let is_action = |word: &&str| {
            word.split_once(':').is_some_and(|(service, call)| {
                service.chars().all(|letter| letter.is_ascii_lowercase() || letter == '2')
                    && call.chars().next().is_some_and(|first| first.is_ascii_uppercase())
                    && !call.contains(':')
            })
        };
        let words = words.filter(is_action).filter(|word| !LEFT_OUT.contains(word) && !KEYS.contains(word));
        words.map(str::to_owned).collect()
    }

    #[test]
    fn the_needs_are_what_the_template_allows() {
        let mut seen = testing::healthy();
        testing::vary(&mut seen, "METRICS", "api");
        testing::vary(&mut seen, "VERDICT_BUS", "verdicts");
        testing::collect_logs(&mut seen);
        let protecting = Policy::parse("[[protect]]\nfamily = \"nightly\"").expect("a policy");
        seen.policy.as_mut().expect("a policy").protects = protecting.protects;
        for deployed in &seen.functions {
            let all = needs(&seen, deployed);
            let actions: BTreeSet<_> = all
                .iter()
                .flat_map(|(attempt, _)| &attempt.actions)
                .map(|action| (*action).to_owned())
                .collect();
            assert_eq!(actions, of_template(deployed.role), "{}", deployed.name);
        }
    }

    #[test]
    fn resources_are_those_the_function_is_told() {
        let mut seen = testing::healthy();
        testing::route(&mut seen);
        let of = |role: usize| -> Vec<String> {
            let all = needs(&seen, &seen.functions[role]);
            all.into_iter().map(|(attempt, _)| attempt.resource).collect()
        };
        for want in [
            "arn:aws:sns:eu-west-1:111122223333:alerts",
            "arn:aws:sns:eu-west-1:111122223333:pages",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/incidents/index/due",
            "arn:aws:sqs:eu-west-1:111122223333:task-monitor",
            "arn:aws:sqs:eu-west-1:111122223333:task-monitor-dead",
        ] {
            assert!(of(0).contains(&want.to_owned()), "{want}: {:#?}", of(0));
        }
        for want in [
            "arn:aws:ecs:eu-west-1:111122223333:cluster/harbor",
            "arn:aws:ecs:eu-west-1:111122223333:task/harbor/steward-doctor",
            testing::GROUP_ARN,
        ] {
            assert!(of(1).contains(&want.to_owned()), "{want}: {:#?}", of(1));
        }
    }

    #[test]
    fn without_enrichment_nothing_is_looked_up() {
        let mut seen = testing::healthy();
        assert!(needs(&seen, &seen.functions[0]).iter().any(|(_, is_optional)| *is_optional));
        testing::vary(&mut seen, "ENRICH_TIME", "0s");
        assert!(!needs(&seen, &seen.functions[0]).iter().any(|(_, is_optional)| *is_optional));
    }
}
