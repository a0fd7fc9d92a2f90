//! The alert table with the real SDK against a DynamoDB on loopback that fails in every way there is.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod calls;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use calls::{aws, run};
use loopback::{Reply, Request, Server};
use serde_json::{Value, json};
use shared::alert::incident::{Document, Seen};
use shared::aws::alert_table::DynamoTable;
use shared::event::Timestamp;
use shared::ports::alert_table::{AlertTable as _, Change, Stored, TableError, Written};

const WITHIN: Duration = Duration::from_secs(20);
const TABLE: &str = "ecs-incidents";

fn table(server: &Server) -> DynamoTable {
    DynamoTable::new(&aws(&server.url()), TABLE)
}

fn in_turn(replies: impl IntoIterator<Item = Reply>) -> Server {
    Server::in_turn(replies).expect("a port")
}

fn ok(body: &Value) -> Reply {
    Reply::body(200, &body.to_string())
}

fn error(body: &Value) -> Reply {
    Reply::body(400, &body.to_string())
}

fn seen(version: i64) -> Document {
    Document::Seen(Seen { version, fingerprint: "f".into(), at: Timestamp::from_millis(0) })
}

fn stored(revision: u64, version: i64) -> Stored {
    Stored { revision, document: seen(version) }
}

/// A change that is due at 7 ms and expires after 1.5 s.
fn change(key: &str, from: Option<u64>) -> Change {
    let (due, expires) = (Some(Timestamp::from_millis(7)), Timestamp::from_millis(1_500));
    Change { key: key.into(), from, to: Some(Written { document: seen(1), due, expires }) }
}

fn end(key: &str, from: u64) -> Change {
    Change { key: key.into(), from: Some(from), to: None }
}

fn commit(server: &Server, changes: &[Change]) -> Result<(), TableError> {
    run(table(server).commit(changes, WITHIN))
}

fn read(server: &Server, keys: &[&str]) -> Result<Vec<Option<Stored>>, TableError> {
    let keys: Vec<_> = keys.iter().map(|key| (*key).to_owned()).collect();
    run(table(server).read(&keys, WITHIN))
}

fn due(server: &Server, limit: usize) -> Result<Vec<String>, TableError> {
    run(table(server).due(Timestamp::from_millis(9), limit, WITHIN))
}

/// An item as DynamoDB answers it.
fn item(key: &str, revision: u64, version: i64) -> Value {
    let document = serde_json::to_string(&seen(version)).expect("JSON");
    json!({"pk": {"S": key}, "rev": {"N": revision.to_string()}, "doc": {"S": document}, "expires": {"N": "2"}})
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).expect("JSON")
}

fn operation(request: &Request) -> &str {
    request.headers["x-amz-target"].rsplit('.').next().expect("an operation")
}

fn condition_failed(item: &Value) -> Reply {
    error(&json!({"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        "message": "The conditional request failed", "Item": item}))
}

fn cancelled(reasons: &Value) -> Reply {
    error(&json!({"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled", "CancellationReasons": reasons}))
}

fn conflict(documents: &[(&str, Option<Stored>)]) -> Result<(), TableError> {
    let owned = |(key, stored): &(&str, Option<Stored>)| ((*key).to_owned(), stored.clone());
    Err(TableError::Conflict(documents.iter().map(owned).collect()))
}

/// The words of what is not available.
fn why<T: std::fmt::Debug>(outcome: Result<T, TableError>) -> String {
    match outcome {
        Err(TableError::Unavailable(why)) => why,
        Err(TableError::Conflict(_)) | Ok(_) => panic!("{outcome:?}"),
    }
}

#[test]
fn one_document_is_a_put_with_its_revision_as_condition() {
    let server = in_turn([ok(&json!({}))]);
    assert_eq!(commit(&server, &[change("a", Some(3))]), Ok(()));
    assert_eq!(commit(&server, &[change("a", None)]), Ok(()));
    let requests = server.requests();
    let (changed, new) = (body(&requests[0]), body(&requests[1]));
    assert_eq!(operation(&requests[0]), "PutItem");
    assert!(requests[0].headers["authorization"].contains("eu-west-1/dynamodb/aws4_request"));
    let mut item = changed["Item"].clone();
    let mark = item.as_object_mut().and_then(|item| item.remove("by")).expect("a mark");
    assert_ne!(mark, new["Item"]["by"]);
    assert_eq!(
        item,
        json!({"pk": {"S": "a"}, "rev": {"N": "4"}, "expires": {"N": "2"}, "open": {"S": "open"}, "due": {"N": "7"},
            "doc": {"S": serde_json::to_string(&seen(1)).expect("JSON")}})
    );
    assert_eq!(new["Item"]["rev"], json!({"N": "1501"}), "above the milliseconds of its end");
    for (request, condition, values) in [
        (&changed, "#rev = :rev", json!({":rev": {"N": "3"}})),
        (&new, "attribute_not_exists(#pk)", Value::Null),
    ] {
        assert_eq!(request["TableName"], TABLE);
        assert_eq!(request["ConditionExpression"], condition);
        assert_eq!(request["ExpressionAttributeValues"], values);
        assert_eq!(request["ReturnValuesOnConditionCheckFailure"], "ALL_OLD");
    }
}

#[test]
fn what_is_not_due_is_not_in_the_index() {
    let server = in_turn([ok(&json!({}))]);
    let mut change = change("a", None);
    if let Some(written) = &mut change.to {
        written.due = None;
    }
    assert_eq!(commit(&server, &[change]), Ok(()));
    let item = body(&server.requests()[0])["Item"].clone();
    assert_eq!((item.get("open"), item.get("due")), (None, None));
}

#[test]
fn several_changes_and_deletions_are_one_transaction() {
    let server = in_turn([ok(&json!({}))]);
    assert_eq!(commit(&server, &[change("a", None), end("b", 2)]), Ok(()));
    assert_eq!(commit(&server, &[end("b", 2)]), Ok(()));
    let requests = server.requests();
    assert!(requests.iter().all(|request| operation(request) == "TransactWriteItems"));
    let both = body(&requests[0]);
    assert_eq!(both["TransactItems"][0]["Put"]["Item"]["pk"]["S"], "a");
    let delete = json!({"TableName": TABLE, "Key": {"pk": {"S": "b"}}, "ConditionExpression": "#rev = :rev",
        "ExpressionAttributeNames": {"#rev": "rev"}, "ExpressionAttributeValues": {":rev": {"N": "2"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD"});
    assert_eq!(both["TransactItems"][1]["Delete"], delete);
    let tokens: Vec<_> = requests.iter().map(|request| body(request)["ClientRequestToken"].clone()).collect();
    assert!(tokens[0].is_string() && tokens[0] != tokens[1], "{tokens:?}");
}

#[test]
fn what_others_wrote_comes_back_with_the_conflict() {
    let server = in_turn([condition_failed(&item("a", 5, 9))]);
    assert_eq!(commit(&server, &[change("a", Some(3))]), conflict(&[("a", Some(stored(5, 9)))]));
    assert_eq!(server.requests().len(), 1, "no attempt changes it");
    let server = in_turn([condition_failed(&Value::Null)]);
    assert_eq!(commit(&server, &[change("a", Some(3))]), conflict(&[("a", None)]));
    let reasons = json!([{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": item("b", 5, 9)},
        {"Code": "ConditionalCheckFailed"}, {"Code": "TransactionConflict"}]);
    let server = in_turn([cancelled(&reasons)]);
    let four = [change("a", None), end("b", 2), end("c", 2), end("d", 2)];
    assert_eq!(commit(&server, &four), conflict(&[("b", Some(stored(5, 9))), ("c", None)]));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn others_at_the_same_moment_are_a_conflict_without_documents() {
    let server = in_turn([cancelled(&json!([{"Code": "None"}, {"Code": "TransactionConflict"}]))]);
    assert_eq!(commit(&server, &[change("a", None), end("b", 2)]), conflict(&[]));
    let server = in_turn([Reply::json_error(400, "TransactionConflictException", "ongoing")]);
    assert_eq!(commit(&server, &[change("a", None)]), conflict(&[]));
}

#[test]
fn an_item_that_cannot_be_read_is_replaced_as_it_was_found() {
    let odd = json!({"pk": {"S": "a"}, "rev": {"N": "7"}, "doc": {"S": "{"}});
    let server = in_turn([condition_failed(&odd), ok(&json!({}))]);
    assert_eq!(commit(&server, &[change("a", None)]), Ok(()));
    let second = body(&server.requests()[1]);
    assert_eq!(second["ConditionExpression"], "#rev = :rev AND #doc = :doc");
    assert_eq!(second["ExpressionAttributeValues"], json!({":rev": {"N": "7"}, ":doc": {"S": "{"}}));
    assert_eq!(second["Item"]["rev"]["N"], "1501");
    let server = in_turn([condition_failed(&odd), condition_failed(&item("a", 1, 9))]);
    assert_eq!(
        commit(&server, &[change("a", None)]),
        conflict(&[("a", Some(stored(1, 9)))]),
        "others were faster"
    );
    let server = in_turn([condition_failed(&odd)]);
    assert_eq!(commit(&server, &[change("a", None)]), conflict(&[("a", None)]));
    assert_eq!(server.requests().len(), 2, "once more, and not for ever");
    let server = in_turn([condition_failed(&odd)]);
    assert_eq!(commit(&server, &[change("a", Some(6))]), conflict(&[("a", None)]), "it was another one");
    assert_eq!(server.requests().len(), 1);
}

/// A table that writes what it is asked to, and loses the answer: the connection ends.
fn loses_the_first_answer(then: impl Fn(&Value) -> Reply + Send + Sync + 'static) -> Server {
    let written = Mutex::new(Value::Null);
    Server::start(move |request| {
        let mut written = written.lock().expect("no panic");
        if written.is_null() {
            *written = body(request);
            return Reply::Hang;
        }
        then(&written)
    })
    .expect("a port")
}

#[test]
fn our_own_write_is_recognised_after_a_reset_connection() {
    let server = loses_the_first_answer(|written| condition_failed(&written["Item"]));
    assert_eq!(commit(&server, &[change("a", Some(3))]), Ok(()));
    assert_eq!(server.requests().len(), 2);
    let of_another = |written: &Value| {
        let mut item = written["Item"].clone();
        item["by"] = json!({"S": "0123456789abcdef"});
        condition_failed(&item)
    };
    let server = loses_the_first_answer(of_another);
    let theirs = conflict(&[("a", Some(stored(4, 1)))]);
    assert_eq!(
        commit(&server, &[change("a", Some(3))]),
        theirs,
        "who else wrote the very same was the first"
    );
}

#[test]
fn both_attempts_of_a_transaction_carry_one_token() {
    let server = loses_the_first_answer(|_| ok(&json!({})));
    assert_eq!(commit(&server, &[end("a", 3)]), Ok(()));
    let token = |request: &Request| body(request)["ClientRequestToken"].clone();
    let requests = server.requests();
    assert!(token(&requests[0]).is_string());
    assert_eq!(token(&requests[0]), token(&requests[1]));
}

#[test]
fn everything_else_is_unavailable_in_the_words_of_aws() {
    let named =
        |code: &str| Reply::json_error(400, &format!("com.amazonaws.dynamodb.v20120810#{code}"), "scripted");
    let reasons = |code: &str| cancelled(&json!([{"Code": code, "Message": "scripted"}, {"Code": "None"}]));
    for (trouble, word, attempts) in [
        (named("ProvisionedThroughputExceededException"), "throttled: Provisioned", 2),
        (named("ThrottlingException"), "throttled: Throttling", 2),
        (named("RequestLimitExceeded"), "throttled: RequestLimit", 2),
        (named("TransactionInProgressException"), "TransactionInProgressException", 2),
        (named("AccessDeniedException"), "refused: AccessDeniedException: scripted", 1),
        (named("ResourceNotFoundException"), "refused: ResourceNotFoundException: scripted", 1),
        (named("ValidationException"), "refused: ValidationException: scripted", 1),
        (named("ItemCollectionSizeLimitExceededException"), "ItemCollectionSizeLimitExceeded", 1),
        (named("IdempotentParameterMismatchException"), "IdempotentParameterMismatch", 1),
        (named("ExpiredTokenException"), "ExpiredTokenException", 1),
        (Reply::json_error(500, "InternalServerError", "scripted"), "InternalServerError", 2),
        (Reply::body(500, "oops"), "500", 2),
        (Reply::body(503, ""), "503", 2),
        (Reply::body(403, "<html>a proxy</html>"), "403", 1),
        (Reply::body(200, "<html>a proxy</html>"), "", 1),
        (Reply::Hang, "", 2),
    ] {
        let server = in_turn([trouble.clone()]);
        let one = why(commit(&server, &[change("a", Some(1))]));
        assert!(one.contains(word), "{trouble:?}: {one}");
        assert_eq!(server.requests().len(), attempts, "{trouble:?}");
        let both = why(commit(&server, &[change("a", Some(1)), end("b", 1)]));
        assert!(both.contains(word), "{trouble:?}: {both}");
        assert!(why(read(&server, &["a"])).contains(word), "{trouble:?}");
        assert!(why(due(&server, 1)).contains(word), "{trouble:?}");
        assert_eq!(server.requests().len(), 4 * attempts, "{trouble:?}");
    }
    for code in ["ThrottlingError", "ProvisionedThroughputExceeded", "ValidationError", "LaterWord"] {
        let why = why(commit(&in_turn([reasons(code)]), &[change("a", None), end("b", 1)]));
        assert!(why.contains(&format!("{code}: scripted")), "{why}");
    }
    assert!(why(commit(&in_turn([cancelled(&json!([]))]), &[end("b", 1)])).contains("Transaction cancelled"));
}

#[test]
fn what_passes_by_itself_is_tried_once_more() {
    for trouble in
        [Reply::json_error(400, "ThrottlingException", "slow"), Reply::body(500, "oops"), Reply::Hang]
    {
        let server = in_turn([trouble.clone(), ok(&json!({}))]);
        assert_eq!(commit(&server, &[change("a", None), end("b", 1)]), Ok(()), "{trouble:?}");
        assert_eq!(server.requests().len(), 2);
    }
}

#[test]
fn a_slow_table_ends_with_the_time_it_was_given() {
    let slow =
        Server::start(|_| Reply::Late(Duration::from_secs(30), Box::new(Reply::Hang))).expect("a port");
    let (table, begun) = (table(&slow), Instant::now());
    let within = Duration::from_millis(300);
    let key = ["a".to_owned()];
    run(async {
        assert!(!why(table.commit(&[change("a", None)], within).await).is_empty());
        assert!(!why(table.commit(&[end("a", 1)], within).await).is_empty());
        assert!(!why(table.read(&key, within).await).is_empty());
        assert!(!why(table.due(Timestamp::from_millis(9), 1, within).await).is_empty());
    });
    assert!(begun.elapsed() < Duration::from_secs(15), "well before the answer");
    assert!(slow.requests().len() <= 8, "two attempts for each call at most");
}

#[test]
fn an_attempt_without_an_answer_leaves_time_for_another() {
    let late = Reply::Late(Duration::from_secs(30), Box::new(Reply::Hang));
    for one in [change("a", None), end("a", 1)] {
        let server = in_turn([late.clone(), ok(&json!({}))]);
        assert_eq!(run(table(&server).commit(&[one], Duration::from_secs(4))), Ok(()));
        assert_eq!(server.connections(), 2);
    }
    let server = in_turn([late.clone(), ok(&json!({}))]);
    assert!(run(table(&server).read(&["a".to_owned()], Duration::from_secs(4))).is_ok());
    let server = in_turn([late, ok(&json!({}))]);
    assert!(run(table(&server).due(Timestamp::from_millis(9), 1, Duration::from_secs(4))).is_ok());
}

#[test]
fn nothing_listens() {
    let server = in_turn([Reply::Hang]);
    let table = table(&server);
    drop(server);
    assert!(!why(run(table.commit(&[end("a", 1)], WITHIN))).is_empty());
}

#[test]
fn documents_are_read_as_of_now_and_in_the_order_of_their_keys() {
    let odd = json!({"pk": {"S": "odd"}, "rev": {"N": "1"}, "doc": {"S": "{\"kind\":\"later\"}"}});
    let server = in_turn([ok(&json!({"Responses": {TABLE: [item("b", 2, 5), odd, item("a", 1, 4)]}}))]);
    let found = read(&server, &["a", "none", "odd", "b"]).expect("an answer");
    assert_eq!(found, [Some(stored(1, 4)), None, None, Some(stored(2, 5))]);
    let requests = server.requests();
    assert_eq!((requests.len(), operation(&requests[0])), (1, "BatchGetItem"));
    let asked = &body(&requests[0])["RequestItems"][TABLE];
    assert_eq!(asked["ConsistentRead"], true);
    assert_eq!(asked["Keys"][2], json!({"pk": {"S": "odd"}}));
}

/// A table that answers one key of each read, and leaves the rest, in its last answers for ever.
fn one_at_a_time(answers: usize) -> Server {
    let asked = Arc::new(AtomicUsize::new(0));
    Server::start(move |request| {
        let keys = body(request)["RequestItems"][TABLE]["Keys"].as_array().cloned().unwrap_or_default();
        let done = usize::from(asked.fetch_add(1, Ordering::SeqCst) < answers);
        let found: Vec<_> = keys
            .iter()
            .take(done)
            .map(|key| item(key["pk"]["S"].as_str().unwrap_or_default(), 1, 4))
            .collect();
        let left = &keys[done..];
        let unprocessed =
            if left.is_empty() { json!({}) } else { json!({TABLE: {"Keys": left, "ConsistentRead": true}}) };
        ok(&json!({"Responses": {TABLE: found}, "UnprocessedKeys": unprocessed}))
    })
    .expect("a port")
}

#[test]
fn keys_that_were_not_processed_are_asked_for_again() {
    let server = one_at_a_time(3);
    assert_eq!(read(&server, &["a", "b", "c"]).expect("an answer"), vec![Some(stored(1, 4)); 3]);
    assert_eq!(server.requests().len(), 3);
    assert_eq!(body(&server.requests()[2])["RequestItems"][TABLE]["ConsistentRead"], true);
    let server = one_at_a_time(1);
    assert_eq!(why(read(&server, &["a", "b", "c"])), "throttled: 2 keys not processed");
    assert_eq!(server.requests().len(), 3, "one that helped, two that did not");
}

#[test]
fn what_is_due_is_asked_for_page_by_page_as_far_as_needed() {
    let page = |keys: &[&str], more: bool| {
        let item = |key: &&str| json!({"pk": {"S": key}, "open": {"S": "open"}, "due": {"N": "1"}});
        let items: Vec<_> = keys.iter().map(item).collect();
        let last = if more { items.last().cloned() } else { None };
        ok(&json!({"Items": items, "Count": items.len(), "LastEvaluatedKey": last}))
    };
    let pages = || [page(&["a", "b"], true), page(&["c"], false)];
    let server = in_turn(pages());
    assert_eq!(due(&server, 10).expect("an answer"), ["a", "b", "c"]);
    let requests: Vec<_> = server.requests().iter().map(body).collect();
    assert_eq!(operation(&server.requests()[0]), "Query");
    assert_eq!((requests[0]["Limit"].clone(), requests[1]["Limit"].clone()), (json!(10), json!(8)));
    assert_eq!(requests[1]["ExclusiveStartKey"]["pk"]["S"], "b");
    assert_eq!(requests[0]["IndexName"], "due");
    assert_eq!(requests[0]["KeyConditionExpression"], "#open = :open AND #due <= :now");
    assert_eq!(requests[0]["ExpressionAttributeValues"], json!({":open": {"S": "open"}, ":now": {"N": "9"}}));
    assert_eq!(requests[0]["ScanIndexForward"], true);
    let server = in_turn(pages());
    assert_eq!(due(&server, 2).expect("an answer"), ["a", "b"]);
    assert_eq!(server.requests().len(), 1, "enough for those who asked");
    let server = in_turn([page(&["a", "b"], true), Reply::json_error(400, "ThrottlingException", "slow")]);
    assert!(why(due(&server, 10)).contains("Throttling"), "half an answer is none");
}

#[test]
fn the_connection_is_open_before_the_first_call_and_nothing_was_asked() {
    let server = Server::start(|request| {
        if request.method == "GET" {
            Reply::body(200, "healthy: dynamodb.eu-west-1.amazonaws.com ")
        } else {
            ok(&json!({}))
        }
    })
    .expect("a port");
    let table = table(&server);
    run(async {
        table.prewarm().await;
        assert_eq!(table.commit(&[change("a", None)], WITHIN).await, Ok(()));
    });
    let requests = server.requests();
    assert_eq!(
        (requests.len(), server.connections()),
        (2, 1),
        "the commit goes over the connection of the init"
    );
    let first = &requests[0];
    assert_eq!((first.method.as_str(), first.path.as_str(), first.body.len()), ("GET", "/", 0));
    assert_eq!(first.headers.get("x-amz-target"), None);
}

#[test]
fn a_prewarm_that_gets_no_answer_does_not_hold_up_the_start() {
    let silent =
        Server::start(|_| Reply::Late(Duration::from_secs(20), Box::new(Reply::Hang))).expect("a port");
    let begun = Instant::now();
    run(table(&silent).prewarm());
    assert!(begun.elapsed() < Duration::from_secs(15));
}
