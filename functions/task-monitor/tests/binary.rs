//! The real binary against Lambda's runtime API and SNS, both on loopback.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use loopback::{Reply, Request, Server};
use serde_json::{Value, json};

/// The end of a wait that would otherwise hang a broken build.
const PATIENCE: Duration = Duration::from_secs(30);

/// Lambda's runtime API: hands out the payloads in turn, then keeps the function waiting.
fn lambda(payloads: &[&[u8]]) -> Server {
    let payloads: Mutex<Vec<Vec<u8>>> =
        Mutex::new(payloads.iter().rev().map(|payload| payload.to_vec()).collect());
    Server::start(move |request| {
        if !request.path.ends_with("/invocation/next") {
            return Reply::body(202, "");
        }
        let Some(payload) = payloads.lock().unwrap().pop() else {
            return Reply::Late(Duration::from_mins(1), Box::new(Reply::Hang));
        };
        let headers = [
            ("lambda-runtime-aws-request-id", "0a1b"),
            ("lambda-runtime-deadline-ms", "600000"),
            (
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:eu-west-1:111122223333:function:task-monitor",
            ),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Reply::Answer(200, headers, payload)
    })
    .expect("a port")
}

fn sns() -> Server {
    let reply = |request: &Request| {
        if request.method == "GET" { Reply::query_error(400, "MissingAction") } else { Reply::sns_accepted() }
    };
    Server::start(reply).expect("a port")
}

/// The binary with an environment of its own.
fn function(lambda: &Server, sns: &Server, more: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_task-monitor"));
    let environment: HashMap<&str, String> = HashMap::from([
        ("AWS_LAMBDA_RUNTIME_API", lambda.address()),
        ("AWS_LAMBDA_FUNCTION_NAME", "task-monitor".into()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1".into()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128".into()),
        ("AWS_REGION", "eu-west-1".into()),
        ("AWS_ACCESS_KEY_ID", "id".into()),
        ("AWS_SECRET_ACCESS_KEY", "secret".into()),
        ("AWS_ENDPOINT_URL_SNS", sns.url()),
        ("ALERT_TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:alerts".into()),
    ]);
    command.env_clear().envs(environment).envs(more.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A running function, ended with the test.
struct Running(Option<Child>);

impl Running {
    fn start(mut command: Command) -> Self {
        Self(Some(command.spawn().expect("the binary starts")))
    }

    /// Ends the function and takes what it printed.
    fn stop(mut self) -> Output {
        let mut child = self.0.take().expect("still running");
        child.kill().expect("it is ours");
        child.wait_with_output().expect("its output")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

/// The answers the function gave, once there are so many: path's last word, and body.
fn answers(lambda: &Server, count: usize) -> Vec<(String, Value)> {
    let begun = Instant::now();
    loop {
        let posts: Vec<_> =
            lambda.requests().into_iter().filter(|request| request.method == "POST").collect();
        if posts.len() >= count {
            let word = |request: &Request| request.path.rsplit('/').next().unwrap_or_default().to_owned();
            return posts
                .iter()
                .map(|request| (word(request), serde_json::from_slice(&request.body).unwrap_or_default()))
                .collect();
        }
        assert!(begun.elapsed() < PATIENCE, "only {} answers", posts.len());
        std::thread::yield_now();
    }
}

fn event(exit_code: i64) -> Vec<u8> {
    json!({"detail-type": "ECS Task State Change", "detail": {"lastStatus": "STOPPED", "version": 3,
        "taskArn": "arn:aws:ecs:eu-west-1:111122223333:task/harbor/0a1b", "group": "family:job",
        "stopCode": "EssentialContainerExited", "containers": [{"name": "app", "exitCode": exit_code}]}})
    .to_string()
    .into_bytes()
}

fn lines(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

#[test]
fn an_abnormal_exit_is_judged_told_counted_and_logged() {
    let (lambda, sns) = (lambda(&[&event(1), &event(1)]), sns());
    let running = Running::start(function(&lambda, &sns, &[]));
    let answers = answers(&lambda, 2);
    assert_eq!(answers, vec![("response".to_owned(), json!({"batchItemFailures": []})); 2]);
    let published: Vec<_> = sns.requests().into_iter().filter(|request| request.method == "POST").collect();
    assert_eq!(published.len(), 1, "the second delivery is a duplicate");
    assert_eq!(sns.connections(), 1, "over the connection of the init");
    let lines = lines(&running.stop());
    let judged: Vec<_> = lines.iter().filter(|line| line["message"] == "judged").collect();
    assert_eq!(judged.len(), 2);
    assert_eq!((&judged[0]["cause"], &judged[0]["published"]), (&json!("application-exit"), &json!(true)));
    assert_eq!((&judged[1]["cause"], &judged[1]["published"]), (&json!("duplicate"), &json!(false)));
    let metrics: Vec<_> = lines.iter().filter(|line| line.get("_aws").is_some()).collect();
    assert_eq!(
        (metrics.len(), &metrics[0]["Cause"], &metrics[0]["Alerts"]),
        (2, &json!("application-exit"), &json!(1))
    );
}

#[test]
fn a_payload_that_is_no_json_reaches_our_code_and_is_told() {
    let (lambda, sns) = (lambda(&[b"\xff{not json", b"", &event(0)]), sns());
    let _running = Running::start(function(&lambda, &sns, &[]));
    let answers = answers(&lambda, 3);
    for (word, body) in &answers[..2] {
        assert_eq!((word.as_str(), &body["errorType"]), ("error", &json!("Permanent.Unreadable")), "{body}");
    }
    assert_eq!(answers[2].0, "response", "and the function lives on");
    let subjects: Vec<_> = sns
        .requests()
        .iter()
        .filter(|request| request.method == "POST")
        .map(|request| request.form()["Subject"].clone())
        .collect();
    assert_eq!(subjects, ["[medium] unreadable-event: ecs-steward"; 2]);
}

#[test]
fn a_bad_environment_fails_the_start_with_every_error() {
    let (lambda, sns) = (lambda(&[]), sns());
    let mut command =
        function(&lambda, &sns, &[("ALERT_TOPIC_ARN", "x"), ("METRICS", "y"), ("AWS_REGION", "")]);
    let output = command.output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    let errors: Vec<_> =
        lines(&output).iter().map(|line| line["error"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(errors.len(), 3, "{errors:?}");
    assert!(lambda.requests().is_empty(), "no event was taken");
}

#[test]
fn a_bad_policy_fails_the_start_with_every_error() {
    let (lambda, sns) = (lambda(&[]), sns());
    let policy = "[[rule]]\nservce = 'x'\n[[mute]]\nservice = 'x'\nreason = 'y'";
    let output = function(&lambda, &sns, &[("POLICY", policy)]).output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    let log = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(log.contains("unknown field `servce`") && log.contains("needs `until`"), "{log}");
}

#[test]
fn the_policy_of_the_environment_holds() {
    let (lambda, sns) = (lambda(&[&event(3)]), sns());
    let policy = "[[rule]]\nfamily = 'job'\nexpected-exit-codes = [3]";
    let _running = Running::start(function(
        &lambda,
        &sns,
        &[("POLICY", policy), ("METRICS", "off"), ("LOG_LEVEL", "warn")],
    ));
    assert_eq!(answers(&lambda, 1)[0].0, "response");
    assert!(sns.requests().iter().all(|request| request.method == "GET"), "nothing was published");
}
