//! What subscribers get of incidents, word by word, and inside the limits.

use proptest::prelude::*;
use serde_json::Value;

use super::storm::Member;
use super::{Cluster, Document, Grouping, Notice, Standing, State, Stop, claim};
use crate::alert::limits::{LINE_CHARS, MESSAGE_BYTES, SUBJECT_CHARS};
use crate::alert::{Alert, HttpsBody, Message, Subject, chat, structured, text};
use crate::event::Timestamp;
use crate::judge::rules::testing::{task, verdict};
use crate::verdict::{Cause, Severity};

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_millis(1_777_629_600_000 + minutes * 60_000)
}

fn standing(notice: Notice) -> Standing {
    Standing {
        notice,
        opened: at(0),
        last_seen: at(35),
        count: 58,
        new: 42,
        last_hour: Some(58),
        next: (notice != Notice::Recovery).then(|| at(75)),
        over_at: at(95),
        steady: false,
        thread: "harbor/web/2026-05-01T10:00:00Z".into(),
        follows: Some("health-check of 2026-05-01T09:55:00Z".into()),
        tasks: vec!["0a1b".into(), "0c2d".into()],
        members: Vec::new(),
        unnamed: 0,
    }
}

fn alert(notice: Notice) -> Alert {
    let crash = task("service:web", "EssentialContainerExited", "", &[("app", Some(139), "")]);
    let place = Subject { cluster: Some("harbor".into()), service: Some("web".into()), ..Subject::default() };
    Alert::new(verdict(&crash), place).standing(standing(notice))
}

#[test]
fn each_notice_is_told_apart_in_subject_line_and_summary() {
    let was = "Service web on harbor crashed: app ended with 139 (SIGSEGV, segmentation fault).";
    for (notice, subject, line) in [
        (Notice::Alert, "[high] crashed: web on harbor", format!("HIGH crashed: {was}")),
        (
            Notice::Louder,
            "[high] crashed: web on harbor",
            format!("HIGH crashed: Louder than before, after 58 stops: {was}"),
        ),
        (
            Notice::Digest,
            "[high] 42 more, crashed: web on harbor",
            format!("HIGH crashed: 42 more stops, 58 since 2026-05-01T10:00:00Z. {was}"),
        ),
        (
            Notice::Recovery,
            "[recovered] crashed: web on harbor",
            format!(
                "RECOVERED crashed: Over: nothing more came since 2026-05-01T10:35:00Z, after 58 stops in 35 min, 42 of them since the last message. It was: {was}"
            ),
        ),
    ] {
        let alert = alert(notice);
        assert_eq!((text::subject(&alert).as_str(), text::line(&alert)), (subject, line));
    }
}

#[test]
fn the_mail_says_how_the_incident_stands() {
    let body = text::body(&alert(Notice::Digest));
    let want = "
Incident
  Stops    58 since 2026-05-01T10:00:00Z, 58 within the last hour
  Tasks    0a1b, 0c2d
  Next     a digest from 2026-05-01T11:15:00Z on if it goes on; taken for over at 2026-05-01T11:35:00Z if not
  Thread   harbor/web/2026-05-01T10:00:00Z
  Follows  health-check of 2026-05-01T09:55:00Z
";
    assert!(body.contains(want), "{body}");
}

#[test]
fn nobody_is_paged_for_good_news() {
    let message = Message::of(&alert(Notice::Recovery), HttpsBody::Json);
    let value =
        |name: &str| message.attributes.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str());
    assert_eq!(
        [value("severity"), value("verdict"), value("notice")],
        [Some("low"), Some("recovered"), Some("recovery")]
    );
    let message = Message::of(&alert(Notice::Digest), HttpsBody::Json);
    assert!(message.attributes.contains(&("verdict", "alert".to_owned())));
}

#[test]
fn machines_and_chats_get_the_thread() {
    let alert = alert(Notice::Alert);
    let json: Value = serde_json::from_str(&structured::json(&alert)).expect("JSON");
    let thread = "harbor/web/2026-05-01T10:00:00Z";
    assert_eq!((&json["notice"], &json["incident"]["thread"]), (&"alert".into(), &thread.into()));
    assert_eq!(
        (&json["incident"]["stops"], &json["incident"]["nextDigestAt"]),
        (&58.into(), &"2026-05-01T11:15:00Z".into())
    );
    let chat: Value = serde_json::from_str(&chat::json(&alert)).expect("JSON");
    assert_eq!(chat["metadata"]["threadId"], thread);
}

fn member(name: String) -> Member {
    Member {
        fingerprint: format!("harbor/{name}/killed/app/137"),
        workload: name,
        cause: Cause::Killed,
        severity: Severity::High,
        count: 3,
    }
}

#[test]
fn a_storm_names_what_fails() {
    let mut alert = alert(Notice::Alert);
    let standing = alert.standing.as_mut().expect("it stands");
    standing.members = (0..50).map(|index| member(format!("svc-{index}"))).collect();
    standing.unnamed = 7;
    let body = text::body(&alert);
    let named = (0..50).all(|index| body.contains(&format!("  - svc-{index}: killed (high), 3 stops\n")));
    assert!(named && body.contains("  - and 7 more\n"), "{body}");
    let json: Value = serde_json::from_str(&structured::json(&alert)).expect("JSON");
    assert_eq!(json["incident"]["members"].as_array().map(Vec::len), Some(50));
}

#[test]
fn a_cluster_with_the_longest_names_stays_a_document() {
    let mut cluster: Option<Cluster> = None;
    for index in 0..700 {
        let mut alert = alert(Notice::Alert);
        alert.standing = None;
        alert.subject.service = Some(format!("{index:0255}"));
        alert.verdict.fingerprint = format!("harbor/{index:0600}/crashed/app/139");
        let state = State { cluster: cluster.take(), ..State::default() };
        let stop = Stop { alert: &alert, version: 1, has_key: false };
        cluster = claim::claim(state, stop, at(0), at(1), &Grouping::default()).0.cluster;
    }
    let cluster = cluster.expect("it is kept");
    let storm = cluster.storm.as_ref().expect("a storm");
    let named = u64::try_from(storm.members.len()).expect("a count");
    assert!(named > 50 && named + storm.unnamed >= 695, "{named} named, {} not", storm.unnamed);
    let bytes = serde_json::to_string(&Document::Cluster(Box::new(cluster))).expect("JSON").len();
    assert!(bytes < 400_000, "{bytes}");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn no_incident_breaks_the_limits(name in "\\PC{0,300}", members in 0..300_usize, notice in 0..4_usize) {
        let notice = [Notice::Alert, Notice::Louder, Notice::Digest, Notice::Recovery][notice];
        let mut alert = alert(notice);
        let standing = alert.standing.as_mut().expect("it stands");
        standing.members = (0..members).map(|index| member(format!("{name}{index}"))).collect();
        standing.thread.clone_from(&name);
        standing.follows = Some(name.clone());
        standing.tasks = vec![name; 10];
        for https in [HttpsBody::Json, HttpsBody::Chat] {
            let message = Message::of(&alert, https);
            prop_assert!(message.bytes() <= MESSAGE_BYTES);
            prop_assert!(message.subject.chars().count() <= SUBJECT_CHARS && message.subject.is_ascii());
        }
        prop_assert!(text::line(&alert).chars().count() <= LINE_CHARS);
    }
}
