//! Patterns over names: `*` for any run of characters, `?` for one, the rest as it stands.

use std::fmt;

use wildmatch::WildMatch;

/// A pattern over a name, matched as a whole and with its case.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern(WildMatch);

impl Pattern {
    /// From its text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(WildMatch::new(text))
    }

    /// Whether the whole name fits.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.0.matches(name)
    }

    /// The one name it stands for, where it has no `*` and no `?`.
    #[must_use]
    pub fn only_name(&self) -> Option<String> {
        let text = self.to_string();
        (!text.contains(['*', '?'])).then_some(text)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_pattern_covers_the_whole_name() {
        for (pattern, name, want) in [
            ("web", "web", true),
            ("web", "web-api", false),
            ("web*", "web-api", true),
            ("*-api", "web-api", true),
            ("w?b", "web", true),
            ("w?b", "wb", false),
            ("*", "", true),
            ("Web", "web", false),
            ("a.c", "abc", false),
        ] {
            assert_eq!(Pattern::new(pattern).matches(name), want, "{pattern} {name}");
        }
    }

    #[test]
    fn a_pattern_without_wildcards_stands_for_one_name() {
        for (pattern, want) in
            [("web", Some("web")), ("web*", None), ("w?b", None), ("service:a-b", Some("service:a-b"))]
        {
            assert_eq!(Pattern::new(pattern).only_name().as_deref(), want, "{pattern}");
        }
    }
}
