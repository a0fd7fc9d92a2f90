//! The logs of an instance whose drain is stuck, collected before its hook is completed.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod web_group;

use std::time::Duration;

use fleet_sim::algorithms::ours;
use fleet_sim::api::faults::{Failing, Fault, Rule};
use fleet_sim::api::{Op, Service};
use fleet_sim::drive::Feed;
use fleet_sim::ec2::InstanceNo;
use fleet_sim::ecs::{ServicePlan, StandalonePlan};
use fleet_sim::report::Report;
use fleet_sim::{Fleet, GroupPlan, HookPlan, Sim, World};
use shared::handler::instance_drain::Settings;
use shared::policy::Policy;
use web_group::{HOUR, group};

const LOGS: &str = "[collect-logs]\nbucket = \"harbor-logs\"\n";
const MINUTE: Duration = Duration::from_mins(1);

/// A group of two whose first instance has a job that runs for so many minutes.
fn with_a_job(minutes: u64) -> (Sim, InstanceNo) {
    let sim = job_on(Fleet::seeded(1).group(group(2)).simulate(), minutes);
    let first = sim.world().all_instances().next().expect("an instance");
    (sim, first)
}

/// With such a job on its first instance.
fn job_on(sim: Sim, minutes: u64) -> Sim {
    let job = StandalonePlan::of_family("nightly").runs_for(Duration::from_mins(minutes));
    let mut world = sim.world();
    let first = world.all_instances().next().expect("an instance");
    world.run_standalone(first, &job);
    drop(world);
    sim
}

/// Terminates the first instance and runs until all is over, or for a day.
fn terminated(sim: &Sim, policy: &str, prepare: impl FnOnce(&mut World, InstanceNo)) -> Report {
    {
        let mut world = sim.world();
        let first = world.all_instances().next().expect("an instance");
        prepare(&mut world, first);
        world.terminate(first);
    }
    let policy = Policy::parse(policy).expect("a policy");
    let mut driver = ours::drive(sim, Feed::default(), policy, Settings::default());
    driver.run_for(MINUTE * 3 / 2);
    driver.run_until_quiet(24 * HOUR);
    driver.report()
}

fn calls(report: &Report, op: Op) -> usize {
    report.calls.get(&op).copied().unwrap_or_default()
}

fn bodies(sim: &Sim, subject: &str) -> Vec<String> {
    let world = sim.world();
    let of_it = world.told.messages.iter().filter(|(_, message)| message.subject.contains(subject));
    of_it.map(|(_, message)| message.body.clone()).collect()
}

fn outcome(report: &Report) -> (usize, usize, usize, usize) {
    (report.killed, report.continued, report.expired, report.unfinished)
}

#[test]
fn a_stuck_drain_collects_logs_once_and_tells_where_they_are() {
    let (sim, _) = with_a_job(40);
    let report = terminated(&sim, LOGS, |_, _| ());
    assert_eq!(outcome(&report), (0, 1, 0, 0));
    assert_eq!(calls(&report, Op::SendCommand), 1);
    let world = sim.world();
    let sent = &world.run_command.sent[0];
    let lasted = sent.at.elapsed_since(report.drains[0].began);
    assert!((MINUTE * 15..MINUTE * 17).contains(&lasted), "at a quarter of the hour: {lasted:?}");
    let id = world.instance(sent.instance).id.clone();
    let script = sent.script.clone();
    drop(world);
    let stuck = bodies(&sim, "drain-stuck");
    assert_eq!(stuck.len(), 2, "at 25 % and at 50 %");
    assert!(stuck[0].contains(&format!("{id} being collected until ")), "{}", stuck[0]);
    assert!(stuck[1].contains(&format!("{id} collected: s3://harbor-logs/harbor/{id}/")), "{}", stuck[1]);
    let link = format!("console.aws.amazon.com/s3/object/harbor-logs?prefix=harbor%2F{id}%2F");
    assert!(stuck.iter().all(|body| body.contains(&link)), "{}", stuck[0]);
    let key = stuck[0].split("s3://harbor-logs/").nth(1).expect("a key").split(".tgz").next().expect("it");
    assert!(script.contains(&format!("'s3://harbor-logs/{key}.tgz'")), "{script}");
}

#[test]
fn without_the_table_and_for_what_goes_well_nothing_is_asked_of_systems_manager() {
    for (policy, minutes) in [("", 40), (LOGS, 10)] {
        let (sim, _) = with_a_job(minutes);
        let report = terminated(&sim, policy, |_, _| ());
        assert_eq!(outcome(&report), (0, 1, 0, 0));
        assert_eq!((calls(&report, Op::SendCommand), calls(&report, Op::ListCommandInvocations)), (0, 0));
    }
    // Neither where nobody is told, nor where only hosts in trouble are meant.
    for policy in ["[[drain]]\nseverity = { drain-stuck = \"info\" }\n", ""] {
        let on = if policy.is_empty() { "on = [\"host-impaired\"]\n" } else { "" };
        let (sim, _) = with_a_job(40);
        let report = terminated(&sim, &format!("{policy}{LOGS}{on}"), |_, _| ());
        assert_eq!((report.continued, calls(&report, Op::SendCommand)), (1, 0), "{policy}");
    }
}

#[test]
fn spot_instances_have_no_time_for_it() {
    let (sim, first) = with_a_job(40);
    sim.world().spot_interrupt(first);
    let policy = Policy::parse(LOGS).expect("a policy");
    let mut driver = ours::drive(&sim, Feed::default(), policy, Settings::default());
    driver.run_for(HOUR);
    assert_eq!(calls(&driver.report(), Op::SendCommand), 0);
}

/// How long after its last stop the instance was let go, where its job ends just after the first alert and
/// every command hangs.
fn lateness(policy: &str, prepare: impl FnOnce(&mut World, InstanceNo)) -> (Report, Duration) {
    let (sim, _) = with_a_job(16);
    let report = terminated(&sim, policy, |world, instance| {
        world.run_command.hangs_per_mille = 1000;
        prepare(world, instance);
    });
    let (_, late) = report.lateness().expect("a drain");
    (report, Duration::from_millis(u64::try_from(late).expect("it ended after its last stop")))
}

#[test]
fn a_completion_waits_for_its_logs_as_long_as_the_box_and_no_longer() {
    let (report, late) = lateness("", |_, _| ());
    assert_eq!(outcome(&report), (0, 1, 0, 0));
    assert!(late < MINUTE * 3 / 2, "without collecting: {late:?}");
    for minutes in [1, 5, 15] {
        let policy = format!("{LOGS}within = \"{minutes}m\"");
        let (report, late) = lateness(&policy, |_, _| ());
        assert_eq!(outcome(&report), (0, 1, 0, 0));
        let latest = MINUTE * (minutes + 1) + Duration::from_secs(10);
        assert!(late < latest, "{minutes} min: {late:?}");
        if minutes > 1 {
            assert!(late > MINUTE * (minutes - 2), "{minutes} min: it waits: {late:?}");
        }
        assert_eq!(calls(&report, Op::SendCommand), 1);
        assert!(calls(&report, Op::ListCommandInvocations) <= usize::try_from(minutes).expect("few") + 3);
    }
}

#[test]
fn a_hook_that_hears_nothing_for_long_is_kept_up_while_logs_are_waited_for() {
    let hook = HookPlan::named("ecs-steward").heartbeat_timeout(MINUTE * 5);
    let group = GroupPlan::named("web-group", 2).in_cluster("harbor").capacity(8).hook(hook);
    let sim = job_on(Fleet::seeded(1).group(group).simulate(), 16);
    sim.world().run_command.hangs_per_mille = 1000;
    let report = terminated(&sim, &format!("{LOGS}within = \"15m\""), |_, _| ());
    assert_eq!(outcome(&report), (0, 1, 0, 0));
    let (_, late) = report.lateness().expect("a drain");
    assert!(late > 10 * 60_000, "{late} ms");
}

#[test]
fn before_the_hooks_own_end_nothing_is_waited_for() {
    // A hook of 30 minutes ends drains after 20, and the command is sent after 15: its box is cut.
    let hook = HookPlan::named("ecs-steward").heartbeat_timeout(MINUTE * 30).global_timeout(MINUTE * 30);
    let group = GroupPlan::named("web-group", 2).in_cluster("harbor").capacity(8).hook(hook);
    let sim = job_on(Fleet::seeded(1).group(group).simulate(), 18);
    let report = terminated(&sim, &format!("{LOGS}within = \"15m\""), |world, instance| {
        world.run_command.hangs_per_mille = 1000;
        world.run_command.unmanaged.insert(instance);
        world.after(MINUTE * 12, move |world| {
            world.run_command.unmanaged.remove(&instance);
        });
    });
    assert_eq!((outcome(&report), sim.world().run_command.sent.len()), ((0, 1, 0, 0), 1));
    let lasted = report.drains[0].completed.expect("an end").elapsed_since(report.drains[0].began);
    assert!((MINUTE * 39 / 2..MINUTE * 22).contains(&lasted), "{lasted:?}");
}

#[test]
fn what_systems_manager_refuses_delays_nothing_and_is_told_in_one_line() {
    type Break = fn(&mut World, InstanceNo);
    let cases: [(&str, Break); 4] = [
        ("InvalidInstanceId", |world, instance| {
            world.run_command.unmanaged.insert(instance);
        }),
        ("AccessDeniedException", |world, _| {
            world.api.faults.add(Rule::of(Service::Ssm, Fault::Refused("AccessDeniedException")));
        }),
        ("throttled", |world, _| world.api.faults.add(Rule::of(Service::Ssm, Fault::Throttled))),
        ("no answer in time", |world, _| {
            world.api.faults.add(Rule::of(Service::Ssm, Fault::FailsBefore(Failing::TimedOut)));
        }),
    ];
    for (word, break_it) in cases {
        let (sim, _) = with_a_job(16);
        let report = terminated(&sim, LOGS, break_it);
        assert_eq!(outcome(&report), (0, 1, 0, 0), "{word}");
        let (_, late) = report.lateness().expect("a drain");
        assert!(late < 90_000, "{word}: {late} ms");
        let stuck = bodies(&sim, "drain-stuck");
        let lines = stuck[0].matches("logs of i-").count();
        assert!(stuck.len() == 1 && lines >= 1 && stuck[0].contains(word), "{word}: {stuck:#?}");
        assert!(!stuck[0].contains("Drains cannot do their work"), "{word}");
        assert!(!stuck[0].contains("s3://"), "{word}: no link to what is not there");
    }
}

#[test]
fn an_agent_that_is_registered_meanwhile_is_asked_at_the_next_stage() {
    let (sim, _) = with_a_job(40);
    let report = terminated(&sim, LOGS, |world, instance| {
        world.run_command.unmanaged.insert(instance);
        world.after(MINUTE * 20, move |world| {
            world.run_command.unmanaged.remove(&instance);
        });
    });
    assert_eq!(outcome(&report), (0, 1, 0, 0));
    assert_eq!(sim.world().run_command.sent.len(), 1);
    let stuck = bodies(&sim, "drain-stuck");
    assert!(stuck[0].contains("InvalidInstanceId") && stuck[1].contains("being collected"), "{stuck:#?}");
}

#[test]
fn a_command_that_fails_is_not_waited_for_and_not_repeated() {
    let (sim, _) = with_a_job(40);
    let report = terminated(&sim, LOGS, |world, _| world.run_command.fails_per_mille = 1000);
    assert_eq!((outcome(&report), calls(&report, Op::SendCommand)), ((0, 1, 0, 0), 1));
    let stuck = bodies(&sim, "drain-stuck");
    assert!(stuck[1].contains("the command ended as Failed"), "{}", stuck[1]);
}

#[test]
fn no_crash_and_no_lost_answer_sends_a_second_command() {
    // The function dies, or hears nothing, before or after each call of the minutes around the first alert.
    for fault in [Fault::DiesBefore, Fault::DiesAfter, Fault::FailsAfter(Failing::Reset)] {
        for op in [Op::SendCommand, Op::ListCommandInvocations, Op::Publish, Op::PutAttributes] {
            for number in 1..4 {
                let (sim, _) = with_a_job(40);
                sim.world().api.faults.add(Rule::on(op, fault).nth(number));
                let report = terminated(&sim, LOGS, |_, _| ());
                assert_eq!(outcome(&report), (0, 1, 0, 0), "{fault:?} at {op:?} {number}");
                let sent = sim.world().run_command.sent.len();
                assert_eq!(sent, 1, "{fault:?} at {op:?} {number}");
            }
        }
    }
}

#[test]
fn many_stuck_instances_are_collected_from_within_a_few_ticks() {
    let sim = Fleet::seeded(1)
        .group(group(60))
        .service(ServicePlan::replica("web", "harbor", 60).percent(100, 100))
        .simulate();
    {
        let mut world = sim.world();
        let all: Vec<_> = world.all_instances().take(60).collect();
        for instance in all {
            let job = StandalonePlan::of_family("nightly").runs_for(MINUTE * 90);
            world.run_standalone(instance, &job);
            world.terminate(instance);
        }
    }
    let policy = Policy::parse(LOGS).expect("a policy");
    let mut driver = ours::drive(&sim, Feed::default(), policy, Settings::default());
    driver.run_for(MINUTE * 40);
    let report = driver.report();
    assert_eq!((report.killed, report.expired), (0, 0));
    assert_eq!(sim.world().run_command.sent.len(), 60);
}
