//! What the collection of hosts' logs does, where the policy asks for it.

use shared::policy::collect_logs::Occasion;

use super::super::super::super::snapshot::Snapshot;
use super::{ANY, NO_RESOURCE, Needs};

/// The document, which is AWS's own.
const DOCUMENT: &str = "document/AWS-RunShellScript";
/// The tag that Auto Scaling gives the instances of a group; the template's role asks for it.
const GROUP: &str = "aws:ResourceTag/aws:autoscaling:groupName";

/// What is done on the instances of these groups where the policy asks for it on this occasion. Drains and alerts go
/// on without it, and say what is missing.
pub(super) fn of_host_logs<'a>(
    needs: &mut Needs<'_>,
    seen: &Snapshot,
    occasion: Occasion,
    groups: impl Iterator<Item = &'a str>,
) {
    let policy = seen.policy.as_ref().and_then(|policy| policy.collect_logs.as_ref());
    if !policy.is_some_and(|logs| logs.on.contains(&occasion)) {
        return;
    }
    let document = format!("arn:{}:ssm:{}::{DOCUMENT}", needs.home.partition, needs.home.region);
    needs.may(&["ssm:SendCommand"], document, &[]);
    let instance = needs.arn("ec2", &format!("instance/{ANY}"));
    for group in groups {
        needs.may(&["ssm:SendCommand"], instance.clone(), &[(GROUP, group)]);
    }
    needs.may(&["ssm:ListCommandInvocations"], NO_RESOURCE.to_owned(), &[]);
}

#[cfg(test)]
mod tests {
    use super::super::super::super::super::snapshot::Role;
    use super::super::super::super::super::testing;
    use super::super::needs;
    use super::Occasion;

    #[test]
    fn they_are_needed_where_the_policy_says_so() {
        let place =
            |seen: &super::Snapshot, role: Role| seen.functions.iter().position(|one| one.role == role);
        let of = |seen: &super::Snapshot, role: Role| -> Vec<String> {
            let all = needs(seen, &seen.functions[place(seen, role).expect("it")]).into_iter();
            let systems_manager = all.filter(|(attempt, _)| attempt.actions[0].starts_with("ssm:"));
            systems_manager
                .map(|(attempt, is_optional)| format!("{is_optional} {}", attempt.resource))
                .collect()
        };
        let want = [
            "true arn:aws:ssm:eu-west-1::document/AWS-RunShellScript",
            "true arn:aws:ec2:eu-west-1:111122223333:instance/steward-doctor",
            "true *",
        ];
        let nothing: [&str; 0] = [];
        let mut seen = testing::healthy();
        for role in [Role::InstanceDrain, Role::InstanceMonitor] {
            assert_eq!(of(&seen, role), nothing);
        }
        testing::collect_logs(&mut seen);
        for role in [Role::InstanceDrain, Role::InstanceMonitor] {
            assert_eq!(of(&seen, role), want);
        }
        let logs = seen.policy.as_mut().and_then(|policy| policy.collect_logs.as_mut()).expect("it is on");
        logs.on.retain(|occasion| *occasion == Occasion::DrainStuck);
        assert_eq!(of(&seen, Role::InstanceDrain), want);
        assert_eq!(of(&seen, Role::InstanceMonitor), nothing);
    }
}
