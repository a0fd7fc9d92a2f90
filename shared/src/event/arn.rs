//! Amazon Resource Names, as far as an alert needs them.
//!
//! Form: `arn:partition:service:region:account:resource`
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>). ECS names a task in two ways:
//! `task/cluster/id` since 2018, `task/id` before
//! (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html>).

/// A borrowed view of an ARN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, `aws-us-gov`, or a later one.
    pub partition: &'a str,
    /// `ecs`, `autoscaling`, …
    pub service: &'a str,
    /// Empty for global resources.
    pub region: &'a str,
    /// The twelve-digit account.
    pub account: &'a str,
    /// Everything behind the fifth colon.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Splits an ARN; `None` where the text is not one.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        Some(Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        })
    }

    /// The cluster in the resource of a long ECS ARN (`task/cluster/id`); `None` for short ones.
    #[must_use]
    pub fn cluster(&self) -> Option<&'a str> {
        let mut parts = self.resource.split('/');
        match (parts.next()?, parts.next()?, parts.next()) {
            ("cluster", name, None) | (_, name, Some(_)) => Some(name),
            (_, _, None) => None,
        }
    }
}

/// The last part of an ARN or name: the task id, the cluster's or the task definition's name.
/// A text without a slash is its own last part.
#[must_use]
pub fn last_part(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

/// Family and revision of a task definition ARN or `family:revision`.
#[must_use]
pub fn family_and_revision(task_definition: &str) -> (&str, Option<&str>) {
    let name = last_part(task_definition);
    match name.rsplit_once(':') {
        Some((family, revision)) => (family, Some(revision)),
        None => (name, None),
    }
}

#[cfg(test)]
mod tests {
    use super::{Arn, family_and_revision, last_part};

    #[test]
    fn long_and_short_arns_of_every_partition() {
        for (text, partition, cluster, id) in [
            ("arn:aws:ecs:eu-west-1:111122223333:task/harbor/0a1b", "aws", Some("harbor"), "0a1b"),
            ("arn:aws:ecs:eu-west-1:111122223333:task/0a1b", "aws", None, "0a1b"),
            ("arn:aws-cn:ecs:cn-north-1:111122223333:task/harbor/0a1b", "aws-cn", Some("harbor"), "0a1b"),
            (
                "arn:aws-us-gov:ecs:us-gov-west-1:111122223333:cluster/harbor",
                "aws-us-gov",
                Some("harbor"),
                "harbor",
            ),
        ] {
            let arn = Arn::parse(text).expect(text);
            assert_eq!(
                (arn.partition, arn.cluster(), last_part(arn.resource)),
                (partition, cluster, id),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_arn_is_none() {
        for text in ["", "arn", "arn:aws:ecs", "task/harbor/0a1b", "a:b:c:d:e:f"] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_task_definition_has_a_family_and_mostly_a_revision() {
        for (text, want) in [
            ("arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7", ("web", Some("7"))),
            ("web:7", ("web", Some("7"))),
            ("web", ("web", None)),
        ] {
            assert_eq!(family_and_revision(text), want);
        }
    }
}
