//! Lambda on loopback, for tests of a function's binary: the runtime API, and the binary as a child.

use std::io;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::{Reply, Request, Server};

/// The end of a wait that would otherwise hang a broken build.
const PATIENCE: Duration = Duration::from_secs(30);

/// Lambda's runtime API: hands out the payloads in turn, then keeps the function waiting.
///
/// # Errors
/// Where no port can be had.
pub fn runtime_api(payloads: &[&[u8]]) -> io::Result<Server> {
    let payloads: Mutex<Vec<Vec<u8>>> =
        Mutex::new(payloads.iter().rev().map(|payload| payload.to_vec()).collect());
    Server::start(move |request| {
        if !request.path.ends_with("/invocation/next") {
            return Reply::body(202, "");
        }
        let Some(payload) = payloads.lock().unwrap_or_else(PoisonError::into_inner).pop() else {
            return Reply::Late(Duration::from_mins(1), Box::new(Reply::Hang));
        };
        let headers = [
            ("lambda-runtime-aws-request-id", "0a1b"),
            ("lambda-runtime-deadline-ms", "600000"),
            ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:111122223333:function:f"),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Reply::Answer(200, headers, payload)
    })
}

/// A function's binary with an environment of its own: Lambda's and the given variables, nothing else.
#[must_use]
pub fn function(binary: &Path, lambda: &Server, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(binary);
    let lambdas = [
        ("AWS_LAMBDA_RUNTIME_API", lambda.address()),
        ("AWS_LAMBDA_FUNCTION_NAME", "f".to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "1".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128".to_owned()),
        ("AWS_REGION", "eu-west-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "id".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "secret".to_owned()),
        ("ALERT_TOPIC_ARN", "arn:aws:sns:eu-west-1:111122223333:alerts".to_owned()),
    ];
    command.env_clear().envs(lambdas).envs(variables.iter().copied());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// A running function, ended with the test.
#[derive(Debug)]
pub struct Running(Option<Child>);

impl Running {
    /// Starts it.
    ///
    /// # Errors
    /// Where the binary cannot be started.
    pub fn start(mut command: Command) -> io::Result<Self> {
        Ok(Self(Some(command.spawn()?)))
    }

    /// Ends the function and takes what it printed.
    ///
    /// # Errors
    /// Where it cannot be ended.
    pub fn stop(mut self) -> io::Result<Output> {
        let mut child = self.0.take().ok_or_else(|| io::Error::other("it was stopped before"))?;
        child.kill()?;
        child.wait_with_output()
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

/// The answers the function gave, once there are so many: the last word of the path, `response` or `error`, and
/// the body; fewer where they did not come in time.
#[must_use]
pub fn answers(lambda: &Server, count: usize) -> Vec<(String, Vec<u8>)> {
    let begun = Instant::now();
    loop {
        let posts: Vec<_> =
            lambda.requests().into_iter().filter(|request| request.method == "POST").collect();
        if posts.len() >= count || begun.elapsed() > PATIENCE {
            let word = |request: &Request| request.path.rsplit('/').next().unwrap_or_default().to_owned();
            return posts.into_iter().map(|request| (word(&request), request.body)).collect();
        }
        std::thread::yield_now();
    }
}
