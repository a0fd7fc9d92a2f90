//! ECS's calls with the real SDK against an ECS on loopback: what goes out, what is made of whole, partial,
//! empty and odd replies, and what of failures.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod calls;

use std::time::{Duration, Instant};

use calls::{aws, run};
use loopback::{Reply, Server};
use serde_json::{Value, json};
use shared::aws::ecs::EcsApi;
use shared::drain::container_instance::{Attribute, Status};
use shared::drain::task::{DesiredStatus, SchedulingStrategy};
use shared::ports::call::{ATTEMPTS_PER_CALL, LONGEST_CALL};
use shared::ports::ecs::{Failure, Partial};
use shared::ports::{ApiError, Ecs as _, Page};

const CLUSTER: &str = "harbor";
const HOST: &str = "arn:aws:ecs:eu-west-1:111122223333:container-instance/harbor/a";
const TASK: &str = "arn:aws:ecs:eu-west-1:111122223333:task/harbor/t";

fn ecs(server: &Server) -> EcsApi {
    EcsApi::new(&aws(&server.url()))
}

/// An ECS that always gives this reply.
fn replying(reply: &Value) -> Server {
    Server::in_turn([Reply::body(200, &reply.to_string())]).expect("a port")
}

/// The body of the only request there was, which asked for this operation.
fn asked(server: &Server, operation: &str) -> Value {
    let requests = server.requests();
    assert_eq!(requests.len(), 1, "one method is one call");
    let headers = &requests[0].headers;
    assert_eq!(headers["x-amz-target"], format!("AmazonEC2ContainerServiceV20141113.{operation}"));
    assert!(headers["authorization"].contains("eu-west-1/ecs/aws4_request"));
    assert_eq!(headers["x-amz-security-token"], "session");
    serde_json::from_slice(&requests[0].body).expect("JSON")
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// `failures[]` of a reply, and what is made of them.
fn failures() -> (Value, Vec<Failure>) {
    let read = vec![
        Failure { arn: HOST.into(), reason: "MISSING".into() },
        Failure { arn: String::new(), reason: String::new() },
    ];
    (json!([{"arn": HOST, "reason": "MISSING", "detail": "gone"}, {}]), read)
}

#[test]
fn clusters_are_listed_page_by_page() {
    let server = replying(&json!({"clusterArns": ["c1", "c2"], "nextToken": "more"}));
    let page = run(ecs(&server).list_clusters(Some("here")));
    assert_eq!(page, Ok(Page { items: words(&["c1", "c2"]), next: Some("more".into()) }));
    assert_eq!(asked(&server, "ListClusters"), json!({"maxResults": 100, "nextToken": "here"}));
    let end = |token: Value| json!({"clusterArns": [], "nextToken": token});
    for last in [json!({"clusterArns": []}), end(Value::Null), end("".into())] {
        let server = replying(&last);
        assert_eq!(run(ecs(&server).list_clusters(None)), Ok(Page { items: vec![], next: None }), "{last}");
        assert_eq!(asked(&server, "ListClusters"), json!({"maxResults": 100}));
    }
}

#[test]
fn container_instances_are_found_by_their_instances_in_every_status() {
    for (ids, filter) in
        [(&["i-1", "i-2"][..], "ec2InstanceId in [i-1, i-2]"), (&["i-1"], "ec2InstanceId == i-1")]
    {
        let server = replying(&json!({"containerInstanceArns": [HOST]}));
        let page = run(ecs(&server).list_container_instances(CLUSTER, &words(ids), None));
        assert_eq!(page, Ok(Page { items: words(&[HOST]), next: None }));
        let want = json!({"cluster": CLUSTER, "filter": filter, "maxResults": 100});
        assert_eq!(asked(&server, "ListContainerInstances"), want);
    }
    let server = replying(&json!({}));
    let page = run(ecs(&server).list_container_instances(CLUSTER, &words(&["]"]), None));
    assert_eq!(page, Ok(Page { items: vec![], next: None }));
    assert!(server.requests().is_empty(), "what is no id is not asked for");
}

#[test]
fn container_instances_are_described() {
    let (failed, failures) = failures();
    let server = replying(&json!({"failures": failed, "containerInstances": [
        {"containerInstanceArn": HOST, "ec2InstanceId": "i-1", "status": "DRAINING", "agentConnected": true,
         "runningTasksCount": 2, "pendingTasksCount": 1, "fromTheFuture": {"a": [1]},
         "attributes": [{"name": "ecs.capability.x"}, {"name": "steward", "value": "drained"}]},
        {"containerInstanceArn": "b", "status": "HIBERNATING"},
        {},
    ]}));
    let reply = run(ecs(&server).describe_container_instances(CLUSTER, &words(&[HOST, "b"]))).expect("it");
    let want = json!({"cluster": CLUSTER, "containerInstances": [HOST, "b"]});
    assert_eq!(asked(&server, "DescribeContainerInstances"), want);
    assert_eq!(reply.failures, failures);
    let [whole, unknown, empty] = &reply.found[..] else { panic!("{reply:?}") };
    assert_eq!((whole.arn.as_str(), whole.ec2_instance_id.as_deref()), (HOST, Some("i-1")));
    assert_eq!((&whole.status, whole.agent_connected), (&Status::Draining, true));
    assert_eq!((whole.running_tasks_count, whole.pending_tasks_count), (2, 1));
    assert_eq!(whole.attributes, [("steward".to_owned(), "drained".to_owned())]);
    assert_eq!(unknown.status, Status::Other("HIBERNATING".into()));
    assert_eq!((&empty.status, empty.agent_connected), (&Status::Other("".into()), false));
    assert_eq!((empty.arn.as_str(), &empty.ec2_instance_id), ("", &None));
}

#[test]
fn only_what_the_reply_shows_as_draining_is_draining() {
    let (failed, failures) = failures();
    let server = replying(&json!({"failures": failed, "containerInstances": [
        {"containerInstanceArn": HOST, "status": "DRAINING"}, {"containerInstanceArn": "b", "status": "ACTIVE"},
        {"containerInstanceArn": "c"}, {"status": "DRAINING"},
    ]}));
    let reply = run(ecs(&server).drain_container_instances(CLUSTER, &words(&[HOST, "b", "c"])));
    assert_eq!(reply, Ok(Partial { found: words(&[HOST]), failures }));
    let want = json!({"cluster": CLUSTER, "containerInstances": [HOST, "b", "c"], "status": "DRAINING"});
    assert_eq!(asked(&server, "UpdateContainerInstancesState"), want);
}

#[test]
fn attributes_are_put_on_container_instances() {
    let server = replying(&json!({}));
    let attribute =
        Attribute { container_instance: HOST.into(), name: "steward.drain", value: "2025-01-01".into() };
    assert_eq!(run(ecs(&server).put_attributes(CLUSTER, &[attribute])), Ok(()));
    let attribute = json!({"name": "steward.drain", "value": "2025-01-01", "targetType": "container-instance",
        "targetId": HOST});
    assert_eq!(asked(&server, "PutAttributes"), json!({"cluster": CLUSTER, "attributes": [attribute]}));
}

#[test]
fn tasks_are_listed_by_desired_status() {
    for (desired, word) in [(DesiredStatus::Running, "RUNNING"), (DesiredStatus::Stopped, "STOPPED")] {
        let server = replying(&json!({"taskArns": [TASK], "nextToken": "more"}));
        let page = run(ecs(&server).list_tasks(CLUSTER, HOST, desired, Some("here")));
        assert_eq!(page, Ok(Page { items: words(&[TASK]), next: Some("more".into()) }));
        let want = json!({"cluster": CLUSTER, "containerInstance": HOST, "desiredStatus": word,
            "maxResults": 100, "nextToken": "here"});
        assert_eq!(asked(&server, "ListTasks"), want);
    }
}

#[test]
fn tasks_are_described_and_none_is_taken_for_stopped() {
    let (failed, failures) = failures();
    let server = replying(&json!({"failures": failed, "tasks": [
        {"taskArn": TASK, "containerInstanceArn": HOST, "group": "service:web", "startedBy": "ecs-svc/1",
         "lastStatus": "STOPPED", "desiredStatus": "STOPPED", "launchType": "MOON"},
        {"taskArn": "u", "lastStatus": "MELTING"},
        {},
    ]}));
    let reply = run(ecs(&server).describe_tasks(CLUSTER, &words(&[TASK, "u"]))).expect("it");
    assert_eq!(asked(&server, "DescribeTasks"), json!({"cluster": CLUSTER, "tasks": [TASK, "u"]}));
    assert_eq!(reply.failures, failures);
    let [whole, unknown, empty] = &reply.found[..] else { panic!("{reply:?}") };
    assert_eq!((whole.arn.as_str(), whole.container_instance.as_deref()), (TASK, Some(HOST)));
    assert_eq!((whole.service(), whole.started_by.as_deref()), (Some("web"), Some("ecs-svc/1")));
    assert!(whole.is_stopped() && whole.is_asked_to_stop());
    assert!(!unknown.is_stopped() && !empty.is_stopped() && !empty.is_asked_to_stop());
    assert_eq!(unknown.last_status.as_deref(), Some("MELTING"));
}

#[test]
fn a_task_is_stopped_with_its_reason() {
    let server = replying(&json!({"task": {"taskArn": TASK}}));
    assert_eq!(run(ecs(&server).stop_task(CLUSTER, TASK, "the instance goes")), Ok(()));
    let want = json!({"cluster": CLUSTER, "task": TASK, "reason": "the instance goes"});
    assert_eq!(asked(&server, "StopTask"), want);
}

#[test]
fn a_service_is_a_daemon_only_where_ecs_says_so() {
    let (failed, failures) = failures();
    let server = replying(&json!({"failures": failed, "services": [
        {"serviceName": "agent", "schedulingStrategy": "DAEMON"},
        {"serviceName": "web", "schedulingStrategy": "REPLICA"},
        {"serviceName": "new", "schedulingStrategy": "SWARM"}, {"serviceName": "old"},
    ]}));
    let reply = run(ecs(&server).describe_services(CLUSTER, &words(&["agent", "web"]))).expect("it");
    assert_eq!(asked(&server, "DescribeServices"), json!({"cluster": CLUSTER, "services": ["agent", "web"]}));
    let replica = |name: &str| (name.to_owned(), SchedulingStrategy::Replica);
    let daemon = ("agent".to_owned(), SchedulingStrategy::Daemon);
    assert_eq!(
        reply,
        Partial { found: vec![daemon, replica("web"), replica("new"), replica("old")], failures }
    );
}

#[test]
fn protected_tasks_are_those_with_protection() {
    let (failed, failures) = failures();
    let server = replying(&json!({"failures": failed, "protectedTasks": [
        {"taskArn": TASK, "protectionEnabled": true, "expirationDate": 1_795_417_500.5},
        {"taskArn": "for-ever", "protectionEnabled": true},
        {"taskArn": "u", "protectionEnabled": false}, {"taskArn": "v"},
    ]}));
    let reply = run(ecs(&server).protected_tasks(CLUSTER, &words(&[TASK, "u"])));
    assert_eq!(asked(&server, "GetTaskProtection"), json!({"cluster": CLUSTER, "tasks": [TASK, "u"]}));
    assert_eq!(reply, Ok(Partial { found: words(&[TASK, "for-ever"]), failures }));
}

/// What every call that asks for a list makes of a reply: how many it found, and how many failures.
fn counts(body: &str) -> [Result<(usize, usize), ApiError>; 8] {
    fn page<T>(page: Result<Page<T>, ApiError>) -> Result<(usize, usize), ApiError> {
        page.map(|page| (page.items.len(), 0))
    }
    fn partial<T>(reply: Result<Partial<T>, ApiError>) -> Result<(usize, usize), ApiError> {
        reply.map(|reply| (reply.found.len(), reply.failures.len()))
    }
    let server = Server::in_turn([Reply::body(200, body)]).expect("a port");
    let (ecs, arns) = (ecs(&server), words(&["a"]));
    [
        page(run(ecs.list_clusters(None))),
        page(run(ecs.list_container_instances(CLUSTER, &arns, None))),
        page(run(ecs.list_tasks(CLUSTER, HOST, DesiredStatus::Running, None))),
        partial(run(ecs.describe_container_instances(CLUSTER, &arns))),
        partial(run(ecs.drain_container_instances(CLUSTER, &arns))),
        partial(run(ecs.describe_tasks(CLUSTER, &arns))),
        partial(run(ecs.describe_services(CLUSTER, &arns))),
        partial(run(ecs.protected_tasks(CLUSTER, &arns))),
    ]
}

#[test]
fn empty_lists_and_failures_alone_are_replies() {
    let body = json!({"clusterArns": [], "containerInstanceArns": [], "taskArns": [], "containerInstances": [],
        "tasks": [], "services": [], "protectedTasks": [], "failures": []});
    assert_eq!(counts(&body.to_string()), [const { Ok((0, 0)) }; 8]);
    let all = counts(&json!({"failures": [{"arn": "a", "reason": "MISSING"}]}).to_string());
    assert_eq!(all[3..], [const { Ok((0, 1)) }; 5]);
}

#[test]
fn a_reply_that_does_not_say_is_no_answer() {
    let odd = json!({"clusterArns": 5, "containerInstanceArns": {}, "taskArns": "t", "services": true,
        "containerInstances": [{"status": 5}], "tasks": [{"lastStatus": ["STOPPED"]}], "protectedTasks": 1.5})
    .to_string();
    let cut = &odd[..odd.len() - 1];
    for body in ["", "{}", "<html>", "[]", r#"{"tasks": null}"#, r#"{"failures": []}"#, &odd, cut] {
        for answer in counts(body) {
            assert!(matches!(answer, Err(ApiError::Unavailable(_))), "{body}: {answer:?}");
        }
    }
}

/// What becomes of a call that gets these replies in turn, and how often it went out.
fn after(replies: impl IntoIterator<Item = Reply>) -> (Result<(), ApiError>, usize) {
    let server = Server::in_turn(replies).expect("a port");
    let answer = run(ecs(&server).stop_task(CLUSTER, TASK, "r"));
    (answer, server.requests().len())
}

#[test]
fn trouble_that_passes_is_tried_once_more_and_not_more() {
    let throttled = || Reply::json_error(400, "ThrottlingException", "Rate exceeded");
    let attempts = ATTEMPTS_PER_CALL as usize;
    for trouble in [throttled(), Reply::json_error(500, "ServerException", "x"), Reply::Hang] {
        assert_eq!(after([trouble.clone(), Reply::body(200, "{}")]), (Ok(()), 2), "{trouble:?}");
    }
    let told = ApiError::Throttled("ThrottlingException: Rate exceeded".into());
    assert_eq!(after([throttled()]), (Err(told), attempts));
    for trouble in [Reply::body(500, "oops"), Reply::body(503, ""), Reply::Hang] {
        let (answer, sent) = after([trouble.clone()]);
        assert!(matches!(answer, Err(ApiError::Unavailable(_))), "{trouble:?}: {answer:?}");
        assert_eq!(sent, attempts, "{trouble:?}");
    }
}

#[test]
fn a_refusal_is_told_at_once_in_its_own_words() {
    for (status, code) in [(400, "ClusterNotFoundException"), (400, "AccessDeniedException"), (403, "NewOne")]
    {
        let refused = ApiError::Refused { code: code.into(), message: "no".into() };
        let long = format!("com.amazonaws.ecs#{code}");
        assert_eq!(after([Reply::json_error(status, code, "no")]), (Err(refused.clone()), 1));
        assert_eq!(after([Reply::json_error(status, &long, "no")]), (Err(refused), 1), "{long}");
    }
    for passing in [Reply::body(403, "<html>a proxy"), Reply::json_error(400, "ExpiredTokenException", "no")]
    {
        let (answer, _) = after([passing]);
        assert!(matches!(answer, Err(ApiError::Unavailable(_))), "AWS has not refused it: {answer:?}");
    }
}

#[test]
fn a_call_without_an_answer_ends_with_its_time() {
    let begun = Instant::now();
    let late = Reply::Late(Duration::from_mins(1), Box::new(Reply::body(200, "{}")));
    let (answer, sent) = after([late]);
    assert!(matches!(answer, Err(ApiError::Unavailable(_))), "{answer:?}");
    assert_eq!(sent, ATTEMPTS_PER_CALL as usize);
    assert!(begun.elapsed() < LONGEST_CALL + Duration::from_secs(15), "well before the answer");
}
