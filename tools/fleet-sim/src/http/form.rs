//! Reading the fields of a query request.

use std::collections::BTreeMap;

/// The fields of a form.
pub(super) type Form = BTreeMap<String, String>;

/// A field.
pub(super) fn text<'a>(form: &'a Form, name: &str) -> Option<&'a str> {
    form.get(name).map(String::as_str)
}

/// `Name.member.1`, `Name.member.2` and so on, in their order.
pub(super) fn members(form: &Form, name: &str) -> Vec<String> {
    (1..).map_while(|number| form.get(&format!("{name}.member.{number}")).cloned()).collect()
}

/// `MaxRecords`, or AWS's default.
pub(super) fn most(form: &Form, default: usize) -> usize {
    text(form, "MaxRecords").and_then(|most| most.parse().ok()).filter(|most| *most > 0).unwrap_or(default)
}

/// `Filters.member.N`: name and values of each.
pub(super) fn filters(form: &Form) -> Vec<(String, Vec<String>)> {
    (1..)
        .map_while(|number| {
            let filter = format!("Filters.member.{number}");
            let name = form.get(&format!("{filter}.Name")).cloned()?;
            Some((name, members(form, &format!("{filter}.Values"))))
        })
        .collect()
}
