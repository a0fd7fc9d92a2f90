//! `steward doctor`: the built binary against an AWS on loopback, for what MiniStack does not have: container
//! instances, denied and failing calls, and a look at everything that is asked.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::process::Command;

use loopback::{Reply, Request, Server};
use serde_json::{Value, json};

const CLUSTER: &str = "arn:aws:ecs:eu-west-1:111122223333:cluster/harbor";
const GROUP: &str =
    "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:0a1b:autoScalingGroupName/blue";
const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:alerts";
const DENIED: &str = "User: arn:aws:iam::111122223333:user/ana is not authorized";
/// A secret in a function's environment, which no output may hold.
const SECRET: &str = "hunter2hunter2";

/// Every operation there is a reply for; all of them read.
const OPERATIONS: [&str; 21] = [
    "DescribeAutoScalingGroups",
    "DescribeCapacityProviders",
    "DescribeClusters",
    "DescribeContainerInstances",
    "DescribeLifecycleHooks",
    "DescribeRule",
    "DescribeTable",
    "DescribeTimeToLive",
    "GetFunctionConcurrency",
    "GetFunctionConfiguration",
    "GetQueueAttributes",
    "GetQueueUrl",
    "GetSubscriptionAttributes",
    "GetTopicAttributes",
    "ListClusters",
    "ListContainerInstances",
    "ListEventSourceMappings",
    "ListRuleNamesByTarget",
    "ListSubscriptionsByTopic",
    "ListTargetsByRule",
    "SimulatePrincipalPolicy",
];

fn sqs(name: &str) -> String {
    format!("arn:aws:sqs:eu-west-1:111122223333:{name}")
}

/// The operation of a request, whatever its protocol.
fn operation(request: &Request) -> String {
    if let Some(target) = request.headers.get("x-amz-target") {
        return target.rsplit('.').next().unwrap_or_default().to_owned();
    }
    let path = request.path.split('?').next().unwrap_or_default();
    match path.trim_end_matches('/').rsplit('/').next() {
        Some("configuration") => "GetFunctionConfiguration".into(),
        Some("concurrency") => "GetFunctionConcurrency".into(),
        Some("event-source-mappings") => "ListEventSourceMappings".into(),
        Some(_) | None => request.form().remove("Action").unwrap_or_default(),
    }
}

/// Which of our functions a request, a queue or a rule is about.
fn role(text: &str) -> &'static str {
    let roles = [
        "instance-drain",
        "service-monitor",
        "instance-protection",
        "volume-monitor",
        "instance-monitor",
        "cluster-audit",
    ];
    roles.into_iter().find(|role| text.contains(role)).unwrap_or("task-monitor")
}

/// The reply of a service whose bodies are JSON.
fn json_reply(operation: &str, path: &str, asked: &Value) -> Value {
    let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
    match operation {
        "ListClusters" => json!({"clusterArns": [CLUSTER]}),
        "DescribeClusters" => json!({"clusters": [{
            "clusterArn": CLUSTER, "clusterName": "harbor", "registeredContainerInstancesCount": 150,
            "capacityProviders": [],
        }]}),
        "DescribeCapacityProviders" if asked["nextToken"].is_null() => {
            json!({"capacityProviders": [{"name": "FARGATE"}], "nextToken": "more"})
        }
        "DescribeCapacityProviders" => json!({"capacityProviders": [{
            "name": "blue-provider",
            "autoScalingGroupProvider": {"autoScalingGroupArn": GROUP, "managedDraining": "ENABLED"},
        }]}),
        "ListContainerInstances" if asked["nextToken"].is_null() => {
            json!({"containerInstanceArns": ["first"], "nextToken": "more"})
        }
        "ListContainerInstances" => json!({"containerInstanceArns": ["second"]}),
        "DescribeContainerInstances" => {
            let id = if asked["containerInstances"][0] == "second" { "i-1" } else { "i-9" };
            json!({"containerInstances": [{"ec2InstanceId": id}]})
        }
        "ListRuleNamesByTarget" if text("TargetArn").contains(":sqs:") => {
            let role = role(&text("TargetArn"));
            json!({"RuleNames": [role, if role == "volume-monitor" { "volume-tick" } else { "tick" }]})
        }
        "ListRuleNamesByTarget" => json!({"RuleNames": []}),
        "DescribeRule" if text("Name") == "tick" => {
            json!({"Name": "tick", "State": "ENABLED", "ScheduleExpression": "rate(1 minute)"})
        }
        "DescribeRule" if text("Name") == "volume-tick" => {
            json!({"Name": "volume-tick", "State": "ENABLED", "ScheduleExpression": "rate(5 minutes)"})
        }
        "DescribeRule" => {
            let name = text("Name");
            json!({"Name": name, "State": "ENABLED", "EventPattern": "{\"source\": [\"aws.ecs\"]}"})
        }
        "ListTargetsByRule" => {
            let one = |role: &str| {
                let dead = sqs(&format!("{role}-dead"));
                json!({"Id": role, "Arn": sqs(role), "DeadLetterConfig": {"Arn": dead}})
            };
            let all = [
                "task-monitor",
                "instance-drain",
                "service-monitor",
                "instance-protection",
                "volume-monitor",
                "instance-monitor",
                "cluster-audit",
            ];
            json!({"Targets": all.map(one)})
        }
        "GetQueueUrl" => json!({"QueueUrl": format!("http://127.0.0.1/{}", text("QueueName"))}),
        "GetQueueAttributes" => {
            let role = role(&text("QueueUrl"));
            let redrive = json!({"deadLetterTargetArn": sqs(&format!("{role}-dead")), "maxReceiveCount": 10});
            json!({"Attributes": {
                "VisibilityTimeout": "180", "ApproximateNumberOfMessages": "0", "RedrivePolicy": redrive.to_string(),
            }})
        }
        "DescribeTable" => json!({"Table": {
            "TableName": "incidents", "GlobalSecondaryIndexes": [{"IndexName": "due"}],
        }}),
        "DescribeTimeToLive" => {
            json!({"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}})
        }
        _ => lambda_reply(operation, path),
    }
}

/// The reply of Lambda.
fn lambda_reply(operation: &str, path: &str) -> Value {
    match operation {
        "GetFunctionConfiguration" => {
            let role = role(path);
            json!({
                "FunctionName": role, "Timeout": 30, "Role": format!("arn:aws:iam::111122223333:role/{role}"),
                "FunctionArn": format!("arn:aws:lambda:eu-west-1:111122223333:function:ecs-steward-{role}"),
                "DeadLetterConfig": {"TargetArn": sqs(&format!("{role}-dead"))},
                "Environment": {"Variables": {
                    "ALERT_TOPIC_ARN": TOPIC, "ALERT_TABLE": "incidents", "DB_PASSWORD": SECRET,
                }},
            })
        }
        "GetFunctionConcurrency"
            if ["instance-drain", "instance-protection", "cluster-audit"]
                .iter()
                .any(|one| path.contains(one)) =>
        {
            json!({"ReservedConcurrentExecutions": 1})
        }
        "GetFunctionConcurrency" => json!({}),
        "ListEventSourceMappings" => json!({"EventSourceMappings": [{
            "UUID": "0a1b", "State": "Enabled", "EventSourceArn": sqs(role(path)),
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        }]}),
        _ => Value::Null,
    }
}

/// The reply of a service whose bodies are XML.
fn xml_reply(operation: &str, request: &Request) -> String {
    let form = request.form();
    match operation {
        "DescribeAutoScalingGroups" => format!(
            "<AutoScalingGroups><member><AutoScalingGroupName>blue</AutoScalingGroupName>\
             <AutoScalingGroupARN>{GROUP}</AutoScalingGroupARN><Instances><member><InstanceId>i-1</InstanceId>\
             <LifecycleState>InService</LifecycleState></member></Instances><InstanceLifecyclePolicy>\
             <RetentionTriggers><TerminateHookAbandon>retain</TerminateHookAbandon></RetentionTriggers>\
             </InstanceLifecyclePolicy></member></AutoScalingGroups>"
        ),
        "DescribeLifecycleHooks" => "<LifecycleHooks><member><LifecycleHookName>ecs-steward</LifecycleHookName>\
             <AutoScalingGroupName>blue</AutoScalingGroupName><HeartbeatTimeout>3600</HeartbeatTimeout>\
             <LifecycleTransition>autoscaling:EC2_INSTANCE_TERMINATING</LifecycleTransition>\
             <GlobalTimeout>172800</GlobalTimeout><DefaultResult>ABANDON</DefaultResult></member></LifecycleHooks>"
            .to_owned(),
        "ListSubscriptionsByTopic" => format!(
            "<Subscriptions><member><SubscriptionArn>{TOPIC}:0a1b</SubscriptionArn><Protocol>https</Protocol>\
             <Endpoint>https://alerts.example.com</Endpoint></member><member>\
             <SubscriptionArn>Deleted</SubscriptionArn></member></Subscriptions>"
        ),
        "SimulatePrincipalPolicy" => {
            let actions = form.iter().filter(|(name, _)| name.starts_with("ActionNames.member."));
            let results = actions.map(|(_, action)| {
                format!(
                    "<member><EvalActionName>{action}</EvalActionName><EvalDecision>allowed</EvalDecision></member>"
                )
            });
            format!("<EvaluationResults>{}</EvaluationResults>", results.collect::<String>())
        }
        _ => String::new(),
    }
}

/// An AWS in which all is well but these operations, which are denied.
fn serve(denied: &'static [&'static str]) -> Server {
    Server::start(move |request| {
        let operation = operation(request);
        let is_xml = request.headers.get("content-type").is_some_and(|kind| kind.contains("form-urlencoded"));
        if denied.contains(&operation.as_str()) {
            return if is_xml {
                Reply::query_error_saying(403, "AccessDenied", DENIED)
            } else {
                Reply::json_error(400, "AccessDeniedException", DENIED)
            };
        }
        if is_xml {
            let result = xml_reply(&operation, request);
            return Reply::body(
                200,
                &format!("<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"),
            );
        }
        let asked = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        Reply::body(200, &json_reply(&operation, &request.path, &asked).to_string())
    })
    .expect("a port")
}

/// Exit code, findings and standard error of a run with these arguments.
fn run(url: &str, args: &[&str]) -> (i32, Vec<Value>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
    ];
    let command = command.env_clear().envs(keys).args(["doctor", "--endpoint-url", url, "--format", "json"]);
    let output = command.args(args).output().expect("steward runs");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(!out.contains(SECRET) && !err.contains(SECRET), "{out}{err}");
    let rows = out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    (output.status.code().expect("it was not killed"), rows, err)
}

fn doctor(server: &Server) -> (i32, Vec<Value>, String) {
    run(&server.url(), &[])
}

#[test]
fn what_is_well_is_found_well_and_only_read() {
    let server = serve(&[]);
    let (code, rows, err) = doctor(&server);
    // The capacity provider on the second page drains too; all else is well.
    let words: Vec<_> = rows.iter().map(|row| row["finding"].as_str().expect("a word")).collect();
    assert_eq!((code, words), (1, vec!["drained-twice"]), "{rows:#?} {err}");
    assert_eq!(rows[0]["resource"], "capacity provider blue-provider of group blue");
    assert!(err.contains("errors: 0, warnings: 1, of which not checked: 0"), "{err}");
    let requests = server.requests();
    let asked: BTreeSet<_> = requests.iter().map(operation).collect();
    assert_eq!(asked, OPERATIONS.iter().map(|operation| (*operation).to_owned()).collect());
}

#[test]
fn a_role_is_tried_within_the_cluster_its_instances_are_in() {
    let server = serve(&[]);
    doctor(&server);
    let requests = server.requests();
    let tried: Vec<_> = requests.iter().filter(|one| operation(one) == "SimulatePrincipalPolicy").collect();
    let forms: Vec<_> = tried.iter().map(|request| request.form()).collect();
    // The instance is on the second page of the cluster's container instances.
    let task = "arn:aws:ecs:eu-west-1:111122223333:task/harbor/steward-doctor";
    let form = forms.iter().find(|form| form["ResourceArns.member.1"] == task).expect("tasks of the cluster");
    assert_eq!(form["PolicySourceArn"], "arn:aws:iam::111122223333:role/instance-drain");
    assert_eq!(form["ContextEntries.member.1.ContextKeyName"], "ecs:cluster");
    assert_eq!(form["ContextEntries.member.1.ContextKeyValues.member.1"], CLUSTER);
    assert_eq!(form["ContextEntries.member.1.ContextKeyType"], "string");
    assert!(forms.iter().any(|form| form["ResourceArns.member.1"] == GROUP), "{forms:#?}");
}

#[test]
fn every_call_that_is_denied_is_not_checked_and_named() {
    for (operation, action) in [
        (["DescribeAutoScalingGroups"], "autoscaling:DescribeAutoScalingGroups"),
        (["DescribeCapacityProviders"], "ecs:DescribeCapacityProviders"),
        (["DescribeClusters"], "ecs:DescribeClusters"),
        (["DescribeContainerInstances"], "ecs:DescribeContainerInstances"),
        (["DescribeLifecycleHooks"], "autoscaling:DescribeLifecycleHooks"),
        (["DescribeRule"], "events:DescribeRule"),
        (["DescribeTable"], "dynamodb:DescribeTable"),
        (["DescribeTimeToLive"], "dynamodb:DescribeTimeToLive"),
        (["GetFunctionConcurrency"], "lambda:GetFunctionConcurrency"),
        (["GetFunctionConfiguration"], "lambda:GetFunctionConfiguration"),
        (["GetQueueAttributes"], "sqs:GetQueueAttributes"),
        (["GetQueueUrl"], "sqs:GetQueueUrl"),
        (["GetSubscriptionAttributes"], "sns:GetSubscriptionAttributes"),
        (["GetTopicAttributes"], "sns:GetTopicAttributes"),
        (["ListClusters"], "ecs:ListClusters"),
        (["ListContainerInstances"], "ecs:ListContainerInstances"),
        (["ListEventSourceMappings"], "lambda:ListEventSourceMappings"),
        (["ListRuleNamesByTarget"], "events:ListRuleNamesByTarget"),
        (["ListSubscriptionsByTopic"], "sns:ListSubscriptionsByTopic"),
        (["ListTargetsByRule"], "events:ListTargetsByRule"),
        (["SimulatePrincipalPolicy"], "iam:SimulatePrincipalPolicy"),
    ] {
        let server = serve(Box::leak(Box::new(operation)));
        let (code, rows, err) = doctor(&server);
        let told = rows.iter().find(|row| row["permission"] == action);
        let told = told.unwrap_or_else(|| panic!("{action}: {rows:#?} {err}"));
        assert_eq!(
            (code, &told["finding"], &told["severity"]),
            (1, &json!("not-checked"), &json!("warning"))
        );
        assert!(told["fix"].as_str().expect("a text").contains(action), "{told}");
        let errors: Vec<_> = rows.iter().filter(|row| row["severity"] == "error").collect();
        assert_eq!(errors, Vec::<&Value>::new(), "{action}: what was not read is not taken for missing");
    }
}

#[test]
fn where_nothing_can_be_asked_the_code_is_2() {
    let server = serve(&OPERATIONS);
    let (code, rows, err) = doctor(&server);
    assert_eq!((code, rows), (2, vec![]), "{err}");
    assert!(err.contains("nothing could be asked") && err.contains("AccessDenied"), "{err}");
    assert_eq!(err.lines().count(), 1, "{err}");

    let (code, rows, err) = run("http://127.0.0.1:1", &[]);
    assert_eq!((code, rows, err.lines().count()), (2, vec![], 1), "{err}");

    for args in
        [&["--stack", " "][..], &["--region", ""], &["--policy", "no-such-file.toml"], &["--cluster", "x"]]
    {
        let before = server.requests().len();
        let (code, rows, err) = run(&server.url(), args);
        assert_eq!((code, rows, server.requests().len()), (2, vec![], before), "{args:?}: {err}");
        assert!(!err.is_empty(), "{args:?}");
    }
}

#[test]
fn a_table_says_what_why_and_what_to_do() {
    let server = serve(&[]);
    let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
    command.env_clear().env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "secret");
    let output = command.args(["doctor", "--region", "eu-west-1", "--endpoint-url", &server.url()]).output();
    let out = String::from_utf8(output.expect("steward runs").stdout).expect("UTF-8");
    let lines: Vec<_> =
        out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(lines[0], "LEVEL FINDING RESOURCE");
    assert_eq!(
        lines[1],
        "warning managed-draining/drained-twice capacity provider blue-provider of group blue"
    );
    let begins = ["what managedDraining is ENABLED", "why An instance goes only when", "do Keep one of them"];
    for (line, begin) in lines[2..].iter().zip(begins) {
        assert!(line.starts_with(begin), "{line}");
    }
    assert_eq!(lines.len(), 5, "{out}");
}
