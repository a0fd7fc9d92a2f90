//! `table`: whether the alert table is what `task-monitor` takes it for.

use super::super::finding::{Finding, Kind, Severity, not_checked};
use super::super::snapshot::{Role, Snapshot};

/// The check's word.
const CHECK: &str = "table";
/// The attribute that says when an item may go.
const EXPIRES: &str = "expires";
/// The index of what is due.
const DUE: &str = "due";

/// No table is set.
const UNSET: Kind = Kind {
    check: CHECK,
    word: "table-unset",
    severity: Severity::Warning,
    why: "Every alert is published and nothing is grouped: a crash loop tells people at each stop.",
    fix: "Set ALERT_TABLE; see The alert table in the README.",
};
/// No such table.
const MISSING: Kind = Kind {
    check: CHECK,
    word: "table-missing",
    severity: Severity::Error,
    why: "Alerts go out without it and are not grouped, and people hear of no digest and no recovery.",
    fix: "Create the table as the README says, or correct ALERT_TABLE.",
};
/// The index is missing.
const NO_INDEX: Kind = Kind {
    check: CHECK,
    word: "index-missing",
    severity: Severity::Error,
    why: "Ticks find nothing that is due: digests and recoveries never come, and stops are counted in silence.",
    fix: "Create the index due (open, due) as the README says.",
};
/// Nothing is deleted.
const ENDLESS: Kind = Kind {
    check: CHECK,
    word: "time-to-live-missing",
    severity: Severity::Warning,
    why: "Nothing is ever deleted from the table, which grows and costs.",
    fix: "Enable the time to live on the attribute expires.",
};

/// The table `task-monitor` is told.
pub fn check(seen: &Snapshot) -> Vec<Finding> {
    let Some((deployed, _)) = seen.deployed(Role::TaskMonitor) else { return Vec::new() };
    let Some(Ok(config)) = seen.config(Role::TaskMonitor) else { return Vec::new() };
    let Some(name) = config.alert_table else {
        return vec![UNSET.of(format!("function {}", deployed.name), "ALERT_TABLE is not set")];
    };
    let resource = format!("table {name}");
    let table = match seen.tables.get(&name) {
        Some(Ok(table)) => table,
        Some(Err(why)) if why.is_absent() => return vec![MISSING.of(resource, "it does not exist")],
        Some(Err(why)) => return vec![not_checked(CHECK, resource, why)],
        None => return Vec::new(),
    };
    let mut found = Vec::new();
    if !table.indexes.iter().any(|index| index == DUE) {
        found.push(NO_INDEX.of(resource.clone(), format!("it has no index {DUE}")));
    }
    match &table.expires_by {
        Ok(Some(attribute)) if attribute == EXPIRES => {}
        Ok(Some(attribute)) => {
            found.push(ENDLESS.of(resource, format!("its time to live is on {attribute}, not on {EXPIRES}")));
        }
        Ok(None) => found.push(ENDLESS.of(resource, "its time to live is not enabled")),
        Err(why) => found.push(not_checked(CHECK, resource, why)),
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{self, Case, table};
    use super::check;

    #[test]
    fn each_finding_and_its_absence() {
        let cases: [(Case, &[&str]); 7] = [
            (|_| {}, &[]),
            (|seen| testing::vary(seen, "ALERT_TABLE", ""), &["table-unset"]),
            (|seen| testing::each_absent(&mut seen.tables), &["table-missing"]),
            (|seen| table(seen).indexes = vec!["open".into()], &["index-missing"]),
            (|seen| table(seen).expires_by = Ok(None), &["time-to-live-missing"]),
            (|seen| table(seen).expires_by = Ok(Some("ttl".into())), &["time-to-live-missing"]),
            (|seen| table(seen).expires_by = Err(testing::denied("a:TimeToLive")), &["not-checked"]),
        ];
        testing::hold(check, &cases);
    }
}
