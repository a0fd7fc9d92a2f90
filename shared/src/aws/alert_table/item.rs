//! A document as an item: `pk` its key, `rev` its revision, `doc` itself as JSON, `expires` the seconds of its
//! end, `by` the commit that wrote it; `open` and `due` only where it is due, so that the index holds nothing
//! else and a change that leaves `due` alone does not touch it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, Delete, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
};
use aws_smithy_types::error::operation::BuildError;

use crate::event::Timestamp;
use crate::ports::alert_table::{Change, Stored};

/// An item's attributes by name.
pub(super) type Item = HashMap<String, AttributeValue>;

/// The key; the table's partition key.
const KEY: &str = "pk";
/// The revision.
const REVISION: &str = "rev";
/// The document.
const DOCUMENT: &str = "doc";
/// When the table may forget it; the table's TTL attribute.
const EXPIRES: &str = "expires";
/// Which commit wrote it.
const BY: &str = "by";
/// The index's partition key: the same for all.
pub(super) const OPEN: &str = "open";
/// The index's sort key: when somebody has to look at it, in milliseconds.
pub(super) const DUE: &str = "due";

/// What has to stand under a key for its change to be made.
#[derive(Clone, Copy, Debug)]
pub(super) enum Before<'a> {
    /// Nothing.
    Absent,
    /// A document of this revision.
    Revision(u64),
    /// An item that cannot be read, exactly as it was found.
    Unreadable(&'a Item),
}

impl Before<'_> {
    /// What a change asks for.
    pub(super) fn of(change: &Change) -> Self {
        change.from.map_or(Self::Absent, Self::Revision)
    }

    /// It as a condition.
    fn condition(&self) -> Condition {
        match self {
            Self::Absent => Condition::all(&[(KEY, None)]),
            Self::Revision(revision) => Condition::all(&[(REVISION, Some(number(revision)))]),
            Self::Unreadable(item) => Condition::all(&[
                (REVISION, item.get(REVISION).cloned()),
                (DOCUMENT, item.get(DOCUMENT).cloned()),
            ]),
        }
    }
}

/// A condition as the API takes it.
struct Condition {
    /// Such as `#rev = :rev`.
    expression: String,
    /// Attributes by their placeholders: some of ours are reserved words.
    names: HashMap<String, String>,
    /// Values by their placeholders; none where there is no value.
    values: Option<HashMap<String, AttributeValue>>,
}

impl Condition {
    /// Each attribute has its value, or is not there.
    fn all(attributes: &[(&str, Option<AttributeValue>)]) -> Self {
        let term = |(name, value): &(&str, Option<AttributeValue>)| match value {
            Some(_) => format!("#{name} = :{name}"),
            None => format!("attribute_not_exists(#{name})"),
        };
        let expression = attributes.iter().map(term).collect::<Vec<_>>().join(" AND ");
        let names = attributes.iter().map(|(name, _)| (format!("#{name}"), (*name).to_owned())).collect();
        let values: HashMap<_, _> = attributes
            .iter()
            .filter_map(|(name, value)| Some((format!(":{name}"), value.clone()?)))
            .collect();
        Self { expression, names, values: (!values.is_empty()).then_some(values) }
    }
}

/// A number as the API takes it.
fn number(number: &impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A time as the index sorts it.
pub(super) fn millis(time: Timestamp) -> AttributeValue {
    number(&time.as_millis())
}

/// The one value of `open`.
pub(super) fn open() -> AttributeValue {
    AttributeValue::S(OPEN.to_owned())
}

/// A key as the API takes it.
pub(super) fn key(key: &str) -> Item {
    HashMap::from([(KEY.to_owned(), AttributeValue::S(key.to_owned()))])
}

/// An item's key.
pub(super) fn key_of(item: &Item) -> Option<String> {
    item.get(KEY)?.as_s().ok().cloned()
}

/// The document of an item; none where it cannot be read: another version, or somebody else, wrote it.
pub(super) fn stored(item: &Item) -> Option<Stored> {
    let revision = item.get(REVISION)?.as_n().ok()?.parse().ok()?;
    let document = serde_json::from_str(item.get(DOCUMENT)?.as_s().ok()?).ok()?;
    Some(Stored { revision, document })
}

/// Whether what was found under the one key is what the commit with this mark wrote.
pub(super) fn carries(found: &[(usize, Option<Item>)], mark: &str) -> bool {
    let by = |item: &Item| item.get(BY)?.as_s().ok().cloned();
    matches!(found, [(_, Some(item))] if by(item).as_deref() == Some(mark))
}

/// A change as the put of an item; none where it is a deletion.
pub(super) fn put(
    table: &str,
    change: &Change,
    before: &Before<'_>,
    mark: &str,
) -> Option<Result<Put, BuildError>> {
    let (written, revision) = (change.to.as_ref()?, change.revision()?);
    let document = match serde_json::to_string(&written.document) {
        Ok(document) => document,
        Err(error) => return Some(Err(BuildError::other(error))),
    };
    // Never early: the seconds are rounded up.
    let expires = written.expires.as_millis().saturating_add(999).div_euclid(1_000);
    let condition = before.condition();
    let mut put = Put::builder()
        .table_name(table)
        .item(KEY, AttributeValue::S(change.key.clone()))
        .item(REVISION, number(&revision))
        .item(DOCUMENT, AttributeValue::S(document))
        .item(EXPIRES, number(&expires))
        .item(BY, AttributeValue::S(mark.to_owned()))
        .condition_expression(condition.expression)
        .set_expression_attribute_names(Some(condition.names))
        .set_expression_attribute_values(condition.values)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    if let Some(due) = written.due {
        put = put.item(OPEN, open()).item(DUE, millis(due));
    }
    Some(put.build())
}

/// A change as part of a transaction.
pub(super) fn write(
    table: &str,
    change: &Change,
    before: &Before<'_>,
    mark: &str,
) -> Result<TransactWriteItem, BuildError> {
    if let Some(put) = put(table, change, before, mark) {
        return Ok(TransactWriteItem::builder().put(put?).build());
    }
    let condition = before.condition();
    let delete = Delete::builder()
        .table_name(table)
        .set_key(Some(key(&change.key)))
        .condition_expression(condition.expression)
        .set_expression_attribute_names(Some(condition.names))
        .set_expression_attribute_values(condition.values)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

#[cfg(test)]
mod tests {
    use super::{AttributeValue, Before, DOCUMENT, Item, REVISION, stored};

    fn item(attributes: &[(&str, AttributeValue)]) -> Item {
        attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    #[test]
    fn what_cannot_be_read_is_no_document() {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let number = |text: &str| AttributeValue::N(text.to_owned());
        let seen = r#"{"kind":"seen","version":3,"fingerprint":"f","at":0,"later":true}"#;
        let later = stored(&item(&[(REVISION, number("7")), (DOCUMENT, text(seen))]));
        assert_eq!(later.map(|stored| stored.revision), Some(7), "fields of a later version are left out");
        for odd in [
            item(&[]),
            item(&[(DOCUMENT, text(seen))]),
            item(&[(REVISION, number("7"))]),
            item(&[(REVISION, text("7")), (DOCUMENT, text(seen))]),
            item(&[(REVISION, number("-1")), (DOCUMENT, text(seen))]),
            item(&[(REVISION, number("1.5")), (DOCUMENT, text(seen))]),
            item(&[(REVISION, number("7")), (DOCUMENT, text("{"))]),
            item(&[(REVISION, number("7")), (DOCUMENT, text(r#"{"kind":"later"}"#))]),
            item(&[(REVISION, number("7")), (DOCUMENT, AttributeValue::Null(true))]),
        ] {
            assert_eq!(stored(&odd), None, "{odd:?}");
        }
    }

    #[test]
    fn an_item_that_cannot_be_read_is_replaced_only_as_it_was_found() {
        let number = AttributeValue::N("7".to_owned());
        let only_rev = item(&[(REVISION, number.clone())]);
        let both = item(&[(REVISION, number), (DOCUMENT, AttributeValue::S("{".to_owned()))]);
        for (before, want, values) in [
            (Before::Absent, "attribute_not_exists(#pk)", 0),
            (Before::Revision(7), "#rev = :rev", 1),
            (Before::Unreadable(&item(&[])), "attribute_not_exists(#rev) AND attribute_not_exists(#doc)", 0),
            (Before::Unreadable(&only_rev), "#rev = :rev AND attribute_not_exists(#doc)", 1),
            (Before::Unreadable(&both), "#rev = :rev AND #doc = :doc", 2),
        ] {
            let condition = before.condition();
            assert_eq!(condition.expression, want);
            assert_eq!(condition.values.map_or(0, |values| values.len()), values, "{want}");
        }
    }
}
