//! What is no task, read in a second pass over its text.
//!
//! The first pass reads every `detail` as a task's, which nearly all of them are. Only where the detail-type
//! names another kind we know, or Auto Scaling's own notification came, is the text read once more.

use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::broken;
use super::shape::DetailField;
use crate::event::container_instance::CONTAINER_INSTANCE_STATE_CHANGE;
use crate::event::health_notice::HEALTH_EVENT;
use crate::event::instance_health::INSTANCE_HEALTH_CHANGE;
use crate::event::instance_state::{INSTANCE_STATE_CHANGE, REBALANCE_RECOMMENDATION};
use crate::event::lifecycle::{
    AUTO_SCALING_NOTIFICATION, LAUNCH_ACTION, TERMINATE_ACTION, TEST_NOTIFICATION,
};
use crate::event::service::{self, names_a_service};
use crate::event::spot_warning::{SPOT_WARNING, instance_of_arn};
use crate::event::tick::{SCHEDULED_EVENT, is_of_a_schedule};
use crate::event::{Detail, Envelope, InstanceState, LifecycleAction, ServiceEvent, SpotWarning, lenient};

/// The keys of an event that are read once more.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Outer<'a> {
    /// What happened.
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
    /// The ARNs it happened to.
    #[serde(borrow)]
    resources: Option<&'a RawValue>,
}

/// What stands for the envelope in Auto Scaling's own notification.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Notification {
    /// What happened, where no hook holds the instance.
    #[serde(deserialize_with = "lenient::text")]
    event: Option<Box<str>>,
    /// When it was sent.
    #[serde(deserialize_with = "lenient::text")]
    time: Option<Box<str>>,
    /// The twelve-digit account.
    #[serde(deserialize_with = "lenient::text")]
    account_id: Option<Box<str>>,
}

/// The detail of an event that is no task, by its detail-type.
///
/// # Errors
/// The problem, where an event of a kind we know cannot be read as one. A lifecycle action, a service event, a state
/// or a notice without an object for its detail is a problem too: an instance waits, or a service is in trouble, and nobody
/// knows which. The other kinds are hints that something else makes up for, and may say nothing.
pub(super) fn detail(envelope: &Envelope, first: &DetailField, text: &str) -> Result<Detail, String> {
    let kind = envelope.detail_type.as_deref().unwrap_or_default();
    let is = |name: &str| kind.trim().eq_ignore_ascii_case(name);
    if is(TERMINATE_ACTION) || is(LAUNCH_ACTION) {
        object(first)?;
        outer(text)?.read().map(Detail::Lifecycle)
    } else if is(SPOT_WARNING) {
        let outer = outer(text)?;
        let mut warning: Box<SpotWarning> = outer.read()?;
        warning.instance_id = warning.instance_id.or_else(|| outer.resource(instance_of_arn));
        Ok(Detail::SpotWarning(warning))
    } else if is(CONTAINER_INSTANCE_STATE_CHANGE) {
        outer(text)?.read().map(Detail::ContainerInstance)
    } else if is(INSTANCE_HEALTH_CHANGE) {
        outer(text)?.read().map(Detail::InstanceHealth)
    } else if is(INSTANCE_STATE_CHANGE) {
        object(first)?;
        instance_state(text).map(Detail::InstanceState)
    } else if is(REBALANCE_RECOMMENDATION) {
        instance_state(text).map(Detail::Rebalance)
    } else if is(HEALTH_EVENT) {
        object(first)?;
        outer(text)?.read().map(Detail::HealthNotice)
    } else if service::KINDS.iter().any(|name| is(name)) {
        object(first)?;
        let outer = outer(text)?;
        let mut event: Box<ServiceEvent> = outer.read()?;
        if event.named_by().is_none() {
            event.service_arn = outer.resource(|arn| names_a_service(arn).then_some(arn));
        }
        Ok(Detail::Service(event))
    } else if is(SCHEDULED_EVENT) && is_of_a_schedule(envelope.source.as_deref()) {
        Ok(Detail::Tick)
    } else {
        Ok(Detail::Other { kind: kind.into() })
    }
}

/// A notification Auto Scaling sent without `EventBridge`: what it says of itself, and of the instance.
///
/// # Errors
/// The problem, where it cannot be read.
pub(super) fn notification(text: &str) -> Result<(Envelope, Detail), String> {
    let notification: Notification = serde_json::from_str(text).map_err(|error| broken(&error))?;
    let action: Box<LifecycleAction> = serde_json::from_str(text).map_err(|error| broken(&error))?;
    let is_test = [notification.event.as_deref(), action.lifecycle_transition.as_deref()]
        .contains(&Some(TEST_NOTIFICATION));
    let detail = if is_test {
        Detail::TestNotification
    } else if action.lifecycle_transition.is_some() {
        Detail::Lifecycle(action)
    } else {
        Detail::Other { kind: AUTO_SCALING_NOTIFICATION.into() }
    };
    let envelope =
        Envelope { account: notification.account_id, time: notification.time, ..Envelope::default() };
    Ok((envelope, detail))
}

/// A state or a recommendation, with the instance from the event's `resources` where the detail names none.
///
/// # Errors
/// The problem, where it cannot be read.
fn instance_state(text: &str) -> Result<Box<InstanceState>, String> {
    let outer = outer(text)?;
    let mut state: Box<InstanceState> = outer.read()?;
    state.instance_id = state.instance_id.or_else(|| outer.resource(instance_of_arn));
    Ok(state)
}

/// # Errors
/// The problem, where a detail that has to be an object is none.
fn object(first: &DetailField) -> Result<(), String> {
    match first {
        DetailField::Object(_) => Ok(()),
        DetailField::Missing => Err("has no detail".to_owned()),
        DetailField::Odd(kind) => Err(format!("its detail is {kind}, not an object")),
    }
}

/// The keys of an event, once more.
fn outer(text: &str) -> Result<Outer<'_>, String> {
    serde_json::from_str(text).map_err(|error| broken(&error))
}

impl Outer<'_> {
    /// The detail as one kind's; one that is missing or no object says nothing.
    fn read<T: for<'de> Deserialize<'de> + Default>(&self) -> Result<T, String> {
        match self.detail.map(RawValue::get).filter(|detail| detail.starts_with('{')) {
            Some(detail) => serde_json::from_str(detail).map_err(|error| broken(&error)),
            None => Ok(T::default()),
        }
    }

    /// The first of the resources that is what `find` finds.
    fn resource(&self, find: impl Fn(&str) -> Option<&str>) -> Option<Box<str>> {
        let resources: Value = serde_json::from_str(self.resources?.get()).ok()?;
        let arns = resources.as_array().map_or(std::slice::from_ref(&resources), Vec::as_slice);
        arns.iter().find_map(|arn| find(arn.as_str()?)).map(Box::from)
    }
}

#[cfg(test)]
mod tests;
