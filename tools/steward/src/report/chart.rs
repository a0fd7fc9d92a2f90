//! The timeline as a picture: stops worth an alert by cause, the messages sent, and the stops that were expected,
//! one above the other on the same scale of time.

use std::io::{self, Write};

use shared::event::Timestamp;
use shared::event::timestamp::span_in_words;
use shared::judge::Cause;

use super::counts::is_stop;
use super::figures::{counted, grouped, scale};
use super::timeline::{Bucket, Timeline};
use super::{NOTICES, Report};

/// Causes with a colour of their own; the others share one.
pub const NAMED: usize = 7;
/// Width of the picture, and where the bars begin and end.
const WIDTH: i64 = 1_000;
/// See [`WIDTH`].
const LEFT: i64 = 52;
/// See [`WIDTH`].
const RIGHT: i64 = 992;
/// Height of the picture.
const HEIGHT: i64 = 486;
/// Slots, at least: a few bars are not drawn as wide as the page.
const FEWEST_SLOTS: i64 = 40;
/// Steps between marks on the scale of time, in milliseconds.
const STEPS: [i64; 13] = [
    5_000,
    15_000,
    60_000,
    300_000,
    900_000,
    1_800_000,
    3_600_000,
    10_800_000,
    21_600_000,
    43_200_000,
    86_400_000,
    172_800_000,
    604_800_000,
];
/// Marks, at most.
const MARKS: i64 = 9;
/// A day.
const DAY: i64 = 86_400_000;

/// The causes with colours of their own, the most frequent first; and whether there are others.
#[must_use]
pub fn named_causes(report: &Report) -> (Vec<(Cause, u64)>, u64) {
    let stops = report.counts.causes.iter().filter(|(cause, _)| is_stop(**cause));
    let counts = stops.map(|(cause, count)| (*cause, count.abnormal()));
    let mut causes: Vec<_> = counts.filter(|(_, count)| *count > 0).collect();
    causes.sort_by_key(|(cause, count)| (std::cmp::Reverse(*count), *cause));
    let others = causes.iter().skip(NAMED).map(|(_, count)| count).sum();
    causes.truncate(NAMED);
    (causes, others)
}

/// The parts of a bucket's bar, from the bottom: class, word, count.
#[must_use]
pub fn parts_of(bucket: &Bucket, named: &[(Cause, u64)]) -> Vec<(String, &'static str, u64)> {
    let mut parts: Vec<_> = named
        .iter()
        .enumerate()
        .map(|(rank, (cause, _))| (format!("c{rank}"), cause.word(), bucket.abnormal[*cause as usize]))
        .collect();
    let of_named: u64 = parts.iter().map(|(.., count)| count).sum();
    parts.push((format!("c{NAMED}"), "other causes", bucket.all_abnormal() - of_named));
    parts
}

/// One of the pictures.
struct Panel {
    /// Its top.
    top: i64,
    /// Its height.
    height: i64,
    /// What its height stands for.
    most: u64,
}

impl Panel {
    /// The height of a count, in tenths.
    fn tenths(&self, count: u64) -> i64 {
        let height = i128::from(self.height) * 10 * i128::from(count) / i128::from(self.most.max(1));
        i64::try_from(height).unwrap_or(0)
    }

    /// Title, scale and lines.
    fn write_frame(&self, out: &mut impl Write, title: &str) -> io::Result<()> {
        writeln!(out, "<text class=\"panel\" x=\"0\" y=\"{}\">{title}</text>", self.top - 12)?;
        let middle = if self.most >= 2 && self.most.is_multiple_of(2) { Some(self.most / 2) } else { None };
        for mark in [Some(0), middle, Some(self.most)].into_iter().flatten() {
            let y = self.top + self.height - self.tenths(mark) / 10;
            let class = if mark == 0 { "base" } else { "grid" };
            writeln!(out, "<line class=\"{class}\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y}\" y2=\"{y}\"/>")?;
            let label = grouped(mark);
            writeln!(out, "<text class=\"scale\" x=\"{}\" y=\"{}\">{label}</text>", LEFT - 6, y + 4)?;
        }
        Ok(())
    }
}

/// Where the bars of the buckets stand.
struct Slots {
    /// The begin of the first bucket.
    first: i64,
    /// The width of a bucket in milliseconds.
    width: i64,
    /// How many there are room for.
    count: i64,
}

impl Slots {
    /// For these buckets; none where there are none.
    fn of(timeline: &Timeline) -> Option<Self> {
        let first = timeline.buckets().map(|(at, _)| at.as_millis()).min()?;
        let last = timeline.buckets().map(|(at, _)| at.as_millis()).max()?;
        let width = timeline.width();
        Some(Self { first, width, count: ((last - first) / width + 1).max(FEWEST_SLOTS) })
    }

    /// The left of a time, in tenths.
    fn left(&self, at: i64) -> i64 {
        let along = i128::from(at - self.first) * i128::from((RIGHT - LEFT) * 10);
        LEFT * 10 + i64::try_from(along / i128::from(self.width * self.count)).unwrap_or(0)
    }

    /// Marks along the time, with their words.
    fn marks(&self) -> Vec<(i64, String)> {
        let span = self.width * self.count;
        let step = STEPS.iter().copied().find(|step| span / step <= MARKS);
        let step = step.unwrap_or((span / MARKS / DAY + 1) * DAY);
        let from = self.first.div_euclid(step) + i64::from(self.first.rem_euclid(step) > 0);
        let times = (from..).map(|number| number * step).take_while(|at| *at < self.first + span);
        times.map(|at| (at, mark(at, step, at == from * step))).collect()
    }
}

/// The words at a mark: the day at midnight and at the first mark, the time of day elsewhere.
fn mark(at: i64, step: i64, is_first: bool) -> String {
    let text = Timestamp::from_millis(at).to_string();
    let (day, clock) = (text.get(5..10).unwrap_or_default(), text.get(11..16).unwrap_or_default());
    match (at.rem_euclid(DAY) == 0, is_first) {
        (true, _) => day.to_owned(),
        (false, true) => format!("{day} {clock}"),
        (false, false) if step < 60_000 => text.get(14..19).unwrap_or_default().to_owned(),
        (false, false) => clock.to_owned(),
    }
}

/// `2026-05-01 14:30` as people read it, in UTC.
#[must_use]
pub fn minute(at: Timestamp) -> String {
    at.to_string().get(..16).unwrap_or_default().replace('T', " ")
}

impl Report {
    /// Writes the picture.
    pub(super) fn write_chart(&self, out: &mut impl Write) -> io::Result<()> {
        let Some(slots) = Slots::of(&self.timeline) else {
            return writeln!(out, "<p class=\"empty\">No stop and no message.</p>");
        };
        let most = |of: fn(&Bucket) -> u64| {
            scale(self.timeline.buckets().map(|(_, bucket)| of(bucket)).max().unwrap_or(0))
        };
        let stops = Panel { top: 30, height: 190, most: most(Bucket::all_abnormal) };
        let messages = Panel { top: 268, height: 84, most: most(Bucket::all_messages) };
        let expected = Panel { top: 400, height: 52, most: most(|bucket| bucket.expected) };
        let (named, _) = named_causes(self);
        writeln!(
            out,
            "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"chart-title chart-about\">\n\
             <title id=\"chart-title\">Stops and messages by time</title>\n\
             <desc id=\"chart-about\">{} worth an alert, {} and {} that nobody needed to hear of, in steps of {}. \
             The table below holds the same numbers.</desc>",
            counted(self.counts.abnormal(), "stop"),
            counted(self.counts.messages(), "message"),
            counted(self.counts.stops().saturating_sub(self.counts.abnormal()), "stop"),
            span_in_words(slots.width),
        )?;
        stops.write_frame(out, "Stops worth an alert, by cause")?;
        messages.write_frame(out, "Messages sent")?;
        expected.write_frame(out, "Stops that were expected: deployments, scale-ins, finished jobs")?;
        for (at, words) in slots.marks() {
            let x = slots.left(at) / 10;
            writeln!(out, "<text class=\"time\" x=\"{x}\" y=\"{}\">{words}</text>", HEIGHT - 12)?;
            let (top, bottom) = (expected.top + expected.height, expected.top + expected.height + 5);
            writeln!(out, "<line class=\"base\" x1=\"{x}\" x2=\"{x}\" y1=\"{top}\" y2=\"{bottom}\"/>")?;
        }
        for (at, bucket) in self.timeline.buckets() {
            let sent = NOTICES.iter().zip(bucket.messages);
            let sent = sent.map(|(notice, count)| (format!("n-{}", notice.word()), notice.word(), count));
            let spared = vec![("quiet".to_owned(), "expected", bucket.expected)];
            write_bar(out, &stops, &slots, at, parts_of(bucket, &named))?;
            write_bar(out, &messages, &slots, at, sent.collect())?;
            write_bar(out, &expected, &slots, at, spared)?;
        }
        writeln!(out, "</svg>")
    }
}

/// One bar, its parts one above the other.
fn write_bar(
    out: &mut impl Write,
    panel: &Panel,
    slots: &Slots,
    at: Timestamp,
    parts: Vec<(String, &'static str, u64)>,
) -> io::Result<()> {
    let (from, to) = (slots.left(at.as_millis()), slots.left(at.as_millis() + slots.width));
    let (left, width) = (from + 5, (to - from - 10).max(12));
    let mut below = 0;
    for (class, word, count) in parts.into_iter().filter(|(.., count)| *count > 0) {
        // Whatever there is can be seen.
        let (under, over) = (panel.tenths(below), panel.tenths(below + count));
        let height = (over - under).max(15);
        let top = (panel.top + panel.height) * 10 - under - height;
        writeln!(
            out,
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"><title>{} UTC: {} {word}</title></rect>",
            Tenths(left),
            Tenths(top),
            Tenths(width),
            Tenths(height),
            minute(at),
            grouped(count),
        )?;
        below += count;
    }
    Ok(())
}

/// A length in tenths, written with its decimal.
struct Tenths(i64);

impl std::fmt::Display for Tenths {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}.{}", self.0 / 10, self.0.rem_euclid(10))
    }
}
