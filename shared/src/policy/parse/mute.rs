//! Reading `[[mute]]`.

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use super::Check;
use crate::event::Timestamp;
use crate::policy::{Mute, Scope};

/// A `[[mute]]` as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct MuteTable {
    /// A pattern over the cluster's name.
    cluster: Option<String>,
    /// A pattern over the service's name.
    service: Option<String>,
    /// A pattern over the task definition's family.
    family: Option<String>,
    /// Causes to silence.
    #[serde(default)]
    causes: Vec<String>,
    /// When it begins.
    from: Option<Datetime>,
    /// When it ends.
    until: Option<Datetime>,
    /// Why.
    reason: Option<String>,
}

impl Check<'_> {
    /// Reads a `[[mute]]`.
    pub(super) fn mute(&mut self, table: Spanned<toml::Value>) -> Option<Mute> {
        let (place, table) = self.table::<MuteTable>("mute", table)?;
        let from = table.from.and_then(|from| self.time(&place, "from", from));
        if table.until.is_none() {
            self.wrong(&place, "needs `until`, the time at which the silence ends");
        }
        let until = table.until.and_then(|until| self.time(&place, "until", until));
        if from.zip(until).is_some_and(|(from, until)| from >= until) {
            self.wrong(&place, "ends before it begins");
        }
        let reason = table.reason.filter(|reason| !reason.trim().is_empty());
        if reason.is_none() {
            self.wrong(&place, "needs a `reason`");
        }
        let scope = self.scope(&place, [table.cluster, table.service, table.family]);
        if scope == Scope::default() {
            self.wrong(&place, "would silence everything: give a cluster, service or family");
        }
        let causes = table.causes.iter().filter_map(|cause| self.cause(&place, cause)).collect();
        Some(Mute { scope, causes, from, until: until?, reason: reason? })
    }

    /// A point in time: date, time and offset.
    fn time(&mut self, place: &str, field: &str, at: Datetime) -> Option<Timestamp> {
        let time = Timestamp::parse(&at.to_string()).filter(|_| at.offset.is_some());
        if time.is_none() {
            self.wrong(
                place,
                &format!("`{field}` needs a date, a time and an offset, such as 2026-12-01T06:00:00Z"),
            );
        }
        time
    }
}
