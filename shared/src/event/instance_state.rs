//! `EC2 Instance State-change Notification` and `EC2 Instance Rebalance Recommendation`, source `aws.ec2`: an id, and
//! for the first a state. Both are sent on a best-effort basis.
//!
//! Sources: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html>,
//! <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html>.
//! Fixtures: `events-fixtures/ec2-instance-state-change-notification/`,
//! `events-fixtures/ec2-instance-rebalance-recommendation/`.

use serde::Deserialize;

use super::lenient;

/// The `detail-type` of a state change.
pub const INSTANCE_STATE_CHANGE: &str = "EC2 Instance State-change Notification";
/// The `detail-type` of a rebalance recommendation.
pub const REBALANCE_RECOMMENDATION: &str = "EC2 Instance Rebalance Recommendation";

/// The detail of either.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct InstanceState {
    /// For example `i-0a1b2c3d4e5f60718`; from the event's `resources` where the detail does not say it.
    #[serde(deserialize_with = "lenient::text")]
    pub instance_id: Option<Box<str>>,
    /// `pending`, `running`, `stopping`, `stopped`, `shutting-down`, `terminated`. Of an odd type its JSON. A
    /// recommendation has none.
    #[serde(deserialize_with = "lenient::text_or_json")]
    pub state: Option<Box<str>>,
}

impl InstanceState {
    /// The instance's id, without the blanks that some of AWS's own examples have before it.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.instance_id.as_deref().map(str::trim).filter(|id| !id.is_empty())
    }

    /// The state in lower case; empty where there is none.
    #[must_use]
    pub fn word(&self) -> String {
        self.state.as_deref().unwrap_or_default().trim().to_ascii_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::InstanceState;

    #[test]
    fn both_fields_are_read_whatever_their_type() {
        for (json, id, word) in [
            (r#"{"instance-id":"i-1","state":"stopping"}"#, Some("i-1"), "stopping"),
            (r#"{"instance-id":" i-1","state":"RUNNING"}"#, Some("i-1"), "running"),
            (r#"{"instance-id":["i-1"],"state":["stopped"]}"#, None, r#"["stopped"]"#),
            (r#"{"instance-id":" ","state":null}"#, None, ""),
            ("{}", None, ""),
        ] {
            let state: InstanceState = serde_json::from_str(json).expect(json);
            assert_eq!((state.id(), state.word().as_str()), (id, word), "{json}");
        }
    }
}
