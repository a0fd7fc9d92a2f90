//! What feeds `instance-drain`, fixture by fixture: their goldens say only that nothing of it is judged.

use std::fs;
use std::path::{Path, PathBuf};

use shared::event::Detail;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events-fixtures").join(name)
}

/// What a detail was read as: a word, and the instance it names.
fn name(detail: &Detail) -> (&'static str, Option<&str>) {
    match detail {
        Detail::Task(_) => ("task", None),
        Detail::Lifecycle(action) if action.to_warm_pool() && action.is_terminating() => {
            ("parks", action.ec2_instance_id.as_deref())
        }
        Detail::Lifecycle(action) if action.is_terminating() => ("ends", action.ec2_instance_id.as_deref()),
        Detail::Lifecycle(action) => ("holds", action.ec2_instance_id.as_deref()),
        Detail::TestNotification => ("test", None),
        Detail::SpotWarning(warning) => ("spot", warning.instance_id.as_deref()),
        Detail::ContainerInstance(change) => ("instance", change.ec2_instance_id.as_deref()),
        Detail::InstanceHealth(health) => ("health", health.ec2_instance_id.as_deref()),
        Detail::InstanceState(state) => ("state", state.id()),
        Detail::Rebalance(state) => ("rebalance", state.id()),
        Detail::HealthNotice(_) => ("notice", None),
        Detail::Tick => ("tick", None),
        Detail::Service(event) => ("service", event.named_by()),
        Detail::Other { .. } => ("other", None),
    }
}

/// A folder, what its fixtures are read as, and those that are read as something else.
type Folder = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const FOLDERS: [Folder; 6] = [
    (
        "ec2-instance-terminate-lifecycle-action",
        "ends",
        &[("unknown-transition", "holds"), ("warm-pool-destination", "parks")],
    ),
    ("ec2-instance-launch-lifecycle-action", "holds", &[]),
    (
        "auto-scaling-notification",
        "ends",
        &[
            ("raw-launching", "holds"),
            ("result-notice", "other"),
            ("test-notification", "test"),
            ("via-sqs", "test, ends"),
        ],
    ),
    ("ec2-spot-instance-interruption-warning", "spot", &[]),
    ("ecs-container-instance-state-change", "instance", &[]),
    ("scheduled-event", "tick", &[]),
];

#[test]
fn each_fixture_is_read_as_what_its_folder_says() {
    for (kind, usual, others) in FOLDERS {
        for path in fs::read_dir(folder(kind)).expect("a folder").map(|entry| entry.expect("an entry").path())
        {
            if path.extension().is_none_or(|ending| ending != "json") {
                continue;
            }
            let case = path.file_stem().and_then(|name| name.to_str()).expect("a name");
            let want = others.iter().find(|(other, _)| *other == case).map_or(usual, |(_, want)| want);
            let payload = shared::intake::read(&fs::read(&path).expect("a fixture"));
            let events: Vec<_> =
                payload.records.iter().map(|record| record.content.as_ref().expect("an event")).collect();
            let words: Vec<_> = events.iter().map(|event| name(&event.detail).0).collect();
            assert_eq!(words.join(", "), want, "{kind}/{case}");
            for event in events {
                let (word, instance) = name(&event.detail);
                let names_one = instance.is_some_and(|id| id.starts_with("i-"));
                // An instance outside AWS is none of EC2's.
                let has_one = !["test", "tick", "other"].contains(&word) && !case.starts_with("external-");
                assert_eq!(names_one, has_one, "{kind}/{case}");
                assert!(event.at().is_some(), "{kind}/{case}: when");
            }
        }
    }
}
