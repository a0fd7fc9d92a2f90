//! Which names announce a secret.

/// How a name announces a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A password or key: whatever is said of it is its value.
    Password,
    /// A token or secret: people also write sentences about them.
    Token,
    /// A header whose value begins with a scheme.
    Authorization,
    /// A word of many meanings: its value follows an equals sign.
    Assigned,
}

/// Longest name that is looked at, in bytes; of a longer one, the end.
const LONGEST: usize = 64;

/// Words inside a name, without its separators. The first that is found decides.
const WORDS: [(&[u8], Kind); 19] = [
    (b"password", Kind::Password),
    (b"passwd", Kind::Password),
    (b"passphrase", Kind::Password),
    (b"passcode", Kind::Password),
    (b"pwd", Kind::Password),
    (b"apikey", Kind::Password),
    (b"accesskey", Kind::Password),
    (b"privatekey", Kind::Password),
    (b"secretkey", Kind::Password),
    (b"signingkey", Kind::Password),
    (b"encryptionkey", Kind::Password),
    (b"accountkey", Kind::Password),
    (b"masterkey", Kind::Password),
    (b"authkey", Kind::Password),
    (b"secret", Kind::Token),
    (b"token", Kind::Token),
    (b"credential", Kind::Token),
    (b"authorization", Kind::Authorization),
    (b"signature", Kind::Assigned),
];

/// Words that are a part of a name by themselves.
const PARTS: [&[u8]; 4] = [b"pass", b"auth", b"sig", b"pw"];

/// Last parts of names that are about a secret and do not hold it.
const ABOUT: [&str; 48] = [
    "age",
    "algorithm",
    "arn",
    "arns",
    "bucket",
    "budget",
    "class",
    "count",
    "enabled",
    "endpoint",
    "error",
    "errors",
    "exception",
    "expiration",
    "expired",
    "expires",
    "expiry",
    "failed",
    "file",
    "format",
    "id",
    "ids",
    "index",
    "invalid",
    "kind",
    "length",
    "limit",
    "location",
    "manager",
    "method",
    "missing",
    "name",
    "names",
    "path",
    "policy",
    "provider",
    "providers",
    "required",
    "rotation",
    "service",
    "size",
    "source",
    "status",
    "ttl",
    "type",
    "url",
    "usage",
    "version",
];

/// Verbs of API operations: `GetAuthorizationToken` names a call.
const VERBS: [&[u8]; 9] =
    [b"Get", b"Put", b"Create", b"Describe", b"Update", b"Delete", b"List", b"Rotate", b"Assume"];

/// The kind of secret a name announces.
pub(super) fn kind(name: &[u8]) -> Option<Kind> {
    let name = &name[name.len().saturating_sub(LONGEST)..];
    let (mut letters, mut begins) = ([0_u8; LONGEST], 0_u64);
    let (mut length, mut last_begin, mut before) = (0, 0, b'-');
    for byte in name.iter().copied() {
        if byte.is_ascii_alphanumeric() {
            let is_hump = byte.is_ascii_uppercase() && before.is_ascii_lowercase();
            if is_hump || !before.is_ascii_alphanumeric() {
                begins |= 1 << length;
                last_begin = length;
            }
            letters[length] = byte.to_ascii_lowercase();
            length += 1;
        }
        before = byte;
    }
    let letters = &letters[..length];
    let begins_at = |at: usize| at == length || begins & (1 << at) != 0;
    // A part ends where the next begins, where a number begins, or behind the `s` of a plural.
    let ends_at = |at: usize| {
        begins_at(at) || letters[at].is_ascii_digit() || (letters[at] == b's' && begins_at(at + 1))
    };
    let is_in = |word: &[u8]| {
        let places = letters.windows(word.len()).enumerate().filter(|(_, window)| *window == word);
        places.map(|(at, _)| at).any(|at| ends_at(at + word.len()))
    };
    let is_part = |word: &[u8]| {
        let last = &letters[last_begin..];
        last == word
    };
    let found = WORDS.iter().find(|(word, _)| is_in(word)).map(|(_, kind)| *kind);
    let found = found.or_else(|| PARTS.iter().any(|word| is_part(word)).then_some(Kind::Assigned))?;
    let last = &letters[last_begin..];
    let is_plural_of_counts = last == b"tokens";
    let is_about = is_plural_of_counts || ABOUT.iter().any(|word| word.as_bytes() == last);
    (!is_about).then_some(found)
}

/// Whether a name is one of an API operation.
pub(super) fn is_operation(name: &[u8]) -> bool {
    let is_verb =
        |verb: &&[u8]| name.strip_prefix(*verb).and_then(<[u8]>::first).is_some_and(u8::is_ascii_uppercase);
    VERBS.iter().any(is_verb)
}

/// Whether a name is the shell's own for the directory it is in.
pub(super) fn is_directory(name: &[u8]) -> bool {
    name == b"PWD" || name == b"OLDPWD"
}

/// Whether a secret key may stand near this word.
pub(super) fn hints(word: &[u8]) -> bool {
    let ends =
        |end: &[u8]| word.len() >= end.len() && word[word.len() - end.len()..].eq_ignore_ascii_case(end);
    ends(b"key") || ends(b"secret") || ends(b"credentials")
}
