//! The calls of `volume-monitor` with the SDK against ECS, EC2 and `CloudWatch` on loopback: what goes out, and what
//! is made of whole, partial, empty and odd replies, and of failures.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod calls;
mod cbor;

use std::time::{Duration, Instant};

use calls::{aws, run};
use cbor::{EPOCH, cbor_reply};
use loopback::{Reply, Server};
use serde_json::{Value, json};
use shared::aws::volumes::VolumesApi;
use shared::event::Timestamp;
use shared::ports::call::{ATTEMPTS_PER_CALL, LONGEST_CALL};
use shared::ports::volumes::{Balances, BalancesOf};
use shared::ports::{ApiError, Page, Volumes as _};
use shared::volume::balance::Sample;
use shared::volume::{Attachment, VolumeType};

const CLUSTER: &str = "harbor";
const HOST: &str = "arn:aws:ecs:eu-west-1:111122223333:container-instance/harbor/a";
const NOON: i64 = 1_795_435_200;

fn volumes(server: &Server) -> VolumesApi {
    VolumesApi::new(&aws(&server.url()))
}

fn replying(reply: &Value) -> Server {
    Server::in_turn([Reply::body(200, &reply.to_string())]).expect("a port")
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The body of the only request there was, which asked ECS for this operation.
fn asked(server: &Server, operation: &str) -> Value {
    let requests = server.requests();
    assert_eq!(requests.len(), 1, "one method is one call");
    assert_eq!(
        requests[0].headers["x-amz-target"],
        format!("AmazonEC2ContainerServiceV20141113.{operation}")
    );
    serde_json::from_slice(&requests[0].body).expect("JSON")
}

/// What EC2 answers with one volume, and a token where there is more.
fn described(more: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DescribeVolumesResponse \
         xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r</requestId><volumeSet><item>\
         <volumeId>vol-1</volumeId><size>100</size><iops>300</iops><volumeType>gp2</volumeType><attachmentSet><item>\
         <instanceId>i-1</instanceId><device>/dev/xvda</device></item></attachmentSet></item></volumeSet>{more}\
         </DescribeVolumesResponse>"
    )
}

#[test]
fn every_container_instance_of_a_cluster_is_listed() {
    let server = replying(&json!({"containerInstanceArns": [HOST], "nextToken": "more"}));
    let page = run(volumes(&server).list_container_instances(CLUSTER, Some("here")));
    assert_eq!(page, Ok(Page { items: words(&[HOST]), next: Some("more".into()) }));
    let want = json!({"cluster": CLUSTER, "maxResults": 100, "nextToken": "here"});
    assert_eq!(asked(&server, "ListContainerInstances"), want);
    let server = replying(&json!({}));
    let page = run(volumes(&server).list_container_instances(CLUSTER, None));
    assert!(matches!(page, Err(ApiError::Unavailable(_))), "no list is no answer: {page:?}");
}

#[test]
fn clusters_instances_and_tasks_are_asked_for() {
    let server = replying(&json!({"clusterArns": ["c1"]}));
    assert_eq!(run(volumes(&server).list_clusters(None)), Ok(Page { items: words(&["c1"]), next: None }));
    assert_eq!(asked(&server, "ListClusters"), json!({"maxResults": 100}));
    let server =
        replying(&json!({"containerInstances": [{"containerInstanceArn": HOST, "ec2InstanceId": "i-1"}],
        "failures": [{"arn": "b", "reason": "MISSING"}]}));
    let reply =
        run(volumes(&server).describe_container_instances(CLUSTER, &words(&[HOST, "b"]))).expect("it");
    assert_eq!((reply.found[0].ec2_instance_id.as_deref(), reply.failures.len()), (Some("i-1"), 1));
    asked(&server, "DescribeContainerInstances");
    let server = replying(&json!({"taskArns": ["t"]}));
    assert_eq!(run(volumes(&server).list_tasks(CLUSTER, HOST)).expect("it").items, ["t"]);
    let want =
        json!({"cluster": CLUSTER, "containerInstance": HOST, "desiredStatus": "RUNNING", "maxResults": 100});
    assert_eq!(asked(&server, "ListTasks"), want);
    let server = replying(&json!({"tasks": [{"taskArn": "t", "group": "service:web"}]}));
    let reply = run(volumes(&server).describe_tasks(CLUSTER, &words(&["t"]))).expect("it");
    assert_eq!(reply.found[0].service(), Some("web"));
    asked(&server, "DescribeTasks");
}

#[test]
fn the_volumes_of_instances_are_asked_for_signed_and_page_by_page() {
    let server =
        Server::in_turn([Reply::body(200, &described("<nextToken>a/b=</nextToken>"))]).expect("a port");
    let page = run(volumes(&server).volumes_of(&words(&["i-1", "i-2"]), None)).expect("a page");
    assert_eq!(page.next.as_deref(), Some("a/b="));
    let [volume] = &page.items[..] else { panic!("{page:?}") };
    assert_eq!((volume.id.as_str(), &volume.kind, volume.size_gib), ("vol-1", &VolumeType::Gp2, Some(100)));
    let attachment = Attachment { instance: Some("i-1".into()), device: Some("/dev/xvda".into()) };
    assert_eq!(volume.attachments, [attachment]);
    let requests = server.requests();
    assert_eq!((requests.len(), requests[0].method.as_str(), requests[0].path.as_str()), (1, "POST", "/"));
    let headers = &requests[0].headers;
    assert!(headers["authorization"].contains("eu-west-1/ec2/aws4_request"), "{headers:?}");
    assert!(headers["authorization"].starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{headers:?}");
    assert_eq!(headers["x-amz-security-token"], "session");
    assert_eq!(headers["content-type"], "application/x-www-form-urlencoded");
    let form = requests[0].form();
    for (name, value) in [
        ("Action", "DescribeVolumes"),
        ("Version", "2016-11-15"),
        ("Filter.1.Name", "attachment.instance-id"),
        ("Filter.1.Value.1", "i-1"),
        ("Filter.1.Value.2", "i-2"),
        ("MaxResults", "500"),
    ] {
        assert_eq!(form[name], value);
    }
    assert_eq!(form.len(), 6, "{form:?}");
    let server = Server::in_turn([Reply::body(200, &described(""))]).expect("a port");
    let page = run(volumes(&server).volumes_of(&words(&["i-1"]), Some("a/b="))).expect("a page");
    assert_eq!((page.next, server.requests()[0].form()["NextToken"].as_str()), (None, "a/b="));
}

/// An error of EC2.
fn ec2_error(status: u16, code: &str) -> Reply {
    let body = format!(
        "<?xml version=\"1.0\"?><Response><Errors><Error><Code>{code}</Code><Message>no</Message></Error></Errors>\
         <RequestID>r</RequestID></Response>"
    );
    Reply::body(status, &body)
}

/// What comes of a failing EC2, and after how many attempts.
fn failure(reply: Reply) -> (ApiError, usize) {
    let server = Server::in_turn([reply]).expect("a port");
    let error = run(volumes(&server).volumes_of(&words(&["i-1"]), None)).expect_err("a failure");
    (error, server.requests().len())
}

#[test]
fn failures_of_ec2_are_told_apart_and_tried_again_where_that_helps() {
    let (error, attempts) = failure(ec2_error(403, "UnauthorizedOperation"));
    assert!(error.is_denied(), "{error}");
    assert_eq!(attempts, 1);
    let twice = usize::try_from(ATTEMPTS_PER_CALL).expect("a small number");
    let (error, attempts) = failure(ec2_error(503, "RequestLimitExceeded"));
    assert!(matches!(error, ApiError::Throttled(_)), "{error}");
    assert_eq!(attempts, twice);
    let (error, attempts) = failure(ec2_error(500, "InternalError"));
    assert!(matches!(error, ApiError::Unavailable(_)), "{error}");
    assert_eq!(attempts, twice);
    let (error, _) = failure(ec2_error(400, "InvalidParameterValue"));
    assert_eq!(error, ApiError::Refused { code: "InvalidParameterValue".into(), message: "no".into() });
    for odd in [Reply::body(200, "<html>hello</html>"), Reply::body(200, ""), Reply::body(502, "<html>")] {
        let (error, _) = failure(odd);
        assert!(matches!(error, ApiError::Unavailable(_)), "{error}");
    }
}

#[test]
fn a_throttled_call_of_ec2_may_go_well_the_second_time() {
    let replies = [ec2_error(503, "RequestLimitExceeded"), Reply::body(200, &described(""))];
    let server = Server::in_turn(replies).expect("a port");
    let page = run(volumes(&server).volumes_of(&words(&["i-1"]), None)).expect("a page");
    assert_eq!((page.items.len(), server.requests().len()), (1, 2));
}

#[test]
fn a_silent_ec2_ends_with_its_time() {
    let server = Server::start(|_| Reply::Hang).expect("a port");
    let begun = Instant::now();
    let error = run(volumes(&server).volumes_of(&words(&["i-1"]), None)).expect_err("no answer");
    assert!(matches!(error, ApiError::Unavailable(_)), "{error}");
    assert!(begun.elapsed() < LONGEST_CALL + Duration::from_secs(10));
}

fn of(volumes: &[String]) -> BalancesOf<'_> {
    BalancesOf {
        volumes,
        from: Timestamp::from_millis((NOON - 3_600) * 1_000),
        until: Timestamp::from_millis(NOON * 1_000),
    }
}

/// A value `minutes` before noon.
fn time(minutes: i64) -> Value {
    json!({EPOCH: NOON - minutes * 60})
}

#[test]
fn balances_are_asked_for_by_volume_and_read_by_their_place() {
    let reply = json!({"NextToken": "more", "Messages": [{"Code": "MaxMetricsExceeded", "Value": "too many"}],
    "MetricDataResults": [
        {"Id": "v1", "StatusCode": "Complete", "Timestamps": [time(5), time(10)], "Values": [40.5, 50.0]},
        {"Id": "v0", "StatusCode": "PartialData", "Timestamps": [], "Values": [],
         "Messages": [{"Code": "Late", "Value": "later"}]},
        {"Id": "v7", "StatusCode": "Complete", "Timestamps": [], "Values": []},
        {"Id": "m1", "StatusCode": "Complete", "Timestamps": [], "Values": []},
    ]});
    let server = Server::start(move |_| cbor_reply(200, &reply)).expect("a port");
    let ids = words(&["vol-a", "vol-b"]);
    let Balances { page, messages } = run(volumes(&server).balances(of(&ids), Some("here"))).expect("a page");
    assert_eq!((page.next.as_deref(), messages), (Some("more"), words(&["MaxMetricsExceeded: too many"])));
    let [b, a] = &page.items[..] else { panic!("{page:?}") };
    let sample =
        |minutes: i64, percent| Sample { at: Timestamp::from_millis((NOON - minutes * 60) * 1_000), percent };
    assert_eq!((b.volume.as_str(), &b.incomplete), ("vol-b", &None));
    assert_eq!(b.samples, [sample(5, 40.5), sample(10, 50.0)]);
    assert_eq!((a.volume.as_str(), a.incomplete.as_deref()), ("vol-a", Some("PartialData; Late: later")));
    let requests = server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].path, "/service/GraniteServiceVersion20100801/operation/GetMetricData");
    for word in
        ["AWS/EBS", "BurstBalance", "VolumeId", "vol-a", "vol-b", "Minimum", "v0", "v1", "NextToken", "here"]
    {
        let holds = requests[0].body.windows(word.len()).any(|window| window == word.as_bytes());
        assert!(holds, "{word}");
    }
}

#[test]
fn what_is_not_said_to_be_whole_is_not() {
    for (result, want) in [
        (json!({"Id": "v0", "Timestamps": [], "Values": []}), Some("no status")),
        (json!({"Id": "v0", "StatusCode": "InternalError"}), Some("InternalError")),
        (json!({"Id": "v0", "StatusCode": "Forbidden"}), Some("Forbidden")),
        (json!({"Id": "v0", "StatusCode": "NewWord"}), Some("NewWord")),
        (json!({"Id": "v0", "StatusCode": "Complete", "Values": [1.0]}), Some("values without their times")),
        (json!({"Id": "v0", "StatusCode": "Complete"}), None),
    ] {
        let reply = json!({"MetricDataResults": [result]});
        let server = Server::start(move |_| cbor_reply(200, &reply)).expect("a port");
        let ids = words(&["vol-a"]);
        let balances = run(volumes(&server).balances(of(&ids), None)).expect("a page");
        assert_eq!(balances.page.items[0].incomplete.as_deref(), want);
    }
    let server = Server::start(|_| cbor_reply(200, &json!({}))).expect("a port");
    let ids = words(&["vol-a"]);
    let nothing = run(volumes(&server).balances(of(&ids), None));
    assert!(matches!(nothing, Err(ApiError::Unavailable(_))), "{nothing:?}");
}

#[test]
fn throttled_balances_are_throttled() {
    let error = json!({"__type": "com.amazonaws.cloudwatch#ThrottlingException", "message": "Rate exceeded"});
    let server = Server::start(move |_| cbor_reply(400, &error)).expect("a port");
    let ids = words(&["vol-a"]);
    let failed = run(volumes(&server).balances(of(&ids), None));
    assert!(matches!(failed, Err(ApiError::Throttled(_))), "{failed:?}");
}
