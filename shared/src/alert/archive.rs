//! Logs of a host that were collected for an alert: where they are, and how they got there.

use serde::{Deserialize, Serialize};

use super::limits::{ascii_line, name, one_line};

/// Archives that a message names; the rest is counted.
pub(super) const NAMED: usize = 5;
/// Longest address: a bucket's name and a key, each as long as S3 takes it.
const URI_CHARS: usize = 1_100;
/// Longest word of how far one is.
const STATE_CHARS: usize = 120;

/// The logs of one host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archive {
    /// The EC2 instance, for example `i-0a1b2c3d4e5f60718`.
    pub instance: String,
    /// The bucket's name.
    pub bucket: String,
    /// The object's key.
    pub key: String,
    /// How far it is, in words: `being collected since 2026-05-01T10:15:00Z`.
    pub state: String,
}

impl Archive {
    /// `s3://harbor-logs/harbor/i-0a1b2c3d4e5f60718/20260501T100000Z.tgz`
    #[must_use]
    pub fn uri(&self) -> String {
        ascii_line(&format!("s3://{}/{}", self.bucket, self.key), URI_CHARS)
    }

    /// How far it is, cut.
    #[must_use]
    pub fn state(&self) -> String {
        one_line(&self.state, STATE_CHARS)
    }

    /// `i-0a1b2c3d4e5f60718 collected: s3://…`
    #[must_use]
    pub fn in_words(&self) -> String {
        format!("{} {}: {}", name(&self.instance), self.state(), self.uri())
    }
}

/// One line for each archive that is told of.
#[must_use]
pub fn lines(archives: &[Archive]) -> Vec<String> {
    let unnamed = archives.len().saturating_sub(NAMED);
    let more = (unnamed > 0).then(|| format!("and {unnamed} more"));
    archives.iter().take(NAMED).map(Archive::in_words).chain(more).collect()
}

/// What all keys begin with, up to a slash: where the console lists them together.
#[must_use]
pub fn common_folder(archives: &[Archive]) -> &str {
    let Some(first) = archives.first() else { return "" };
    let is_common = |end: &usize| archives.iter().all(|other| other.key.starts_with(&first.key[..*end]));
    let mut ends = first.key.rmatch_indices('/').map(|(at, _)| at + 1);
    &first.key[..ends.find(is_common).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::{Archive, common_folder, lines};

    fn archive(key: &str) -> Archive {
        let instance = key.rsplit('/').nth(1).unwrap_or_default().into();
        Archive { instance, bucket: "harbor-logs".into(), key: key.into(), state: "collected".into() }
    }

    #[test]
    fn each_is_named_and_many_are_counted() {
        let one = archive("harbor/i-0a/20260501T100000Z.tgz");
        assert_eq!(
            lines(std::slice::from_ref(&one)),
            ["i-0a collected: s3://harbor-logs/harbor/i-0a/20260501T100000Z.tgz"]
        );
        let many = lines(&vec![one; 22]);
        assert_eq!((many.len(), many.last().map(String::as_str)), (6, Some("and 17 more")));
    }

    #[test]
    fn the_common_folder_ends_at_a_slash() {
        for (keys, want) in [
            (&["p/harbor/i-0a/1.tgz", "p/harbor/i-0b/1.tgz"][..], "p/harbor/"),
            (&["harbor/i-0a/1.tgz", "harbour/i-0b/1.tgz"], ""),
            (&["harbor/i-0a/1.tgz"], "harbor/i-0a/"),
            (&[], ""),
        ] {
            let archives: Vec<_> = keys.iter().map(|key| archive(key)).collect();
            assert_eq!(common_folder(&archives), want);
        }
    }
}
