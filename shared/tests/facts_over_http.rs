//! What a stop's event lacks, with the real SDK against ECS, `CloudWatch` Logs and `CloudWatch` on loopback.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod calls;
mod cbor;

use std::time::{Duration, Instant};

use calls::{aws, run};
use cbor::cbor_reply;
use loopback::{Reply, Server};
use serde_json::{Value, json};
use shared::alert::LogStream;
use shared::alert::deployment::{DeploymentStatus, Relation, RolloutState};
use shared::aws::facts::FactsApi;
use shared::drain::container_instance::Status;
use shared::event::{TaskStateChange, Timestamp};
use shared::handler::enriching::Enriching;
use shared::judge::background::AwsLogs;
use shared::judge::{Context, judge};
use shared::policy::Policy;
use shared::ports::facts::{LogEvent, LogTail, MemoryOf, MemoryPeak};
use shared::ports::{ApiError, Clock, TaskFacts as _};

const CLUSTER: &str = "harbor";
const REVISION: &str = "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:42";
const HOST: &str = "arn:aws:ecs:eu-west-1:111122223333:container-instance/harbor/a";
const SOON: Duration = Duration::from_secs(20);

fn facts(server: &Server) -> FactsApi {
    FactsApi::new(&aws(&server.url()))
}

fn replying(reply: &Value) -> Server {
    Server::in_turn([Reply::body(200, &reply.to_string())]).expect("a port")
}

/// The body of the only request there was, which asked for this operation.
fn asked(server: &Server, target: &str) -> Value {
    let requests = server.requests();
    assert_eq!(requests.len(), 1, "one method is one call");
    assert_eq!(requests[0].headers["x-amz-target"], target);
    serde_json::from_slice(&requests[0].body).expect("JSON")
}

fn stream(region: Option<&str>) -> LogStream {
    LogStream { group: "/ecs/web".into(), stream: "web/app/0a1b".into(), region: region.map(Into::into) }
}

fn memory() -> MemoryOf<'static> {
    MemoryOf {
        cluster: CLUSTER,
        service: Some("web"),
        family: Some("web-family"),
        from: Timestamp::from_millis(1_795_413_900_000),
        until: Timestamp::from_millis(1_795_417_500_000),
    }
}

#[test]
fn a_task_definition_says_what_is_essential_and_where_logs_go() {
    let server = replying(&json!({"taskDefinition": {"family": "web", "revision": 42, "memory": "1024",
        "containerDefinitions": [
            {"name": "app", "essential": true, "memory": 512, "image": "web:1.4", "future": [1],
             "environment": [{"name": "PASSWORD", "value": "swordfish"}],
             "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/ecs/web",
                "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web", "mode": "non-blocking"}}},
            {"name": "log", "essential": false, "logConfiguration": {"logDriver": "awsfirelens", "options": {}}},
            {"name": "bare", "memory": 0},
            {"name": "odd", "essential": true, "logConfiguration": {"logDriver": "awslogs", "options": {}}},
        ]}, "tags": []}));
    let definition = run(facts(&server).task_definition(REVISION, SOON)).expect("a definition");
    let target = "AmazonEC2ContainerServiceV20141113.DescribeTaskDefinition";
    assert_eq!(asked(&server, target), json!({"taskDefinition": REVISION}));
    assert_eq!(definition.memory_mib, Some(1024));
    assert!(!format!("{definition:?}").contains("swordfish"), "the environment stays where it is");
    let [app, log, bare, odd] = &definition.containers[..] else { panic!("{definition:?}") };
    assert_eq!((app.name.as_str(), app.essential, app.memory_mib), ("app", true, Some(512)));
    assert_eq!((app.image.as_deref(), app.log_driver.as_deref()), (Some("web:1.4"), Some("awslogs")));
    let logs = AwsLogs {
        group: "/ecs/web".into(),
        region: Some("eu-west-1".into()),
        stream_prefix: Some("web".into()),
    };
    assert_eq!(app.logs.as_ref(), Some(&logs));
    assert_eq!((log.essential, log.log_driver.as_deref(), &log.logs), (false, Some("awsfirelens"), &None));
    assert_eq!((bare.essential, bare.memory_mib), (true, None), "essential where nothing else is said");
    assert_eq!((odd.log_driver.as_deref(), &odd.logs), (Some("awslogs"), &None));
}

#[test]
fn a_host_says_whether_it_is_draining_and_since_when() {
    let mark = "2026-11-23T07:00:00Z 2026-11-23T07:00:02Z started";
    let server =
        replying(&json!({"containerInstances": [{"containerInstanceArn": HOST, "status": "DRAINING",
        "attributes": [{"name": "ecs-steward.drain-started", "value": mark}]}], "failures": []}));
    let host = run(facts(&server).host(CLUSTER, HOST, SOON)).expect("an answer").expect("a host");
    let target = "AmazonEC2ContainerServiceV20141113.DescribeContainerInstances";
    assert_eq!(asked(&server, target), json!({"cluster": CLUSTER, "containerInstances": [HOST]}));
    assert_eq!(
        (host.status.clone(), host.attribute("ecs-steward.drain-started")),
        (Status::Draining, Some(mark))
    );
    for gone in [
        json!({"containerInstances": [], "failures": [{"arn": HOST, "reason": "MISSING"}]}),
        json!({"containerInstances": [{"containerInstanceArn": "another"}]}),
        json!({}),
    ] {
        assert_eq!(run(facts(&replying(&gone)).host(CLUSTER, HOST, SOON)), Ok(None), "{gone}");
    }
}

#[test]
fn a_service_has_its_deployments() {
    let server = replying(&json!({"services": [{"serviceName": "web", "deployments": [
        {"id": "ecs-svc/2", "status": "PRIMARY", "rolloutState": "IN_PROGRESS", "taskDefinition": REVISION,
         "createdAt": 1_795_417_500.25, "failedTasks": 3},
        {"id": "ecs-svc/1", "status": "ACTIVE", "rolloutState": "HALTED"},
        {},
    ]}], "failures": []}));
    let found = run(facts(&server).deployments(CLUSTER, "web", SOON)).expect("deployments");
    let target = "AmazonEC2ContainerServiceV20141113.DescribeServices";
    assert_eq!(asked(&server, target), json!({"cluster": CLUSTER, "services": ["web"]}));
    let [new, old, empty] = &found[..] else { panic!("{found:?}") };
    assert_eq!((new.id.as_str(), &new.status), ("ecs-svc/2", &DeploymentStatus::Primary));
    assert_eq!((&new.rollout, new.failed_tasks), (&Some(RolloutState::InProgress), 3));
    assert_eq!(new.created, Some(Timestamp::from_millis(1_795_417_500_250)));
    assert_eq!(new.task_definition.as_deref(), Some(REVISION));
    assert_eq!(old.rollout, Some(RolloutState::Other("HALTED".into())));
    assert_eq!((&empty.status, &empty.rollout), (&DeploymentStatus::Missing, &None));
    let gone = json!({"services": [], "failures": [{"reason": "MISSING"}]});
    assert_eq!(run(facts(&replying(&gone)).deployments(CLUSTER, "web", SOON)), Ok(vec![]));
    let gone = Server::in_turn([Reply::json_error(400, "ServiceNotFoundException", "x")]).expect("a port");
    assert_eq!(run(facts(&gone).deployments(CLUSTER, "web", SOON)), Ok(vec![]));
}

#[test]
fn the_last_lines_of_a_stream() {
    let server = replying(&json!({"events": [
        {"timestamp": 1_795_417_498_000_i64, "message": "one too many", "ingestionTime": 1},
        {"timestamp": 1_795_417_499_000_i64, "message": "panic: no route"},
        {"message": "bye"},
    ], "nextBackwardToken": "b", "nextForwardToken": "f"}));
    let tail = run(facts(&server).last_log_lines(&stream(Some("eu-west-1")), 2, SOON));
    let want = vec![
        LogEvent { at: Some(Timestamp::from_millis(1_795_417_499_000)), message: "panic: no route".into() },
        LogEvent { at: None, message: "bye".into() },
    ];
    assert_eq!(tail, Ok(LogTail::Events(want)));
    let request = json!({"logGroupName": "/ecs/web", "logStreamName": "web/app/0a1b", "limit": 2,
        "startFromHead": false});
    assert_eq!(asked(&server, "Logs_20140328.GetLogEvents"), request);
    let empty = run(facts(&replying(&json!({}))).last_log_lines(&stream(None), 20, SOON));
    assert_eq!(empty, Ok(LogTail::Events(vec![])));
}

#[test]
fn a_stream_that_is_not_there_or_elsewhere_is_no_error() {
    let code = "ResourceNotFoundException";
    let message = "The specified log stream does not exist.";
    let server = Server::in_turn([Reply::json_error(400, code, message)]).expect("a port");
    assert_eq!(run(facts(&server).last_log_lines(&stream(None), 20, SOON)), Ok(LogTail::NoStream));
    let server = replying(&json!({}));
    let tail = run(facts(&server).last_log_lines(&stream(Some("us-east-1")), 20, SOON));
    assert_eq!((tail, server.requests().len()), (Ok(LogTail::OtherRegion), 0));
}

#[test]
fn the_peak_of_memory_is_of_the_service_and_of_the_family() {
    let reply = json!({"MetricDataResults": [
        {"Id": "percent", "Values": [41.5, 97.2], "StatusCode": "Complete"},
        {"Id": "megabytes", "Values": [498.0], "StatusCode": "PartialData"},
    ]});
    let server = Server::start(move |_| cbor_reply(200, &reply)).expect("a port");
    let peak = run(facts(&server).memory_peak(memory(), SOON));
    assert_eq!(peak, Ok(MemoryPeak { percent: Some(97), mib: Some(498) }));
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].path, "/service/GraniteServiceVersion20100801/operation/GetMetricData");
    for word in [
        "AWS/ECS",
        "MemoryUtilization",
        "ServiceName",
        "web",
        "ECS/ContainerInsights",
        "MemoryUtilized",
        "TaskDefinitionFamily",
        "web-family",
        "ClusterName",
        "harbor",
        "Maximum",
    ] {
        let holds = requests[0].body.windows(word.len()).any(|window| window == word.as_bytes());
        assert!(holds, "{word}");
    }
    let nothing = json!({"MetricDataResults": []});
    let server = Server::start(move |_| cbor_reply(200, &nothing)).expect("a port");
    assert_eq!(run(facts(&server).memory_peak(memory(), SOON)), Ok(MemoryPeak::default()));
    let nobody = MemoryOf { service: None, family: None, ..memory() };
    assert_eq!(run(facts(&server).memory_peak(nobody, SOON)), Ok(MemoryPeak::default()));
    assert_eq!(server.requests().len(), 1, "nothing is asked of nobody");
}

/// What each method makes of a server, and how often it was asked.
fn failures(
    reply: impl Fn(&str) -> Reply + Send + Sync + 'static,
    within: Duration,
) -> Vec<(ApiError, usize)> {
    let server = Server::start(move |request| reply(&request.path)).expect("a port");
    let facts = facts(&server);
    let mut asked_before = 0;
    let mut told = |error: Option<ApiError>| {
        let asked = server.requests().len() - asked_before;
        asked_before += asked;
        (error.expect("an error"), asked)
    };
    vec![
        told(run(facts.task_definition(REVISION, within)).err()),
        told(run(facts.host(CLUSTER, HOST, within)).err()),
        told(run(facts.deployments(CLUSTER, "web", within)).err()),
        told(run(facts.last_log_lines(&stream(None), 20, within)).err()),
        told(run(facts.memory_peak(memory(), within)).err()),
    ]
}

/// An error in the protocol of whoever is asked.
fn error(path: &str, status: u16, code: &str, message: &str) -> Reply {
    if path.starts_with("/service/") {
        cbor_reply(status, &json!({"__type": format!("com.amazonaws.cloudwatch#{code}"), "message": message}))
    } else {
        Reply::json_error(status, code, message)
    }
}

#[test]
fn a_missing_permission_is_told_as_one_at_the_first_attempt() {
    for (error, asked) in failures(|path| error(path, 400, "AccessDeniedException", "no"), SOON) {
        assert!(error.is_denied(), "{error}");
        assert_eq!(asked, 1);
    }
}

#[test]
fn nothing_is_tried_twice() {
    for (error, asked) in failures(|path| error(path, 400, "ThrottlingException", "Rate exceeded"), SOON) {
        assert!(matches!(error, ApiError::Throttled(_)), "{error}");
        assert_eq!(asked, 1);
    }
    for (error, asked) in failures(|path| error(path, 500, "InternalFailure", "x"), SOON) {
        assert!(matches!(error, ApiError::Unavailable(_)), "{error}");
        assert_eq!(asked, 1);
    }
    for (error, _) in failures(|_| Reply::Hang, SOON) {
        assert!(matches!(error, ApiError::Unavailable(_)), "{error}");
    }
}

#[test]
fn a_slow_server_costs_no_more_than_the_time_it_was_given() {
    let begun = Instant::now();
    let late = |_: &str| Reply::Late(Duration::from_secs(10), Box::new(Reply::body(200, "{}")));
    for (error, _) in failures(late, Duration::from_millis(300)) {
        assert_eq!(error, ApiError::Unavailable("no answer within 0.3 s".into()));
    }
    assert!(begun.elapsed() < Duration::from_secs(9), "five calls, each well before its answer");
}

/// The time of the process.
struct Now(Instant);

impl Clock for Now {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0).plus(self.0.elapsed())
    }
}

/// What the Lambda runtime asks of a future.
fn sendable<F: Future + Send>(future: F) -> F {
    future
}

#[test]
fn a_part_that_is_late_does_not_take_the_others_with_it() {
    let definition = json!({"taskDefinition": {"containerDefinitions": [{"name": "app", "essential": true,
        "memory": 512, "logConfiguration": {"logDriver": "awslogs",
            "options": {"awslogs-group": "/ecs/web", "awslogs-stream-prefix": "web"}}}]}});
    let services = json!({"services": [{"deployments": [
        {"id": "ecs-svc/7", "status": "PRIMARY", "rolloutState": "COMPLETED"}]}]});
    let server = Server::start(move |request| {
        let target = request.headers.get("x-amz-target").map(String::as_str).unwrap_or_default();
        match target.rsplit('.').next() {
            Some("DescribeTaskDefinition") => Reply::body(200, &definition.to_string()),
            Some("DescribeServices") => Reply::body(200, &services.to_string()),
            // The log lines, and the peak of memory, whose protocol has no target.
            _ => Reply::Late(Duration::from_secs(10), Box::new(Reply::body(200, "{}"))),
        }
    })
    .expect("a port");
    let task: TaskStateChange = serde_json::from_value(json!({
        "taskArn": "arn:aws:ecs:eu-west-1:111122223333:task/harbor/0a1b", "group": "service:web",
        "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/harbor", "taskDefinitionArn": REVISION,
        "startedBy": "ecs-svc/7", "lastStatus": "STOPPED", "stopCode": "EssentialContainerExited",
        "containers": [{"name": "app", "exitCode": 137, "image": "web:1.4", "imageDigest": "sha256:0a"}],
    }))
    .expect("a task");
    let context =
        Context { now: Timestamp::from_millis(0), last_version: None, background: None, known_ends: &[] };
    let verdict = judge(&task, &Policy::default(), &context);
    let begun = Instant::now();
    let enriching = Enriching::new(facts(&server), Now(begun), Duration::from_millis(1_500));
    let details = run(sendable(async {
        let until = enriching.until(Timestamp::from_millis(60_000));
        let background = enriching.background(&task, &verdict, until).await;
        enriching.details(&task, &verdict, &background, until).await
    }));
    assert!(begun.elapsed() < Duration::from_secs(9), "well before the late answers");
    assert_eq!(details.deployment.map(|note| note.relation), Some(Relation::Steady));
    assert_eq!((details.memory.container_limit_mib, details.memory.peak_percent), (Some(512), None));
    assert_eq!(details.image_in_words().as_deref(), Some("web:1.4 (sha256:0a)"));
    assert_eq!(
        details.log_stream.map(|log| log.stream).as_deref(),
        Some("web/app/0a1b"),
        "the link is there"
    );
    let [lines, peak] = &details.missing[..] else { panic!("{:?}", details.missing) };
    assert!(lines.starts_with("log lines: no answer within 1."), "{lines}");
    assert!(peak.starts_with("memory peak: no answer within 1."), "{peak}");
}
