//! `AWS Health Event`, source `aws.health`: what AWS plans to do with what tasks and instances run on, and what is
//! wrong with it.
//!
//! Source: <https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html>. Long lists of
//! entities come in pages, and each message comes to a second region as a backup: pages and backups have one
//! `communicationId`. Of Fargate's task retirement the entities are `cluster|service`, or the ARNs of tasks:
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-maintenance.html>.
//! Fixtures: `events-fixtures/aws-health-event/`.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde::Deserialize;

use super::affected::Affected;
use super::lenient;

/// The `detail-type` of a notice.
pub const HEALTH_EVENT: &str = "AWS Health Event";

/// The detail of a notice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct HealthNotice {
    /// `arn:aws:health:region::event/SERVICE/TYPE/TYPE_ID`; older ones have only an id behind `event/`.
    #[serde(deserialize_with = "lenient::text")]
    pub event_arn: Option<Box<str>>,
    /// `ECS`, `EC2`, …
    #[serde(deserialize_with = "lenient::text")]
    pub service: Option<Box<str>>,
    /// For example `AWS_ECS_TASK_PATCHING_RETIREMENT`.
    #[serde(deserialize_with = "lenient::text")]
    pub event_type_code: Option<Box<str>>,
    /// `issue`, `accountNotification`, `investigation`, `scheduledChange`. Of an odd type its JSON.
    #[serde(deserialize_with = "lenient::text_or_json")]
    pub event_type_category: Option<Box<str>>,
    /// `ACCOUNT_SPECIFIC` or `PUBLIC`.
    #[serde(deserialize_with = "lenient::text")]
    pub event_scope_code: Option<Box<str>>,
    /// The same for all pages and for the backup of one message.
    #[serde(deserialize_with = "lenient::text")]
    pub communication_id: Option<Box<str>>,
    /// `open`, `upcoming`, `closed`.
    #[serde(deserialize_with = "lenient::text")]
    pub status_code: Option<Box<str>>,
    /// When it begins, such as `Wed, 16 Aug 2023 23:18:51 GMT`.
    #[serde(deserialize_with = "lenient::text")]
    pub start_time: Option<Box<str>>,
    /// When it ends.
    #[serde(deserialize_with = "lenient::text")]
    pub end_time: Option<Box<str>>,
    /// When AWS last changed the notice.
    #[serde(deserialize_with = "lenient::text")]
    pub last_updated_time: Option<Box<str>>,
    /// The region it is about; the envelope names the one it was delivered to.
    #[serde(deserialize_with = "lenient::text")]
    pub event_region: Option<Box<str>>,
    /// The account it is about, where it came to another.
    #[serde(deserialize_with = "lenient::text")]
    pub affected_account: Option<Box<str>>,
    /// Which page of the entities this is, from 1.
    #[serde(deserialize_with = "lenient::integer")]
    pub page: Option<i64>,
    /// How many there are.
    #[serde(deserialize_with = "lenient::integer")]
    pub total_pages: Option<i64>,
    /// What AWS has to say.
    #[serde(deserialize_with = "lenient::objects")]
    pub event_description: Vec<Description>,
    /// What is affected.
    #[serde(deserialize_with = "lenient::objects")]
    pub affected_entities: Vec<Entity>,
}

/// A text in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Description {
    /// The text.
    #[serde(deserialize_with = "lenient::text")]
    pub latest_description: Option<Box<str>>,
}

/// Something that is affected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Entity {
    /// An instance's id, an ARN, `cluster|service`, or any text.
    #[serde(deserialize_with = "lenient::text")]
    pub entity_value: Option<Box<str>>,
    /// `PENDING`, `RESOLVED`, `IMPAIRED`, `UNIMPAIRED`, `UNKNOWN`.
    #[serde(deserialize_with = "lenient::text")]
    pub status: Option<Box<str>>,
}

impl HealthNotice {
    /// The entities' values, without blanks around them.
    pub fn entities(&self) -> impl Iterator<Item = &str> {
        let values = self.affected_entities.iter().filter_map(|entity| entity.entity_value.as_deref());
        values.map(str::trim).filter(|value| !value.is_empty())
    }

    /// What the entities name.
    pub fn affected(&self) -> impl Iterator<Item = Affected<'_>> {
        self.entities().map(Affected::of)
    }

    /// The one cluster all entities are in; none where there are several, or one that is in none.
    #[must_use]
    pub fn cluster(&self) -> Option<&str> {
        the_one(self.affected().map(Affected::cluster))
    }

    /// The one service all entities are.
    #[must_use]
    pub fn service(&self) -> Option<&str> {
        the_one(self.affected().map(Affected::service))
    }

    /// The one instance all entities are.
    #[must_use]
    pub fn instance(&self) -> Option<&str> {
        the_one(self.affected().map(Affected::instance))
    }

    /// What names the notice through all its updates: the last part of its ARN, else its type.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let of_arn = self.event_arn.as_deref().and_then(|arn| arn.rsplit('/').next());
        of_arn.or(self.event_type_code.as_deref())
    }

    /// What recognises this very message when it comes again, also as a backup: none where nothing tells it from the
    /// next one.
    #[must_use]
    pub fn key(&self, id: Option<&str>) -> Option<String> {
        let mut hasher = DefaultHasher::new();
        match self.communication_id.as_deref() {
            Some(communication) => (communication, self.page, &self.affected_account).hash(&mut hasher),
            None => (id?, &self.event_arn).hash(&mut hasher),
        }
        Some(format!("health-{:016x}", hasher.finish()))
    }
}

/// What all of these are, where it is the same.
fn the_one<'a>(mut names: impl Iterator<Item = Option<&'a str>>) -> Option<&'a str> {
    let first = names.next()??;
    names.all(|name| name == Some(first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::HealthNotice;

    fn read(json: &str) -> HealthNotice {
        serde_json::from_str(json).expect(json)
    }

    #[test]
    fn odd_types_are_missing_or_kept_as_they_are() {
        let notice = read(
            r#"{"service":["EC2"],"eventTypeCategory":{"a":1},"affectedEntities":[7,{"entityValue":" i-1 "},
                {"entityValue":null},{"entityValue":["x"]}],"page":"2","eventDescription":"text"}"#,
        );
        assert_eq!((notice.service.as_deref(), notice.page), (None, Some(2)));
        assert_eq!(notice.event_type_category.as_deref(), Some(r#"{"a":1}"#));
        assert_eq!(notice.entities().collect::<Vec<_>>(), ["i-1"]);
        assert!(notice.event_description.is_empty() && notice.name().is_none());
    }

    #[test]
    fn a_backup_is_recognised_and_a_page_is_another_message() {
        let key = |json: &str, id| read(json).key(id);
        let first = r#"{"communicationId":"c","page":"1"}"#;
        assert_eq!(
            key(first, Some("a")),
            key(r#"{"communicationId":"c","page":1,"backupEvent":true}"#, None)
        );
        assert_ne!(key(first, None), key(r#"{"communicationId":"c","page":"2"}"#, None));
        assert_ne!(key("{}", Some("a")), key("{}", Some("b")));
        assert_eq!(key("{}", None), None);
    }

    #[test]
    fn a_notice_is_named_by_its_arn() {
        for (arn, want) in [
            (
                "arn:aws:health:eu-west-1::event/ECS/AWS_ECS_TASK/AWS_ECS_TASK_test1",
                Some("AWS_ECS_TASK_test1"),
            ),
            ("arn:aws:health:eu-west-1::event/AWS_EC2_X_903", Some("AWS_EC2_X_903")),
        ] {
            assert_eq!(read(&format!(r#"{{"eventArn":"{arn}"}}"#)).name(), want);
        }
        assert_eq!(read(r#"{"eventTypeCode":"AWS_EC2_X"}"#).name(), Some("AWS_EC2_X"));
    }
}
