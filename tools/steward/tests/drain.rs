//! `steward drain`: the built binary against an ECS and an Auto Scaling on loopback.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use loopback::{Reply, Request, Server};
use serde_json::{Value, json};
use shared::ports::Clock as _;
use shared::runtime::SystemClock;

const ID: &str = "i-0a1b2c3d4e5f60718";
const OTHER: &str = "i-0f1e2d3c4b5a69788";
const CLUSTER: &str = "arn:aws:ecs:eu-west-1:111122223333:cluster/harbor";
const HOST: &str = "arn:aws:ecs:eu-west-1:111122223333:container-instance/harbor/0a1b";
const TASK: &str = "arn:aws:ecs:eu-west-1:111122223333:task/harbor/7e57";
/// Operations that change nothing.
const READS: [&str; 10] = [
    "DescribeAutoScalingGroups",
    "DescribeAutoScalingInstances",
    "DescribeContainerInstances",
    "DescribeLifecycleHooks",
    "DescribeServices",
    "DescribeTasks",
    "GetTaskProtection",
    "ListClusters",
    "ListContainerInstances",
    "ListTasks",
];

/// One instance of AWS, with one task of the service `web`.
#[derive(Clone)]
struct World {
    /// ECS's word for the container instance.
    status: &'static str,
    /// Auto Scaling's word for the instance.
    state: &'static str,
    /// Whether its task runs; it stops when DRAINING is set.
    is_running: bool,
    /// The container instance's attributes.
    attributes: Vec<Value>,
    /// The operation that is refused.
    denied: &'static str,
}

impl World {
    fn new(status: &'static str, state: &'static str, is_running: bool) -> Self {
        Self { status, state, is_running, attributes: Vec::new(), denied: "" }
    }

    fn container_instance(&self) -> Value {
        json!({
            "containerInstanceArn": HOST, "ec2InstanceId": ID, "status": self.status, "agentConnected": true,
            "runningTasksCount": usize::from(self.is_running), "pendingTasksCount": 0,
            "attributes": self.attributes,
        })
    }

    fn ecs(&mut self, operation: &str, asked: &Value) -> Value {
        match operation {
            "ListClusters" => json!({"clusterArns": [CLUSTER]}),
            "ListContainerInstances" if asked["cluster"] != "harbor" && asked["cluster"] != CLUSTER => {
                Value::Null
            }
            "ListContainerInstances" if asked["filter"].to_string().contains(ID) => {
                json!({"containerInstanceArns": [HOST]})
            }
            "ListContainerInstances" => json!({"containerInstanceArns": []}),
            "DescribeContainerInstances" => json!({"containerInstances": [self.container_instance()]}),
            "UpdateContainerInstancesState" => {
                (self.status, self.is_running) = ("DRAINING", false);
                json!({"containerInstances": [self.container_instance()]})
            }
            "ListTasks" => {
                let is_listed = (asked["desiredStatus"] == "RUNNING") == self.is_running;
                json!({"taskArns": if is_listed { vec![TASK] } else { vec![] }})
            }
            "DescribeTasks" => {
                let status = if self.is_running { "RUNNING" } else { "STOPPED" };
                json!({"tasks": [{
                    "taskArn": TASK, "containerInstanceArn": HOST, "group": "service:web",
                    "lastStatus": status, "desiredStatus": status,
                }]})
            }
            "DescribeServices" => {
                json!({"services": [{"serviceName": "web", "schedulingStrategy": "REPLICA"}]})
            }
            "GetTaskProtection" => json!({"protectedTasks": [{"taskArn": TASK, "protectionEnabled": false}]}),
            "PutAttributes" => json!({"attributes": []}),
            _ => Value::Null,
        }
    }

    fn auto_scaling(&self, operation: &str, form: &BTreeMap<String, String>) -> Reply {
        let result = match operation {
            "DescribeAutoScalingInstances" if form.values().any(|value| value == ID) => format!(
                "<AutoScalingInstances><member><InstanceId>{ID}</InstanceId>\
                 <AutoScalingGroupName>blue</AutoScalingGroupName>\
                 <LifecycleState>{}</LifecycleState></member></AutoScalingInstances>",
                self.state
            ),
            "DescribeLifecycleHooks" => {
                "<LifecycleHooks><member><LifecycleHookName>ecs-steward</LifecycleHookName>\
                 <AutoScalingGroupName>blue</AutoScalingGroupName>\
                 <LifecycleTransition>autoscaling:EC2_INSTANCE_TERMINATING</LifecycleTransition>\
                 <HeartbeatTimeout>3600</HeartbeatTimeout><GlobalTimeout>172800</GlobalTimeout>\
                 </member></LifecycleHooks>"
                    .to_owned()
            }
            _ => String::new(),
        };
        Reply::body(
            200,
            &format!(
                "<{operation}Response xmlns=\"http://autoscaling.amazonaws.com/doc/2011-01-01/\">\
                 <{operation}Result>{result}</{operation}Result></{operation}Response>"
            ),
        )
    }
}

/// The operation of a request.
fn operation(request: &Request) -> String {
    let target = request.headers.get("x-amz-target").and_then(|target| target.rsplit('.').next());
    target.map_or_else(|| request.form().remove("Action").unwrap_or_default(), str::to_owned)
}

fn serve(world: World) -> Server {
    let world = Arc::new(Mutex::new(world));
    let denied = "User: arn:aws:iam::111122223333:user/ana is not authorized";
    Server::start(move |request| {
        let mut world = world.lock().expect("no test fails in here");
        let operation = operation(request);
        let is_ecs = request.headers.contains_key("x-amz-target");
        if operation == world.denied {
            return if is_ecs {
                Reply::json_error(400, "AccessDeniedException", denied)
            } else {
                Reply::query_error_saying(403, "AccessDenied", denied)
            };
        }
        if is_ecs {
            let asked = serde_json::from_slice(&request.body).expect("JSON");
            let reply = world.ecs(&operation, &asked);
            if reply.is_null() {
                return Reply::json_error(400, "ClusterNotFoundException", "Cluster not found.");
            }
            Reply::body(200, &reply.to_string())
        } else {
            world.auto_scaling(&operation, &request.form())
        }
    })
    .expect("a port")
}

fn operations(server: &Server) -> Vec<String> {
    server.requests().iter().map(operation).collect()
}

fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_steward"));
    command.env_clear().arg("drain");
    command
}

fn text(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code().expect("it was not killed"), text(output.stdout), text(output.stderr))
}

/// Exit code, stdout and stderr of a drain against a server.
fn drain(server: &Server, args: &[&str]) -> (i32, String, String) {
    let keys = [
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
    ];
    text(
        command()
            .envs(keys)
            .args(["--endpoint-url", &server.url()])
            .args(args)
            .output()
            .expect("steward runs"),
    )
}

fn rows(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn a_dry_run_only_reads() {
    let server = serve(World::new("ACTIVE", "InService", true));
    let (code, out, err) = drain(&server, &["--dry-run", "--format", "json", ID]);
    let want = json!({
        "instanceId": ID, "cluster": "harbor", "group": "blue", "tasks": 1, "done": [],
        "next": "set DRAINING", "trouble": null, "blockedBy": [],
    });
    assert_eq!((code, rows(&out), err.as_str()), (0, vec![want], "A dry run: nothing was changed.\n"));
    assert!(out.starts_with("{\"instanceId\":"), "in the order of the contract: {out}");

    let held = serve(World::new("DRAINING", "Terminating:Wait", false));
    let (code, out, _) = drain(&held, &["--dry-run", ID]);
    assert_eq!(code, 0, "{out}");
    for server in [server, held] {
        let asked = operations(&server);
        assert!(!asked.is_empty());
        assert!(asked.iter().all(|operation| READS.contains(&operation.as_str())), "{asked:?}");
    }
}

#[test]
fn an_active_instance_is_set_to_draining() {
    let server = serve(World::new("ACTIVE", "InService", true));
    let (code, out, err) = drain(&server, &["--cluster", "harbor", ID]);
    assert_eq!(code, 0, "{err}");
    let lines: Vec<_> =
        out.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let want = [
        "INSTANCE CLUSTER GROUP TASKS DONE NEXT".to_owned(),
        format!("{ID} harbor blue 1 set DRAINING wait until its tasks have stopped"),
    ];
    assert_eq!(lines, want);
    assert_eq!(
        err,
        format!(
            "[low] drain-started: Instance {ID} on harbor: set to DRAINING, as somebody asked; no hook of ours \
             waits for its tasks\n"
        )
    );
    let asked = operations(&server);
    assert_eq!(asked.iter().filter(|operation| *operation == "UpdateContainerInstancesState").count(), 1);
    assert!(!asked.contains(&"ListClusters".to_owned()), "the cluster was named");
}

#[test]
fn what_blocks_a_drain_is_shown_at_the_first_look() {
    let server = serve(World::new("DRAINING", "InService", true));
    let (code, out, _) = drain(&server, &[ID]);
    assert_eq!(code, 0, "it is DRAINING");
    assert!(out.contains("wait for 1 task that has not stopped\n"), "{out}");
    assert!(
        out.contains("\n  task 7e57 (service web, service, RUNNING): its service has not moved it"),
        "{out}"
    );
}

#[test]
fn wait_looks_until_it_is_drained() {
    let server = serve(World::new("ACTIVE", "InService", true));
    let (code, out, err) = drain(&server, &["--wait", "--every", "100ms", "--format", "json", ID]);
    assert_eq!(code, 0, "{err}");
    let first = err.lines().next().unwrap_or_default();
    let begin = "Watching 1 instance for up to 2h, a look every 100ms. Ctrl-C stops watching, not the drain.";
    assert_eq!(first, begin);
    let told = |row: &Value| [row["tasks"].clone(), row["done"].clone(), row["next"].clone()];
    let want = [
        [json!(1), json!(["set-draining"]), json!("wait until its tasks have stopped")],
        [
            json!(0),
            json!(["set-draining"]),
            json!("nothing: every task has stopped; no hook of ours holds it"),
        ],
    ];
    assert_eq!(rows(&out).iter().map(told).collect::<Vec<_>>(), want, "a line for each change");
    let changes = operations(&server).into_iter().filter(|operation| !READS.contains(&operation.as_str()));
    assert_eq!(changes.collect::<Vec<_>>(), ["UpdateContainerInstancesState"]);
}

#[test]
fn a_drained_instance_our_hook_holds_is_let_go_at_the_first_look() {
    let began = SystemClock.now().minus(Duration::from_mins(2));
    let mut world = World::new("DRAINING", "Terminating:Wait", false);
    let value = format!("{began} {began} started");
    world.attributes = vec![json!({"name": "ecs-steward.drain-started", "value": value})];
    let server = serve(world.clone());
    let (code, out, err) = drain(&server, &["--format", "json", ID]);
    assert_eq!(code, 0, "{err}");
    assert_eq!(rows(&out)[0]["done"], json!(["completed"]), "{out}");
    assert_eq!(rows(&out)[0]["next"], "nothing: every task has stopped");
    assert!(
        err.starts_with(&format!("[low] drain-finished: Instance {ID} on harbor: drained after 2 min")),
        "{err}"
    );
    let requests = server.requests();
    let completed: Vec<_> =
        requests.iter().filter(|request| operation(request) == "CompleteLifecycleAction").collect();
    assert_eq!(completed.len(), 1);
    assert_eq!(completed[0].form()["LifecycleActionResult"], "CONTINUE");

    let server = serve(world);
    let (code, out, _) = drain(&server, &["--hook", "their-*", "--format", "json", ID]);
    assert_eq!((code, rows(&out)[0]["done"].clone()), (0, json!([])));
    assert!(!operations(&server).contains(&"CompleteLifecycleAction".to_owned()), "the hook is not ours");
}

#[test]
fn a_refused_call_is_named_with_its_iam_action() {
    let mut world = World::new("ACTIVE", "InService", true);
    world.denied = "UpdateContainerInstancesState";
    let (code, out, err) = drain(&serve(world.clone()), &["--format", "json", ID]);
    assert_eq!(code, 1);
    let row = &rows(&out)[0];
    assert_eq!((&row["next"], &row["done"]), (&json!("set DRAINING"), &json!([])));
    assert!(row["trouble"].as_str().is_some_and(|why| why.contains("AccessDeniedException")), "{out}");
    let line = "steward: UpdateContainerInstancesState (IAM action ecs:UpdateContainerInstancesState): refused: \
                AccessDeniedException: User: arn:aws:iam::111122223333:user/ana is not authorized";
    assert!(err.lines().any(|told| told == line), "{err}");

    world.denied = "DescribeAutoScalingInstances";
    let server = serve(world);
    let (code, out, err) = drain(&server, &[ID]);
    assert_eq!(code, 1, "{out}");
    assert!(err.contains("(IAM action autoscaling:DescribeAutoScalingInstances)"), "{err}");
    assert!(!operations(&server).contains(&"UpdateContainerInstancesState".to_owned()), "it was not decided");
}

#[test]
fn what_is_not_found_or_not_done_in_time_is_1() {
    let server = serve(World::new("DRAINING", "InService", true));
    let (code, out, _) = drain(&server, &[OTHER, ID]);
    assert_eq!(code, 1);
    let row = out.lines().nth(1).unwrap_or_default();
    assert!(row.starts_with(OTHER), "in the order they were asked for: {out}");
    let why = "nothing: none of the ECS clusters that were searched has it, and no Auto Scaling group either";
    assert!(row.ends_with(why), "{out}");

    let (code, _, err) = drain(&server, &["--wait", "--every", "50ms", "--timeout", "300ms", ID]);
    assert_eq!(code, 1);
    assert!(
        err.ends_with(
            "steward: not over after 300ms\nsteward: 1 of 1 instance not drained; what is DRAINING stays so\n"
        ),
        "{err}"
    );
}

#[test]
fn a_cluster_that_does_not_exist_is_not_taken_for_another_one() {
    let server = serve(World::new("ACTIVE", "InService", true));
    let (code, _, err) = drain(&server, &["--cluster", "habor", "--wait", "--every", "100ms", ID]);
    assert_eq!(code, 1);
    assert!(
        err.contains("\nsteward: cluster habor, named by hand, hook, tag or setting, does not exist\n"),
        "{err}"
    );
    let asked = operations(&server);
    assert!(asked.iter().all(|operation| READS.contains(&operation.as_str())), "{asked:?}");
}

#[test]
fn bad_input_is_told_a_line_each_and_nothing_is_called() {
    let server = serve(World::new("ACTIVE", "InService", true));
    let (code, out, err) =
        drain(&server, &["--wait", "--timeout", "soon", "--policy", "none.toml", "i-1", ID]);
    assert_eq!((code, out.as_str()), (2, ""));
    let lines: Vec<_> = err.lines().collect();
    let want = [
        "steward: `i-1` is no instance id: i- and 8 or 17 digits of 0-9a-f",
        "steward: --timeout: `soon` is no duration such as 90s, 45m or 2h",
        "steward: none.toml: No such file or directory (os error 2)",
    ];
    assert_eq!(lines, want);
    let folder = tempfile::tempdir().expect("a folder");
    let policy = folder.path().join("policy.toml");
    std::fs::write(&policy, "[[drain]]\ndeadline = 'soon'\n").expect("a file");
    let (code, _, err) = drain(&server, &["--policy", &policy.display().to_string(), ID]);
    assert_eq!((code, err.lines().count()), (2, 1), "{err}");
    assert!(server.requests().is_empty());
}

#[test]
fn missing_credentials_are_named_with_the_way_to_get_them() {
    let (code, out, err) =
        text(command().args(["--region", "eu-west-1", ID]).output().expect("steward runs"));
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(
        err,
        "steward: AWS_ACCESS_KEY_ID is not set, AWS_SECRET_ACCESS_KEY is not set: no credentials; get them with \
         eval \"$(aws configure export-credentials --format env)\"\n"
    );
    let (code, _, err) = text(command().arg(ID).output().expect("steward runs"));
    assert_eq!((code, err.lines().count()), (2, 2), "{err}");
    assert!(err.starts_with("steward: AWS_REGION is not set: give --region, "), "{err}");
}
