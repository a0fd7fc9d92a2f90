//! Deserialisers that take what real events hold: numbers as strings, strings as numbers, nulls, odd types.
//!
//! They fail only where the JSON itself is broken. A value of a type that makes no sense for a field
//! becomes `None` (or an empty list), never a default that could be mistaken for an answer: a missing
//! exit code stays missing.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer,
};
use serde_json::value::RawValue;

/// Reads text: a string as it is, a number or boolean as its JSON text; empty, null, lists and objects
/// as `None`.
///
/// # Errors
/// Only where the JSON is malformed.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<str>>, D::Error> {
    deserializer.deserialize_any(TextVisitor)
}

/// Reads a whole number: an integer, a float without a fraction, or a string holding either; anything
/// else as `None`. Values past the range of `i64` are clamped, so that they stay non-zero.
///
/// # Errors
/// Only where the JSON is malformed.
pub fn integer<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    deserializer.deserialize_any(IntegerVisitor)
}

/// Reads text, and keeps anything else by its JSON text, as it was written; empty text and null as `None`.
///
/// # Errors
/// Only where the JSON is malformed.
pub fn text_or_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<str>>, D::Error> {
    let value = Option::<Box<RawValue>>::deserialize(deserializer)?;
    Ok(value.and_then(|value| match serde_json::from_str::<Cow<'_, str>>(value.get()) {
        Ok(text) => non_empty(&text),
        Err(_) => Some(value.get().into()),
    }))
}

/// Reads yes or no: a boolean, or the text of one in any case; anything else as `None`.
///
/// # Errors
/// Only where the JSON is malformed.
pub fn boolean<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    let word = text(deserializer)?;
    Ok(word.and_then(|word| word.trim().to_ascii_lowercase().parse().ok()))
}

/// Reads an object with lenient fields; any other type as `None`.
///
/// # Errors
/// Only where the JSON is malformed or the object repeats a field.
pub fn object<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_any(ObjectVisitor(PhantomData))
}

/// Reads a list of objects. An element that is no object is kept as `T::default()`: something was there
/// and nothing is known of it. Any other type than a list is an empty list.
///
/// # Errors
/// Only where the JSON is malformed or an object repeats a field.
pub fn objects<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    deserializer.deserialize_any(ObjectsVisitor(PhantomData))
}

/// Reads a list of texts; an element that is none is left out. A single text is a list of one, any other type
/// an empty list.
///
/// # Errors
/// Only where the JSON is malformed.
pub fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Box<str>>, D::Error> {
    deserializer.deserialize_any(TextsVisitor)
}

/// Reads "the key is there and not null", skipping the value.
///
/// # Errors
/// Only where the JSON is malformed.
pub fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::<IgnoredAny>::deserialize(deserializer)?.is_some())
}

/// Parses the text of a whole number; `None` where it is not one.
fn integer_of(text: &str) -> Option<i64> {
    let text = text.trim();
    match text.parse::<i64>() {
        Ok(number) => Some(number),
        // A text such as 1e-400 is not the 0 that a float makes of it.
        Err(_) => integral(text.parse::<f64>().ok()?)
            .filter(|number| *number != 0 || !text.bytes().any(|digit| (b'1'..=b'9').contains(&digit))),
    }
}

/// A float as a whole number, clamped to the range of `i64`; `None` where it has a fraction or is not finite.
fn integral(number: f64) -> Option<i64> {
    if !number.is_finite() || number.fract() != 0.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "the cast clamps, which keeps a huge code non-zero")]
    Some(number as i64)
}

/// Empty text says nothing.
fn non_empty(text: &str) -> Option<Box<str>> {
    if text.is_empty() { None } else { Some(Box::from(text)) }
}

/// Skips what is left of a list.
fn skip_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// Skips what is left of an object.
fn skip_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

/// The visitor methods of the types that carry nothing for a reader: they give `$empty`.
macro_rules! nothing_from {
    ($empty:expr; $($kind:ident)*) => { $(nothing_from!(@$kind $empty);)* };
    (@null $empty:expr) => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> { Ok($empty) }
        fn visit_none<E>(self) -> Result<Self::Value, E> { Ok($empty) }
    };
    (@bool $empty:expr) => { fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> { Ok($empty) } };
    (@numbers $empty:expr) => {
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> { Ok($empty) }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> { Ok($empty) }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> { Ok($empty) }
    };
    (@str $empty:expr) => { fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> { Ok($empty) } };
    (@seq $empty:expr) => {
        fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> { skip_seq(seq)?; Ok($empty) }
    };
    (@map $empty:expr) => {
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> { skip_map(map)?; Ok($empty) }
    };
}

/// See [`text`].
struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Option<Box<str>>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("text")
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(non_empty(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(value.to_string().into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(value.to_string().into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(value.to_string().into()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Some(value.to_string().into()))
    }

    nothing_from!(None; null seq map);
}

/// One element of [`texts`].
struct TextElement(Option<Box<str>>);

impl<'de> Deserialize<'de> for TextElement {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer).map(Self)
    }
}

/// See [`texts`].
struct TextsVisitor;

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = Vec<Box<str>>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a list of texts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(TextElement(element)) = seq.next_element()? {
            found.extend(element);
        }
        Ok(found)
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(non_empty(value).into_iter().collect())
    }

    nothing_from!(Vec::new(); null bool numbers map);
}

/// See [`integer`].
struct IntegerVisitor;

impl<'de> Visitor<'de> for IntegerVisitor {
    type Value = Option<i64>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a whole number")
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(i64::try_from(value).unwrap_or(i64::MAX)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(integral(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(integer_of(value))
    }

    nothing_from!(None; null bool seq map);
}

/// See [`object`].
struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }

    nothing_from!(None; null bool numbers str seq);
}

/// One element of [`objects`].
struct Element<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Element<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer).map(Element)
    }
}

/// See [`objects`].
struct ObjectsVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for ObjectsVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(Element(element)) = seq.next_element()? {
            found.push(element.unwrap_or_default());
        }
        Ok(found)
    }

    nothing_from!(Vec::new(); null bool numbers str map);
}

#[cfg(test)]
mod tests;
