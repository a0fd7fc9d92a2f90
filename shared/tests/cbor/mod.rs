//! `CloudWatch`'s replies in its protocol, RPC v2 over CBOR (RFC 8949), as far as they need it.

use loopback::Reply;
use serde_json::{Value, json};

/// The name of the one field of what is to be a point in time, in seconds since 1970.
pub const EPOCH: &str = "epoch-seconds";

/// A value; a map of [`EPOCH`] is a time.
fn cbor(value: &Value) -> Vec<u8> {
    let head = |kind: u8, length: usize| {
        let [.., high, low] = length.to_be_bytes();
        match length {
            0..0x18 => vec![kind << 5 | low],
            0x18..0x100 => vec![kind << 5 | 0x18, low],
            _ => vec![kind << 5 | 0x19, high, low],
        }
    };
    match value {
        Value::String(text) => [head(3, text.len()), text.clone().into_bytes()].concat(),
        Value::Array(list) => [head(4, list.len()), list.iter().flat_map(cbor).collect()].concat(),
        Value::Object(map) => {
            if let Some(seconds) = map.get(EPOCH) {
                return [vec![0xc1], cbor(seconds)].concat();
            }
            let pairs = map.iter().flat_map(|(key, value)| [cbor(&json!(key)), cbor(value)].concat());
            [head(5, map.len()), pairs.collect()].concat()
        }
        Value::Number(number) => {
            [vec![0xfb], number.as_f64().expect("a number").to_be_bytes().to_vec()].concat()
        }
        Value::Null | Value::Bool(_) => vec![0xf6],
    }
}

/// A reply.
pub fn cbor_reply(status: u16, value: &Value) -> Reply {
    let headers = [("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Reply::Answer(status, headers, cbor(value))
}
