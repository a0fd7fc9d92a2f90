//! The real binary: Lambda's runtime API, the simulated fleet and SNS, all on loopback. So the adapters speak with
//! ECS's and Auto Scaling's protocols as the SDK does.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::time::Duration;

use fleet_sim::api::Op;
use fleet_sim::ec2::InstanceNo;
use fleet_sim::ecs::StandalonePlan;
use fleet_sim::http::serve;
use fleet_sim::{Fault, Fleet, GroupPlan, Rule, Sim};
use loopback::lambda::{Running, answers, function, runtime_api};
use loopback::{Reply, Request, Server};
use serde_json::{Value, json};
use shared::protect::marks::PROTECTED_SINCE;

const BY_TAG: &str = "[[protect]]\ncluster = \"harbor\"\ntag = \"ecs-steward.protect=true\"\nmode = \"protect\"\nrelease-after = \"0s\"\n";
const TICK: &str = r#"{"detail-type": "Scheduled Event", "source": "aws.events", "detail": {}}"#;

fn sns() -> Server {
    let reply = |request: &Request| {
        if request.method == "GET" { Reply::query_error(400, "MissingAction") } else { Reply::sns_accepted() }
    };
    Server::start(reply).expect("a port")
}

/// Two groups of a cluster, one of which ECS protects, with a marked job on the first instance of each.
fn fleet() -> (Sim, InstanceNo, InstanceNo) {
    let sim = Fleet::seeded(1)
        .group(GroupPlan::named("batch", 2).in_cluster("harbor").capacity_provider("batch-cp", false))
        .group(GroupPlan::named("managed", 1).in_cluster("harbor").capacity_provider("managed-cp", true))
        .simulate();
    let (ours, managed) = {
        let mut world = sim.world();
        let all: Vec<_> = world.all_instances().collect();
        let job = StandalonePlan::of_family("import").tag("ecs-steward.protect", "true");
        for instance in [all[0], all[2]] {
            world.run_standalone(instance, &job.clone().runs_for(Duration::from_mins(5))).expect("a task");
        }
        (all[0], all[2])
    };
    (sim, ours, managed)
}

fn in_sqs(bodies: &[&str]) -> Vec<u8> {
    let record =
        |(index, body)| json!({"messageId": format!("m-{index}"), "eventSource": "aws:sqs", "body": body});
    json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()}).to_string().into_bytes()
}

/// Invokes a new process with payloads; its answers, its log, and what it published.
fn invoke(sim: &Sim, policy: &str, payloads: &[Vec<u8>]) -> (Vec<Value>, String, Vec<String>) {
    let payloads: Vec<_> = payloads.iter().map(Vec::as_slice).collect();
    let lambda = runtime_api(&payloads).expect("a port");
    let (aws, sns) = (serve(sim.clone(), None).expect("a port"), sns());
    let (aws, sns_url) = (aws.url(), sns.url());
    let variables = [
        ("AWS_ENDPOINT_URL_ECS", aws.as_str()),
        ("AWS_ENDPOINT_URL_AUTO_SCALING", aws.as_str()),
        ("AWS_ENDPOINT_URL_SNS", sns_url.as_str()),
        ("POLICY", policy),
    ];
    let binary = Path::new(env!("CARGO_BIN_EXE_instance-protection"));
    let running = Running::start(function(binary, &lambda, &variables)).expect("it starts");
    let answers = answers(&lambda, payloads.len());
    let output = running.stop().expect("its output");
    let log = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(answers.len(), payloads.len(), "{log}");
    let posts = sns.requests().into_iter().filter(|request| request.method == "POST");
    let subjects = posts.map(|request| request.form()["Subject"].clone()).collect();
    let json = |body: &[u8]| serde_json::from_slice(body).unwrap_or_default();
    (answers.into_iter().map(|(_, body)| json(&body)).collect(), log, subjects)
}

fn is_protected(sim: &Sim, instance: InstanceNo) -> bool {
    sim.world().instance(instance).membership.as_ref().expect("a group").protected_from_scale_in
}

fn mark(sim: &Sim, instance: InstanceNo) -> Option<String> {
    let container = sim.world().instance(instance).container.clone();
    container.expect("a container instance").attributes.get(PROTECTED_SINCE).cloned()
}

#[test]
fn an_instance_is_protected_for_a_tagged_task_and_released_after_it() {
    let (sim, ours, managed) = fleet();
    let (answers, log, subjects) = invoke(&sim, BY_TAG, &[in_sqs(&[TICK, "no json"])]);
    let failed = json!({"batchItemFailures": [{"itemIdentifier": "m-1"}]});
    assert_eq!(answers, [failed], "only what cannot be read comes again");
    assert_eq!(subjects, ["[medium] unreadable-event: ecs-steward"]);
    assert!(is_protected(&sim, ours) && !is_protected(&sim, managed), "{log}");
    assert!(mark(&sim, ours).expect("a note").ends_with(" held"));
    assert_eq!(mark(&sim, managed), None);
    assert!(
        log.contains("managed termination protection") && log.contains("\"ProtectedInstances\":1"),
        "{log}"
    );

    // Marks are of the function's own clock, so a grace of nothing is over at the next tick.
    sim.world().advance_by(Duration::from_mins(10));
    let (_, log, _) = invoke(&sim, BY_TAG, &[in_sqs(&[TICK]), in_sqs(&[TICK])]);
    assert!(!is_protected(&sim, ours), "{log}");
    assert_eq!(mark(&sim, ours), None, "{log}");
}

#[test]
fn a_dry_run_writes_nothing() {
    let (sim, ours, _) = fleet();
    let (answers, log, _) = invoke(&sim, "[[protect]]\nfamily = \"import\"\n", &[in_sqs(&[TICK])]);
    assert_eq!(answers, [json!({"batchItemFailures": []})]);
    assert!(!is_protected(&sim, ours) && mark(&sim, ours).is_none());
    assert!(log.contains("protect it from scale-in") && log.contains("\"InstancesAtRisk\":1"), "{log}");
    let world = sim.world();
    let writes = [Op::PutAttributes, Op::DeleteAttributes, Op::SetInstanceProtection];
    assert!(!world.calls().iter().any(|call| writes.contains(&call.op)));
}

#[test]
fn a_missing_permission_is_told_and_leaves_no_note() {
    let (sim, ours, _) = fleet();
    sim.world().api.faults.add(Rule::on(Op::SetInstanceProtection, Fault::Refused("AccessDenied")));
    let (_, log, subjects) = invoke(&sim, BY_TAG, &[in_sqs(&[TICK]), in_sqs(&[TICK])]);
    assert_eq!(subjects.len(), 1, "{subjects:?} {log}");
    assert_eq!((is_protected(&sim, ours), mark(&sim, ours)), (false, None));
}
