//! DynamoDB by the real SDK. `tools/demo/alert_table_check.py` starts one, creates the table as the README
//! says, gives its endpoint in `ALERT_TABLE_ENDPOINT`, and sees to it that every test here ran.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use shared::aws::alert_table::DynamoTable;
use shared::config::Vars as _;
use shared::ports::alert_table::{AlertTable as _, TableError};
use shared::runtime::ProcessVars;

use crate::calls::{aws, run};
use crate::contract::{WITHIN, change, end, holds_the_contract, loses_no_change_of_two_writers, stored};

/// The README's.
const TABLE: &str = "ecs-incidents";

/// Where DynamoDB is; says so where nowhere.
fn endpoint() -> Option<String> {
    let endpoint = ProcessVars.get("ALERT_TABLE_ENDPOINT");
    if endpoint.is_none() {
        // Not a macro: the harness would keep it to itself.
        writeln!(std::io::stderr(), "not run against DynamoDB: ALERT_TABLE_ENDPOINT is not set").ok();
    }
    endpoint
}

/// Puts an item as somebody else would, past the SDK.
fn put(endpoint: &str, item: &str) {
    let address = endpoint.trim_start_matches("http://");
    let body = format!(r#"{{"TableName":"{TABLE}","Item":{item}}}"#);
    let length = body.len();
    let mut stream = TcpStream::connect(address).expect("a connection");
    write!(
        stream,
        "POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-type: application/x-amz-json-1.0\r\n\
         x-amz-target: DynamoDB_20120810.PutItem\r\ncontent-length: {length}\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/eu-west-1/dynamodb/aws4_request, \
         SignedHeaders=host, Signature=0\r\n\r\n{body}"
    )
    .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn dynamodb_holds_the_contract() {
    let Some(endpoint) = endpoint() else { return };
    run(holds_the_contract(&DynamoTable::new(&aws(&endpoint), TABLE)));
}

#[test]
fn dynamodb_loses_no_change_of_two_writers() {
    let Some(endpoint) = endpoint() else { return };
    loses_no_change_of_two_writers(|| DynamoTable::new(&aws(&endpoint), TABLE));
}

#[test]
fn dynamodb_items_that_cannot_be_read_are_replaced() {
    let Some(endpoint) = endpoint() else { return };
    let table = DynamoTable::new(&aws(&endpoint), TABLE);
    let read = |key: &str| run(table.read(&[key.to_owned()], WITHIN)).expect("an answer");
    let commit = |changes: &[_]| run(table.commit(changes, WITHIN));
    let odd = [
        "",
        r#","rev":{"N":"7"}"#,
        r#","doc":{"S":"{}"}"#,
        r#","rev":{"S":"7"},"doc":{"S":"{}"}"#,
        r#","rev":{"N":"7"},"doc":{"S":"{"}"#,
        r#","rev":{"N":"7"},"doc":{"S":"{\"kind\":\"later\"}"},"open":{"S":"closed"},"due":{"N":"7"}"#,
        r#","rev":{"NULL":true},"doc":{"M":{"a":{"L":[]}}}"#,
    ];
    let new = |version| [stored(1, version)];
    for (index, attributes) in odd.iter().enumerate() {
        let (alone, first, second) =
            (format!("odd-{index}"), format!("odd-a-{index}"), format!("odd-b-{index}"));
        for key in [&alone, &first, &second] {
            put(&endpoint, &format!(r#"{{"pk":{{"S":"{key}"}}{attributes}}}"#));
        }
        assert_eq!(read(&alone), [None], "{attributes}");
        assert_eq!(commit(&[change(&alone, None, 5)]), Ok(()), "{attributes}");
        assert_eq!(read(&alone), new(5));
        let gone = Err(TableError::Conflict(vec![(first.clone(), None)]));
        assert_eq!(commit(&[end(&first, 9)]), gone, "{attributes}");
        let fresh = format!("odd-c-{index}");
        let three = [change(&first, None, 1), change(&fresh, None, 2), change(&second, None, 3)];
        assert_eq!(commit(&three), Ok(()), "{attributes}");
        assert_eq!(
            (read(&first), read(&fresh), read(&second)),
            (new(1).into(), new(2).into(), new(3).into())
        );
        let known = new(3).map(|stored| (second.clone(), stored)).into();
        assert_eq!(
            commit(&[change(&second, None, 3)]),
            Err(TableError::Conflict(known)),
            "now it can be read"
        );
    }
    put(&endpoint, r#"{"pk":{"S":"mixed-1"}}"#);
    assert_eq!(commit(&[change("mixed-2", None, 1)]), Ok(()));
    let mixed = commit(&[change("mixed-1", None, 1), change("mixed-2", None, 1)]);
    let known = new(1).map(|stored| ("mixed-2".to_owned(), stored));
    assert_eq!(
        mixed,
        Err(TableError::Conflict([("mixed-1".to_owned(), None)].into_iter().chain(known).collect()))
    );
    assert_eq!(read("mixed-1"), [None], "a conflict writes nothing");
}
