//! The promises of `ports::alert_table`, for any table. Each case has keys of its own.

use std::time::Duration;

use shared::alert::Subject;
use shared::alert::incident::storm::{MEMBERS, Member};
use shared::alert::incident::{Cluster, Course, Document, Seen, Storm};
use shared::event::Timestamp;
use shared::judge::Cause;
use shared::ports::alert_table::{AlertTable, Change, Stored, TableError, Written};
use shared::verdict::Severity;

use crate::calls::run;

/// Enough for a machine that does much else.
pub const WITHIN: Duration = Duration::from_secs(20);
/// Changes each of the two writers makes.
const CHANGES_OF_A_WRITER: i64 = 50;
/// How often an index that lags is asked again.
const LOOKS: usize = 100;
/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// A point in time in 2026, in milliseconds after its first.
fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(1_795_000_000_000 + millis)
}

/// A document that is told from others by its version.
pub fn seen(version: i64) -> Document {
    Document::Seen(Seen { version, fingerprint: "harbor/web/killed \"ü\"\n".into(), at: at(0) })
}

/// When all documents here end.
fn expires() -> Timestamp {
    at(0).plus(Duration::from_hours(10_000))
}

/// The revision a document has after so many changes.
pub fn nth(changes: u64) -> u64 {
    u64::try_from(expires().as_millis()).expect("after 1970") + changes
}

/// A document that is not due, and stays.
fn written(document: Document) -> Written {
    Written { document, due: None, expires: expires() }
}

/// A change of the document under a key, on top of so many changes.
pub fn change(key: &str, changes: Option<u64>, to: i64) -> Change {
    Change { key: key.into(), from: changes.map(nth), to: Some(written(seen(to))) }
}

/// The same, and it is due.
fn due_at(key: &str, changes: Option<u64>, due: Option<Timestamp>) -> Change {
    Change { key: key.into(), from: changes.map(nth), to: Some(Written { due, ..written(seen(1)) }) }
}

/// The end of the document under a key, after so many changes.
pub fn end(key: &str, changes: u64) -> Change {
    Change { key: key.into(), from: Some(nth(changes)), to: None }
}

/// What stands there after so many changes.
#[expect(clippy::unnecessary_wraps, reason = "what a table answers")]
pub fn stored(changes: u64, version: i64) -> Option<Stored> {
    Some(Stored { revision: nth(changes), document: seen(version) })
}

async fn read<T: AlertTable>(table: &T, keys: &[&str]) -> Vec<Option<Stored>> {
    let keys: Vec<_> = keys.iter().map(|key| (*key).to_owned()).collect();
    table.read(&keys, WITHIN).await.expect("an answer")
}

fn conflict(documents: &[(&str, Option<Stored>)]) -> Result<(), TableError> {
    let owned = |(key, stored): &(&str, Option<Stored>)| ((*key).to_owned(), stored.clone());
    Err(TableError::Conflict(documents.iter().map(owned).collect()))
}

/// Everything but concurrency.
pub async fn holds_the_contract<T: AlertTable>(table: &T) {
    a_document_is_written_changed_and_ended(table).await;
    a_new_document_is_not_taken_for_the_one_before(table).await;
    a_conflict_carries_what_is_there(table).await;
    several_changes_are_all_or_none(table).await;
    what_is_due_is_found_in_order(table).await;
    a_storm_of_300_fits(table).await;
    any_key_will_do(table).await;
}

async fn a_document_is_written_changed_and_ended<T: AlertTable>(table: &T) {
    assert_eq!(read(table, &["life", "life-2"]).await, [None, None]);
    assert_eq!(table.commit(&[change("life", None, 1)], WITHIN).await, Ok(()));
    assert_eq!(read(table, &["life-2", "life"]).await, [None, stored(1, 1)], "in the order of the keys");
    for changes in 1..4 {
        let version = i64::try_from(changes).expect("small") + 1;
        assert_eq!(table.commit(&[change("life", Some(changes), version)], WITHIN).await, Ok(()));
        assert_eq!(read(table, &["life"]).await, [stored(changes + 1, version)]);
    }
    assert_eq!(table.commit(&[end("life", 4)], WITHIN).await, Ok(()));
    assert_eq!(read(table, &["life"]).await, [None]);
    assert_eq!(table.commit(&[change("life", None, 9)], WITHIN).await, Ok(()));
    assert_eq!(read(table, &["life"]).await, [stored(1, 9)], "a new one begins anew");
}

async fn a_new_document_is_not_taken_for_the_one_before<T: AlertTable>(table: &T) {
    let later =
        |version| Written { expires: expires().plus(Duration::from_secs(1)), ..written(seen(version)) };
    assert_eq!(table.commit(&[change("lives", None, 1)], WITHIN).await, Ok(()));
    assert_eq!(table.commit(&[end("lives", 1)], WITHIN).await, Ok(()));
    let second = Change { to: Some(later(2)), ..change("lives", None, 0) };
    let revision = second.revision().expect("it is written");
    assert_eq!(table.commit(&[second], WITHIN).await, Ok(()));
    let there = Some(Stored { revision, document: seen(2) });
    let of_the_first = table.commit(&[change("lives", Some(1), 3)], WITHIN).await;
    assert_eq!(of_the_first, conflict(&[("lives", there)]));
}

async fn a_conflict_carries_what_is_there<T: AlertTable>(table: &T) {
    assert_eq!(table.commit(&[change("stale", None, 1)], WITHIN).await, Ok(()));
    assert_eq!(table.commit(&[change("stale", Some(1), 2)], WITHIN).await, Ok(()));
    let there = conflict(&[("stale", stored(2, 2))]);
    assert_eq!(table.commit(&[change("stale", Some(1), 3)], WITHIN).await, there);
    assert_eq!(table.commit(&[change("stale", Some(3), 3)], WITHIN).await, there);
    assert_eq!(table.commit(&[change("stale", None, 3)], WITHIN).await, there);
    assert_eq!(table.commit(&[change("stale", None, 2)], WITHIN).await, there, "not even with what it says");
    assert_eq!(table.commit(&[end("stale", 1)], WITHIN).await, there);
    assert_eq!(read(table, &["stale"]).await, [stored(2, 2)]);
    assert_eq!(table.commit(&[end("stale", 2)], WITHIN).await, Ok(()));
    let gone = conflict(&[("stale", None)]);
    assert_eq!(table.commit(&[end("stale", 2)], WITHIN).await, gone);
    assert_eq!(table.commit(&[change("stale", Some(2), 3)], WITHIN).await, gone);
}

async fn several_changes_are_all_or_none<T: AlertTable>(table: &T) {
    let both = [change("all-1", None, 1), change("all-2", None, 2)];
    assert_eq!(table.commit(&both, WITHIN).await, Ok(()));
    assert_eq!(
        table.commit(&both, WITHIN).await,
        conflict(&[("all-1", stored(1, 1)), ("all-2", stored(1, 2))])
    );
    let one_is_stale = [change("all-1", Some(1), 5), end("all-2", 7), change("all-3", None, 5)];
    assert_eq!(table.commit(&one_is_stale, WITHIN).await, conflict(&[("all-2", stored(1, 2))]));
    let one_is_gone = [end("all-1", 1), change("all-3", Some(1), 5)];
    assert_eq!(table.commit(&one_is_gone, WITHIN).await, conflict(&[("all-3", None)]));
    let keys = ["all-1", "all-2", "all-3"];
    assert_eq!(read(table, &keys).await, [stored(1, 1), stored(1, 2), None], "nothing was written");
    let of_each_kind = [change("all-1", Some(1), 5), end("all-2", 1), change("all-3", None, 6)];
    assert_eq!(table.commit(&of_each_kind, WITHIN).await, Ok(()));
    assert_eq!(read(table, &keys).await, [stored(2, 5), None, stored(1, 6)]);
    let many: Vec<_> = (0..100).map(|index| change(&format!("many-{index}"), None, index)).collect();
    assert_eq!(table.commit(&many, WITHIN).await, Ok(()));
    let keys: Vec<_> = many.iter().map(|change| change.key.clone()).collect();
    let found = table.read(&keys, WITHIN).await.expect("an answer");
    assert!((0..).zip(&found).all(|(index, found)| *found == stored(1, index)), "{found:?}");
}

/// Waits until the index has caught up.
async fn finds<T: AlertTable>(table: &T, now: Timestamp, limit: usize, want: &[&str]) {
    let mut found = Vec::new();
    for _ in 0..LOOKS {
        found = table.due(now, limit, WITHIN).await.expect("an answer");
        if found == want {
            return;
        }
        #[expect(clippy::disallowed_methods, reason = "the index may lag behind")]
        tokio::time::sleep(PAUSE).await;
    }
    assert_eq!(found, want, "due at {now}");
}

async fn what_is_due_is_found_in_order<T: AlertTable>(table: &T) {
    finds(table, at(0), 10, &[]).await;
    for (key, due) in [("due-c", Some(30)), ("due-a", Some(-5)), ("due-none", None), ("due-b", Some(20))] {
        assert_eq!(table.commit(&[due_at(key, None, due.map(at))], WITHIN).await, Ok(()));
    }
    finds(table, at(30), 10, &["due-a", "due-b", "due-c"]).await;
    finds(table, at(29), 10, &["due-a", "due-b"]).await;
    finds(table, at(30), 2, &["due-a", "due-b"]).await;
    finds(table, at(-6), 10, &[]).await;
    finds(table, at(30), 0, &[]).await;
    assert_eq!(table.commit(&[due_at("due-a", Some(1), Some(at(40)))], WITHIN).await, Ok(()));
    assert_eq!(table.commit(&[due_at("due-b", Some(1), None), end("due-c", 1)], WITHIN).await, Ok(()));
    assert_eq!(table.commit(&[due_at("due-none", Some(1), Some(at(25)))], WITHIN).await, Ok(()));
    finds(table, at(30), 10, &["due-none"]).await;
    finds(table, at(40), 10, &["due-none", "due-a"]).await;
    assert_eq!(table.commit(&[end("due-a", 2), end("due-none", 2)], WITHIN).await, Ok(()));
    finds(table, at(1_000), 10, &[]).await;
}

async fn a_storm_of_300_fits<T: AlertTable>(table: &T) {
    let member = |index: usize| Member {
        fingerprint: format!("harbor/web-{index}/application-exit/{}", "ü\"".repeat(280)),
        workload: format!("web-{index}"),
        cause: Cause::ApplicationExit,
        severity: Severity::High,
        count: 7,
    };
    let storm = Storm {
        course: Course::new(at(0), Severity::High, at(1)),
        surged: at(0),
        members: (0..MEMBERS).map(member).collect(),
        unnamed: 3,
        place: Subject::default(),
        thread: "thread".into(),
    };
    let document = Document::Cluster(Box::new(Cluster { openings: Vec::new(), storm: Some(storm) }));
    let bytes = serde_json::to_string(&document).expect("JSON").len();
    assert!((300_000..400_000).contains(&bytes), "{bytes}");
    let change = Change { key: "storm".into(), from: None, to: Some(written(document.clone())) };
    assert_eq!(table.commit(std::slice::from_ref(&change), WITHIN).await, Ok(()));
    let found = Some(Stored { revision: nth(1), document });
    assert_eq!(read(table, &["storm"]).await, std::slice::from_ref(&found));
    assert_eq!(table.commit(&[change], WITHIN).await, conflict(&[("storm", found)]));
    assert_eq!(table.commit(&[end("storm", 1)], WITHIN).await, Ok(()));
}

async fn any_key_will_do<T: AlertTable>(table: &T) {
    let long = "ü".repeat(460);
    let keys =
        ["task#arn:aws:ecs:x", " ", "a b/c\"\\'\n\t", "#pk = :pk", "\u{1f6a2}\u{0}é", "null", long.as_str()];
    for (version, key) in (0..).zip(keys) {
        assert_eq!(table.commit(&[change(key, None, version)], WITHIN).await, Ok(()), "{key:?}");
    }
    for (version, (key, found)) in (0..).zip(keys.iter().zip(read(table, &keys).await)) {
        assert_eq!(found, stored(1, version), "{key:?}");
        let stale = table.commit(&[end(key, 2)], WITHIN).await;
        assert_eq!(stale, conflict(&[(key, stored(1, version))]));
    }
}

/// Two writers, each as a process of its own, count in two documents at once; every other change in one alone.
pub fn loses_no_change_of_two_writers<T: AlertTable>(table: impl Fn() -> T + Sync) {
    let writer = || {
        let table = table();
        run(async {
            for round in 0..CHANGES_OF_A_WRITER {
                count(&table, if round % 2 == 0 { &["sum-1", "sum-2"] } else { &["sum-1"] }).await;
            }
        });
    };
    std::thread::scope(|scope| {
        scope.spawn(writer);
        scope.spawn(writer);
    });
    let (all, half) = (2 * CHANGES_OF_A_WRITER, CHANGES_OF_A_WRITER);
    let want = [(all, "sum-1"), (half, "sum-2")];
    let table = table();
    for (sum, key) in want {
        let changes = u64::try_from(sum).expect("positive");
        assert_eq!(run(read(&table, &[key])), [stored(changes, sum)], "{key}");
    }
}

/// Counts one more in each document, on top of whatever others count.
async fn count<T: AlertTable>(table: &T, keys: &[&str]) {
    let mut known = read(table, keys).await;
    loop {
        let next = |(key, stored): (&&str, &Option<Stored>)| {
            let version = match stored.as_ref().map(|stored| &stored.document) {
                Some(Document::Seen(seen)) => seen.version,
                Some(
                    Document::Incident(_)
                    | Document::Cluster(_)
                    | Document::Awaited(_)
                    | Document::Watch(_)
                    | Document::Job(_),
                )
                | None => 0,
            };
            let from = stored.as_ref().map(|stored| stored.revision);
            Change { from, ..change(key, None, version + 1) }
        };
        let changes: Vec<_> = keys.iter().zip(&known).map(next).collect();
        match table.commit(&changes, WITHIN).await {
            Ok(()) => return,
            Err(TableError::Conflict(different)) => {
                for (key, stored) in different {
                    let index = keys.iter().position(|known| *known == key).expect("a key of ours");
                    known[index] = stored;
                }
            }
            Err(TableError::Unavailable(why)) => panic!("{why}"),
        }
    }
}
