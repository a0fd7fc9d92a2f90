//! Hostile review: each test states what the issue promises.
#![allow(clippy::all, missing_docs, warnings)]

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use fleet_sim::algorithms::ours;
use fleet_sim::api::faults::{Failing, Fault, Rule};
use fleet_sim::api::{Op, Service};
use fleet_sim::drive::{Answer, Drive, Driver, Feed};
use fleet_sim::ecs::{ServicePlan, StandalonePlan};
use fleet_sim::world::ledger::Deed;
use fleet_sim::{Fleet, GroupPlan, HookPlan, Sim};
use shared::alert::{HttpsBody, Message};
use shared::drain::auto_scaling::*;
use shared::drain::container_instance::*;
use shared::drain::task::{DesiredStatus, SchedulingStrategy, Task};
use shared::event::Timestamp;
use shared::handler::instance_drain::{InstanceDrain, Settings};
use shared::policy::Policy;
use shared::ports::auto_scaling::{Action, ActionOutcome, GroupFilter};
use shared::ports::ecs::Partial;
use shared::ports::{ApiError, AutoScaling, Clock, Ecs, Page, PublishError, Publisher};

fn mins(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}
fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(out) => out,
        Poll::Pending => panic!("pending"),
    }
}

/// What a wrapped ECS does differently.
#[derive(Clone, Default)]
struct Odd {
    /// Every instance has an older registration too (agent's data were lost): disconnected, empty, listed last.
    ghosts: bool,
    /// Until then services are told to be DAEMON.
    daemon_until: Option<Timestamp>,
    /// Until then, this hook name stands for ours.
    hook_until: Option<(Timestamp, &'static str)>,
    /// A publish takes all the time it is given, 14 s at most, and fails.
    sns_hangs: bool,
    /// The first completion is answered with NoActiveAction, and nothing happens.
    none_active: Arc<Mutex<bool>>,
}

#[derive(Clone)]
struct Port {
    sim: Sim,
    odd: Odd,
}

const GHOST: &str = "ghost";

impl Ecs for Port {
    async fn list_clusters(&self, page: Option<&str>) -> Result<Page<String>, ApiError> {
        self.sim.list_clusters(page).await
    }
    async fn list_container_instances(
        &self,
        cluster: &str,
        ids: &[String],
        page: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        let mut page = self.sim.list_container_instances(cluster, ids, page).await?;
        if self.odd.ghosts {
            let ghosts: Vec<_> = page.items.iter().map(|arn| format!("{arn}{GHOST}")).collect();
            page.items.extend(ghosts);
        }
        Ok(page)
    }
    async fn describe_container_instances(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> Result<Partial<ContainerInstance>, ApiError> {
        let real: Vec<_> = arns.iter().map(|arn| arn.trim_end_matches(GHOST).to_owned()).collect();
        let reply = self.sim.describe_container_instances(cluster, &real).await?;
        let found = arns.iter().filter_map(|arn| {
            let of = arn.trim_end_matches(GHOST);
            let mut one = reply.found.iter().find(|one| one.arn == of)?.clone();
            if arn.ends_with(GHOST) {
                one.arn = arn.clone();
                one.running_tasks_count = 0;
                one.pending_tasks_count = 0;
                one.agent_connected = false;
                one.status = Status::Draining;
                one.attributes.clear();
            }
            Some(one)
        });
        Ok(Partial { found: found.collect(), failures: reply.failures })
    }
    async fn drain_container_instances(
        &self,
        cluster: &str,
        arns: &[String],
    ) -> Result<Partial<String>, ApiError> {
        self.sim.drain_container_instances(cluster, arns).await
    }
    async fn put_attributes(&self, cluster: &str, attributes: &[Attribute]) -> Result<(), ApiError> {
        if attributes.iter().any(|one| one.container_instance.ends_with(GHOST)) {
            return Ok(());
        }
        self.sim.put_attributes(cluster, attributes).await
    }
    async fn list_tasks(
        &self,
        cluster: &str,
        instance: &str,
        desired: DesiredStatus,
        page: Option<&str>,
    ) -> Result<Page<String>, ApiError> {
        if instance.ends_with(GHOST) {
            return Ok(Page { items: vec![], next: None });
        }
        self.sim.list_tasks(cluster, instance, desired, page).await
    }
    async fn describe_tasks(&self, cluster: &str, arns: &[String]) -> Result<Partial<Task>, ApiError> {
        self.sim.describe_tasks(cluster, arns).await
    }
    async fn stop_task(&self, cluster: &str, task: &str, reason: &str) -> Result<(), ApiError> {
        self.sim.stop_task(cluster, task, reason).await
    }
    async fn describe_services(
        &self,
        cluster: &str,
        names: &[String],
    ) -> Result<Partial<(String, SchedulingStrategy)>, ApiError> {
        let mut reply = self.sim.describe_services(cluster, names).await?;
        if self.odd.daemon_until.is_some_and(|until| self.sim.now() < until) {
            reply.found.iter_mut().for_each(|one| one.1 = SchedulingStrategy::Daemon);
        }
        Ok(reply)
    }
    async fn protected_tasks(&self, cluster: &str, arns: &[String]) -> Result<Partial<String>, ApiError> {
        self.sim.protected_tasks(cluster, arns).await
    }
}

impl AutoScaling for Port {
    async fn describe_groups(
        &self,
        filter: GroupFilter<'_>,
        page: Option<&str>,
    ) -> Result<Page<Group>, ApiError> {
        self.sim.describe_groups(filter, page).await
    }
    async fn describe_instances(&self, ids: &[String]) -> Result<Vec<GroupInstance>, ApiError> {
        self.sim.describe_instances(ids).await
    }
    async fn describe_hooks(&self, group: &str) -> Result<Vec<Hook>, ApiError> {
        let mut hooks = self.sim.describe_hooks(group).await?;
        if let Some((until, name)) = self.odd.hook_until
            && self.sim.now() < until
        {
            hooks.iter_mut().for_each(|hook| hook.name = name.to_owned());
        }
        Ok(hooks)
    }
    async fn heartbeat(&self, action: Action<'_>) -> Result<ActionOutcome, ApiError> {
        self.sim.heartbeat(action).await
    }
    async fn complete(&self, action: Action<'_>, result: ActionResult) -> Result<ActionOutcome, ApiError> {
        if std::mem::take(&mut *self.odd.none_active.lock().unwrap()) {
            return Ok(ActionOutcome::NoActiveAction);
        }
        self.sim.complete(action, result).await
    }
}

impl Publisher for Port {
    async fn publish(&self, message: &Message, within: Duration) -> Result<(), PublishError> {
        if self.odd.sns_hangs {
            self.sim.world().advance_by(within.min(secs(14)));
            return Err(PublishError::Unavailable("timed out".into()));
        }
        self.sim.publish(message, within).await
    }
}

fn drive_odd(sim: &Sim, odd: Odd, policy: &str, settings: Settings) -> Box<dyn Drive> {
    let policy = Policy::parse(policy).unwrap();
    let feed = Feed { events: !odd.sns_hangs, ..Feed::default() };
    let limit = feed.time_limit;
    Box::new(Driver::new(sim, feed, move |sim: Sim| {
        let port = || Port { sim: sim.clone(), odd: odd.clone() };
        let function = InstanceDrain::new(
            policy.clone(),
            settings.clone(),
            port(),
            port(),
            port(),
            sim.clone(),
            sim.clone(),
            HttpsBody::Json,
        );
        async move |payload: Vec<u8>| {
            let deadline = function.clock.now().plus(limit);
            match function.handle(&payload, deadline).await {
                Ok(response) => {
                    let failed: Vec<_> =
                        response.batch_item_failures.into_iter().map(|one| one.item_identifier).collect();
                    if failed.is_empty() { Answer::Done } else { Answer::FailedItems(failed) }
                }
                Err(_) => Answer::Failed,
            }
        }
    }))
}

fn drive(sim: &Sim, policy: &str) -> Box<dyn Drive> {
    ours::drive(sim, Feed::default(), Policy::parse(policy).unwrap(), Settings::default())
}

fn hook(timeout: Duration) -> HookPlan {
    HookPlan::named("ecs-steward").heartbeat_timeout(timeout)
}
fn group(instances: usize) -> GroupPlan {
    GroupPlan::named("web-group", instances).in_cluster("harbor").capacity(20).hook(hook(mins(60)))
}
fn job(sim: &Sim, number: usize, runs: Option<Duration>) {
    let mut world = sim.world();
    let instance = world.all_instances().nth(number).unwrap();
    let mut plan = StandalonePlan::of_family("nightly");
    if let Some(runs) = runs {
        plan = plan.runs_for(runs);
    }
    world.run_standalone(instance, &plan).unwrap();
}
fn terminate(sim: &Sim, number: usize) {
    let mut world = sim.world();
    let instance = world.all_instances().nth(number).unwrap();
    assert!(world.terminate(instance));
}
fn told(sim: &Sim) -> Vec<(String, String)> {
    sim.world().told.messages.iter().map(|(at, one)| (at.to_string(), one.subject.clone())).collect()
}

#[test]
fn t01_an_older_registration_of_the_same_instance_hides_no_task() {
    let sim = Fleet::seeded(1).group(group(1)).simulate();
    job(&sim, 0, Some(mins(30)));
    terminate(&sim, 0);
    let mut driver = drive_odd(&sim, Odd { ghosts: true, ..Odd::default() }, "", Settings::default());
    driver.run_until_quiet(mins(120));
    assert_eq!(driver.report().killed, 0, "{:?}", told(&sim));
}

#[test]
fn t02_a_typo_in_drain_clusters_kills_nothing() {
    let sim = Fleet::seeded(1).group(group(1)).simulate();
    job(&sim, 0, Some(mins(30)));
    terminate(&sim, 0);
    let settings = Settings { clusters: vec!["harbour".into()], ..Settings::default() };
    let mut driver = drive_odd(&sim, Odd::default(), "", settings);
    driver.run_until_quiet(mins(120));
    let ends: Vec<_> = sim
        .world()
        .deeds()
        .iter()
        .filter(|one| matches!(one.deed, Deed::HookCompleted(..) | Deed::TaskKilled { .. }))
        .map(|one| format!("{} {:?}", one.at, one.deed))
        .collect();
    assert_eq!(driver.report().killed, 0, "{ends:#?} {:?}", told(&sim));
}

#[test]
fn t02b_a_wrong_tag_kills_nothing_in_silence() {
    let sim = Fleet::seeded(1).cluster("dock").group(group(1).tag("ecs-steward:cluster", "dock")).simulate();
    job(&sim, 0, Some(mins(30)));
    terminate(&sim, 0);
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(mins(120));
    assert!(
        driver.report().killed == 0 || !told(&sim).is_empty(),
        "killed {} and told nobody",
        driver.report().killed
    );
}

#[test]
fn t03_a_service_made_anew_with_another_strategy_is_waited_for() {
    let sim = Fleet::seeded(1)
        .group(group(2))
        .service(ServicePlan::replica("web", "harbor", 4).percent(100, 100).stops_in(secs(1)))
        .simulate();
    let until = sim.now().plus(mins(20));
    terminate(&sim, 0);
    let mut driver =
        drive_odd(&sim, Odd { daemon_until: Some(until), ..Odd::default() }, "", Settings::default());
    driver.run_for(mins(60));
    let before = driver.report().killed;
    terminate(&sim, 1);
    driver.run_for(mins(30));
    assert_eq!(driver.report().killed - before, 0, "an hour after the service became REPLICA");
}

#[test]
fn t04_two_hooks_of_ours_on_a_group() {
    let two = GroupPlan::named("web-group", 1)
        .in_cluster("harbor")
        .hook(HookPlan::named("ecs-steward-a").heartbeat_timeout(mins(5)))
        .hook(HookPlan::named("ecs-steward-b").heartbeat_timeout(mins(5)));
    let sim = Fleet::seeded(1).group(two).simulate();
    job(&sim, 0, Some(mins(30)));
    terminate(&sim, 0);
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(mins(120));
    assert_eq!((driver.report().killed, driver.report().expired), (0, 0));
}

#[test]
fn t05_ignored_tasks_of_a_lost_agent_end_before_the_hooks_limit() {
    let sim = Fleet::seeded(1)
        .group(group(2))
        .service(ServicePlan::replica("web", "harbor", 4).stops_in(mins(4)).stop_timeout(mins(5)))
        .simulate();
    terminate(&sim, 0);
    let gone = sim.world().all_instances().next().unwrap();
    sim.world().after(mins(3), move |world| world.disconnect_agent(gone, None));
    let mut driver = drive(&sim, "[[drain]]\nagent-gone = \"ignore\"");
    driver.run_until_quiet(mins(60 * 49));
    let report = driver.report();
    let taken = report.drains[0].completed.map(|at| at.millis_since(report.drains[0].began) / 60000);
    assert_eq!(
        report.expired,
        0,
        "the hook ran to its 48 h; completed after {taken:?} min; {:?}",
        told(&sim)
    );
}

#[test]
fn t06_a_forced_end_that_aws_refuses_is_told_once() {
    let sim = Fleet::seeded(1).group(group(1)).simulate();
    job(&sim, 0, None);
    terminate(&sim, 0);
    sim.world()
        .api
        .faults
        .add(Rule::on(Op::CompleteLifecycleAction, Fault::FailsBefore(Failing::ServerError)));
    // The task never stops: its agent is gone.
    let gone = sim.world().all_instances().next().unwrap();
    sim.world().after(mins(3), move |world| world.disconnect_agent(gone, None));
    let mut driver = drive(&sim, "[[drain]]\ndeadline = \"20m\"\nat-deadline = \"continue\"");
    driver.run_for(mins(60));
    let told = told(&sim);
    let forced = told
        .iter()
        .filter(|(_, subject)| subject.contains("terminated after") || subject.contains("terminated"))
        .count();
    assert!(told.len() < 10, "{} messages in an hour, the instance still runs: {told:#?}", told.len());
}

#[test]
fn t07_an_instance_full_of_attributes_takes_no_neighbours_marks() {
    let sim = Fleet::seeded(1)
        .group(GroupPlan::named("web-group", 2).in_cluster("harbor").hook(hook(mins(5))))
        .simulate();
    job(&sim, 0, None);
    job(&sim, 1, None);
    let arns: Vec<_> = {
        let world = sim.world();
        world.all_instances().map(|one| world.instance(one).container.as_ref().unwrap().arn.clone()).collect()
    };
    for number in 0..10 {
        let name: &'static str = Box::leak(format!("team.{number}").into_boxed_str());
        now(sim.put_attributes(
            "harbor",
            &[Attribute { container_instance: arns[0].clone(), name, value: "x".into() }],
        ))
        .unwrap();
    }
    terminate(&sim, 0);
    terminate(&sim, 1);
    let mut driver = drive(&sim, "");
    driver.run_for(mins(10));
    let world = sim.world();
    let second = world.all_instances().nth(1).unwrap();
    let attributes = world.container_view(second).unwrap().attributes;
    assert!(attributes.iter().any(|(name, _)| name == "ecs-steward.drain-started"), "{attributes:?}");
}

#[test]
fn t07b_and_its_hook_does_not_expire_when_processes_come_and_go() {
    let sim = Fleet::seeded(1)
        .group(GroupPlan::named("web-group", 2).in_cluster("harbor").hook(hook(mins(5))))
        .simulate();
    job(&sim, 0, None);
    job(&sim, 1, None);
    let arns: Vec<_> = {
        let world = sim.world();
        world.all_instances().map(|one| world.instance(one).container.as_ref().unwrap().arn.clone()).collect()
    };
    for number in 0..10 {
        let name: &'static str = Box::leak(format!("team.{number}").into_boxed_str());
        now(sim.put_attributes(
            "harbor",
            &[Attribute { container_instance: arns[0].clone(), name, value: "x".into() }],
        ))
        .unwrap();
    }
    terminate(&sim, 0);
    terminate(&sim, 1);
    let mut driver = drive(&sim, "[[drain]]\ndeadline = \"1h\"\nat-deadline = \"continue\"");
    for _ in 0..12 {
        driver.run_for(mins(45));
        sim.world().api.faults.add(Rule::any(Fault::DiesBefore).nth(1)); // a new process every 45 minutes
    }
    let report = driver.report();
    let later: Vec<_> =
        report.drains.iter().map(|one| one.completed.map(|at| at.millis_since(one.began) / 60000)).collect();
    assert_eq!(
        report.expired,
        0,
        "completed after {later:?} min, deadline 60 min; {} messages: {:?}",
        told(&sim).len(),
        told(&sim)
    );
}

#[test]
fn t08_a_hanging_sns_keeps_nothing_from_being_completed() {
    let mut fleet = Fleet::seeded(1);
    for number in 0..6 {
        let cluster = format!("c{number}");
        fleet =
            fleet.group(GroupPlan::named(&format!("g{number}"), 1).in_cluster(&cluster).hook(hook(mins(60))));
    }
    let sim = fleet.simulate();
    for number in 0..6 {
        job(&sim, number, (number == 5).then_some(mins(10)));
        terminate(&sim, number);
    }
    let mut driver = drive_odd(&sim, Odd { sns_hangs: true, ..Odd::default() }, "", Settings::default());
    driver.run_for(mins(120));
    let report = driver.report();
    assert!(
        report.drains[5].completed.is_some(),
        "its job ended after 10 min, it is two hours later; died {}",
        report.invocations.died
    );
}

#[test]
fn t09_a_slow_ecs_keeps_no_heartbeat_from_being_sent() {
    let mut fleet = Fleet::seeded(1);
    for number in 0..8 {
        let cluster = format!("c{number}");
        fleet =
            fleet.group(GroupPlan::named(&format!("g{number}"), 1).in_cluster(&cluster).hook(hook(mins(5))));
    }
    let sim = fleet.simulate();
    for number in 0..8 {
        job(&sim, number, Some(mins(40)));
        terminate(&sim, number);
    }
    let (from, until) = (sim.now().plus(mins(5)), sim.now().plus(mins(20)));
    sim.world().api.faults.add(Rule::of(Service::Ecs, Fault::Slow(secs(9))).during(from, until));
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(mins(120));
    let report = driver.report();
    assert_eq!((report.killed, report.expired), (0, 0));
}

#[test]
fn t10_an_outage_of_describe_lifecycle_hooks_alone_loses_no_heartbeat() {
    let sim = Fleet::seeded(1).group(GroupPlan::named("g", 1).in_cluster("c").hook(hook(mins(5)))).simulate();
    job(&sim, 0, Some(mins(40)));
    terminate(&sim, 0);
    let (from, until) = (sim.now().plus(mins(5)), sim.now().plus(mins(20)));
    sim.world().api.faults.add(Rule::on(Op::DescribeLifecycleHooks, Fault::Throttled).during(from, until));
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(mins(120));
    let report = driver.report();
    assert_eq!((report.killed, report.expired), (0, 0));
}

#[test]
fn t11_a_drain_nobody_can_see_into_is_told_before_the_hook_ends() {
    let sim = Fleet::seeded(1).group(GroupPlan::named("g", 1).in_cluster("c").hook(hook(mins(5)))).simulate();
    job(&sim, 0, None);
    terminate(&sim, 0);
    sim.world().api.faults.add(Rule::on(Op::DescribeContainerInstances, Fault::Partial("MISSING")));
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(mins(600));
    let report = driver.report();
    assert!(
        report.expired == 0 && report.killed == 0 || !told(&sim).is_empty(),
        "expired {}, killed {}, told nobody",
        report.expired,
        report.killed
    );
}

#[test]
fn t11b_draining_that_is_never_accepted_is_told() {
    let sim = Fleet::seeded(1).group(GroupPlan::named("g", 1).in_cluster("c").hook(hook(mins(5)))).simulate();
    job(&sim, 0, None);
    terminate(&sim, 0);
    sim.world().api.faults.add(Rule::on(Op::UpdateContainerInstancesState, Fault::Partial("AGENT")));
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(mins(600));
    let report = driver.report();
    assert!(
        report.expired == 0 && report.killed == 0 || !told(&sim).is_empty(),
        "expired {}, killed {}, told nobody",
        report.expired,
        report.killed
    );
}

#[test]
fn t12_instances_that_stop_slowly_do_not_starve_one_that_is_empty() {
    let sim = Fleet::seeded(1).group(group(601)).simulate();
    let slow = StandalonePlan::of_family("slow").stops_in(mins(50)).stop_timeout(mins(55));
    {
        let mut world = sim.world();
        let instances: Vec<_> = world.all_instances().take(600).collect();
        for instance in &instances {
            for _ in 0..8 {
                let task = world.run_standalone(*instance, &slow).unwrap();
                world.after(mins(3), move |world| world.stop_task(task, "enough"));
            }
        }
        for instance in instances {
            world.terminate(instance);
        }
        let last = world.all_instances().last().unwrap();
        world.after(mins(10), move |world| {
            world.terminate(last);
        });
    }
    let mut driver = drive(&sim, "");
    driver.run_for(mins(52));
    let report = driver.report();
    let last = report.drains.last().unwrap();
    let late = last.completed.map(|at| at.millis_since(last.began) / 60000);
    assert!(late.is_some_and(|minutes| minutes < 10), "the empty instance: {late:?} min");
}

#[test]
fn t13_silencing_finished_drains_does_not_silence_kills() {
    let sim = Fleet::seeded(1).group(group(1)).simulate();
    job(&sim, 0, None);
    terminate(&sim, 0);
    let gone = sim.world().all_instances().next().unwrap();
    sim.world().after(mins(3), move |world| world.disconnect_agent(gone, None));
    let mut driver = drive(
        &sim,
        "[[drain]]\ndeadline = \"20m\"\nat-deadline = \"continue\"\n[drain.severity]\ndrain-finished = \"info\"",
    );
    driver.run_until_quiet(mins(60));
    assert!(
        driver.report().killed == 0
            || told(&sim).iter().any(|(_, subject)| subject.contains("terminated after")),
        "killed {}: {:?}",
        driver.report().killed,
        told(&sim)
    );
}

#[test]
fn t14_a_group_that_is_deleted_meanwhile_pages_nobody() {
    for op in [Op::DescribeLifecycleHooks, Op::CompleteLifecycleAction, Op::RecordLifecycleActionHeartbeat] {
        let sim =
            Fleet::seeded(1).group(GroupPlan::named("g", 1).in_cluster("c").hook(hook(mins(5)))).simulate();
        job(&sim, 0, Some(mins(8)));
        terminate(&sim, 0);
        sim.world().api.faults.add(Rule::on(op, Fault::Refused("ValidationError")).nth(1));
        let mut driver = drive(&sim, "");
        driver.run_until_quiet(mins(60));
        let bodies: Vec<_> = sim
            .world()
            .told
            .messages
            .iter()
            .filter(|(_, one)| one.body.contains("AWS refuses"))
            .map(|(_, one)| one.subject.clone())
            .collect();
        assert!(bodies.is_empty(), "{op:?}: {bodies:?}");
    }
}

#[test]
fn t14b_a_task_that_is_gone_when_it_is_to_be_stopped_pages_nobody() {
    let sim = Fleet::seeded(1).group(group(1)).simulate();
    job(&sim, 0, None);
    terminate(&sim, 0);
    sim.world().api.faults.add(Rule::on(Op::StopTask, Fault::Refused("InvalidParameterException")).nth(1));
    let mut driver = drive(&sim, "[[drain]]\nstandalone = { stop-after = \"10m\" }");
    driver.run_until_quiet(mins(60));
    let bodies: Vec<_> = sim
        .world()
        .told
        .messages
        .iter()
        .filter(|(_, one)| one.body.contains("AWS refuses"))
        .map(|(_, one)| one.subject.clone())
        .collect();
    assert!(bodies.is_empty(), "{bodies:?}");
}

#[test]
fn t15_a_hook_that_becomes_ours_is_answered_at_once() {
    let plan = GroupPlan::named("g", 2).in_cluster("c").hook(hook(mins(5)));
    let sim = Fleet::seeded(1).group(plan).simulate();
    job(&sim, 0, Some(mins(8)));
    job(&sim, 1, Some(mins(40)));
    terminate(&sim, 0);
    // The group's hook is another tool's; then it is replaced by ours, and an instance goes.
    let until = sim.now().plus(secs(6));
    let mut driver = drive_odd(
        &sim,
        Odd { hook_until: Some((until, "node-drain")), ..Odd::default() },
        "",
        Settings::default(),
    );
    driver.run_for(secs(8));
    terminate(&sim, 1);
    driver.run_until_quiet(mins(120));
    let second = sim.world().all_instances().nth(1).unwrap();
    let killed = sim
        .world()
        .deeds()
        .iter()
        .any(|one| matches!(&one.deed, Deed::TaskKilled { instance, .. } if *instance == second));
    let expired = sim
        .world()
        .deeds()
        .iter()
        .any(|one| matches!(&one.deed, Deed::HookExpired(instance, ..) if *instance == second));
    let first_heartbeat = sim
        .world()
        .deeds()
        .iter()
        .find(|one| matches!(&one.deed, Deed::StatusChanged(instance, _) if *instance == second))
        .map(|one| one.at.to_string());
    assert!(!killed && !expired, "killed {killed}, expired {expired}, first DRAINING {first_heartbeat:?}");
}

#[test]
fn t16_a_second_process_takes_no_mark_back() {
    let sim = Fleet::seeded(1).group(group(1)).simulate();
    job(&sim, 0, None);
    terminate(&sim, 0);
    let policy = Policy::default();
    let (a, b) = (
        ours::function(&sim, &policy, &Settings::default()),
        ours::function(&sim, &policy, &Settings::default()),
    );
    let tick = br#"{"source": "aws.scheduler", "detail-type": "Scheduled Event", "detail": "{}"}"#;
    let mut stages = Vec::new();
    for minute in 0..30 {
        sim.world().advance_by(mins(1));
        // The second process sees the instance in minute 2 and 20.
        let process = if minute == 0 || minute == 20 { &b } else { &a };
        now(ours::invoke(process, tick, mins(1)));
        let world = sim.world();
        let view = world.container_view(world.all_instances().next().unwrap()).unwrap();
        if let Some(value) = view.attribute("ecs-steward.drain-started") {
            stages.push(value.rsplit(' ').next().unwrap().to_owned());
        }
    }
    let order = ["begun", "started", "stuck-25", "stuck-50", "stuck-75", "deadline", "released"];
    let at: Vec<_> = stages.iter().map(|stage| order.iter().position(|one| one == stage).unwrap()).collect();
    assert!(at.is_sorted(), "{stages:?}");
}

#[test]
fn t17b_how_many() {
    for count in [1000, 1200, 1400, 1700] {
        let sim = Fleet::seeded(1)
            .group(GroupPlan::named("batch", 1).in_cluster("harbor").capacity(4000).hook(hook(mins(60))))
            .simulate();
        for _ in 0..count {
            job(&sim, 0, Some(secs(30)));
        }
        sim.world().advance_by(mins(5));
        terminate(&sim, 0);
        let mut driver = drive(&sim, "");
        driver.run_until_quiet(mins(120));
        let report = driver.report();
        println!(
            "{count}: {:?} min",
            report.drains[0].completed.map(|at| at.millis_since(report.drains[0].began) / 60000)
        );
    }
}

#[test]
fn t12b_how_long_without_events() {
    for count in [50, 200, 600] {
        let sim = Fleet::seeded(1).group(group(count)).simulate();
        for number in 0..count {
            terminate(&sim, number);
        }
        let mut driver = ours::drive(
            &sim,
            Feed { events: false, ..Feed::default() },
            Policy::default(),
            Settings::default(),
        );
        driver.run_until_quiet(mins(300));
        let report = driver.report();
        println!(
            "{count} empty instances, ticks only: last {:?} min",
            report.drains.iter().map(|one| one.completed.map(|at| at.millis_since(one.began) / 60000)).max()
        );
    }
}

#[test]
fn t17_many_tasks_that_stopped_within_the_hour_do_not_keep_an_instance() {
    let sim = Fleet::seeded(1)
        .group(GroupPlan::named("batch", 1).in_cluster("harbor").capacity(4000).hook(hook(mins(60))))
        .simulate();
    for _ in 0..2500 {
        job(&sim, 0, Some(secs(30)));
    }
    sim.world().advance_by(mins(5));
    terminate(&sim, 0);
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(mins(120));
    let report = driver.report();
    let took = report.drains[0].completed.map(|at| at.millis_since(report.drains[0].began) / 60000);
    assert!(took.is_some_and(|minutes| minutes <= 5), "completed after {took:?} min; nothing ran");
}

#[test]
fn t18_a_heartbeat_mark_of_the_future_stops_no_heartbeat() {
    let sim = Fleet::seeded(1).group(GroupPlan::named("g", 1).in_cluster("c").hook(hook(mins(5)))).simulate();
    job(&sim, 0, Some(mins(40)));
    let arn = {
        let world = sim.world();
        let one = world.all_instances().next().unwrap();
        world.instance(one).container.as_ref().unwrap().arn.clone()
    };
    terminate(&sim, 0);
    let mut driver = drive(&sim, "");
    driver.run_for(mins(2));
    let attribute = Attribute {
        container_instance: arn,
        name: "ecs-steward.heartbeat",
        value: "2027-11-23T07:05:00Z".into(),
    };
    now(sim.put_attributes("c", &[attribute])).unwrap();
    driver.run_until_quiet(mins(120));
    let report = driver.report();
    assert_eq!((report.killed, report.expired), (0, 0));
}

#[test]
fn t19_put_back_into_service_by_hand_and_still_ended_before_the_hooks_limit() {
    let sim = Fleet::seeded(1).group(GroupPlan::named("g", 1).in_cluster("c").hook(hook(mins(5)))).simulate();
    job(&sim, 0, None);
    terminate(&sim, 0);
    let one = sim.world().all_instances().next().unwrap();
    sim.world().after(mins(30), move |world| world.set_status(one, Status::Active));
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(mins(600));
    let report = driver.report();
    assert_eq!((report.killed, report.expired), (0, 0));
}

#[test]
fn t20_a_stop_grace_longer_than_the_hook_stops_no_task_at_once() {
    let sim = Fleet::seeded(1).group(GroupPlan::named("g", 1).in_cluster("c").hook(hook(mins(5)))).simulate();
    job(&sim, 0, Some(mins(60)));
    terminate(&sim, 0);
    let mut driver = drive(&sim, "[[drain]]\nstop-grace = \"10h\"");
    driver.run_for(mins(5));
    let asked = sim
        .world()
        .deeds()
        .iter()
        .find(|one| matches!(one.deed, Deed::StopAsked { .. }))
        .map(|one| one.at.to_string());
    assert_eq!(asked, None);
}

#[test]
fn t21_a_hook_of_thirty_seconds() {
    let sim =
        Fleet::seeded(1).group(GroupPlan::named("g", 1).in_cluster("c").hook(hook(secs(30)))).simulate();
    job(&sim, 0, Some(mins(5)));
    terminate(&sim, 0);
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(mins(60));
    let bodies: Vec<_> = sim
        .world()
        .told
        .messages
        .iter()
        .filter(|(_, one)| one.body.contains("shorter"))
        .map(|(_, one)| one.body.clone())
        .collect();
    assert!(
        driver.report().killed == 0 || !bodies.is_empty(),
        "killed {}, and nobody was told that the hook is too short",
        driver.report().killed
    );
}

#[test]
fn t22_no_active_action_is_done_only_if_it_no_longer_waits() {
    let sim = Fleet::seeded(1).group(group(1)).simulate();
    terminate(&sim, 0);
    let odd = Odd { none_active: Arc::new(Mutex::new(true)), ..Odd::default() };
    let mut driver = drive_odd(&sim, odd, "", Settings::default());
    driver.run_until_quiet(mins(120));
    let report = driver.report();
    assert_eq!(
        (report.expired, report.continued),
        (0, 1),
        "it is still Terminating:Wait, and ours is its only hook"
    );
}

#[test]
fn t23_good_news_of_a_process_without_ticks_is_told() {
    let sim = Fleet::seeded(1).group(group(40)).simulate();
    for number in 0..40 {
        let instance = sim.world().all_instances().nth(number).unwrap();
        sim.world().after(secs(1 + number as u64 * 7), move |world| {
            world.terminate(instance);
        });
    }
    let policy = Policy::default();
    let (a, b) = (
        ours::function(&sim, &policy, &Settings::default()),
        ours::function(&sim, &policy, &Settings::default()),
    );
    let (a, b) = (Arc::new(a), Arc::new(b));
    let mut driver = Driver::new(&sim, Feed::default(), move |_: Sim| {
        let (a, b) = (a.clone(), b.clone());
        async move |payload: Vec<u8>| {
            let tick = String::from_utf8_lossy(&payload).contains("Scheduled Event");
            ours::invoke(if tick { &a } else { &b }, &payload, mins(1)).await
        }
    });
    driver.run_for(mins(60));
    let continued = driver.report().continued;
    let ids: Vec<_> = {
        let world = sim.world();
        world.all_instances().map(|one| world.instance(one).id.clone()).collect()
    };
    let world = sim.world();
    let finished: Vec<_> = world
        .told
        .messages
        .iter()
        .filter(|(_, one)| one.subject.contains("drain-finished"))
        .map(|(_, one)| one.body.clone())
        .collect();
    let named = ids.iter().filter(|id| finished.iter().any(|body| body.contains(id.as_str()))).count();
    assert_eq!((continued, named), (40, 40), "in {} messages", finished.len());
}

#[test]
fn t24_spot_warnings_in_an_account_of_many_clusters() {
    let mut fleet = Fleet::seeded(1);
    for number in 0..60 {
        fleet = fleet.cluster(&format!("c{number}"));
    }
    let sim = fleet.group(GroupPlan::named("spot", 40).in_cluster("c59").hook(hook(mins(60)))).simulate();
    {
        let mut world = sim.world();
        let instances: Vec<_> = world.all_instances().collect();
        for instance in instances {
            world.spot_interrupt(instance);
        }
    }
    let mut driver = drive(&sim, "");
    driver.run_for(mins(3));
    let reads = fleet_sim::report::reads(sim.world().calls()).count();
    let throttled = driver.report().throttled;
    let deeds = sim
        .world()
        .deeds()
        .iter()
        .filter(|one| matches!(one.deed, Deed::StatusChanged(_, Status::Draining)))
        .count();
    println!(
        "t24: {reads} reads, {throttled} throttled, {deeds} set DRAINING of 40; told {}",
        told(&sim).len()
    );
}

#[test]
fn t25_an_instance_that_never_joined_is_not_searched_for_after_its_hook_is_done() {
    let mut fleet = Fleet::seeded(1);
    for number in 0..20 {
        fleet = fleet.cluster(&format!("c{number}"));
    }
    let other = HookPlan::named("log-shipper").heartbeat_timeout(mins(120));
    let plan =
        GroupPlan::named("idle", 1).hook(hook(mins(60))).hook(other.default_result(ActionResult::Continue));
    let sim = fleet.group(plan).simulate();
    terminate(&sim, 0);
    let mut driver = drive(&sim, "");
    driver.run_until_quiet(mins(130));
    let lists = driver.report().calls.get(&Op::ListContainerInstances).copied().unwrap_or_default();
    assert!(lists < 100, "{lists} searches for one empty instance that was let go after a minute");
}

#[test]
fn t26_thousands_of_heartbeats_fit_into_the_ticks() {
    let mut lost = Vec::new();
    for count in [200, 400, 600, 800] {
        for events in [true, false] {
            let sim = Fleet::seeded(1)
                .group(GroupPlan::named("g", count).in_cluster("c").hook(hook(mins(5))))
                .simulate();
            for number in 0..count {
                job(&sim, number, Some(mins(30)));
            }
            for number in 0..count {
                terminate(&sim, number);
            }
            let mut driver =
                ours::drive(&sim, Feed { events, ..Feed::default() }, Policy::default(), Settings::default());
            driver.run_for(mins(29));
            let report = driver.report();
            let world = sim.world();
            let at: Vec<_> = world
                .deeds()
                .iter()
                .filter(|one| matches!(one.deed, Deed::HookExpired(..)))
                .map(|one| one.at.to_string())
                .collect();
            println!(
                "t26: {count} instances, events {events}: expired {}, killed {}, invocations {} died {}, heartbeats {}, first {:?} last {:?} throttled {} calls {:?}",
                report.expired,
                report.killed,
                report.invocations.all,
                report.invocations.died,
                report.heartbeats,
                at.first(),
                at.last(),
                report.throttled,
                report.calls
            );
            if count == 800 && !events {
                let mut per: std::collections::BTreeMap<String, std::collections::BTreeMap<String, usize>> =
                    Default::default();
                for call in world.calls().iter().take(9000) {
                    *per.entry(call.at.to_string()[11..16].to_owned())
                        .or_default()
                        .entry(format!("{:?}", call.op))
                        .or_default() += 1;
                }
                for (minute, ops) in per.iter().take(14) {
                    println!("t26    {minute} {ops:?}");
                }
            }
            if report.expired > 0 {
                lost.push((count, events, report.expired, report.killed));
            }
        }
    }
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn t27_what_ends_two_hundred_drains_after_seven_minutes() {
    let count = 200;
    let sim =
        Fleet::seeded(1).group(GroupPlan::named("g", count).in_cluster("c").hook(hook(mins(5)))).simulate();
    for number in 0..count {
        job(&sim, number, Some(mins(30)));
    }
    for number in 0..count {
        terminate(&sim, number);
    }
    let mut driver =
        ours::drive(&sim, Feed { events: false, ..Feed::default() }, Policy::default(), Settings::default());
    driver.run_for(mins(29));
    let world = sim.world();
    for (at, message) in world.told.messages.iter().take(6) {
        println!(
            "t27 {at} {} {}",
            message.subject,
            message.body.chars().take(700).collect::<String>().replace('\n', " / ")
        );
    }
    let killed = world
        .deeds()
        .iter()
        .filter(|one| matches!(one.deed, Deed::TaskKilled { .. }))
        .take(2)
        .map(|one| format!("{} {:?}", one.at, one.deed))
        .collect::<Vec<_>>();
    println!("t27 {killed:#?}");
    let one = world.deeds().iter().find_map(|one| match one.deed {
        Deed::TaskKilled { instance, .. } => Some(instance),
        _ => None,
    });
    if let Some(one) = one {
        for entry in world.deeds() {
            let text = format!("{:?}", entry.deed);
            if text.contains(&format!("{one:?}")) {
                println!("t27 {} {text}", entry.at);
            }
        }
    }
}
