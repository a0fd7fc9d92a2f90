//! The real binary: Lambda's runtime API, the simulated fleet and SNS, all on loopback.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::time::Duration;

use fleet_sim::ecs::ServicePlan;
use fleet_sim::http::serve;
use fleet_sim::{Fleet, GroupPlan, HookPlan, Sim};
use loopback::lambda::{Running, answers, function, runtime_api};
use loopback::{Reply, Request, Server};
use serde_json::{Value, json};
use shared::drain::container_instance::Status;

fn sns() -> Server {
    let reply = |request: &Request| {
        if request.method == "GET" { Reply::query_error(400, "MissingAction") } else { Reply::sns_accepted() }
    };
    Server::start(reply).expect("a port")
}

fn fleet() -> Sim {
    let hook = HookPlan::named("ecs-steward").heartbeat_timeout(Duration::from_hours(1));
    let group = GroupPlan::named("web-group", 3).in_cluster("harbor").hook(hook);
    Fleet::seeded(1).group(group).service(ServicePlan::replica("web", "harbor", 9)).simulate()
}

/// Invokes the binary with payloads, one after the other, and answers with its answers and what it published.
fn invoke(sim: &Sim, payloads: &[Vec<u8>]) -> (Vec<(String, Value)>, Vec<String>) {
    let payloads: Vec<_> = payloads.iter().map(Vec::as_slice).collect();
    let lambda = runtime_api(&payloads).expect("a port");
    let (aws, sns) = (serve(sim.clone(), None).expect("a port"), sns());
    let (aws, sns_url) = (aws.url(), sns.url());
    let variables = [
        ("AWS_ENDPOINT_URL_ECS", aws.as_str()),
        ("AWS_ENDPOINT_URL_AUTO_SCALING", aws.as_str()),
        ("AWS_ENDPOINT_URL_SNS", sns_url.as_str()),
    ];
    let binary = Path::new(env!("CARGO_BIN_EXE_instance-drain"));
    let running = Running::start(function(binary, &lambda, &variables)).expect("it starts");
    let answers = answers(&lambda, payloads.len());
    let output = running.stop().expect("its output");
    assert_eq!(answers.len(), payloads.len(), "{}", String::from_utf8_lossy(&output.stdout));
    let posts = sns.requests().into_iter().filter(|request| request.method == "POST");
    let subjects = posts.map(|request| request.form()["Subject"].clone()).collect();
    let json = |body: &[u8]| serde_json::from_slice(body).unwrap_or_default();
    (answers.into_iter().map(|(word, body)| (word, json(&body))).collect(), subjects)
}

fn in_sqs(bodies: &[String]) -> Vec<u8> {
    let record =
        |(index, body)| json!({"messageId": format!("m-{index}"), "eventSource": "aws:sqs", "body": body});
    json!({"Records": bodies.iter().enumerate().map(record).collect::<Vec<_>>()}).to_string().into_bytes()
}

#[test]
fn a_termination_sets_draining_and_tells() {
    let sim = fleet();
    let (first, event) = {
        let mut world = sim.world();
        let first = world.all_instances().next().expect("an instance");
        world.terminate(first);
        world.advance_by(Duration::from_secs(2));
        (first, world.due_deliveries().remove(0).event)
    };
    let test = r#"{"Event": "autoscaling:TEST_NOTIFICATION", "AutoScalingGroupName": "web-group"}"#;
    let (answers, subjects) = invoke(&sim, &[in_sqs(&[event, test.into(), "no json".into()])]);
    let failed = json!({"batchItemFailures": [{"itemIdentifier": "m-2"}]});
    assert_eq!(answers, [("response".to_owned(), failed)], "only what cannot be read comes again");
    let container = sim.world().instance(first).container.clone().expect("a container instance");
    assert_eq!(container.status, Status::Draining);
    assert!(container.attributes.keys().any(|name| name == "ecs-steward.drain-started"));
    assert_eq!(subjects, ["[medium] unreadable-event: ecs-steward", "[low] drain-started: harbor"]);
}

#[test]
fn a_spot_warning_drains_at_once_and_comes_again_where_that_failed() {
    let sim = fleet();
    let first = sim.world().all_instances().next().expect("an instance");
    let id = sim.world().instance(first).id.clone();
    let warning = json!({"detail-type": "EC2 Spot Instance Interruption Warning", "source": "aws.ec2",
        "detail": {"instance-id": id, "instance-action": "terminate"}});
    let unknown = json!({"detail-type": "EC2 Spot Instance Interruption Warning", "source": "aws.ec2",
        "detail": {"instance-id": "i-0123456789abcdef0", "instance-action": "terminate"}});
    let (answers, _) = invoke(&sim, &[in_sqs(&[warning.to_string(), unknown.to_string()])]);
    assert_eq!(answers[0].1, json!({"batchItemFailures": []}), "an instance of no cluster is nobody's");
    let status = |sim: &Sim| sim.world().instance(first).container.clone().expect("it").status;
    assert_eq!(status(&sim), Status::Draining);

    let sim = fleet();
    let denied = fleet_sim::Fault::Refused("AccessDeniedException");
    let rule = fleet_sim::Rule::on(fleet_sim::api::Op::UpdateContainerInstancesState, denied);
    sim.world().api.faults.add(rule);
    let (answers, subjects) = invoke(&sim, &[in_sqs(&[warning.to_string()])]);
    assert_eq!(answers[0].1, json!({"batchItemFailures": [{"itemIdentifier": "m-0"}]}));
    assert_eq!(status(&sim), Status::Active);
    assert_eq!(subjects, ["[high] drain-stuck: ecs-steward"], "a missing permission is told");
}
