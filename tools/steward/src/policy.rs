//! `steward policy check`, and the policy the other verbs judge under.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use shared::alert::incident::Grouping;
use shared::policy::Policy;
use shared::policy::audit::AuditPolicy;
use shared::policy::hosts::Hosts;
use shared::policy::volumes::VolumePolicy;

use crate::terminal::{Status, complain, ended, output};

/// Reads a policy; each error is told.
pub fn read(file: Option<&Path>) -> Result<Policy, Status> {
    let Some(file) = file else { return Ok(Policy::default()) };
    let name = file.display();
    let text = fs::read_to_string(file).map_err(|error| {
        complain(&format!("{name}: {error}"));
        Status::BadInput
    })?;
    Policy::parse(&text).map_err(|errors| {
        for line in errors.lines() {
            complain(&format!("{name}: {line}"));
        }
        Status::BadInput
    })
}

/// `steward policy check FILE`
pub fn check(file: &Path) -> Status {
    match read(Some(file)) {
        Ok(policy) => {
            let Policy {
                rules,
                mutes,
                drains,
                protects,
                jobs,
                routes,
                audit,
                grouping,
                collect_logs,
                volumes,
                hosts,
            } = &policy;
            let (rules, mutes, drains, routes) = (rules.len(), mutes.len(), drains.len(), routes.len());
            let (protects, jobs) = (protects.len(), jobs.len());
            let grouped = if *grouping == Grouping::default() { "" } else { ", grouping" };
            let hosted = if *hosts == Hosts::default() { "" } else { ", hosts" };
            let collects = collect_logs.as_ref().map_or_else(String::new, |logs| {
                format!(", host logs to s3://{}/{}", logs.bucket, logs.prefix)
            });
            let watched = if *volumes == VolumePolicy::default() { "" } else { ", volumes" };
            let audited = if *audit == AuditPolicy::default() { "" } else { ", audit" };
            ended(
                writeln!(
                    output(),
                    "{}: good; rules: {rules}, mutes: {mutes}, drains: {drains}, protects: {protects}, jobs: {jobs}, routes: {routes}{grouped}{hosted}{collects}{watched}{audited}",
                    file.display()
                )
                .map(|()| Status::Done),
            )
        }
        Err(status) => status,
    }
}
