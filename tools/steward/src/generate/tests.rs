//! What is generated, held against what reads it.

use std::collections::{BTreeMap, BTreeSet};

use shared::event::{Detail, Event, Timestamp};
use shared::intake;
use shared::judge::{self, Context};
use shared::policy::Policy;

use super::line::Line;
use super::stream::Stream;
use super::written::Templates;

const START: i64 = 1_777_593_600_000;
const DAY: i64 = 86_400_000;

/// The lines of a stream.
fn lines(seed: u64, events: u64, span: i64) -> Vec<String> {
    let mut stream = Stream::new(seed, events, START, span);
    let templates = Templates::default();
    let mut lines = Vec::new();
    while let Some((snapshot, workload)) = stream.next_event() {
        let mut line = Line::default();
        templates.write(&mut line, &snapshot, workload);
        lines.push(String::from_utf8(line.0).expect("UTF-8"));
    }
    lines
}

fn events(lines: &[String]) -> Vec<Event> {
    lines
        .iter()
        .flat_map(|line| intake::read(line.as_bytes()).records)
        .map(|record| record.content.expect("an event"))
        .collect()
}

#[test]
fn a_seed_repeats_and_another_is_different() {
    assert_eq!(lines(7, 500, DAY), lines(7, 500, DAY));
    assert_ne!(lines(7, 500, DAY), lines(8, 500, DAY));
}

#[test]
fn each_line_is_json_with_every_field_filled() {
    for line in lines(1, 3_000, DAY) {
        let value: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert!(!line.contains('<') && value["detail"]["taskArn"].is_string(), "{line}");
        assert!((1_200..4_000).contains(&line.len()), "as long as real ones: {}", line.len());
    }
}

#[test]
fn the_events_fill_the_span_and_hold_what_real_traffic_has() {
    let lines = lines(1, 10_000, DAY);
    let events = events(&lines);
    assert_eq!(events.len(), 10_000);
    let at: Vec<_> = events.iter().map(|event| event.at().expect("a time").as_millis()).collect();
    assert!(at[0] < START + DAY / 50 && at[9_999] > START + DAY / 50 * 49, "from one end to the other");
    assert!(at.windows(2).any(|pair| pair[0] > pair[1] + 1_000), "some are late");
    assert!(lines.iter().collect::<BTreeSet<_>>().len() < lines.len(), "some come twice");
    let policy = Policy::default();
    let mut causes: BTreeMap<&str, usize> = BTreeMap::new();
    for event in &events {
        let Detail::Task(task) = &event.detail else { panic!("a task: {event:?}") };
        let context =
            Context { now: Timestamp::from_millis(0), last_version: None, background: None, known_ends: &[] };
        *causes.entry(judge::judge(task, &policy, &context).cause.word()).or_default() += 1;
    }
    for cause in [
        "not-stopped",
        "completed",
        "scaled-in",
        "stopped-by-user",
        "application-exit",
        "crashed",
        "out-of-memory",
        "health-check",
        "host-terminated",
    ] {
        assert!(causes.contains_key(cause), "{cause}: {causes:?}");
    }
    assert!(causes["not-stopped"] > 6_000, "most of the traffic: {causes:?}");
    assert!(!causes.contains_key("exit-unknown") && !causes.contains_key("unknown-stop-code"), "{causes:?}");
}

#[test]
fn every_misfortune_happens_in_a_long_time() {
    let mut all = BTreeSet::new();
    for event in events(&lines(3, 60_000, 14 * DAY)) {
        let Detail::Task(task) = &event.detail else { continue };
        let context =
            Context { now: Timestamp::from_millis(0), last_version: None, background: None, known_ends: &[] };
        all.insert(judge::judge(task, &Policy::default(), &context).cause.word());
    }
    for cause in ["spot-interrupted", "image-pull", "resource-initialization", "killed"] {
        assert!(all.contains(cause), "{cause}: {all:?}");
    }
}

#[test]
fn a_short_span_does_not_make_it_hold_more() {
    let mut stream = Stream::new(1, 100_000, START, 1_000);
    let mut most = 0;
    while stream.next_event().is_some() {
        most = most.max(stream.queue.len());
    }
    assert!(most < 25_000, "{most}");
}
