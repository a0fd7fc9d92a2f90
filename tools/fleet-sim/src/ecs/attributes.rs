//! What attributes may say.
//! Source: <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attribute.html>.

/// The longest name and the longest value.
const LONGEST: usize = 128;
/// What names may hold beside letters and digits.
const IN_NAMES: &str = "-_./\\";
/// What values may hold beside letters and digits.
const IN_VALUES: &str = "-_./\\:@ ";

/// Whether a text is of letters, digits and these, and 1 to 128 characters long.
fn is_of(text: &str, others: &str) -> bool {
    (1..=LONGEST).contains(&text.chars().count())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || others.contains(letter))
}

/// What is wrong with a name and a value.
pub(super) fn problem(name: &str, value: &str) -> Option<String> {
    if !is_of(name, IN_NAMES) {
        return Some(format!("Invalid attribute name '{name}'."));
    }
    if !is_of(value, IN_VALUES) || value.trim_matches(' ') != value {
        return Some(format!("Invalid attribute value '{value}'."));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::problem;

    #[test]
    fn names_and_values_keep_to_the_documented_letters() {
        for (name, value, fine) in [
            ("ecs-steward.drain-started", "2026-11-23T07:05:00Z", true),
            ("a", "a b", true),
            ("a", " b", false),
            ("", "x", false),
            ("a", "", false),
            ("a:b", "x", false),
            ("a", "x=1", false),
            ("a", "ü", false),
            (&"a".repeat(129), "x", false),
            ("a", &"x".repeat(128), true),
            ("a", &"x".repeat(129), false),
        ] {
            assert_eq!(problem(name, value).is_none(), fine, "{name} {value}");
        }
    }
}
