//! Reading one HTTP/1.1 request.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read as _};

/// A request as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// Headers by their lower-case names.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Request {
    /// Reads a request; none at the end of the connection.
    pub(crate) fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.split_whitespace();
        let mut request = Self {
            method: words.next().unwrap_or_default().to_owned(),
            path: words.next().unwrap_or_default().to_owned(),
            ..Self::default()
        };
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            let Some((name, value)) = header.trim_end().split_once(':') else { break };
            request.headers.insert(name.to_lowercase(), value.trim().to_owned());
        }
        let length =
            request.headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        reader.take(length).read_to_end(&mut request.body)?;
        Ok(Some(request))
    }

    /// The fields of a form-encoded body.
    #[must_use]
    pub fn form(&self) -> BTreeMap<String, String> {
        let body = String::from_utf8_lossy(&self.body);
        let fields = body.split('&').filter(|field| !field.is_empty());
        fields
            .map(|field| field.split_once('=').unwrap_or((field, "")))
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect()
    }
}

/// Undoes form encoding.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut half = || rest.next().and_then(|digit| char::from(digit).to_digit(16)).unwrap_or(0);
                let (high, low) = (half(), half());
                bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Request;

    #[test]
    fn a_form_is_read() {
        let raw = b"POST /x?y HTTP/1.1\r\nContent-Length: 21\r\nHost: a\r\n\r\na=1+2&b=%E2%9C%93%26&crest";
        let request = Request::read(&mut &raw[..]).expect("no I/O error").expect("a request");
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/x?y"));
        assert_eq!(request.form().get("a").map(String::as_str), Some("1 2"));
        assert_eq!(request.form().get("b").map(String::as_str), Some("✓&"));
    }
}
