//! XML as query services write it.

use loopback::Reply;

/// The namespace of Auto Scaling's replies.
const NAMESPACE: &str = "http://autoscaling.amazonaws.com/doc/2011-01-01/";
/// Stands for the id of each request.
const REQUEST_ID: &str = "7e9e0000-0000-4000-8000-000000000000";

/// A text for XML. Control characters that XML cannot hold become a question mark.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\r' => safe.push_str("&#13;"),
            '\n' | '\t' => safe.push(letter),
            other if other.is_control() => safe.push('?'),
            other => safe.push(other),
        }
    }
    safe
}

/// An element that holds a text.
pub(super) fn leaf(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escaped(text))
}

/// An element that holds a text, if there is one.
pub(super) fn maybe(name: &str, text: Option<&str>) -> String {
    text.map(|text| leaf(name, text)).unwrap_or_default()
}

/// An element that holds others.
pub(super) fn node(name: &str, inside: &[String]) -> String {
    format!("<{name}>{}</{name}>", inside.concat())
}

/// A list: an element of `member` elements.
pub(super) fn list(name: &str, members: impl IntoIterator<Item = String>) -> String {
    let members: Vec<_> = members.into_iter().map(|member| format!("<member>{member}</member>")).collect();
    node(name, &members)
}

/// A reply.
fn reply(status: u16, body: String) -> Reply {
    Reply::Answer(status, vec![("content-type".to_owned(), "text/xml".to_owned())], body.into_bytes())
}

/// The reply of an operation.
pub(super) fn answer(operation: &str, result: &str) -> Reply {
    reply(
        200,
        format!(
            "<{operation}Response xmlns=\"{NAMESPACE}\"><{operation}Result>{result}</{operation}Result>\
             <ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></{operation}Response>"
        ),
    )
}

/// An error.
pub(super) fn error(status: u16, code: &str, message: &str) -> Reply {
    let kind = if status < 500 { "Sender" } else { "Receiver" };
    let inside = [leaf("Type", kind), leaf("Code", code), leaf("Message", message)];
    reply(
        status,
        format!(
            "<ErrorResponse xmlns=\"{NAMESPACE}\">{}<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>",
            node("Error", &inside)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::{leaf, list};

    #[test]
    fn texts_are_escaped() {
        assert_eq!(leaf("a", "<b> & \"c\" ✓\n\u{1}"), "<a>&lt;b&gt; &amp; &quot;c&quot; ✓\n?</a>");
        assert_eq!(list("a", ["x".into(), "y".into()]), "<a><member>x</member><member>y</member></a>");
    }
}
