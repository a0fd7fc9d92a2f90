//! What `steward doctor` reads, with the real SDK against services on loopback: things that are not there in each
//! service's own words, lists without an end, and replies without what they were asked for.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod calls;

use calls::{aws, run};
use loopback::{Reply, Server};
use shared::aws::account::Account;
use shared::aws::account::seen::NotRead;
use shared::ports::ApiError;

const QUEUE: &str = "arn:aws:sqs:eu-west-1:111122223333:events";

fn account(server: &Server) -> Account {
    Account::new(&aws(&server.url()))
}

/// A server with one answer to everything.
fn answering(reply: Reply) -> Server {
    Server::in_turn([reply]).expect("a port")
}

/// An answer with a header of its own.
fn with_header(status: u16, name: &str, value: &str, body: &str) -> Reply {
    Reply::Answer(status, vec![(name.into(), value.into())], body.as_bytes().to_vec())
}

#[test]
fn what_is_not_there_is_absent_in_the_words_of_each_service() {
    let sqs = r#"{"__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no such queue"}"#;
    let code = "AWS.SimpleQueueService.NonExistentQueue;Sender";
    let queueless = answering(with_header(400, "x-amzn-query-error", code, sqs));
    let of_lambda = answering(with_header(
        404,
        "x-amzn-errortype",
        "ResourceNotFoundException",
        r#"{"Type": "User", "Message": "Function not found"}"#,
    ));
    let dynamodb = "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException";
    let of_dynamodb = answering(Reply::json_error(400, dynamodb, "Requested resource not found"));
    let topicless = answering(Reply::query_error_saying(404, "NotFound", "Topic does not exist"));
    let answers: [(&str, Option<NotRead>); 5] = [
        ("sqs:GetQueueUrl", run(account(&queueless).queue(QUEUE)).err()),
        ("lambda:GetFunctionConfiguration", run(account(&of_lambda).function("judge")).err()),
        ("lambda:GetFunctionConcurrency", run(account(&of_lambda).reserved_concurrency("judge")).err()),
        ("dynamodb:DescribeTable", run(account(&of_dynamodb).table("incidents")).err()),
        ("sns:GetTopicAttributes", run(account(&topicless).subscriptions("arn:aws:sns:a:1:b")).err()),
    ];
    for (action, answer) in answers {
        let why = answer.expect(action);
        assert!(why.is_absent() && why.action == action, "{why}");
    }
}

#[test]
fn what_is_denied_or_fails_is_not_absent() {
    let denied = answering(Reply::json_error(400, "AccessDeniedException", "not authorized"));
    let why = run(account(&denied).table("incidents")).expect_err("denied");
    assert!(why.why.is_denied() && !why.is_absent(), "{why}");
    let failing = answering(Reply::json_error(500, "InternalFailure", "try again"));
    let why = run(account(&failing).queue(QUEUE)).expect_err("failing");
    assert!(matches!(why.why, ApiError::Unavailable(_)) && !why.is_absent(), "{why}");
}

#[test]
fn a_reply_without_what_was_asked_for_is_no_answer() {
    let empty = answering(Reply::body(200, "{}"));
    assert!(run(account(&empty).table("incidents")).is_err());
    assert!(run(account(&empty).function("judge")).is_err());
    assert!(run(account(&empty).instances("harbor", None)).is_err());
    let listed =
        Reply::body(200, r#"{"clusterArns": ["arn:aws:ecs:eu-west-1:111122223333:cluster/harbor"]}"#);
    let undescribed = Server::in_turn([listed, Reply::body(200, r#"{"clusters": []}"#)]).expect("a port");
    let why = run(account(&undescribed).clusters()).expect_err("a cluster is left out");
    assert_eq!(why.action, "ecs:DescribeClusters");
    let url = Reply::body(200, r#"{"QueueUrl": "http://127.0.0.1/events"}"#);
    let bare = Server::in_turn([url, Reply::body(200, r#"{"Attributes": {}}"#)]).expect("a port");
    assert!(run(account(&bare).queue(QUEUE)).is_err());
    let no_queue = "arn:aws:sns:eu-west-1:111122223333:alerts";
    assert!(run(account(&empty).queue(no_queue)).is_err(), "a topic is no queue");
}

#[test]
fn a_list_without_an_end_is_no_answer() {
    let endless = answering(Reply::body(200, r#"{"capacityProviders": [], "nextToken": "more"}"#));
    assert!(run(account(&endless).capacity_providers()).is_err());
    assert_eq!(endless.requests().len(), 100);
    let endless = answering(Reply::body(200, r#"{"RuleNames": [], "NextToken": "more"}"#));
    assert!(run(account(&endless).rules_to(QUEUE)).is_err());
}

#[test]
fn a_role_is_denied_what_the_simulation_does_not_allow() {
    use shared::aws::account::seen::Attempt;
    let result = |decisions: &[(&str, &str)]| {
        let members = decisions.iter().map(|(action, decision)| {
            format!(
                "<member><EvalActionName>{action}</EvalActionName><EvalDecision>{decision}</EvalDecision></member>"
            )
        });
        let members: String = members.collect();
        answering(Reply::body(
            200,
            &format!(
                "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><EvaluationResults>{members}\
                 </EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
            ),
        ))
    };
    let attempt =
        Attempt { actions: vec!["ecs:StopTask", "sns:Publish"], resource: "*".into(), context: vec![] };
    for (decisions, want) in [
        (&[("ecs:StopTask", "allowed"), ("sns:Publish", "allowed")][..], Some(vec![])),
        (&[("ecs:StopTask", "implicitDeny"), ("sns:publish", "allowed")], Some(vec!["ecs:StopTask"])),
        (&[("ecs:StopTask", "allowed"), ("sns:Publish", "explicitDeny")], Some(vec!["sns:Publish"])),
        (&[("ecs:StopTask", "maybe"), ("sns:Publish", "allowed")], Some(vec!["ecs:StopTask"])),
        (&[("ecs:StopTask", "allowed")], None),
    ] {
        let server = result(decisions);
        assert_eq!(run(account(&server).denied("role", &attempt)).ok(), want, "{decisions:?}");
    }
}
