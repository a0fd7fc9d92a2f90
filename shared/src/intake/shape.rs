//! One pass over an object that could be any payload we accept.
//!
//! The fields of every shape stand side by side, so that the hot case (a task state change) is parsed
//! once, into its type, whatever the order of its keys.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde_json::value::RawValue;

use crate::event::TaskStateChange;
use crate::event::lenient;

/// The keys we look for, wherever they stand.
///
/// `aws_lambda_events::{SqsEvent, SnsEvent}` are too strict to read with: one SNS timestamp that is not
/// RFC 3339, one null attribute or one record of another kind, and nothing of the batch is read. Our
/// answers do use its `SqsBatchResponse`, and the tests its types to write payloads.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
#[cfg_attr(
    not(test),
    expect(clippy::missing_docs_in_private_items, reason = "each field is the key of its name")
)]
#[expect(clippy::struct_excessive_bools, reason = "each is the presence of a key")]
pub(super) struct Shape<'a> {
    // The EventBridge envelope.
    #[serde(rename = "detail-type", deserialize_with = "lenient::text")]
    pub detail_type: Option<Box<str>>,
    #[serde(deserialize_with = "lenient::text")]
    pub source: Option<Box<str>>,
    #[serde(deserialize_with = "lenient::text")]
    pub id: Option<Box<str>>,
    #[serde(deserialize_with = "lenient::text")]
    pub account: Option<Box<str>>,
    #[serde(deserialize_with = "lenient::text")]
    pub region: Option<Box<str>>,
    #[serde(deserialize_with = "lenient::text")]
    pub time: Option<Box<str>>,
    pub detail: DetailField,

    // SQS and SNS: a Lambda event, `aws sqs receive-message`, one message, one notification.
    #[serde(rename = "Records", borrow)]
    pub records: Option<&'a RawValue>,
    #[serde(rename = "Messages", borrow)]
    pub messages: Option<&'a RawValue>,
    #[serde(rename = "messageId", deserialize_with = "lenient::text")]
    pub message_id: Option<Box<str>>,
    #[serde(borrow)]
    pub body: Option<&'a RawValue>,
    #[serde(rename = "Body", borrow)]
    pub received_body: Option<&'a RawValue>,
    #[serde(rename = "Sns", borrow)]
    pub sns: Option<&'a RawValue>,
    #[serde(rename = "Message", borrow)]
    pub message: Option<&'a RawValue>,

    // `aws ecs describe-tasks` and `stop-task`, and a task without any envelope.
    #[serde(borrow)]
    pub tasks: Option<&'a RawValue>,
    #[serde(borrow)]
    pub task: Option<&'a RawValue>,
    #[serde(rename = "taskArn", deserialize_with = "lenient::present")]
    pub task_arn: bool,
    #[serde(rename = "lastStatus", deserialize_with = "lenient::present")]
    pub last_status: bool,
    #[serde(rename = "stopCode", deserialize_with = "lenient::present")]
    pub stop_code: bool,
    #[serde(rename = "stoppedReason", deserialize_with = "lenient::present")]
    pub stopped_reason: bool,

    // A notification Auto Scaling sends to SNS or SQS itself.
    #[serde(rename = "LifecycleTransition", deserialize_with = "lenient::present")]
    pub lifecycle_transition: bool,
    #[serde(rename = "Event", deserialize_with = "lenient::text")]
    pub auto_scaling_event: Option<Box<str>>,
}

impl Shape<'_> {
    /// Whether the object itself is a task.
    pub(super) const fn is_bare_task(&self) -> bool {
        self.task_arn || self.last_status || self.stop_code || self.stopped_reason
    }

    /// Whether the object is an Auto Scaling notification.
    pub(super) fn is_auto_scaling_notification(&self) -> bool {
        self.lifecycle_transition
            || self.auto_scaling_event.as_deref().is_some_and(|event| event.starts_with("autoscaling:"))
    }
}

/// The `detail` of an event.
#[derive(Debug, Default)]
pub(super) enum DetailField {
    /// No such key, or null.
    #[default]
    Missing,
    /// An object, read as a task: every field of it is optional, so any object can be.
    Object(Box<TaskStateChange>),
    /// Something else, by its name.
    Odd(&'static str),
}

impl DetailField {
    /// Whether the detail has anything of a task.
    pub(super) fn is_task(&self) -> bool {
        match self {
            Self::Object(task) => {
                task.task_arn.is_some()
                    || task.last_status.is_some()
                    || task.stop_code.is_some()
                    || task.stopped_reason.is_some()
                    || !task.containers.is_empty()
            }
            Self::Missing | Self::Odd(_) => false,
        }
    }
}

impl DetailField {
    /// Whether the detail is a task that says where it stands, which no other detail-type does.
    pub(super) fn is_task_with_status(&self) -> bool {
        matches!(self, Self::Object(task) if task.task_arn.is_some() && task.last_status.is_some())
    }
}

/// The name of a message that cannot be read otherwise.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Named {
    /// Its id.
    #[serde(rename = "messageId", deserialize_with = "lenient::text")]
    pub message_id: Option<Box<str>>,
}

impl<'de> Deserialize<'de> for DetailField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(DetailVisitor)
    }
}

/// Reads a [`DetailField`].
struct DetailVisitor;

impl<'de> Visitor<'de> for DetailVisitor {
    type Value = DetailField;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("the detail of an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Box::<TaskStateChange>::deserialize(MapAccessDeserializer::new(map)).map(DetailField::Object)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(DetailField::Odd("a list"))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(DetailField::Missing)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(DetailField::Odd("text"))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(DetailField::Odd("a boolean"))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(DetailField::Odd("a number"))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(DetailField::Odd("a number"))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(DetailField::Odd("a number"))
    }
}
