//! What an entity of an AWS Health notice names.
//!
//! `cluster|service` for the services of a task retirement, the ARN of a task that belongs to none, an instance's id;
//! anything else is kept as it is.
//! Sources: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/prepare-task-retirement.html>,
//! <https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html>.

use super::arn::{Arn, last_part};
use super::spot_warning::instance_of_arn;

/// What an entity names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affected<'a> {
    /// A service.
    Service {
        /// Its cluster's name.
        cluster: &'a str,
        /// Its name.
        service: &'a str,
    },
    /// A task that belongs to no service.
    Task {
        /// Its cluster's name, where it is said.
        cluster: Option<&'a str>,
        /// Its id.
        id: &'a str,
    },
    /// An EC2 instance.
    Instance(&'a str),
    /// Anything else.
    Other(&'a str),
}

impl<'a> Affected<'a> {
    /// Reads an entity's value.
    #[must_use]
    pub fn of(value: &'a str) -> Self {
        let value = value.trim();
        if value.starts_with("i-") && !value.contains([' ', '|', '/']) {
            return Self::Instance(value);
        }
        if let Some(id) = instance_of_arn(value) {
            return Self::Instance(id);
        }
        if let Some(arn) = Arn::parse(value).filter(|arn| arn.service == "ecs") {
            let mut parts = arn.resource.split('/');
            return match (parts.next(), parts.next(), parts.next()) {
                (Some("service"), Some(cluster), Some(service)) => Self::Service { cluster, service },
                (Some("task"), Some(_), _) => {
                    Self::Task { cluster: arn.cluster(), id: last_part(arn.resource) }
                }
                _ => Self::Other(value),
            };
        }
        let mut parts = value.split('|').map(str::trim);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(cluster), Some(service), None) if is_name(cluster) && is_name(service) => {
                Self::Service { cluster: last_part(cluster), service: last_part(service) }
            }
            _ => Self::Other(value),
        }
    }

    /// The cluster it is in.
    #[must_use]
    pub const fn cluster(self) -> Option<&'a str> {
        match self {
            Self::Service { cluster, .. } => Some(cluster),
            Self::Task { cluster, .. } => cluster,
            Self::Instance(_) | Self::Other(_) => None,
        }
    }

    /// The service it is.
    #[must_use]
    pub const fn service(self) -> Option<&'a str> {
        match self {
            Self::Service { service, .. } => Some(service),
            Self::Task { .. } | Self::Instance(_) | Self::Other(_) => None,
        }
    }

    /// The instance it is.
    #[must_use]
    pub const fn instance(self) -> Option<&'a str> {
        match self {
            Self::Instance(id) => Some(id),
            Self::Service { .. } | Self::Task { .. } | Self::Other(_) => None,
        }
    }

    /// `service web on harbor`, `task 0a1b on harbor`, `instance i-0a1b`.
    #[must_use]
    pub fn in_words(self) -> String {
        match self {
            Self::Service { cluster, service } => format!("service {service} on {cluster}"),
            Self::Task { cluster: Some(cluster), id } => format!("task {id} on {cluster}"),
            Self::Task { cluster: None, id } => format!("task {id}"),
            Self::Instance(id) => format!("instance {id}"),
            Self::Other(text) => text.to_owned(),
        }
    }
}

/// Whether it may be a name or an ARN: not empty, and without blanks.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::Affected;

    #[test]
    fn each_form_names_what_it_means() {
        for (value, want) in [
            ("harbor|web", "service web on harbor"),
            ("arn:aws:ecs:eu-west-1:111122223333:service/harbor/web", "service web on harbor"),
            ("arn:aws:ecs:eu-west-1:111122223333:task/harbor/0a1b", "task 0a1b on harbor"),
            ("arn:aws:ecs:eu-west-1:111122223333:task/0a1b", "task 0a1b"),
            (" i-0a1b ", "instance i-0a1b"),
            ("arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b", "instance i-0a1b"),
            ("vol-0a1b", "vol-0a1b"),
            ("cr-0a | eu-west-1b | t3.medium | 0.0%", "cr-0a | eu-west-1b | t3.medium | 0.0%"),
            ("harbor|", "harbor|"),
            ("two words|web", "two words|web"),
        ] {
            assert_eq!(Affected::of(value).in_words(), want, "{value}");
        }
    }
}
