//! From a payload to its records, whatever wraps them.
//!
//! Accepted, nested in any way up to [`MAX_DEPTH`] levels: an EventBridge event; a list of them; an SQS
//! batch or one SQS message; SNS to Lambda; an SNS notification inside an SQS body, or the raw message;
//! what `aws sqs receive-message` and `aws ecs describe-tasks` print; a task without its envelope; and what
//! Auto Scaling sends to SNS or SQS without EventBridge.
//! What cannot be read is a record too, an [`Unreadable`] one: nothing is dropped here.

mod second_pass;
mod shape;
mod unreadable;

use std::borrow::Cow;

use serde_json::value::RawValue;

pub use crate::event::lifecycle::AUTO_SCALING_NOTIFICATION;
pub use unreadable::Unreadable;

use crate::event::envelope::TASK_STATE_CHANGE;
use crate::event::{Detail, Envelope, Event, TaskStateChange, arn::Arn};
use shape::{DetailField, Shape};

/// Wrappers inside wrappers: SQS around SNS around a list of events is 3; more is nothing we know.
pub const MAX_DEPTH: usize = 6;

/// The records of one payload.
#[derive(Debug, Default)]
pub struct Payload {
    /// In the order they stand in the payload.
    pub records: Vec<Record>,
}

/// One event, or what could not be read as one.
#[derive(Debug)]
pub struct Record {
    /// The SQS message it came in.
    pub message_id: Option<Box<str>>,
    /// The event.
    pub content: Result<Event, Unreadable>,
}

/// Splits a payload into its records. Total: every byte sequence gives at least one record, save an
/// empty batch or list.
#[must_use]
pub fn read(payload: &[u8]) -> Payload {
    let mut reader = Reader::default();
    match std::str::from_utf8(payload) {
        Ok(text) => reader.text(text.trim_start_matches('\u{feff}'), None),
        Err(error) => {
            let problem = format!("is not UTF-8 from byte {} on", error.valid_up_to());
            reader.refuse(problem, &String::from_utf8_lossy(payload), None);
        }
    }
    reader.payload
}

/// One step into a payload, for the place an [`Unreadable`] names.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Into a field.
    Field(&'static str),
    /// Into an element of a list.
    Element(usize),
    /// Into JSON held as text, which is no place of its own.
    Text,
}

/// Walks a payload, collecting its records.
#[derive(Default)]
struct Reader {
    /// What was found.
    payload: Payload,
    /// Where the walk stands.
    place: Vec<Step>,
}

impl Reader {
    /// Reads JSON text: an object, a list, or text that holds JSON itself.
    fn text(&mut self, text: &str, message_id: Option<&str>) {
        let trimmed = text.trim_ascii_start();
        if self.place.len() > 2 * MAX_DEPTH {
            return self.refuse(format!("is wrapped more than {MAX_DEPTH} times"), text, message_id);
        }
        match trimmed.as_bytes().first() {
            Some(b'{') => self.object(trimmed, message_id),
            Some(b'[') => self.list(trimmed, message_id),
            Some(b'"') => match serde_json::from_str::<Cow<'_, str>>(trimmed) {
                Ok(inner) => self.enter(Step::Text, |reader| reader.text(&inner, message_id)),
                Err(error) => self.refuse(broken(&error), text, message_id),
            },
            Some(_) => {
                let problem = match serde_json::from_str::<serde::de::IgnoredAny>(trimmed) {
                    Ok(_) => "is a bare value, not an event".to_owned(),
                    Err(error) => broken(&error),
                };
                self.refuse(problem, text, message_id);
            }
            None => self.refuse("is empty".to_owned(), text, message_id),
        }
    }

    /// Reads a list of payloads.
    fn list(&mut self, text: &str, message_id: Option<&str>) {
        match serde_json::from_str::<Vec<&RawValue>>(text) {
            Ok(elements) => {
                for (index, element) in elements.into_iter().enumerate() {
                    self.enter(Step::Element(index), |reader| reader.text(element.get(), message_id));
                }
            }
            Err(error) => self.refuse(broken(&error), text, message_id),
        }
    }

    /// Reads an object by the keys it has.
    fn object(&mut self, text: &str, message_id: Option<&str>) {
        let mut shape: Shape = match serde_json::from_str(text) {
            Ok(shape) => shape,
            Err(error) => {
                // Even a record that cannot be read fails alone, if it says which message it is.
                let named: Option<shape::Named> = serde_json::from_str(text).ok();
                let own = named.and_then(|named| named.message_id);
                return self.refuse(
                    broken(&error),
                    text,
                    message_id.or(own.as_deref().filter(|_| self.at_message())),
                );
            }
        };
        let own = shape.message_id.take().filter(|_| self.at_message());
        let message_id = message_id.or(own.as_deref());
        if shape.detail_type.is_some() || shape.detail.is_task() {
            return self.event(shape, text, message_id);
        }
        let inner = [
            ("Records", shape.records),
            ("Messages", shape.messages),
            ("Sns", shape.sns),
            ("body", shape.body),
            ("Body", shape.received_body),
            ("Message", shape.message),
            ("tasks", shape.tasks),
            ("task", shape.task),
        ];
        if let Some((field, inner)) = inner.into_iter().find_map(|(field, raw)| Some((field, raw?))) {
            return self.enter(Step::Field(field), |reader| reader.text(inner.get(), message_id));
        }
        if shape.is_bare_task() {
            return match serde_json::from_str::<Box<TaskStateChange>>(text) {
                Ok(task) => self.keep(Envelope::default(), Detail::Task(task), message_id),
                Err(error) => self.refuse(broken(&error), text, message_id),
            };
        }
        if shape.is_auto_scaling_notification() {
            return match second_pass::notification(text) {
                Ok((envelope, detail)) => self.keep(envelope, detail, message_id),
                Err(problem) => self.refuse(problem, text, message_id),
            };
        }
        let problem = match shape.detail {
            DetailField::Odd(kind) => format!("has no detail-type, and its detail is {kind}"),
            DetailField::Missing | DetailField::Object(_) => {
                "is no event: it has no detail-type and nothing of a task or a message".to_owned()
            }
        };
        self.refuse(problem, text, message_id);
    }

    /// Whether the walk stands at an SQS message as Lambda or a pipe hands it over: an element of `Records`, or
    /// of the payload's own list. A `messageId` anywhere else names nothing that could be delivered again.
    fn at_message(&self) -> bool {
        matches!(self.place[..], [Step::Field("Records"), Step::Element(_)] | [Step::Element(_)])
    }

    /// Keeps an EventBridge event.
    fn event(&mut self, shape: Shape<'_>, text: &str, message_id: Option<&str>) {
        // A forwarder may rename the event; a task with its status is judged under any name.
        let named = |kind: &str| kind.trim().eq_ignore_ascii_case(TASK_STATE_CHANGE);
        let is_task = shape.detail_type.as_deref().is_none_or(named) || shape.detail.is_task_with_status();
        let envelope = Envelope {
            id: shape.id,
            source: shape.source,
            detail_type: shape.detail_type,
            account: shape.account,
            region: shape.region,
            time: shape.time,
        };
        match shape.detail {
            DetailField::Object(task) if is_task => self.keep(envelope, Detail::Task(task), message_id),
            DetailField::Missing if is_task => self.refuse("has no detail".to_owned(), text, message_id),
            DetailField::Odd(kind) if is_task => {
                self.refuse(format!("its detail is {kind}, not an object"), text, message_id);
            }
            first @ (DetailField::Object(_) | DetailField::Missing | DetailField::Odd(_)) => {
                match second_pass::detail(&envelope, &first, text) {
                    Ok(detail) => self.keep(envelope, detail, message_id),
                    Err(problem) => self.refuse(problem, text, message_id),
                }
            }
        }
    }

    /// Adds a record that was read, with region and account from ECS's ARNs where the envelope has none.
    fn keep(&mut self, mut envelope: Envelope, detail: Detail, message_id: Option<&str>) {
        let arns = match &detail {
            Detail::Task(task) => [&task.task_arn, &task.cluster_arn],
            Detail::ContainerInstance(change) => [&change.container_instance_arn, &change.cluster_arn],
            Detail::InstanceHealth(health) => [&health.container_instance_arn, &health.cluster_arn],
            Detail::Service(event) if event.cluster_arn.is_some() => [&event.cluster_arn, &event.service_arn],
            Detail::Service(event) => [&event.service_arn, &event.daemon_arn],
            Detail::Lifecycle(_)
            | Detail::TestNotification
            | Detail::SpotWarning(_)
            | Detail::InstanceState(_)
            | Detail::Rebalance(_)
            | Detail::HealthNotice(_)
            | Detail::Tick
            | Detail::Other { .. } => [&None, &None],
        };
        if let Some(arn) = arns.into_iter().find_map(|arn| Arn::parse(arn.as_deref()?)) {
            envelope.region.get_or_insert_with(|| arn.region.into());
            envelope.account.get_or_insert_with(|| arn.account.into());
        }
        let content = Ok(Event { envelope, detail });
        self.payload.records.push(Record { message_id: message_id.map(Box::from), content });
    }

    /// Adds a record that could not be read.
    fn refuse(&mut self, problem: String, text: &str, message_id: Option<&str>) {
        let content = Err(Unreadable::new(self.place_name(), problem, text));
        self.payload.records.push(Record { message_id: message_id.map(Box::from), content });
    }

    /// Goes one step in, and out again.
    fn enter(&mut self, step: Step, inside: impl FnOnce(&mut Self)) {
        self.place.push(step);
        inside(self);
        self.place.pop();
    }

    /// The present place, such as `Records[2].body`.
    fn place_name(&self) -> String {
        let mut name = String::new();
        for step in &self.place {
            match step {
                Step::Field(field) if name.is_empty() => name.push_str(field),
                Step::Field(field) => name = format!("{name}.{field}"),
                Step::Element(index) => name = format!("{name}[{index}]"),
                Step::Text => {}
            }
        }
        name
    }
}

/// What is wrong with JSON text, with serde's line and column.
fn broken(error: &serde_json::Error) -> String {
    format!("is not JSON we can read: {error}")
}

#[cfg(test)]
mod tests;
