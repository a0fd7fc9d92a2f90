//! Events as texts with places to fill, cut once: writing an event is copying bytes.

use super::field::Field;

/// A part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Copied as it is.
    Text(Box<str>),
    /// Filled in for each event.
    Field(Field),
}

/// Cuts a template at its fields, and drops the white space between JSON's signs.
#[must_use]
pub fn parts(template: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut text = String::new();
    let mut in_string = false;
    let mut rest = template.chars();
    while let Some(letter) = rest.next() {
        let field = (letter == '<').then(|| rest.as_str().split_once('>')).flatten();
        if let Some((field, after)) =
            field.and_then(|(word, after)| Field::from_word(word).map(|field| (field, after)))
        {
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text).into()));
            }
            parts.push(Part::Field(field));
            rest = after.chars();
            continue;
        }
        in_string ^= letter == '"';
        if in_string || !letter.is_ascii_whitespace() {
            text.push(letter);
        }
    }
    if !text.is_empty() {
        parts.push(Part::Text(text.into()));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{Field, Part, parts};

    #[test]
    fn a_template_is_cut_at_its_fields() {
        let text = |text: &str| Part::Text(text.into());
        let want = [text("{\"a b\":\""), Part::Field(Field::Name), text("\",\"c\":1}")];
        assert_eq!(parts("{\n  \"a b\": \"<name>\",\n  \"c\": 1\n}\n"), want);
        assert_eq!(parts("<no-such-field>"), [text("<no-such-field>")]);
    }
}
