//! What every alert table promises, held against the one in memory, and against DynamoDB where there is one.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "../calls/mod.rs"]
mod calls;
mod contract;
mod dynamodb;

use calls::run;
use shared::in_memory::TableInMemory;

#[test]
fn the_table_in_memory_holds_the_contract() {
    run(contract::holds_the_contract(&&TableInMemory::default()));
}

#[test]
fn the_table_in_memory_loses_no_change_of_two_writers() {
    let table = TableInMemory::default();
    contract::loses_no_change_of_two_writers(|| &table);
}
