//! The protection's calls with the real SDK against ECS and Auto Scaling on loopback: what goes out, and what is
//! made of whole, partial, empty and odd replies.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod calls;

use calls::{aws, run};
use loopback::{Reply, Server};
use serde_json::{Value, json};
use shared::aws::protection::ProtectionApi;
use shared::drain::container_instance::Attribute;
use shared::drain::task::DesiredStatus;
use shared::ports::protection::{ScaleIn as _, TaskHosts as _};
use shared::ports::{ApiError, Page};
use shared::protect::TaskFilter;

const CLUSTER: &str = "harbor";
const HOST: &str = "arn:aws:ecs:eu-west-1:111122223333:container-instance/harbor/a";
const TASK: &str = "arn:aws:ecs:eu-west-1:111122223333:task/harbor/t";
const GROUP_ARN: &str =
    "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:0a1b:autoScalingGroupName/blue";

fn api(server: &Server) -> ProtectionApi {
    ProtectionApi::new(&aws(&server.url()))
}

/// An ECS that always gives this reply.
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

/// An Auto Scaling that gives these results of an operation in turn.
fn scaling<const N: usize>(operation: &str, results: [&str; N]) -> Server {
    let reply = |result: &str| {
        let xmlns = "http://autoscaling.amazonaws.com/doc/2011-01-01/";
        let body = format!("<{operation}Result>{result}</{operation}Result>");
        Reply::body(200, &format!("<{operation}Response xmlns=\"{xmlns}\">{body}</{operation}Response>"))
    };
    Server::in_turn(results.map(reply)).expect("a port")
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn tasks_are_listed_by_what_the_policy_names() {
    for (filter, want) in [
        (TaskFilter::All, json!({})),
        (TaskFilter::Family("nightly".into()), json!({"family": "nightly"})),
        (TaskFilter::Service("broker".into()), json!({"serviceName": "broker"})),
        (TaskFilter::On(HOST.into()), json!({"containerInstance": HOST})),
    ] {
        let server = replying(&json!({"taskArns": [TASK], "nextToken": "more"}));
        let page = run(api(&server).list_tasks(CLUSTER, &filter, DesiredStatus::Stopped, Some("here")));
        assert_eq!(page, Ok(Page { items: words(&[TASK]), next: Some("more".into()) }));
        let mut body = asked(&server, "ListTasks");
        for (key, value) in [
            ("cluster", json!(CLUSTER)),
            ("desiredStatus", json!("STOPPED")),
            ("maxResults", json!(100)),
            ("nextToken", json!("here")),
        ] {
            assert_eq!(body.as_object_mut().expect("an object").remove(key), Some(value), "{key}");
        }
        assert_eq!(body, want);
    }
    let server = replying(&json!({}));
    let page = run(api(&server).list_tasks(CLUSTER, &TaskFilter::All, DesiredStatus::Running, None));
    assert!(matches!(page, Err(ApiError::Unavailable(_))), "a reply without its list is no answer");
}

#[test]
fn a_task_is_read_with_family_group_and_tags() {
    let reply = json!({"tasks": [
        {"taskArn": TASK, "containerInstanceArn": HOST, "group": "family:nightly", "lastStatus": "RUNNING",
            "taskDefinitionArn": "arn:aws:ecs:eu-west-1:111122223333:task-definition/nightly:7",
            "tags": [{"key": "keep", "value": "yes"}, {"key": "bare"}, {"value": "of nothing"}]},
        {"lastStatus": null, "tags": null, "fromTheFuture": [1]},
    ], "failures": [{"arn": "gone", "reason": "MISSING"}]});
    for with_tags in [true, false] {
        let server = replying(&reply);
        let read = run(api(&server).describe_tasks(CLUSTER, &words(&[TASK]), with_tags)).expect("tasks");
        let task = &read.found[0];
        let tag = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(
            (task.family.as_deref(), task.task.group.as_deref()),
            (Some("nightly"), Some("family:nightly"))
        );
        assert_eq!(task.tags, [tag("keep", "yes"), tag("bare", "")]);
        assert_eq!(task.task.container_instance.as_deref(), Some(HOST));
        assert!(read.found[1].family.is_none() && !read.found[1].task.is_stopped());
        assert_eq!(read.failures.len(), 1);
        let body = asked(&server, "DescribeTasks");
        assert_eq!(body.get("include"), with_tags.then(|| json!(["TAGS"])).as_ref());
    }
}

#[test]
fn instances_are_found_by_our_note_and_read_with_their_capacity_provider() {
    let server = replying(&json!({"containerInstanceArns": [HOST]}));
    let page = run(api(&server).list_with_attribute(CLUSTER, "ecs-steward.protected-since", None));
    assert_eq!(page, Ok(Page { items: words(&[HOST]), next: None }));
    let filter = "attribute:ecs-steward.protected-since exists";
    let want = json!({"cluster": CLUSTER, "filter": filter, "maxResults": 100});
    assert_eq!(asked(&server, "ListContainerInstances"), want);

    let server = replying(&json!({"containerInstances": [
        {"containerInstanceArn": HOST, "ec2InstanceId": "i-1", "status": "ACTIVE", "capacityProviderName": "cp"},
        {"containerInstanceArn": "b", "capacityProviderName": ""},
    ]}));
    let read = run(api(&server).describe_hosts(CLUSTER, &words(&[HOST, "b"]))).expect("hosts").found;
    let providers: Vec<_> = read.iter().map(|host| host.capacity_provider.as_deref()).collect();
    assert_eq!(providers, [Some("cp"), None]);
    assert_eq!(read[0].instance.ec2_instance_id.as_deref(), Some("i-1"));
}

#[test]
fn only_an_enabled_protection_is_managed() {
    let provider =
        |group: Value| json!({"capacityProviders": [{"name": "cp", "autoScalingGroupProvider": group}]});
    let of = |word: &str| json!({"autoScalingGroupArn": GROUP_ARN, "managedTerminationProtection": word});
    for (group, protects, name) in [
        (of("ENABLED"), true, Some("blue")),
        (of("DISABLED"), false, Some("blue")),
        (of("LATER"), false, Some("blue")),
        (json!({"autoScalingGroupArn": GROUP_ARN}), false, Some("blue")),
        (Value::Null, false, None),
    ] {
        let server = replying(&provider(group.clone()));
        let read = run(api(&server).describe_capacity_providers(&words(&["cp"]))).expect("providers");
        let provider = &read.found[0];
        assert_eq!((provider.protects, provider.group()), (protects, name), "{group}");
        assert_eq!(asked(&server, "DescribeCapacityProviders"), json!({"capacityProviders": ["cp"]}));
    }
}

#[test]
fn a_note_is_written_with_its_value_and_taken_back_without() {
    let note = Attribute { container_instance: HOST.into(), name: "note", value: "a b".into() };
    let named = json!({"name": "note", "targetType": "container-instance", "targetId": HOST});
    let server = replying(&json!({"attributes": []}));
    assert_eq!(run(api(&server).put_attributes(CLUSTER, std::slice::from_ref(&note))), Ok(()));
    let mut with_value = named.clone();
    with_value["value"] = json!("a b");
    assert_eq!(asked(&server, "PutAttributes"), json!({"cluster": CLUSTER, "attributes": [with_value]}));
    let server = replying(&json!({"attributes": []}));
    assert_eq!(run(api(&server).delete_attributes(CLUSTER, &[note])), Ok(()));
    assert_eq!(asked(&server, "DeleteAttributes"), json!({"cluster": CLUSTER, "attributes": [named]}));
}

#[test]
fn members_are_read_with_their_protection() {
    let member = |id: &str, protected: &str| {
        format!(
            "<member><InstanceId>{id}</InstanceId><AutoScalingGroupName>blue</AutoScalingGroupName>\
             <LifecycleState>InService</LifecycleState>{protected}</member>"
        )
    };
    let protected = "<ProtectedFromScaleIn>true</ProtectedFromScaleIn>";
    let instances = format!(
        "<AutoScalingInstances>{}{}</AutoScalingInstances>",
        member("i-1", protected),
        member("i-2", "")
    );
    let server = scaling("DescribeAutoScalingInstances", [&instances]);
    let read = run(api(&server).describe_members(&words(&["i-1", "i-2"]))).expect("members");
    let seen = |members: &[shared::protect::Member]| {
        members
            .iter()
            .map(|one| (one.instance.group.clone(), one.is_protected, one.is_in_service()))
            .collect()
    };
    let want: Vec<_> = [true, false].map(|protected| ("blue".to_owned(), protected, true)).into();
    assert_eq!(seen(&read), want);

    let groups = format!(
        "<AutoScalingGroups><member><AutoScalingGroupName>blue</AutoScalingGroupName><Instances>{}{}</Instances>\
         </member></AutoScalingGroups><NextToken>more</NextToken>",
        member("i-1", protected),
        member("i-2", "<ProtectedFromScaleIn>false</ProtectedFromScaleIn>")
    );
    let server = scaling("DescribeAutoScalingGroups", [&groups]);
    let page = run(api(&server).describe_groups_of(&words(&["blue"]), None)).expect("a page");
    assert_eq!((seen(&page.items), page.next.as_deref()), (want, Some("more")));

    let nobody = scaling("DescribeAutoScalingGroups", [""]);
    assert_eq!(run(api(&nobody).describe_members(&[])), Ok(Vec::new()));
    assert!(run(api(&nobody).describe_groups_of(&[], None)).expect("a page").items.is_empty());
    assert!(nobody.requests().is_empty(), "AWS takes an empty list for all there are");
}

#[test]
fn protection_is_set_on_instances_of_one_group() {
    for protects in [true, false] {
        let server = scaling("SetInstanceProtection", [""]);
        assert_eq!(run(api(&server).set_protection("blue", &words(&["i-1", "i-2"]), protects)), Ok(()));
        let form = server.requests()[0].form();
        for (key, want) in [
            ("Action", "SetInstanceProtection"),
            ("AutoScalingGroupName", "blue"),
            ("InstanceIds.member.1", "i-1"),
            ("InstanceIds.member.2", "i-2"),
            ("ProtectedFromScaleIn", if protects { "true" } else { "false" }),
        ] {
            assert_eq!(form.get(key).map(String::as_str), Some(want), "{key}");
        }
    }
}
