//! The alert as SNS takes it: a subject, a body for each protocol, attributes to filter by.
//!
//! <https://docs.aws.amazon.com/sns/latest/api/API_Publish.html>, `MessageStructure: json`: a protocol
//! without a body of its own gets `default`, which is the structured form: SQS, Lambda, HTTP, Firehose.

use serde::Serialize;

use super::limits::{MESSAGE_BYTES, name};
use super::{Alert, chat, structured, text};

/// What HTTPS subscribers get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HttpsBody {
    /// The structured form, as every other machine.
    #[default]
    Json,
    /// The notification of Amazon Q Developer in chat applications.
    Chat,
}

/// The bodies by protocol; the others get the default.
#[derive(Serialize)]
struct Bodies {
    /// SQS, Lambda, HTTP, HTTPS, Firehose and whatever comes.
    default: String,
    /// E-mail.
    email: String,
    /// HTTPS, where it is not to get the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    https: Option<String>,
    /// SMS.
    sms: String,
}

/// A message ready to be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// ASCII, shorter than 100 characters.
    pub subject: String,
    /// The body: JSON by protocol, or plain text.
    pub body: String,
    /// Whether `body` is JSON by protocol.
    pub by_protocol: bool,
    /// Names and values to filter by; no value is empty.
    pub attributes: Vec<(&'static str, String)>,
}

impl Message {
    /// From an alert, inside SNS's limits.
    #[must_use]
    pub fn of(alert: &Alert, https: HttpsBody) -> Self {
        Self::within(MESSAGE_BYTES, alert, https)
    }

    /// The fullest form that fits: log lines go first.
    fn within(bytes: usize, alert: &Alert, https: HttpsBody) -> Self {
        let full = Self::full(alert, https);
        if full.bytes() <= bytes {
            return full;
        }
        let shorter = alert.clone().with_details(alert.details.without_log_lines());
        let shorter = Self::full(&shorter, https);
        if shorter.bytes() <= bytes { shorter } else { Self::plain(alert) }
    }

    /// With every body.
    fn full(alert: &Alert, https: HttpsBody) -> Self {
        let bodies = Bodies {
            default: structured::json(alert),
            email: text::body(alert),
            https: (https == HttpsBody::Chat).then(|| chat::json(alert)),
            sms: text::line(alert),
        };
        Self {
            subject: text::subject(alert),
            body: serde_json::to_string(&bodies).unwrap_or_default(),
            by_protocol: true,
            attributes: attributes(alert),
        }
    }

    /// The plainest form of an alert: for the case that SNS refuses the other one. It keeps the attributes
    /// that are words of ours, so that no filter policy loses it.
    #[must_use]
    pub fn plain(alert: &Alert) -> Self {
        Self {
            subject: "[alert] ecs-steward".to_owned(),
            body: super::limits::ascii_line(&text::line(alert), super::limits::LINE_CHARS),
            by_protocol: false,
            attributes: fixed_attributes(alert).to_vec(),
        }
    }

    /// The size SNS counts: body and attributes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let attributes =
            self.attributes.iter().map(|(name, value)| name.len() + value.len() + "String".len());
        self.body.len() + attributes.sum::<usize>()
    }
}

/// The attributes subscribers may filter by.
fn attributes(alert: &Alert) -> Vec<(&'static str, String)> {
    let subject = &alert.subject;
    let places = [("cluster", &subject.cluster), ("service", &subject.service), ("family", &subject.family)];
    let named = places.into_iter().filter_map(|(key, value)| Some((key, name(value.as_deref()?))));
    let named = named.filter(|(_, value)| !value.trim().is_empty());
    fixed_attributes(alert).into_iter().chain(named).collect()
}

/// The attributes whose values are words of ours.
fn fixed_attributes(alert: &Alert) -> [(&'static str, String); 4] {
    let verdict = &alert.verdict;
    [
        ("severity", verdict.severity.word().to_owned()),
        ("cause", verdict.cause.word().to_owned()),
        ("verdict", alert.word().to_owned()),
        ("notice", alert.notice().word().to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::{HttpsBody, Message};
    use crate::alert::{Alert, Details, LogLine, Subject};
    use crate::judge::rules::testing::{task, verdict};

    #[test]
    fn log_lines_are_the_first_to_go() {
        let verdict = verdict(&task("service:web", "EssentialContainerExited", "", &[("app", Some(1), "")]));
        let details =
            Details { log_lines: vec![LogLine::new(None, &"long ".repeat(60)); 20], ..Details::default() };
        let alert = Alert::new(verdict, Subject::default()).with_details(details);
        let [full, shorter, plain] =
            [100_000, 9_000, 1_000].map(|bytes| Message::within(bytes, &alert, HttpsBody::Chat));
        assert!(full.by_protocol && full.body.contains("long long"));
        assert!(shorter.by_protocol && !shorter.body.contains("long long"), "{}", shorter.bytes());
        assert!(shorter.body.contains("log lines: the message was too long"));
        assert!(!plain.by_protocol);
    }
}
