//! The table of made-up secrets, for every test that shows something to somebody.

/// A text with a secret in it.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it is.
    pub name: String,
    /// The text as others wrote it.
    pub text: String,
    /// What must not survive.
    pub secret: String,
}

/// Every case of `testdata/secrets.tsv`.
pub fn cases() -> Vec<Case> {
    let lines = include_str!("../../testdata/secrets.tsv").lines();
    let read = |text: &str| text.replace('~', "").replace('⏎', "\n");
    lines
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut fields = line.split('\t').map(read);
            let mut next = || fields.next().expect("three fields");
            Case { name: next(), text: next(), secret: next() }
        })
        .collect()
}
