//! What the tests of the binary share: Lambda's runtime API on loopback, the binary as its child, events.

use std::path::Path;
use std::process::{Command, Output};

use loopback::{Server, lambda};
use serde_json::{Value, json};

pub fn lambda(payloads: &[&[u8]]) -> Server {
    lambda::runtime_api(payloads).expect("a port")
}

/// The binary with an environment of its own.
pub fn function(lambda: &Server, sns: &Server, more: &[(&str, &str)]) -> Command {
    let url = sns.url();
    let variables = [&[("AWS_ENDPOINT_URL_SNS", url.as_str())], more].concat();
    lambda::function(Path::new(env!("CARGO_BIN_EXE_task-monitor")), lambda, &variables)
}

/// A running function, ended with the test.
pub struct Running(lambda::Running);

impl Running {
    pub fn start(command: Command) -> Self {
        Self(lambda::Running::start(command).expect("the binary starts"))
    }

    /// Ends the function and takes what it printed.
    pub fn stop(self) -> Output {
        self.0.stop().expect("its output")
    }
}

/// The answers the function gave, once there are so many: path's last word, and body.
pub fn answers(lambda: &Server, count: usize) -> Vec<(String, Value)> {
    let answers = lambda::answers(lambda, count);
    assert!(answers.len() >= count, "only {} answers", answers.len());
    let json = |body: Vec<u8>| serde_json::from_slice(&body).unwrap_or_default();
    answers.into_iter().map(|(word, body)| (word, json(body))).collect()
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
