//! Finding a text's class.

use super::{StartTrouble, TextClass};

/// Names of errors, in lower case.
const ERROR_NAMES: &[(&str, StartTrouble)] = &[
    ("cannotpull", StartTrouble::ImagePull),
    ("resourceinitializationerror", StartTrouble::ResourceInitialization),
    ("resourcenotfoundexception", StartTrouble::ResourceInitialization),
    ("taskdependencyerror", StartTrouble::Dependency),
    ("cannotcreatevolumeerror", StartTrouble::Storage),
    ("cannotinspectvolumeerror", StartTrouble::Storage),
    ("cannotremovevolumeerror", StartTrouble::Storage),
    ("cannotstartcontainererror", StartTrouble::Configuration),
    ("cannotcreatecontainererror", StartTrouble::Configuration),
    ("hostconfigerror", StartTrouble::Configuration),
    ("invalidvolumeerror", StartTrouble::Configuration),
    ("dockerclientconfigerror", StartTrouble::Configuration),
    ("cannotstopcontainererror", StartTrouble::Runtime),
    ("cannotinspectcontainererror", StartTrouble::Runtime),
    ("cannotdescribecontainererror", StartTrouble::Runtime),
    ("cannotgetdockerclienterror", StartTrouble::Runtime),
    ("nosuchcontainererror", StartTrouble::Runtime),
    ("containervanishederror", StartTrouble::Runtime),
    ("dockertimeouterror", StartTrouble::Runtime),
    ("containerruntimetimeouterror", StartTrouble::Runtime),
    ("containerruntimeerror", StartTrouble::Runtime),
    ("impossiblestatetransitionerror", StartTrouble::Runtime),
    ("internalerror", StartTrouble::Runtime),
    ("internalservererror", StartTrouble::Runtime),
    ("unknownerror", StartTrouble::Runtime),
    ("containernetworkingerror", StartTrouble::Network),
];

/// Phrases of the scheduler and the agent, in lower case. The first that is found counts.
const PHRASES: &[(&str, TextClass)] = &[
    ("failed elb health checks", TextClass::HealthCheck),
    ("failed container health checks", TextClass::HealthCheck),
    ("task failed health checks", TextClass::HealthCheck),
    ("is unhealthy in (target-group", TextClass::HealthCheck),
    ("is unhealthy in target-group", TextClass::HealthCheck),
    ("your spot task was interrupted", TextClass::Spot),
    ("spotinterruption", TextClass::Spot),
    ("host ec2 (instance", TextClass::HostGone),
    ("scaling activity initiated by", TextClass::Scaling),
    ("in draining state", TextClass::Draining),
    ("during instance draining", TextClass::Draining),
    ("performing maintenance on the underlying infrastructure", TextClass::Maintenance),
    ("stopped by user", TextClass::StoppedByUser),
    ("essential container in task exited", TextClass::EssentialExit),
    ("essential container exited", TextClass::EssentialExit),
    ("network interface provisioning", TextClass::Start(StartTrouble::Network)),
    ("unexpected ec2 error while attempting", TextClass::Start(StartTrouble::NetworkRefused)),
    ("empty capacity provider", TextClass::Start(StartTrouble::Capacity)),
    ("memberof constraint", TextClass::Start(StartTrouble::Capacity)),
    ("capacity is unavailable", TextClass::Start(StartTrouble::Capacity)),
    ("no active instances", TextClass::Start(StartTrouble::Capacity)),
    ("did not become healthy", TextClass::Start(StartTrouble::Dependency)),
    ("dependson", TextClass::Start(StartTrouble::Dependency)),
];

/// The words of `RunTask` failures (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html>),
/// which say something only at the start of a reason.
const PLACEMENT_WORDS: &[&str] = &["resource:", "attribute", "agent", "location"];

/// The text of every scale-in and deployment: the one reason worth a shortcut.
const SCALING_PREFIX: &str = "Scaling activity initiated by ";
/// The text of every essential exit.
const ESSENTIAL_EXIT: &str = "Essential container in task exited";

/// What a text says; `None` where it says nothing we know.
#[must_use]
pub fn classify(text: &str) -> Option<TextClass> {
    if text == ESSENTIAL_EXIT {
        return Some(TextClass::EssentialExit);
    }
    let lower = text.to_ascii_lowercase();
    if says_out_of_memory(&lower) {
        return Some(TextClass::OutOfMemory);
    }
    if text.starts_with(SCALING_PREFIX) {
        return Some(TextClass::Scaling);
    }
    if let Some(trouble) = named_error(&lower) {
        return Some(TextClass::Start(trouble));
    }
    if let Some((_, class)) = PHRASES.iter().find(|(phrase, _)| lower.contains(phrase)) {
        return Some(*class);
    }
    failed_to_start(lower.trim())
}

/// `OutOfMemoryError`, `OutOfMemory`, `OOMKilled`.
fn says_out_of_memory(lower: &str) -> bool {
    lower.contains("outofmemory") || lower.contains("oomkilled")
}

/// The error name that stands first in the text: what follows it is detail, and may hold other names.
fn named_error(lower: &str) -> Option<StartTrouble> {
    if !lower.contains("error") && !lower.contains("exception") && !lower.contains("cannotpull") {
        return None;
    }
    let found = ERROR_NAMES.iter().filter_map(|(name, trouble)| Some((lower.find(name)?, *trouble)));
    found.min_by_key(|(at, _)| *at).map(|(_, trouble)| trouble)
}

/// `Task failed to start`, `TaskFailedToStart: RESOURCE:GPU` and the words of placement alone.
fn failed_to_start(lower: &str) -> Option<TextClass> {
    let (failed, rest) = ["taskfailedtostart", "task failed to start"]
        .iter()
        .find_map(|prefix| lower.strip_prefix(prefix))
        .map_or((false, lower), |rest| (true, rest.trim_start_matches([':', ' ', '.'])));
    let is_word = |word: &str| {
        let next = rest.strip_prefix(word).map(|rest| rest.chars().next());
        next.is_some_and(|next| word.ends_with(':') || next.is_none_or(|letter| !letter.is_alphanumeric()))
    };
    // Alone, `agent` and `location` are just words; `RESOURCE:CPU` and `ATTRIBUTE` are not used otherwise.
    let words = if failed { PLACEMENT_WORDS } else { &PLACEMENT_WORDS[..1] };
    if words.iter().any(|word| is_word(word)) {
        return Some(TextClass::Start(StartTrouble::Capacity));
    }
    failed.then_some(TextClass::Start(StartTrouble::Unspecified))
}
