//! Systems Manager's calls with the real SDK against one on loopback: what goes out, and what is made of replies.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod calls;

use std::time::{Duration, Instant};

use calls::{aws, run};
use loopback::{Reply, Server};
use serde_json::{Value, json};
use shared::aws::run_command::RunCommand;
use shared::collect::State;
use shared::event::Timestamp;
use shared::ports::log_collector::Command;
use shared::ports::{ApiError, LogCollector as _};

const ID: &str = "i-0a1b2c3d4e5f60718";
const AT: Timestamp = Timestamp::from_millis(1_795_417_500_000);

fn command() -> Command<'static> {
    let script = "set -eu\necho 'a  b'\n\necho c";
    Command { instance_id: ID, comment: "ecs-steward: logs of i-0a", script, within: Duration::from_mins(5) }
}

/// The body of the only request there was, which asked for this operation.
fn asked(server: &Server, operation: &str) -> Value {
    let requests = server.requests();
    assert_eq!(requests.len(), 1, "one method is one call");
    let headers = &requests[0].headers;
    assert_eq!(headers["x-amz-target"], format!("AmazonSSM.{operation}"));
    assert!(headers["authorization"].contains("eu-west-1/ssm/aws4_request"));
    serde_json::from_slice(&requests[0].body).expect("JSON")
}

#[test]
fn a_command_goes_out_line_by_line_and_boxed_in_time() {
    let reply = json!({"Command": {"CommandId": "0a1b", "Status": "Pending"}});
    let server = Server::in_turn([Reply::body(200, &reply.to_string())]).expect("a port");
    assert_eq!(run(RunCommand::new(&aws(&server.url())).send(command())), Ok(()));
    let want = json!({
        "InstanceIds": [ID],
        "DocumentName": "AWS-RunShellScript",
        "TimeoutSeconds": 60,
        "Comment": "ecs-steward: logs of i-0a",
        "Parameters": {
            "commands": ["set -eu", "echo 'a  b'", "", "echo c"],
            "executionTimeout": ["300"],
        },
    });
    assert_eq!(asked(&server, "SendCommand"), want);
}

#[test]
fn commands_of_an_instance_are_asked_for_on_one_page() {
    let invocation = |more: Value| {
        let mut one = json!({"CommandId": "0a1b", "InstanceId": ID, "Comment": "c", "Status": "InProgress"});
        one.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        one
    };
    let reply = json!({"CommandInvocations": [
        invocation(json!({"RequestedDateTime": 1_795_417_500.5, "StatusDetails": "DeliveryTimedOut"})),
        invocation(json!({"Status": "Success"})),
        invocation(json!({"Status": "Of Tomorrow", "NewField": [1]})),
        {},
    ], "NextToken": "more"});
    let server = Server::in_turn([Reply::body(200, &reply.to_string())]).expect("a port");
    let found = run(RunCommand::new(&aws(&server.url())).invocations(ID, AT)).expect("an answer");
    let states: Vec<_> = found.iter().map(|one| one.state.clone()).collect();
    let late = State::Ended("DeliveryTimedOut".into());
    assert_eq!(states, [late, State::Success, State::Running, State::Running]);
    assert_eq!(found[0].requested, Some(AT.plus(Duration::from_millis(500))));
    assert_eq!((found[0].comment.as_str(), found[3].comment.as_str()), ("c", ""));
    let want = json!({
        "InstanceId": ID,
        "MaxResults": 50,
        "Filters": [
            {"key": "InvokedAfter", "value": "2026-11-23T07:05:00Z"},
            {"key": "DocumentName", "value": "AWS-RunShellScript"},
        ],
    });
    assert_eq!(asked(&server, "ListCommandInvocations"), want);
}

#[test]
fn failures_are_told_apart_and_nothing_is_tried_twice() {
    let error = |status, code: &str| {
        let headers = vec![("content-type".to_owned(), "application/x-amz-json-1.1".to_owned())];
        let body = json!({"__type": code, "message": "Instances not in a valid state for account"});
        Reply::Answer(status, headers, body.to_string().into_bytes())
    };
    for (status, code, want) in [
        (400, "InvalidInstanceId", "refused: InvalidInstanceId: Instances not in a valid state for account"),
        (400, "AccessDeniedException", "refused: AccessDeniedException"),
        (400, "ThrottlingException", "throttled: ThrottlingException"),
        (500, "InternalServerError", "unavailable: InternalServerError"),
    ] {
        let server = Server::in_turn([error(status, code), Reply::body(200, "{}")]).expect("a port");
        let failed: ApiError = run(RunCommand::new(&aws(&server.url())).send(command())).expect_err(code);
        assert!(failed.to_string().starts_with(want), "{failed}");
        assert_eq!(server.requests().len(), 1, "{code}: a second try might be a second run");
    }
}

#[test]
fn a_call_without_an_answer_ends_soon() {
    let late = Reply::Late(Duration::from_mins(1), Box::new(Reply::Hang));
    let server = Server::in_turn([late]).expect("a port");
    let begun = Instant::now();
    let failed = run(RunCommand::new(&aws(&server.url())).invocations(ID, AT)).expect_err("no answer");
    assert!(matches!(failed, ApiError::Unavailable(_)), "{failed}");
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
}
