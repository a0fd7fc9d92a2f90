//! The report as a page: complete, escaped, bounded.

use shared::alert::incident::Notice;
use shared::event::Timestamp;
use shared::judge::{Cause, Severity};

use super::{Fate, Happening, MESSAGES_KEPT, Report, Sent};

const EVIL: &str = "<script>alert(1)</script>\" onload='x' &amp;";

fn event(report: &mut Report, minute: i64, cause: Cause, fingerprint: &str, fate: Fate) {
    let at = Timestamp::from_millis(1_777_593_600_000 + minute * 60_000);
    report.event(&Happening { at, cause, severity: Severity::High, fingerprint, fate });
}

fn message(minute: i64, text: &str) -> Sent {
    Sent {
        at: Timestamp::from_millis(1_777_593_600_000 + minute * 60_000),
        notice: Notice::Alert,
        severity: Severity::High,
        cause: Cause::Killed,
        topics: Vec::new(),
        subject: format!("[high] killed: {text}"),
        text: format!("{text}\nsecond line\n"),
        line: format!("HIGH killed: {text}"),
        about: format!("{text} on harbor"),
        fingerprint: format!("harbor/{text}/killed/app/137"),
        place: "events.jsonl:7".into(),
    }
}

fn html(report: &Report) -> String {
    let mut out = Vec::new();
    report.write_html(&mut out).expect("memory");
    String::from_utf8(out).expect("UTF-8")
}

/// The text of the element with this id.
fn figure<'a>(html: &'a str, id: &str) -> &'a str {
    let (_, rest) = html.split_once(&format!("id=\"{id}\">")).expect("the element");
    rest.split('<').next().expect("its text")
}

#[test]
fn the_numbers_are_those_that_happened() {
    let mut report = Report::new(vec!["events.jsonl".into()]);
    event(&mut report, 0, Cause::NotStopped, "-", Fate::Quiet);
    event(&mut report, 1, Cause::ScaledIn, "-", Fate::Quiet);
    event(&mut report, 2, Cause::Killed, "a", Fate::Told);
    event(&mut report, 3, Cause::Killed, "a", Fate::Suppressed("counted"));
    event(&mut report, 3, Cause::Killed, "a", Fate::Suppressed("duplicate"));
    event(&mut report, 4, Cause::Crashed, "b", Fate::Failed);
    report.message(message(2, "web"));
    let html = html(&report);
    let figures = ["n-events", "n-stops", "n-abnormal", "n-messages", "n-noise", "n-failed"];
    assert_eq!(figures.map(|id| figure(&html, id)), ["6", "4", "3", "1", "0.3333", "1"]);
    assert!(html.contains("<title>1 message for 3 abnormal stops – ecs-steward replay</title>"));
}

#[test]
fn text_of_events_stays_text() {
    let mut report = Report::new(vec![EVIL.into()]);
    event(&mut report, 0, Cause::Killed, EVIL, Fate::Told);
    let mut sent = message(0, EVIL);
    sent.place = EVIL.into();
    report.message(sent);
    let html = html(&report);
    assert_eq!(html.matches("<script>").count(), 1, "our own");
    assert!(!html.contains("' onload") && html.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;"));
    assert!(html.contains("&amp;amp;"), "what is escaped already is escaped again");
}

#[test]
fn nothing_is_loaded_from_anywhere() {
    let mut report = Report::new(vec!["events.jsonl".into()]);
    event(&mut report, 0, Cause::Killed, "a", Fate::Told);
    report.message(message(0, "web"));
    let html = html(&report);
    for word in ["http://", "https://", "src=", "@import", "url(", "style=\""] {
        assert!(!html.contains(word), "{word}");
    }
}

#[test]
fn a_long_replay_makes_no_long_report() {
    let mut report = Report::new(vec!["-".into()]);
    for number in 0..30_000 {
        event(&mut report, number, Cause::Killed, &format!("harbor/web-{number}"), Fate::Told);
        report.message(message(number, "web"));
    }
    let html = html(&report);
    assert_eq!(html.matches("<li class=\"message ").count(), MESSAGES_KEPT);
    assert!(html.contains("28,000 more messages came after them and are only counted"), "left out");
    assert!(html.contains("There were more than 500 fingerprints"), "an estimate");
    assert!(html.matches("<rect").count() < 1_500 && html.len() < 2_000_000, "{}", html.len());
}

#[test]
fn a_replay_of_nothing_has_a_report_too() {
    let html = html(&Report::new(Vec::new()));
    assert!(html.contains("No stop and no message.") && html.contains("Nobody was told anything."));
    assert_eq!(figure(&html, "n-noise"), "–");
}
