//! What else a text tells a reader.

/// Why an image could not be pulled, as a hint for the reader.
#[must_use]
pub fn image_trouble(text: &str) -> &'static str {
    const HINTS: &[(&[&str], &str)] = &[
        (
            &["toomanyrequests", "rate limit"],
            "the registry limits the rate of pulls: log in to it, or use a pull-through cache",
        ),
        (&["no space left"], "the host's disk is full: look at the instance, not at the image"),
        (
            &["platform", "no matching manifest"],
            "the image has no build for this CPU architecture or operating system",
        ),
        (
            &["manifest unknown", "not found", "does not exist", "manifest for"],
            "the tag or repository does not exist",
        ),
        (
            &["401", "403", "denied", "unauthorized", "not authorized", "no basic auth", "auth"],
            "the registry refused access: check the execution role or the registry credentials",
        ),
        (
            &["timeout", "timed out", "deadline", "no route", "i/o", "dial tcp", "connection"],
            "the registry was not reached: check routes, NAT, endpoints and security groups",
        ),
    ];
    let lower = text.to_ascii_lowercase();
    let hint = HINTS.iter().find(|(words, _)| words.iter().any(|word| lower.contains(word)));
    hint.map_or("the reason gives no known hint", |(_, hint)| hint)
}

/// Whether the reason somebody gave to `StopTask` speaks of trouble.
#[must_use]
pub fn speaks_of_trouble(reason: &str) -> bool {
    const WORDS: &[&str] = &[
        "timeout",
        "timed out",
        "timed-out",
        "fail",
        "error",
        "exception",
        "exceeded",
        "outofmemory",
        "oomkilled",
    ];
    let lower = reason.to_ascii_lowercase();
    // `kill` begins a word, or `skills` would speak of trouble.
    let killed = lower
        .match_indices("kill")
        .any(|(at, _)| !lower[..at].ends_with(|before: char| before.is_ascii_alphabetic()));
    killed || WORDS.iter().any(|word| lower.contains(word))
}
