//! What the handler tells people, as lines for the terminal.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use shared::alert::Message;
use shared::event::Timestamp;
use shared::metrics::Tally;
use shared::ports::{MetricSink, PublishError, Publisher};

/// Notices that are not printed yet: a status line that is rewritten in place must not be torn apart.
#[derive(Default)]
pub struct Notices(Mutex<Vec<String>>);

impl Notices {
    /// Those since the last time.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Publisher for &Notices {
    async fn publish(
        &self,
        _topic: Option<&str>,
        message: &Message,
        _within: Duration,
    ) -> Result<(), PublishError> {
        let mut notices = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let line = line(message);
        // A message for several topics is one line.
        if notices.last() != Some(&line) {
            notices.push(line);
        }
        Ok(())
    }
}

/// `[low] drain-started: Instance i-0a1b2c3d on harbor: …`
fn line(message: &Message) -> String {
    let attribute = |name| message.attributes.iter().find(|(key, _)| *key == name);
    let bodies: Value = serde_json::from_str(&message.body).unwrap_or_default();
    let text = bodies["sms"].as_str().unwrap_or(&message.body);
    let summary = text.split_once(": ").map_or(text, |(_, summary)| summary);
    match (attribute("severity"), attribute("cause")) {
        (Some((_, severity)), Some((_, cause))) => format!("[{severity}] {cause}: {summary}"),
        _ => text.to_owned(),
    }
}

/// Counts are for dashboards; a person at a terminal sees the instances.
pub struct Nowhere;

impl MetricSink for Nowhere {
    async fn emit(&self, _tally: &Tally, _now: Timestamp, _within: Duration) {}
}

#[cfg(test)]
mod tests {
    use super::line;
    use shared::alert::Message;

    #[test]
    fn a_message_is_one_line() {
        let message = |body: &str, by_protocol| Message {
            subject: "s".into(),
            body: body.into(),
            by_protocol,
            attributes: vec![("severity", "low".into()), ("cause", "drain-started".into())],
        };
        let by_protocol = r#"{"default":"{}","sms":"LOW drain-started: Instance i-1 on harbor: draining"}"#;
        let want = "[low] drain-started: Instance i-1 on harbor: draining";
        assert_eq!(line(&message(by_protocol, true)), want);
        assert_eq!(line(&message("LOW drain-started: Instance i-1 on harbor: draining", false)), want);
    }
}
