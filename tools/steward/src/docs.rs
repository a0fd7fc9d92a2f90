//! `steward docs`: the tables of the README that come from the code, between their marks.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use shared::config::variables::VARIABLES;
use shared::judge::Cause;
use shared::judge::rules::RULES;
use shared::judge::service;

use crate::terminal::{Status, complain};

/// The marked tables: name and text.
fn tables() -> [(&'static str, String); 4] {
    let of_tasks = RULES.iter().map(|rule| (rule.name, rule.question));
    let of_services = service::RULES.iter().map(|rule| (rule.name, rule.question));
    [
        ("verdicts", verdicts()),
        ("rules", rules(of_tasks)),
        ("service-rules", rules(of_services)),
        ("configuration", configuration()),
    ]
}

/// Causes with their meaning and what to look at first.
fn verdicts() -> String {
    let mut table = String::from("| cause | what it means | look first |\n|---|---|---|\n");
    for cause in Cause::ALL {
        writeln!(table, "| `{cause}` | {} | {} |", cause.meaning(), cause.next_step()).unwrap_or_default();
    }
    table
}

/// An order of judgement: names of rules, and what they ask.
fn rules(order: impl Iterator<Item = (&'static str, &'static str)>) -> String {
    let mut table = String::from("| | rule | asks |\n|--:|---|---|\n");
    for (index, (name, question)) in order.enumerate() {
        writeln!(table, "| {} | `{name}` | {question} |", index + 1).unwrap_or_default();
    }
    table
}

/// The environment variables.
fn configuration() -> String {
    let mut table = String::from("| variable | default | meaning |\n|---|---|---|\n");
    for variable in VARIABLES {
        let default = match variable.default {
            "" => "required".to_owned(),
            "none" => "none".to_owned(),
            value => format!("`{value}`"),
        };
        writeln!(table, "| `{}` | {default} | {} |", variable.name, variable.meaning).unwrap_or_default();
    }
    table
}

/// The text with each table put between its marks; the name of a table whose marks are missing.
fn with_tables(text: &str) -> Result<String, &'static str> {
    let mut text = text.to_owned();
    for (name, table) in tables() {
        let (begin, end) = (format!("<!-- {name}: generated -->\n"), format!("<!-- {name}: end -->"));
        let from = text.find(&begin).ok_or(name)? + begin.len();
        let to = from + text[from..].find(&end).ok_or(name)?;
        text.replace_range(from..to, &table);
    }
    Ok(text)
}

/// Writes the tables into `readme`, or checks that they are up to date.
pub fn run(check: bool, readme: &Path) -> Status {
    let name = readme.display();
    let text = match fs::read_to_string(readme) {
        Ok(text) => text,
        Err(error) => {
            complain(&format!("{name}: {error}"));
            return Status::BadInput;
        }
    };
    let new = match with_tables(&text) {
        Ok(new) => new,
        Err(table) => {
            complain(&format!(
                "{name}: has no marks `<!-- {table}: generated -->` and `<!-- {table}: end -->`"
            ));
            return Status::BadInput;
        }
    };
    if new == text {
        return Status::Done;
    }
    if check {
        complain(&format!("{name}: a generated table is out of date; run `make docs`"));
        return Status::Found;
    }
    match fs::write(readme, new) {
        Ok(()) => Status::Done,
        Err(error) => {
            complain(&format!("{name}: {error}"));
            Status::BadInput
        }
    }
}
