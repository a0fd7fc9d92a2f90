//! Asking AWS, in an order in which each answer says what to ask next. Reads only.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use shared::aws::account::Account;
use shared::aws::account::seen::{GroupSeen, Read};

use super::checks::permissions::needs;
use super::checks::{dead_letters, delivery, topics};
use super::request::Request;
use super::snapshot::{Deployed, Role, Simulated, Snapshot, policy_of};

/// Reads of one service at once: a quarter of what ECS allows an account, as `instance-drain` keeps it. Auto
/// Scaling does not say what it allows, and heartbeats must not be throttled there.
/// Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html>.
const BURST: u32 = 25;
/// The pause before each further one: five a second.
const PAUSE: Duration = Duration::from_millis(200);

/// How fast one service is asked where the number of calls grows with the account.
#[derive(Default)]
struct Pace {
    /// Calls so far.
    spent: u32,
}

impl Pace {
    /// Waits until this many calls may go out.
    #[expect(clippy::disallowed_methods, reason = "a person waits at the terminal; no Lambda runs this")]
    async fn take(&mut self, calls: u32) {
        if self.spent >= BURST {
            tokio::time::sleep(PAUSE * calls).await;
        }
        self.spent += calls;
    }
}

/// Reads all that the checks need.
pub async fn read(account: &Account, request: &Request) -> Snapshot {
    let mut seen = Snapshot {
        region: request.access.region.clone(),
        policy: request.policy.clone(),
        groups: groups(account).await,
        clusters: account.clusters().await,
        providers: account.capacity_providers().await,
        functions: Vec::new(),
        queues: BTreeMap::new(),
        rules: BTreeMap::new(),
        topics: BTreeMap::new(),
        tables: BTreeMap::new(),
        simulated: Vec::new(),
    };
    if let Ok(clusters) = &mut seen.clusters {
        let mut pace = Pace::default();
        for cluster in clusters.iter_mut().filter(|cluster| cluster.registered > 0) {
            cluster.instances = instances(account, &cluster.arn, &mut pace).await;
        }
    }
    for role in Role::ALL {
        let name = format!("{}-{}", request.stack, role.word());
        seen.functions.push(function(account, role, name).await);
    }
    if seen.policy.is_none() {
        let configs = Role::ALL.into_iter().filter_map(|role| seen.config(role)?.ok());
        seen.policy = configs.filter_map(|config| policy_of(&config.policy)?.ok()).next_back();
    }
    read_ways(account, &mut seen).await;
    let (main, routed) = topics::topics(&seen);
    for topic in main.into_iter().chain(routed) {
        let subscriptions = account.subscriptions(&topic).await;
        seen.topics.insert(topic, subscriptions);
    }
    if let Some(Ok(config)) = seen.config(Role::TaskMonitor)
        && let Some(table) = config.alert_table
    {
        let found = account.table(&table).await;
        seen.tables.insert(table, found);
    }
    simulate(account, &mut seen).await;
    seen
}

/// Groups and their hooks.
async fn groups(account: &Account) -> Read<Vec<GroupSeen>> {
    let mut groups = account.groups().await?;
    let mut pace = Pace::default();
    for group in &mut groups {
        pace.take(1).await;
        group.hooks = account.hooks(&group.group.name).await;
    }
    Ok(groups)
}

/// The instances of a cluster; two reads a page.
async fn instances(account: &Account, cluster: &str, pace: &mut Pace) -> Read<BTreeSet<String>> {
    let (mut found, mut next) = (BTreeSet::new(), None);
    loop {
        pace.take(2).await;
        let answer = account.instances(cluster, next.as_deref()).await?;
        found.extend(answer.items);
        next = answer.next;
        if next.is_none() {
            return Ok(found);
        }
    }
}

/// One function. What belongs to it is asked for only where it is there.
async fn function(account: &Account, role: Role, name: String) -> Deployed {
    let function = account.function(&name).await;
    let (concurrency, mappings) = match &function {
        Ok(_) => (account.reserved_concurrency(&name).await, account.mappings(&name).await),
        Err(_) => (Ok(None), Ok(Vec::new())),
    };
    Deployed { role, name, function, concurrency, mappings }
}

/// Rules and queues on the ways to the functions, then the dead-letter queues these name.
async fn read_ways(account: &Account, seen: &mut Snapshot) {
    let ways: BTreeSet<String> =
        seen.functions.iter().flat_map(delivery::ways_in).map(str::to_owned).collect();
    for way in ways {
        let rules = account.rules_to(&way).await;
        seen.rules.insert(way.clone(), rules);
        if way.contains(":sqs:") {
            let queue = account.queue(&way).await;
            seen.queues.insert(way, queue);
        }
    }
    let dead: BTreeSet<_> =
        seen.functions.iter().flat_map(|deployed| dead_letters::dead_letters(seen, deployed)).collect();
    for arn in dead {
        let queue = account.queue(&arn).await;
        seen.queues.insert(arn, queue);
    }
}

/// What the functions do, tried by IAM. Where nobody may simulate, once is enough.
async fn simulate(account: &Account, seen: &mut Snapshot) {
    let mut simulated = Vec::new();
    for deployed in &seen.functions {
        let Ok(function) = &deployed.function else { continue };
        for (attempt, is_optional) in needs(seen, deployed) {
            let denied = account.denied(&function.role, &attempt).await;
            let is_over = denied.as_ref().is_err_and(|why| why.why.is_denied());
            simulated.push(Simulated { function: deployed.name.clone(), is_optional, attempt, denied });
            if is_over {
                break;
            }
        }
    }
    seen.simulated = simulated;
}
