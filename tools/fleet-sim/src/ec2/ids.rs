//! Ids that look like AWS's and hold a number, so that a name is found without a search.

/// What an id is of; each kind looks different.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An EC2 instance: 17 digits after `i-`.
    Instance,
    /// A container instance: 32 digits.
    Container,
    /// A task: 32 digits.
    Task,
}

impl Kind {
    /// How many digits its ids have, and what scrambles the first of them.
    const fn digits_and_salt(self) -> (usize, u64) {
        match self {
            Self::Instance => (17, 0x51),
            Self::Container => (32, 0xc1),
            Self::Task => (32, 0x7a),
        }
    }
}

/// Digits at the end that are the number itself.
const NUMBER_DIGITS: usize = 8;

/// The id of a number.
pub(crate) fn id_of(kind: Kind, number: usize) -> String {
    let (digits, salt) = kind.digits_and_salt();
    let mut dice = crate::dice::Dice::new((number as u64) << 8 | salt);
    let scrambled = format!("{:016x}{:016x}", dice.number(), dice.number());
    format!("0{}{number:08x}", &scrambled[..digits - NUMBER_DIGITS - 1])
}

/// The number in an id; any other text of the right form gives a number too, so compare the id afterwards.
#[must_use]
pub fn number_in(kind: Kind, id: &str) -> Option<usize> {
    let (digits, _) = kind.digits_and_salt();
    if id.len() != digits {
        return None;
    }
    usize::from_str_radix(id.get(digits - NUMBER_DIGITS..)?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::{Kind, id_of, number_in};

    #[test]
    fn an_id_gives_its_number_back() {
        for (kind, digits) in [(Kind::Instance, 17), (Kind::Container, 32), (Kind::Task, 32)] {
            for number in [0, 1, 99_999] {
                let id = id_of(kind, number);
                assert_eq!((id.len(), number_in(kind, &id)), (digits, Some(number)));
            }
            for other in ["", "0123", "ü"] {
                assert_eq!(number_in(kind, other), None);
            }
        }
    }
}
