//! The calls of `cluster-audit` with the real SDK against ECS and Auto Scaling on loopback: what goes out, and what is
//! made of whole, partial, empty and odd replies.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod calls;

use calls::{aws, run};
use loopback::{Reply, Server};
use serde_json::{Value, json};
use shared::alert::deployment::RolloutState;
use shared::audit::seen::{Cluster, Instance, Member, Service, ServiceMessage, Task};
use shared::aws::cluster_reads::ClusterReadsApi;
use shared::drain::auto_scaling::LifecycleState;
use shared::drain::container_instance::Status;
use shared::event::Timestamp;
use shared::ports::ecs::Failure;
use shared::ports::{ApiError, ClusterReads as _, Page};

const CLUSTER: &str = "harbor";

fn reads(server: &Server) -> ClusterReadsApi {
    ClusterReadsApi::new(&aws(&server.url()))
}

fn replying(reply: &Value) -> Server {
    Server::in_turn([Reply::body(200, &reply.to_string())]).expect("a port")
}

/// The body of the only request there was, which asked for this operation.
fn asked(server: &Server, operation: &str) -> Value {
    let requests = server.requests();
    assert_eq!(requests.len(), 1, "one method is one call");
    let target = &requests[0].headers["x-amz-target"];
    assert_eq!(*target, format!("AmazonEC2ContainerServiceV20141113.{operation}"));
    serde_json::from_slice(&requests[0].body).expect("JSON")
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn lists_come_page_by_page_a_hundred_each() {
    let page = Ok(Page { items: words(&["a1"]), next: Some("more".to_owned()) });
    let server = replying(&json!({"clusterArns": ["a1"], "nextToken": "more"}));
    assert_eq!(run(reads(&server).list_clusters(Some("here"))), page);
    assert_eq!(asked(&server, "ListClusters"), json!({"maxResults": 100, "nextToken": "here"}));
    let in_cluster = |more: &str, extra: Value| {
        let mut want = json!({"cluster": CLUSTER, "maxResults": 100, "nextToken": more});
        want.as_object_mut().expect("fields").extend(extra.as_object().expect("fields").clone());
        want
    };
    let server = replying(&json!({"serviceArns": ["a1"], "nextToken": "more"}));
    assert_eq!(run(reads(&server).list_services(CLUSTER, Some("here"))), page);
    assert_eq!(asked(&server, "ListServices"), in_cluster("here", json!({})));
    let server = replying(&json!({"containerInstanceArns": ["a1"], "nextToken": "more"}));
    assert_eq!(run(reads(&server).list_instances(CLUSTER, Some("here"))), page);
    assert_eq!(asked(&server, "ListContainerInstances"), in_cluster("here", json!({})));
    let server = replying(&json!({"taskArns": ["a1"], "nextToken": "more"}));
    assert_eq!(run(reads(&server).list_tasks(CLUSTER, Some("here"))), page);
    assert_eq!(asked(&server, "ListTasks"), in_cluster("here", json!({"desiredStatus": "RUNNING"})));
}

#[test]
fn a_reply_without_its_list_is_no_answer() {
    let server = |count: usize| Server::in_turn((0..count).map(|_| Reply::body(200, "{}"))).expect("a port");
    let server = server(8);
    let (reads, some) = (reads(&server), words(&["a"]));
    let is_none = |error: Option<ApiError>| matches!(error, Some(ApiError::Unavailable(_)));
    assert!(is_none(run(reads.list_clusters(None)).err()));
    assert!(is_none(run(reads.list_services(CLUSTER, None)).err()));
    assert!(is_none(run(reads.list_instances(CLUSTER, None)).err()));
    assert!(is_none(run(reads.list_tasks(CLUSTER, None)).err()));
    assert!(is_none(run(reads.describe_clusters(&some)).err()));
    assert!(is_none(run(reads.describe_services(CLUSTER, &some)).err()));
    assert!(is_none(run(reads.describe_instances(CLUSTER, &some)).err()));
    assert!(is_none(run(reads.describe_tasks(CLUSTER, &some)).err()));
}

#[test]
fn clusters_are_read_with_their_counts_and_what_is_missing() {
    let arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/harbor";
    let server = replying(&json!({
        "clusters": [{"clusterArn": arn, "clusterName": "harbor", "status": "ACTIVE", "activeServicesCount": 3,
            "registeredContainerInstancesCount": 2, "pendingTasksCount": 1, "fromTheFuture": {}}, {"clusterArn": arn}],
        "failures": [{"arn": "dock", "reason": "MISSING"}],
    }));
    let reply = run(reads(&server).describe_clusters(&words(&["harbor", "dock"]))).expect("it");
    assert_eq!(asked(&server, "DescribeClusters"), json!({"clusters": ["harbor", "dock"]}));
    let name = || ("harbor".to_owned(), arn.to_owned());
    let (status, (name, arn)) = ("ACTIVE".to_owned(), name());
    let whole = Cluster { arn, name, status, services: 3, container_instances: 2, pending_tasks: 1 };
    let bare = Cluster { arn: whole.arn.clone(), name: "harbor".into(), ..Cluster::default() };
    assert_eq!(reply.found, [whole, bare]);
    assert_eq!(reply.failures, [Failure { arn: "dock".into(), reason: "MISSING".into() }]);
    let server = Server::in_turn([]).expect("a port");
    assert_eq!(run(reads(&server).describe_clusters(&[])).expect("nothing").found, []);
    assert!(server.requests().is_empty(), "AWS takes an empty list for the cluster `default`");
}

#[test]
fn a_service_is_read_with_its_deployments_and_the_last_word_on_it() {
    let server = replying(&json!({"services": [
        {"serviceArn": "s/web", "serviceName": "web", "status": "ACTIVE", "desiredCount": 3, "runningCount": 1,
         "pendingCount": 2, "schedulingStrategy": "DAEMON", "deploymentConfiguration": {"minimumHealthyPercent": 50},
         "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": "IN_PROGRESS", "createdAt": 1.5,
            "failedTasks": 4}],
         "events": [{"id": "e2", "createdAt": 2.0, "message": "newest"}, {"id": "e1", "message": "older"}]},
        {"serviceArn": "s/odd", "schedulingStrategy": "SPREAD", "status": null},
    ], "failures": []}));
    let found =
        run(reads(&server).describe_services(CLUSTER, &words(&["s/web", "s/odd"]))).expect("it").found;
    assert_eq!(
        asked(&server, "DescribeServices"),
        json!({"cluster": CLUSTER, "services": ["s/web", "s/odd"]}),
        "without tags, which nobody reads"
    );
    let [web, odd] = &found[..] else { panic!("{found:?}") };
    assert_eq!((web.name.as_str(), web.is_daemon, web.minimum_percent), ("web", true, Some(50)));
    assert_eq!((web.desired, web.running, web.pending), (3, 1, 2));
    let deployment = &web.deployments[0];
    assert_eq!(deployment.rollout, Some(RolloutState::InProgress));
    assert_eq!((deployment.created, deployment.failed_tasks), (Some(Timestamp::from_millis(1_500)), 4));
    let last = ServiceMessage { at: Some(Timestamp::from_millis(2_000)), text: "newest".into() };
    assert_eq!(web.last_event, Some(last));
    assert_eq!(*odd, Service { arn: "s/odd".into(), name: "odd".into(), ..Service::default() });
}

#[test]
fn an_instance_is_read_with_our_mark_and_its_capacity_provider() {
    let server = replying(&json!({"containerInstances": [
        {"containerInstanceArn": "c/1", "ec2InstanceId": "i-1", "status": "DRAINING", "agentConnected": true,
         "runningTasksCount": 2, "pendingTasksCount": 1, "capacityProviderName": "spot",
         "attributes": [{"name": "ecs-steward.drain-started", "value": "2026-11-23T15:00:00Z"}, {"name": "bare"}]},
        {"containerInstanceArn": "c/2", "status": "REGISTERING"},
    ]}));
    let reply = run(reads(&server).describe_instances(CLUSTER, &words(&["c/1", "c/2"]))).expect("it");
    let want = json!({"cluster": CLUSTER, "containerInstances": ["c/1", "c/2"]});
    assert_eq!(asked(&server, "DescribeContainerInstances"), want);
    let first = Instance {
        arn: "c/1".into(),
        ec2_instance: Some("i-1".into()),
        status: Status::Draining,
        agent_connected: true,
        tasks: 3,
        has_drain_mark: true,
        capacity_provider: Some("spot".into()),
    };
    let second = Instance {
        arn: "c/2".into(),
        ec2_instance: None,
        status: Status::from_word("REGISTERING"),
        agent_connected: false,
        tasks: 0,
        has_drain_mark: false,
        capacity_provider: None,
    };
    assert_eq!(reply.found, [first, second]);
}

#[test]
fn a_task_is_read_with_where_it_stands() {
    let server = replying(&json!({"tasks": [
        {"taskArn": "t/1", "group": "service:web", "taskDefinitionArn": "a/web:7", "lastStatus": "PROVISIONING",
         "createdAt": 3.0, "capacityProviderName": "spot"},
        {"taskArn": "t/2"},
    ]}));
    let found = run(reads(&server).describe_tasks(CLUSTER, &words(&["t/1", "t/2"]))).expect("it").found;
    assert_eq!(asked(&server, "DescribeTasks"), json!({"cluster": CLUSTER, "tasks": ["t/1", "t/2"]}));
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].service(), found[0].family.as_deref()), (Some("web"), Some("web")));
    assert_eq!(
        (found[0].last_status.as_str(), found[0].created),
        ("PROVISIONING", Some(Timestamp::from_millis(3_000)))
    );
    assert_eq!(found[0].capacity_provider.as_deref(), Some("spot"));
    assert_eq!(found[1], Task { arn: "t/2".into(), ..found[1].clone() });
    assert!(found[1].last_status.is_empty() && found[1].created.is_none());
}

/// Auto Scaling's reply with these members and this token.
fn members(inner: &str, token: &str) -> Reply {
    let name = "DescribeAutoScalingInstances";
    Reply::body(
        200,
        &format!(
            "<{name}Response xmlns=\"http://autoscaling.amazonaws.com/doc/2011-01-01/\"><{name}Result>\
             <AutoScalingInstances>{inner}</AutoScalingInstances>{token}</{name}Result></{name}Response>"
        ),
    )
}

#[test]
fn members_are_read_with_their_protection() {
    let inner = "<member><InstanceId>i-1</InstanceId><AutoScalingGroupName>web</AutoScalingGroupName>\
        <LifecycleState>Terminating:Retained</LifecycleState><ProtectedFromScaleIn>true</ProtectedFromScaleIn></member>\
        <member><InstanceId>i-2</InstanceId></member>";
    let server = Server::in_turn([members(inner, "")]).expect("a port");
    let found = run(reads(&server).describe_members(&words(&["i-1", "i-2", "i-3"]))).expect("them");
    let form = server.requests()[0].form();
    assert_eq!(form["Action"], "DescribeAutoScalingInstances");
    assert_eq!((form["InstanceIds.member.3"].as_str(), form["MaxRecords"].as_str()), ("i-3", "50"));
    let member = |id: &str, group: &str, state, is_protected| Member {
        instance_id: id.into(),
        group: group.into(),
        state,
        is_protected,
    };
    assert_eq!(
        found,
        [
            member("i-1", "web", LifecycleState::Retained, true),
            member("i-2", "", LifecycleState::from_word(""), false)
        ]
    );
    let server = Server::in_turn([]).expect("a port");
    assert_eq!(run(reads(&server).describe_members(&[])), Ok(Vec::new()));
    assert!(server.requests().is_empty(), "AWS takes an empty list for all there are");
}

#[test]
fn members_without_an_end_are_half_an_answer() {
    let more = || members("", "<NextToken>more</NextToken>");
    let server = Server::in_turn([more(), more(), more()]).expect("a port");
    let failed = run(reads(&server).describe_members(&words(&["i-1"])));
    assert!(matches!(failed, Err(ApiError::Unavailable(why)) if why.contains("half an answer")));
    assert_eq!(server.requests().len(), 3);
}
