//! The filter of `ListContainerInstances`: a little of the cluster query language.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-query-language.html>

/// The EC2 instance ids a filter asks for: `ec2InstanceId == i-…` or `ec2InstanceId in [i-…, i-…]`. None where
/// it asks for anything else.
pub(super) fn instance_ids(filter: &str) -> Option<Vec<String>> {
    let rest = filter.trim().strip_prefix("ec2InstanceId")?.trim_start();
    if let Some(id) = rest.strip_prefix("==") {
        return Some(vec![unquoted(id)?]);
    }
    let list = rest.strip_prefix("in")?.trim().strip_prefix('[')?.strip_suffix(']')?;
    list.split(',').map(unquoted).collect()
}

/// The attribute that has to be there: `attribute:NAME exists`. None where the filter asks for anything else.
pub(super) fn attribute(filter: &str) -> Option<&str> {
    let name = filter.trim().strip_prefix("attribute:")?.strip_suffix("exists")?.trim();
    (!name.is_empty() && !name.contains(char::is_whitespace)).then_some(name)
}

/// A value, which may stand in quotation marks.
fn unquoted(value: &str) -> Option<String> {
    let value = value.trim().trim_matches(['\'', '"']);
    (!value.is_empty() && !value.contains(char::is_whitespace)).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{attribute, instance_ids};

    #[test]
    fn a_filter_names_instances() {
        for (filter, wanted) in [
            ("ec2InstanceId == i-0a", Some(vec!["i-0a"])),
            ("ec2InstanceId=='i-0a'", Some(vec!["i-0a"])),
            ("ec2InstanceId in [i-0a, i-0b]", Some(vec!["i-0a", "i-0b"])),
            ("ec2InstanceId in ['i-0a','i-0b' , \"i-0c\"]", Some(vec!["i-0a", "i-0b", "i-0c"])),
            ("ec2InstanceId in []", None),
            ("ec2InstanceId != i-0a", None),
            ("ec2InstanceId == i-0a or agentConnected == true", None),
            ("agentConnected == true", None),
            ("", None),
        ] {
            let found = instance_ids(filter);
            let found: Option<Vec<&str>> = found.as_ref().map(|ids| ids.iter().map(String::as_str).collect());
            assert_eq!(found, wanted, "{filter}");
        }
    }

    #[test]
    fn a_filter_names_an_attribute() {
        for (filter, wanted) in [
            ("attribute:ecs-steward.protected-since exists", Some("ecs-steward.protected-since")),
            ("attribute: exists", None),
            ("attribute:a == b", None),
            ("attribute:a exists and attribute:b exists", None),
            ("agentConnected == true", None),
        ] {
            assert_eq!(attribute(filter), wanted, "{filter}");
        }
    }
}
