//! No secret of the table reaches anybody, in whatever field and form.

use serde_json::{Value, json};

use super::{alert_of, event};
use crate::alert::{Alert, HttpsBody, Message, Subject, structured, text};
use crate::judge;
use crate::redact::testing::{self, Case};

/// The text of a table's case inside a field of a task.
type Put = fn(&mut Value, &str);

/// Fields in which others write what they like.
const FIELDS: [(&str, Put); 4] = [
    ("stoppedReason", |event, text| event["detail"]["stoppedReason"] = json!(text)),
    ("stoppedReason of a user", |event, text| {
        event["detail"]["stopCode"] = json!("UserInitiated");
        event["detail"]["stoppedReason"] = json!(text);
    }),
    ("a container's reason", |event, text| event["detail"]["containers"][0]["reason"] = json!(text)),
    ("a reason of a failed start", |event, text| {
        event["detail"]["stopCode"] = json!("TaskFailedToStart");
        event["detail"]["stoppedReason"] = json!(format!("CannotPullContainerError: {text}"));
    }),
];

/// Every form of an alert, by its name.
fn forms(alert: &Alert) -> Vec<(&'static str, String)> {
    let message = |https| format!("{:?}", Message::of(alert, https));
    vec![
        ("the message", message(HttpsBody::Json)),
        ("the message with chat", message(HttpsBody::Chat)),
        ("the plain message", format!("{:?}", Message::plain(alert))),
        ("the structured form", structured::json(alert)),
        ("the e-mail", text::body(alert)),
        ("the line", text::line(alert)),
        ("the verdict", serde_json::to_string(&alert.verdict).expect("JSON")),
        ("the verdict as it is", format!("{alert:?}")),
    ]
}

/// Fails where the secret stands in a form: as it is, in one line, or escaped, once or twice.
fn assert_gone(case: &Case, alert: &Alert, place: &str) {
    let one_line = case.secret.replace('\n', " ");
    let escaped = |text: &str| json!(text).to_string().trim_matches('"').to_owned();
    let once = escaped(&case.secret);
    let forbidden = [escaped(&once), once, one_line, case.secret.clone()];
    for (form, written) in forms(alert) {
        for secret in &forbidden {
            assert!(!written.contains(secret), "{} in {place}, in {form}:\n{written}", case.name);
        }
    }
}

#[test]
fn no_form_of_an_alert_holds_a_secret() {
    for case in testing::cases() {
        for (place, put) in FIELDS {
            let mut event = event();
            put(&mut event, &case.text);
            assert_gone(&case, &alert_of(&event), place);
        }
    }
}

#[test]
fn no_form_of_an_unreadable_record_holds_a_secret() {
    for case in testing::cases() {
        let in_json = json!({"detail-type": "ECS Task State Change", "detail": case.text}).to_string();
        // As a payload a list is several records, and a word alone says nothing of itself.
        let alone = if case.text.starts_with('[') { format!("x {}", case.text) } else { case.text.clone() };
        let late = "x".repeat(290) + " " + &case.text;
        for record in [alone, format!("{{broken {}", case.text), in_json, late] {
            for record in crate::intake::read(record.as_bytes()).records {
                let Err(unreadable) = record.content else { continue };
                let alert = Alert::new(judge::unreadable_event(&unreadable), Subject::default());
                assert_gone(&case, &alert, "an unreadable record");
                assert!(!unreadable.to_string().contains(&case.secret), "{}", case.name);
            }
        }
    }
}

#[test]
fn the_name_of_a_secret_stays() {
    let arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf";
    let mut event = event();
    event["detail"]["stopCode"] = json!("TaskFailedToStart");
    event["detail"]["stoppedReason"] =
        json!(format!("ResourceInitializationError: failed to fetch secret {arn} from secrets manager"));
    let alert = alert_of(&event);
    assert!(structured::json(&alert).contains(arn) && text::body(&alert).contains(arn));
}
