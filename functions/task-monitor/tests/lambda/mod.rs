//! What the tests of the binary share: Lambda's runtime API on loopback, and the binary as its child.

use std::collections::HashMap;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use loopback::{Reply, Request, Server};
use serde_json::{Value, json};

/// The end of a wait that would otherwise hang a broken build.
const PATIENCE: Duration = Duration::from_secs(30);

/// Lambda's runtime API: hands out the payloads in turn, then keeps the function waiting.
pub fn lambda(payloads: &[&[u8]]) -> Server {
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

/// The binary with an environment of its own.
pub fn function(lambda: &Server, sns: &Server, more: &[(&str, &str)]) -> Command {
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
pub struct Running(Option<Child>);

impl Running {
    pub fn start(mut command: Command) -> Self {
        Self(Some(command.spawn().expect("the binary starts")))
    }

    /// Ends the function and takes what it printed.
    pub fn stop(mut self) -> Output {
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
pub fn answers(lambda: &Server, count: usize) -> Vec<(String, Value)> {
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

pub fn event(exit_code: i64) -> Vec<u8> {
    json!({"detail-type": "ECS Task State Change", "detail": {"lastStatus": "STOPPED", "version": 3,
        "taskArn": "arn:aws:ecs:eu-west-1:111122223333:task/harbor/0a1b", "group": "family:job",
        "stopCode": "EssentialContainerExited", "containers": [{"name": "app", "exitCode": exit_code}]}})
    .to_string()
    .into_bytes()
}

pub fn lines(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}
