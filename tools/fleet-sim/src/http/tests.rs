//! Requests as clients send them, byte by byte.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use loopback::Server;
use serde_json::{Value, json};

use super::{Pace, relay, serve};
use crate::api::faults::{Failing, Fault, Rule};
use crate::api::{Op, Outcome};
use crate::ecs::{ServicePlan, StandalonePlan};
use crate::fleet::{Fleet, GroupPlan, HookPlan};
use crate::outbox::Kind;
use crate::sim::Sim;

fn started() -> (Sim, Server) {
    let hook = HookPlan::named("h").metadata("a < b & c");
    let group = GroupPlan::named("g", 3).in_cluster("c").tag("drain", "yes").hook(hook).retaining();
    let web = ServicePlan::replica("web", "c", 4).stop_timeout(Duration::from_secs(45));
    let sim = Fleet::seeded(8).group(group).service(web).simulate();
    let server = serve(sim.clone(), None).unwrap();
    (sim, server)
}

/// Sends a request and reads the reply: status and body; none where the connection breaks.
fn send(address: &str, head: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(stream, "{head}\r\nhost: x\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let status = line.split_whitespace().nth(1)?.parse().unwrap();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        if header.trim().is_empty() {
            break;
        }
        if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Some((status, String::from_utf8(body).unwrap()))
}

fn ecs(server: &Server, op: &str, body: &Value) -> (u16, Value) {
    let head = format!("POST / HTTP/1.1\r\nx-amz-target: AmazonEC2ContainerServiceV20141113.{op}");
    let (status, body) = send(&server.address(), &head, &body.to_string()).unwrap();
    (status, serde_json::from_str(&body).unwrap())
}

fn query(server: &Server, form: &str) -> (u16, String) {
    let form = format!("{form}&Version=2011-01-01");
    send(&server.address(), "POST / HTTP/1.1", &form).unwrap()
}

fn admin(server: &Server, method: &str, path: &str) -> (u16, Value) {
    let head = format!("{method} /_fleet/{path} HTTP/1.1");
    let (status, body) = send(&server.address(), &head, "").unwrap();
    (status, serde_json::from_str(&body).unwrap())
}

#[test]
fn ecs_speaks_json() {
    let (sim, server) = started();
    let id = sim.world().instance(crate::ec2::InstanceNo(1)).id.clone();
    let (_, clusters) = ecs(&server, "ListClusters", &json!({}));
    assert_eq!(clusters["clusterArns"], json!(["arn:aws:ecs:eu-central-1:111122223333:cluster/c"]));
    assert!(clusters.get("nextToken").is_none());
    let filter = format!("ec2InstanceId in [{id}, i-0123]");
    let (_, listed) = ecs(&server, "ListContainerInstances", &json!({"cluster": "c", "filter": filter}));
    let arns = listed["containerInstanceArns"].clone();
    assert_eq!(arns.as_array().unwrap().len(), 1);
    let asked = json!({"cluster": "c", "containerInstances": [arns[0], "0123"], "status": "DRAINING"});
    let (_, set) = ecs(&server, "UpdateContainerInstancesState", &asked);
    assert_eq!(set["containerInstances"][0]["status"], "DRAINING");
    assert_eq!(set["failures"], json!([{"arn": "0123", "reason": "MISSING"}]));
    let attribute = json!({"name": "a.b", "value": "c", "targetId": arns[0]});
    let (status, put) = ecs(&server, "PutAttributes", &json!({"cluster": "c", "attributes": [attribute]}));
    assert_eq!((status, &put["attributes"][0]["name"]), (200, &json!("a.b")));
    let (_, seen) = ecs(&server, "DescribeContainerInstances", &asked);
    assert!(
        seen["containerInstances"][0]["attributes"]
            .as_array()
            .unwrap()
            .contains(&json!({"name": "a.b", "value": "c"}))
    );
    let on = json!({"cluster": "c", "containerInstance": arns[0]});
    let (_, tasks) = ecs(&server, "ListTasks", &on);
    let asked =
        json!({"cluster": "c", "tasks": tasks["taskArns"], "task": tasks["taskArns"][0], "reason": "why"});
    let (_, stopped) = ecs(&server, "StopTask", &asked);
    assert_eq!(
        (&stopped["task"]["desiredStatus"], &stopped["task"]["stopCode"]),
        (&json!("STOPPED"), &json!("UserInitiated"))
    );
    let (_, described) = ecs(&server, "DescribeTasks", &asked);
    assert_eq!(described["tasks"][0]["lastStatus"], "RUNNING", "it has only been asked");
    assert!(described["tasks"][0]["createdAt"].is_f64());
    let (_, protection) = ecs(&server, "GetTaskProtection", &asked);
    assert_eq!(protection["protectedTasks"][0]["protectionEnabled"], false);
    let (_, services) = ecs(&server, "DescribeServices", &json!({"cluster": "c", "services": ["web"]}));
    assert_eq!(services["services"][0]["schedulingStrategy"], "REPLICA");
    let deployment = &services["services"][0]["deployments"][0];
    assert_eq!(
        (&deployment["status"], &deployment["id"]),
        (&json!("PRIMARY"), &described["tasks"][0]["startedBy"])
    );
    let (_, definition) = ecs(&server, "DescribeTaskDefinition", &json!({"taskDefinition": "web:1"}));
    let defined = &definition["taskDefinition"]["containerDefinitions"];
    assert_eq!((&defined[0]["stopTimeout"], &defined[1]["essential"]), (&json!(45), &json!(false)));
    assert_eq!(defined[0]["logConfiguration"]["options"]["awslogs-group"], "/ecs/web");
    for (place, container) in described["tasks"][0]["containers"].as_array().unwrap().iter().enumerate() {
        assert_eq!(container["name"], defined[place]["name"]);
        assert_eq!(container["lastStatus"], "RUNNING");
    }
}

#[test]
fn ecs_refuses_in_its_own_form() {
    let (sim, server) = started();
    for (op, body, code) in [
        ("ListTasks", json!({"cluster": "none"}), "ClusterNotFoundException"),
        ("DescribeTasks", json!({"cluster": "c", "tasks": []}), "InvalidParameterException"),
        ("ListContainerInstances", json!({"cluster": "c", "filter": "x"}), "InvalidParameterException"),
        (
            "UpdateContainerInstancesState",
            json!({"cluster": "c", "status": "x"}),
            "InvalidParameterException",
        ),
        ("ListTasks", json!({"cluster": "c", "desiredStatus": "x"}), "InvalidParameterException"),
        ("DescribeTaskDefinition", json!({"taskDefinition": "none"}), "ClientException"),
        ("DescribeAutoScalingGroups", json!({}), "UnknownOperationException"),
        ("RunTask", json!({}), "UnknownOperationException"),
    ] {
        let (status, refusal) = ecs(&server, op, &body);
        assert_eq!((status, &refusal["__type"]), (400, &json!(code)), "{op}");
    }
    let head = "POST / HTTP/1.1\r\nx-amz-target: AmazonEC2ContainerServiceV20141113.ListClusters";
    assert!(send(&server.address(), head, "{").unwrap().1.contains("SerializationException"));
    sim.world().api.faults.add(Rule::on(Op::ListClusters, Fault::Throttled));
    let (status, refusal) = ecs(&server, "ListClusters", &json!({}));
    assert_eq!((status, &refusal["__type"]), (400, &json!("ThrottlingException")));
}

#[test]
fn auto_scaling_speaks_query() {
    let (sim, server) = started();
    let id = sim.world().instance(crate::ec2::InstanceNo(0)).id.clone();
    let (_, groups) = query(
        &server,
        "Action=DescribeAutoScalingGroups&Filters.member.1.Name=tag%3Adrain&Filters.member.1.Values.member.1=yes",
    );
    assert!(groups.contains("<AutoScalingGroupName>g</AutoScalingGroupName>") && groups.contains(&id));
    assert!(groups.contains("<TerminateHookAbandon>retain</TerminateHookAbandon>"));
    let none =
        "Action=DescribeAutoScalingGroups&Filters.member.1.Name=tag-key&Filters.member.1.Values.member.1=x";
    assert!(query(&server, none).1.contains("<AutoScalingGroups></AutoScalingGroups>"));
    let (_, hooks) = query(&server, "Action=DescribeLifecycleHooks&AutoScalingGroupName=g");
    assert!(hooks.contains("<NotificationMetadata>a &lt; b &amp; c</NotificationMetadata>"));
    assert!(hooks.contains("<GlobalTimeout>30000</GlobalTimeout>"));
    let protect = format!(
        "Action=SetInstanceProtection&AutoScalingGroupName=g&InstanceIds.member.1={id}&ProtectedFromScaleIn="
    );
    assert_eq!(query(&server, &format!("{protect}true")).0, 200);
    let terminate = format!("terminate?instance={id}");
    assert_eq!(admin(&server, "POST", &terminate).1["terminating"], false, "it is protected");
    query(&server, &format!("{protect}false"));
    assert_eq!(admin(&server, "POST", &terminate).1["terminating"], true);
    assert_eq!(query(&server, &format!("{protect}true")).0, 400, "it is on its way");
    let (_, instances) =
        query(&server, &format!("Action=DescribeAutoScalingInstances&InstanceIds.member.1={id}"));
    assert!(instances.contains("<LifecycleState>Terminating:Wait</LifecycleState>"));
    let action = format!("AutoScalingGroupName=g&LifecycleHookName=h&InstanceId={id}");
    assert_eq!(query(&server, &format!("Action=RecordLifecycleActionHeartbeat&{action}")).0, 200);
    let complete = format!("Action=CompleteLifecycleAction&LifecycleActionResult=CONTINUE&{action}");
    assert_eq!(query(&server, &complete).0, 200);
    let (status, again) = query(&server, &complete);
    assert_eq!(status, 400);
    assert!(again.contains(&format!(
        "<Code>ValidationError</Code><Message>No active Lifecycle Action found with instance ID {id}</Message>"
    )));
}

#[test]
fn an_action_is_found_by_its_token() {
    let (sim, server) = started();
    let first = crate::ec2::InstanceNo(0);
    sim.world().terminate(first);
    let token = sim.world().instance(first).membership.as_ref().unwrap().actions[0].token.clone();
    let action = format!("AutoScalingGroupName=g&LifecycleHookName=h&LifecycleActionToken={token}");
    let complete = format!("Action=CompleteLifecycleAction&LifecycleActionResult=ABANDON&{action}");
    assert_eq!(query(&server, &complete).0, 200);
    assert!(query(&server, &complete).1.contains("No active Lifecycle Action found with token"));
    let state = admin(&server, "GET", "state").1;
    assert_eq!(state["instances"][0]["lifecycleState"], "Terminating:Retained");
    assert_eq!(query(&server, "Action=None").0, 400);
    assert!(
        query(&server, "Action=DescribeLifecycleHooks&AutoScalingGroupName=x").1.contains("ValidationError")
    );
}

#[test]
fn calls_fail_over_http_too() {
    let (sim, server) = started();
    let on = |fault| sim.world().api.faults.add(Rule::on(Op::ListClusters, fault).nth(1));
    on(Fault::FailsBefore(Failing::ServerError));
    let (status, _) = ecs(&server, "ListClusters", &json!({}));
    assert_eq!(status, 500);
    on(Fault::FailsAfter(Failing::Reset));
    let head = "POST / HTTP/1.1\r\nx-amz-target: AmazonEC2ContainerServiceV20141113.ListClusters";
    assert_eq!(send(&server.address(), head, "{}"), None);
    on(Fault::DiesAfter);
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    write!(stream, "{head}\r\ncontent-length: 2\r\n\r\n{{}}").unwrap();
    assert!(stream.read(&mut [0]).is_err(), "no answer, and no end");
    assert_eq!(ecs(&server, "ListClusters", &json!({})).0, 200, "the next call lives");
    let outcomes: Vec<_> = sim.world().calls().iter().map(|call| call.outcome).collect();
    assert_eq!(outcomes[1..], [Outcome::FailedAfter, Outcome::Died, Outcome::Answered]);
    assert_eq!(admin(&server, "POST", "fault?op=DescribeTasks&fault=throttled&nth=1").0, 200);
    assert_eq!(admin(&server, "POST", "fault?op=DescribeTasks&fault=x").0, 400);
    let asked = json!({"cluster": "c", "tasks": ["x"]});
    assert_eq!(ecs(&server, "DescribeTasks", &asked).1["__type"], "ThrottlingException");
    assert_eq!(ecs(&server, "DescribeTasks", &asked).0, 200);
}

#[test]
fn a_task_crashes_when_it_is_told_to() {
    let (sim, server) = started();
    sim.world().outbox.road.kinds = Kind::ALL.to_vec();
    let first = crate::ec2::InstanceNo(0);
    let (id, arn) = {
        let world = sim.world();
        (world.instance(first).id.clone(), world.task(world.live_tasks(first)[0]).arn.clone())
    };
    let crash = format!("crash?service=web&exit_code=137&instance={id}");
    assert_eq!(admin(&server, "POST", &crash).1, json!({"taskArn": arn}));
    for wrong in ["crash?service=x&exit_code=1", "crash?service=web", "crash?service=web&exit_code=x"] {
        assert_eq!(admin(&server, "POST", wrong).0, 400);
    }
    admin(&server, "POST", "advance?seconds=30");
    let events = admin(&server, "GET", "events").1;
    let details: Vec<_> = events.as_array().unwrap().iter().map(|event| &event["detail"]).collect();
    let of_task: Vec<_> = details.iter().filter(|detail| detail["taskArn"] == arn.as_str()).collect();
    let statuses: Vec<_> = of_task.iter().map(|detail| detail["lastStatus"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["DEPROVISIONING", "STOPPED"]);
    assert_eq!(of_task[1]["containers"][0]["exitCode"], 137);
    assert_eq!(of_task[1]["stopCode"], "EssentialContainerExited");
    assert!(of_task[0]["version"].as_u64() < of_task[1]["version"].as_u64());
    let replaced = |detail: &&&Value| detail["lastStatus"] == "RUNNING" && detail["group"] == "service:web";
    assert_eq!(details.iter().filter(replaced).count(), 1, "its replacement");
}

#[test]
fn time_passes_when_it_is_told_to_or_by_itself() {
    let (sim, server) = started();
    sim.world().start_standalone(crate::ec2::InstanceNo(0), &StandalonePlan::of_family("job"));
    let (_, now) = admin(&server, "POST", "advance?seconds=60");
    assert_eq!(now["now"], "2026-11-23T07:06:00Z");
    let (_, events) = admin(&server, "GET", "events");
    assert_eq!(events[0]["detail-type"], "ECS Container Instance State Change");
    assert_eq!(admin(&server, "GET", "events").1, json!([]), "each comes once");
    for (method, path, status) in
        [("GET", "advance?seconds=1", 404), ("POST", "advance?seconds=x", 400), ("POST", "terminate", 400)]
    {
        assert_eq!(admin(&server, method, path).0, status);
    }
    let fast = serve(sim.clone(), Some(Pace::of(&sim, 100_000))).unwrap();
    let before = sim.world().now();
    admin(&fast, "GET", "state");
    admin(&fast, "GET", "state");
    assert!(sim.world().now() > before);
}

#[test]
fn a_relay_passes_everything_on() {
    let (_, server) = started();
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    relay(free, &server.address()).unwrap();
    let answer = send(&format!("127.0.0.1:{free}"), "GET /_fleet/state HTTP/1.1", "").unwrap();
    assert_eq!(answer.0, 200);
}
