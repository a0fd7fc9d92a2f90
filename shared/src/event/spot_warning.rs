//! `EC2 Spot Instance Interruption Warning`, source `aws.ec2`: two minutes, and sent on a best-effort basis.
//!
//! Source: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>.
//! Fixtures: `events-fixtures/ec2-spot-instance-interruption-warning/`.

use serde::Deserialize;

use super::lenient;

/// The `detail-type` of a Spot interruption warning.
pub const SPOT_WARNING: &str = "EC2 Spot Instance Interruption Warning";

/// The detail of a Spot interruption warning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct SpotWarning {
    /// For example `i-0a1b2c3d4e5f60718`; from the event's `resources` where the detail does not say it.
    #[serde(deserialize_with = "lenient::text")]
    pub instance_id: Option<Box<str>>,
    /// `terminate`, `stop`, `hibernate`.
    #[serde(deserialize_with = "lenient::text")]
    pub instance_action: Option<Box<str>>,
}

/// The id in an instance's ARN. AWS's own examples lack the account, so the ARN need not be whole.
#[must_use]
pub fn instance_of_arn(arn: &str) -> Option<&str> {
    let (_, id) = arn.rsplit_once(":instance/")?;
    (id.starts_with("i-") && !id.contains('/')).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::{SpotWarning, instance_of_arn};

    #[test]
    fn both_fields_are_read_whatever_their_type() {
        for (json, want) in [
            (
                r#"{"instance-id":"i-1","instance-action":"terminate","of-the-future":1}"#,
                (Some("i-1"), Some("terminate")),
            ),
            (r#"{"instance-action":"hibernate"}"#, (None, Some("hibernate"))),
            (r#"{"instance-id":["i-1"],"instance-action":null}"#, (None, None)),
            (r#"{"instance-id":7,"instance-action":""}"#, (Some("7"), None)),
            ("{}", (None, None)),
        ] {
            let warning: SpotWarning = serde_json::from_str(json).expect(json);
            assert_eq!((warning.instance_id.as_deref(), warning.instance_action.as_deref()), want, "{json}");
        }
    }

    #[test]
    fn an_arn_names_an_instance_even_without_its_account() {
        for (arn, want) in [
            ("arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b", Some("i-0a1b")),
            ("arn:aws-cn:ec2:cn-north-1:111122223333:instance/i-0a1b", Some("i-0a1b")),
            ("arn:aws:ec2:eu-west-1:instance/i-0a1b", Some("i-0a1b")),
            ("arn:aws:ec2:eu-west-1:111122223333:instance/", None),
            ("arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b/x", None),
            ("arn:aws:ec2:eu-west-1:111122223333:volume/vol-0a1b", None),
            ("i-0a1b", None),
            ("", None),
        ] {
            assert_eq!(instance_of_arn(arn), want, "{arn}");
        }
    }
}
