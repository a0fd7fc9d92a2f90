//! What a function does to remember its incidents, and to pass its verdicts on.

use shared::config::Config;

use super::Needs;

/// Incidents, read and written; the table's ARN.
pub(super) fn of_the_table(needs: &mut Needs<'_>, config: &Config) -> Option<String> {
    let table = config.alert_table.as_ref()?;
    let table = if table.starts_with("arn:") {
        table.clone()
    } else {
        needs.arn("dynamodb", &format!("table/{table}"))
    };
    needs.must(&["dynamodb:BatchGetItem", "dynamodb:PutItem"], table.clone(), &[]);
    Some(table)
}

/// Verdicts.
pub(super) fn of_the_bus(needs: &mut Needs<'_>, config: &Config) {
    if let Some(bus) = &config.verdict_bus {
        let bus = if bus.starts_with("arn:") {
            bus.clone()
        } else {
            needs.arn("events", &format!("event-bus/{bus}"))
        };
        needs.must(&["events:PutEvents"], bus, &[]);
    }
}
