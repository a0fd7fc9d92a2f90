//! Text of events inside HTML: it stays text.

use std::fmt::{self, Write as _};

/// Text that is escaped as it is written, for elements and quoted attributes. Control characters other than line
/// breaks and tabs become U+FFFD: HTML does not allow them.
#[derive(Clone, Copy, Debug)]
pub struct Escaped<'a>(pub &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => formatter.write_str("&amp;")?,
                '<' => formatter.write_str("&lt;")?,
                '>' => formatter.write_str("&gt;")?,
                '"' => formatter.write_str("&quot;")?,
                '\'' => formatter.write_str("&#39;")?,
                '\n' | '\t' => formatter.write_char(letter)?,
                _ if letter.is_control() => formatter.write_char(char::REPLACEMENT_CHARACTER)?,
                _ => formatter.write_char(letter)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Escaped;

    #[test]
    fn nothing_becomes_markup() {
        let text = "<script>alert('x')</script> & \"y\"\u{0}\u{1b}[0m\n";
        let want = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;y&quot;\u{fffd}\u{fffd}[0m\n";
        assert_eq!(Escaped(text).to_string(), want);
    }
}
